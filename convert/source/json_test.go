package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// where lists account and pointer of each order.
func where(orders []order.Order) (list []string) {
	for _, o := range orders {
		list = append(list, o.Account+o.Origin.Pointer)
	}
	return list
}

func TestJSONBodiesInAnyWrapping(t *testing.T) {
	another := strings.Replace(json2026, "171-2000001", "171-2000009", 1)
	tests := map[string]struct {
		content string
		want    []string
	}{
		"searchOrders":       {`{"orders":[` + json2026 + `,` + another + `],"pagination":{"nextToken":"x"}}`, []string{"/orders/0", "/orders/1"}},
		"getOrder":           {`{"order":` + json2026 + `}`, []string{"/order"}},
		"the order itself":   {json2026, []string{""}},
		"array of bodies":    {`[{"orders":[` + json2026 + `]},{"order":` + another + `}]`, []string{"/0/orders/0", "/1/order"}},
		"array of orders":    {`[` + json2026 + `,` + another + `]`, []string{"/0", "/1"}},
		"one after another":  {`{"orders":[` + json2026 + `]}{"orders":[` + another + `]}`, []string{"/orders/0", "/1/orders/0"}},
		"one on a line":      {json2026 + "\n" + another + "\n", []string{"", "/1"}},
		"pages":              {`{"pages":[{"orders":[` + json2026 + `]},{"orders":[` + another + `]}]}`, []string{"/pages/0/orders/0", "/pages/1/orders/0"}},
		"request, response":  {`{"request":{"parameters":{"orderId":{"value":"1"}}},"response":{"order":` + json2026 + `}}`, []string{"/response/order"}},
		"account and body":   {`{"account":"es","operation":"searchOrders","orderId":"x","body":{"orders":[` + json2026 + `]}}`, []string{"es/body/orders/0"}},
		"account inside":     {`{"account":"es","body":{"account":"de","order":` + json2026 + `}}`, []string{"de/body/order"}},
		"account too late":   {`{"body":{"order":` + json2026 + `},"account":"es"}`, []string{"/body/order"}},
		"account of the one": {`{"account":"es","order":` + json2026 + `}{"order":` + another + `}`, []string{"es/order", "/1/order"}},
		"empty page":         {`{"orders":[],"lastUpdatedBefore":"2026-11-18T09:00:00Z"}`, nil},
		"empty list":         {`{"orders":[]}`, nil},
		"no list":            {`{"orders":null,"pagination":{}}`, nil},
		"empty page of v0":   {`{"payload":{"Orders":[],"CreatedBefore":"1.569521782042E9"}}`, nil},
		"page of v0":         {`{"payload":{"NextToken":"x","Orders":[` + jsonV0 + `]}}`, []string{"/payload/Orders/0"}},
		"v0, no payload":     {`{"Orders":[` + jsonV0 + `]}`, []string{"/Orders/0"}},
		"getOrder of v0":     {`{"payload":` + jsonV0 + `}`, []string{"/payload"}},
		"shop":               {`{"orders":[` + jsonShop + `]}`, []string{"/orders/0"}},
		"shop, bare array":   {`[` + jsonShop + `]`, []string{"/0"}},
		"escaped names":      {strings.NewReplacer(`"orderItems"`, `"order\u0049tems"`, `"sellerSku"`, `"seller\u0053ku"`).Replace(`{"order":` + json2026 + `}`), []string{"/order"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			orders, refused, err := readAll(jsonFile(test.content))
			if err != nil || len(refused) > 0 {
				t.Fatalf("refused %v, error %v", refused, err)
			}
			if diff := cmp.Diff(test.want, where(orders)); diff != "" {
				t.Error(diff)
			}
			for _, o := range orders {
				if len(o.Lines) != 1 || o.Lines[0].SKU != "AB-100" {
					t.Errorf("lines %+v", o.Lines)
				}
				if !strings.HasPrefix(o.Lines[0].Origin.Pointer, o.Origin.Pointer+"/") {
					t.Errorf("line at %q in order at %q", o.Lines[0].Origin.Pointer, o.Origin.Pointer)
				}
			}
		})
	}
}

func TestJSONInEveryUnicodeEncoding(t *testing.T) {
	content := `{"order":` + strings.Replace(json2026, "AB-100", "АВ-100", 1) + `}`
	units := utf16.Encode([]rune("\ufeff" + content))
	var little, big bytes.Buffer
	for _, u := range units {
		little.Write([]byte{byte(u), byte(u >> 8)})
		big.Write([]byte{byte(u >> 8), byte(u)})
	}
	for name, file := range map[string]string{
		"UTF-8": content, "UTF-8 with mark": "\ufeff" + content, "UTF-16 LE": little.String(), "UTF-16 BE": big.String(),
	} {
		t.Run(name, func(t *testing.T) {
			if o := oneOrder(t, file); o.Lines[0].SKU != "АВ-100" {
				t.Errorf("SKU %q", o.Lines[0].SKU)
			}
		})
	}
}

// What ends a file: ¦ marks the byte that the message must name, counted from 0.
func TestJSONFileErrors(t *testing.T) {
	tests := map[string]struct {
		content string
		is      error
		want    string
	}{
		"cut in an order":       {`{"orders":[{"orderId":"1¦`, input.ErrTruncated, "ends inside an order at byte ¦"},
		"cut between orders":    {`{"orders":[` + json2026 + `,¦`, input.ErrTruncated, "ends inside the list of orders at byte ¦"},
		"cut after the orders":  {`{"orders":[` + json2026 + `]¦`, input.ErrTruncated, "ends inside the JSON at byte ¦"},
		"cut in a lone order":   {json2026[:len(json2026)-1] + "¦", input.ErrTruncated, "ends inside an order at byte ¦"},
		"cut before anything":   {`{"acc¦`, input.ErrTruncated, "ends inside the JSON at byte ¦"},
		"cut with a mark":       {"\ufeff" + `{"orders":[{"orderId":¦`, input.ErrTruncated, "at byte ¦"},
		"cut in the second":     {`{"orders":[]}{"orders":¦`, input.ErrTruncated, "at byte ¦"},
		"broken":                {`{"orders":[{"orderId":¦x}]}`, nil, "broken JSON at byte ¦: "},
		"broken with a mark":    {"\ufeff" + `{"orders":[{"orderId":¦x}]}`, nil, "broken JSON at byte ¦: "},
		"text behind":           {`{"orders":[` + json2026 + `]} ¦and so on`, nil, "broken JSON at byte ¦: "},
		"name twice":            {`{"orders":[{"orderId":"1",¦"orderId":"2"}]}`, nil, `broken JSON at byte ¦: the name "orderId" twice in one object`},
		"name twice in wrapper": {`{"orders":[],¦"orders":[]}`, nil, `broken JSON at byte ¦: the name "orders" twice in one object`},
		"not UTF-8":             {"{\"orders\":[{\"orderId\":\"1\",\"x\":\"a¦\xff\"}]}", nil, "broken JSON at byte ¦: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			at := strings.Index(test.content, "¦")
			_, _, err := readAll(jsonFile(strings.Replace(test.content, "¦", "", 1)))
			var file *input.FileError
			if !errors.As(err, &file) || test.is != nil && !errors.Is(err, test.is) {
				t.Fatalf("error %v", err)
			}
			if want := strings.Replace(test.want, "¦", strconv.Itoa(at), 1); !strings.Contains(err.Error(), want) {
				t.Errorf("error %q, want %q in it", err, want)
			}
			if file.Advice == "" || !strings.HasPrefix(err.Error(), "in.json") {
				t.Errorf("error %q, hint %q", err, file.Advice)
			}
		})
	}
}

func TestJSONHostileFiles(t *testing.T) {
	tests := map[string]string{
		"deep order":      `{"orders":[{"orderId":"1","createdTime":"","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}]}`,
		"very deep order": `{"orders":[{"orderId":"1","x":` + strings.Repeat("[", 20000) + `}]}`,
		"deep wrapper":    `{"orders":[],"pagination":{},"body":` + strings.Repeat(`{"body":`, 100) + `1` + strings.Repeat(`}`, 100) + `}`,
		"deep arrays":     `{"orders":[],"pagination":{}}` + strings.Repeat("[", 1000),
		"long text":       `{"orders":[{"orderId":"1","x":"` + strings.Repeat("a", 20<<20) + `"}]}`,
		"long name":       `{"orders":[],"pagination":{},"` + strings.Repeat("a", 20<<20) + `":1}`,
		"many values":     `{"orders":[{"orderId":"1","x":[` + strings.Repeat("0,", 1<<20) + `0]}]}`,
		"many members":    `{"orders":[],"pagination":{},"a":"` + strings.Repeat("a", 9<<20) + `","b":"` + strings.Repeat("a", 9<<20) + `"}`,
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			orders, refused, err := readAll(jsonFile(content))
			if !errors.Is(err, input.ErrHostile) || len(orders) > 0 {
				t.Errorf("%d orders, refused %v, error %.200v", len(orders), refused, err)
			}
		})
	}
}

// Nothing in a file is passed over in silence, and one bad order keeps no other back.
func TestJSONRefusals(t *testing.T) {
	tests := map[string]struct {
		content string
		is      error
		want    string
	}{
		"order of another format": {`{"orders":[` + jsonShop + `]}`, nil, "in.json#/1/orders/0: an order of shop-orders among those of amazon-orders-2026-01-01"},
		"no order":                {`{"orders":[{"colour":"red"}]}`, input.ErrUnknown, "in.json#/1/orders/0: "},
		"number":                  {`{"orders":[7]}`, input.ErrUnknown, "in.json#/1/orders/0: "},
		"null":                    {`{"orders":[null]}`, input.ErrUnknown, "in.json#/1/orders/0: "},
		"no body":                 {`{"colour":"red"}`, input.ErrUnknown, "in.json#/1: "},
		"error answer":            {`{"errors":[{"code":"QuotaExceeded","message":"slow down, Ana"}]}`, input.ErrNotOrders, "in.json#/1: not orders: an error answer of the API (QuotaExceeded)"},
		"error beside orders":     {`{"orders":[],"errors":[{"code":"InternalFailure"}]}`, input.ErrNotOrders, "in.json#/1: not orders: an error answer of the API (InternalFailure)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			orders, refused, err := readAll(jsonFile(json2026 + test.content + json2026))
			if err != nil || len(orders) != 2 || len(refused) != 1 {
				t.Fatalf("%d orders, refused %v, error %v", len(orders), refused, err)
			}
			if got := refused[0].Error(); !strings.HasPrefix(got, test.want) || test.is != nil && !errors.Is(refused[0], test.is) {
				t.Errorf("refused: %q, want %q", got, test.want)
			}
			if refused[0].Advice == "" || strings.Contains(refused[0].Error(), "Ana") {
				t.Errorf("refused: %q, hint %q", refused[0], refused[0].Advice)
			}
		})
	}
}

// Every beginning of a file gives an error, or whole orders: never a part of one, never another.
func TestJSONPrefixes(t *testing.T) {
	for _, content := range []string{
		`{"account":"es","body":{"orders":[` + json2026 + `,` + json2026 + `]}}` + "\n" + json2026,
		`{"payload":{"Orders":[` + jsonV0 + `,` + jsonV0 + `]}}`,
		`[` + jsonShop + `,` + jsonShop + `]`,
	} {
		whole, _, err := readAll(jsonFile(content))
		if err != nil || len(whole) < 2 {
			t.Fatalf("%d orders, error %v", len(whole), err)
		}
		for n := range content {
			orders, refused, err := readAll(jsonFile(content[:n]))
			if len(refused) > 0 {
				t.Fatalf("at byte %d of %s: refused %v", n, content, refused[0])
			}
			if err == nil && content[:n] != strings.TrimSuffix(content, "\n"+json2026) && content[:n] != strings.TrimSuffix(content, json2026) {
				t.Fatalf("at byte %d of %s: no error", n, content)
			}
			if diff := cmp.Diff(whole[:len(orders)], append([]order.Order{}, orders...), exactText); diff != "" {
				t.Fatalf("at byte %d: %s", n, diff)
			}
		}
	}
}

func TestJSONReadErrors(t *testing.T) {
	broken := errors.New("the share is gone")
	in := jsonFile("")
	in.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(`{"orders":[`+json2026+`,{"orderId":`), iotest.ErrReader(broken))), nil
	}
	var got []error
	orders := 0
	for _, err := range formatNamed(t, "amazon-orders-2026-01-01").Read(context.Background(), in) {
		if err != nil {
			got = append(got, err)
		} else {
			orders++
		}
	}
	if orders != 1 || len(got) != 1 || !errors.Is(got[0], broken) || got[0].Error() != "in.json: read: the share is gone" {
		t.Errorf("%d orders, errors %v", orders, got)
	}
}

func TestJSONEmptyFile(t *testing.T) {
	for _, err := range formatNamed(t, "shop-orders").Read(context.Background(), jsonFile(" \n")) {
		if !errors.Is(err, input.ErrEmpty) {
			t.Errorf("error %v", err)
		}
	}
}

func TestJSONStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range formatNamed(t, "shop-orders").Read(ctx, jsonFile(jsonShop)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	seen := 0
	for range formatNamed(t, "shop-orders").Read(context.Background(), jsonFile(jsonShop+jsonShop)) {
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("%d orders after break", seen)
	}
}

// Memory stays where it is while 200 MB pass, most of them in members that are not read.
func TestJSONMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	const size = 200 << 20
	one := strings.Replace(json2026, `"orderId"`, `"packages":"`+strings.Repeat("x", 30<<10)+`","orderId"`, 1)
	in := jsonFile("")
	in.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(`{"orders":[`+one),
			&repeated{text: "," + one, left: size / len(one)}, strings.NewReader(`]}`))), nil
	}
	var stats runtime.MemStats
	var peak uint64
	n := 0
	for _, err := range formatNamed(t, "amazon-orders-2026-01-01").Read(context.Background(), in) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%200 == 0 {
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapAlloc)
		}
	}
	if want := size/len(one) + 1; n != want {
		t.Errorf("%d orders, want %d", n, want)
	}
	if peak == 0 || peak > 24<<20 {
		t.Errorf("peak heap %d MiB", peak>>20)
	}
	t.Logf("%d orders, peak heap %.1f MiB", n, float64(peak)/(1<<20))
}

// Wherever the reader's buffer ends in a file, its orders are the same.
func TestJSONWhereverABufferEnds(t *testing.T) {
	const buffer = 128<<10 - 1
	content := `{"orders":[` + json2026 + `],"a":-1.5e3}` + json2026 + "12 true"
	format := formatNamed(t, "amazon-orders-2026-01-01")
	read := func(text string) (orders []order.Order, refused int) {
		for o, err := range format.Read(context.Background(), jsonFile(text)) {
			var row *input.RowError
			switch {
			case errors.As(err, &row):
				refused++
			case err != nil:
				t.Fatalf("%s: %v", strings.TrimSpace(text), err)
			default:
				orders = append(orders, o)
			}
		}
		return orders, refused
	}
	whole, refused := read(content)
	if len(whole) != 2 || refused != 2 {
		t.Fatalf("%d orders, %d refused", len(whole), refused)
	}
	for n := range len(content) + 1 {
		orders, again := read(strings.Repeat(" ", buffer-n) + content)
		if diff := cmp.Diff(whole, orders, exactText); diff != "" || again != refused {
			t.Fatalf("at byte %d: %d refused; %s", n, again, diff)
		}
	}
}
