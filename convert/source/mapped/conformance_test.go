package mapped_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/mapped"
	"obmen/convert/source/sourcetest"
)

// sampleFiles are the inputs among the samples of mapped sources, by mapping.
func sampleFiles(tb testing.TB) map[string][]string {
	tb.Helper()
	files := map[string][]string{}
	for _, m := range mapped.NewSet().Mappings() {
		found, err := filepath.Glob("../../../samples/" + m.Name + "/*/input/*")
		if err != nil {
			tb.Fatal(err)
		}
		files[m.Name] = found
	}
	return files
}

// checkFormat holds a mapping to what every reader promises: each order has an id and exact amounts, each
// refusal a place and a hint, and nothing comes after a file error.
func checkFormat(t *testing.T, f source.Format, in source.Input) (orders []order.Order, ended error) {
	t.Helper()
	for o, err := range f.Read(t.Context(), in) {
		var row *source.RowError
		var file *source.FileError
		switch {
		case ended != nil:
			t.Fatalf("%v after the end", err)
		case errors.As(err, &row):
			if row.At.File == "" || row.Err == nil || row.Advice == "" {
				t.Errorf("refusal without a place or a hint: %#v", row)
			}
		case errors.As(err, &file):
			ended = err
		case err != nil:
			t.Errorf("neither kind of error: %v", err)
		default:
			checkOrder(t, &o)
			orders = append(orders, o)
		}
	}
	return orders, ended
}

func checkOrder(t *testing.T, o *order.Order) {
	t.Helper()
	if o.ID == "" || o.Format == "" || o.Origin.File == "" || !o.Fragment && o.Created.IsZero() {
		t.Errorf("order without id, format, origin or date: %+v", o)
	}
	amounts := []money.Optional{o.Total, o.Tip, o.Discount, o.Shipping.Amount, o.Shipping.Tax}
	for _, l := range o.Lines {
		amounts = append(amounts, l.Tax, l.Total, l.Shipped, money.Known(l.Ordered))
		for _, c := range []order.Charge{l.Price, l.Shipping, l.GiftWrap, l.COD, l.Other, l.Discount, l.ShippingDiscount, l.CODDiscount} {
			amounts = append(amounts, c.Amount, c.Tax)
		}
	}
	for _, a := range amounts {
		if !a.Value.Valid() || !a.Known && !a.Value.IsZero() {
			t.Errorf("amount %+v in %+v", a, o)
		}
	}
}

// eachSample calls f with every sample and the mapping that reads it.
func eachSample(t *testing.T, f func(t *testing.T, m mapped.Format, content string)) {
	t.Helper()
	set := mapped.NewSet()
	for name, files := range sampleFiles(t) {
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			format, err := source.Detect(fileOf(file, string(content)), set)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) { f(t, format.(mapped.Format), string(content)) })
		}
	}
}

// A file that ends too early gives whole orders only, the same as the whole file, and of JSON and XML an error
// that says so.
func TestCutAnywhere(t *testing.T) {
	eachSample(t, func(t *testing.T, f mapped.Format, content string) {
		whole, err := checkFormat(t, f, fileOf("f", content))
		if err != nil {
			t.Fatal(err)
		}
		step := max(1, len(content)/150)
		for n := 1; n < len(strings.TrimSpace(content)); n += step {
			got, err := checkFormat(t, f, fileOf("f", content[:n]))
			if f.Kind == mapped.CSV { // the last row may be short; an order's other rows are not known
				continue
			}
			if !errors.Is(err, source.ErrTruncated) && !errors.Is(err, source.ErrEmpty) {
				t.Fatalf("cut at byte %d of %d: %v", n, len(content), err)
			}
			if f.Kind == mapped.JSON && len(got) > len(whole) {
				t.Fatalf("cut at byte %d: %d orders, %d in the whole file", n, len(got), len(whole))
			}
		}
	})
}

// failing reads a text and then fails.
type failing struct{ text *strings.Reader }

var errDisk = errors.New("the disk is gone")

func (f failing) Read(p []byte) (int, error) {
	if f.text.Len() == 0 {
		return 0, errDisk
	}
	return f.text.Read(p)
}

func TestReadErrors(t *testing.T) {
	eachSample(t, func(t *testing.T, f mapped.Format, content string) {
		in := source.Input{Name: "f", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(failing{strings.NewReader(content[:len(content)/2])}), nil
		}}
		if _, err := checkFormat(t, f, in); !errors.Is(err, errDisk) {
			t.Errorf("the error of the disk became %v", err)
		}
	})
}

func TestStopsWhenTold(t *testing.T) {
	eachSample(t, func(t *testing.T, f mapped.Format, content string) {
		n := 0
		for range f.Read(t.Context(), fileOf("f", content)) {
			if n++; n == 1 {
				break
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, err := range f.Read(ctx, fileOf("f", content)) {
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled reading ended with %v", err)
			}
		}
	})
}

func TestHostileFiles(t *testing.T) {
	woo, ebay, mws := shipped(t, "woocommerce"), shipped(t, "shopify-csv"), shipped(t, "mws-orders")
	header := "Name,Financial Status,Lineitem quantity,Lineitem price,Paid at,Created at\n"
	for name, c := range map[string]struct {
		f       mapped.Format
		content string
	}{
		"nested deep":       {woo, `[{"number":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}]`},
		"an endless value":  {woo, `[{"number":"` + strings.Repeat("a", 17<<20)},
		"an endless row":    {ebay, header + `#1,"` + strings.Repeat("a", 3<<20)},
		"many columns":      {ebay, strings.Repeat("a,", 2000) + header},
		"a deep XML":        {mws, strings.Repeat("<a>", 100)},
		"an endless tag":    {mws, "<a b='" + strings.Repeat("x", 3<<20)},
		"an entity of ours": {mws, `<!DOCTYPE a [<!ENTITY e "x">]><ListOrdersResponse><a>&e;</a>`},
	} {
		t.Run(name, func(t *testing.T) {
			refused := false
			for o, err := range c.f.Read(t.Context(), fileOf("f", c.content)) {
				refused = refused || err != nil
				if err == nil {
					t.Errorf("an order of it: %+v", o)
				}
			}
			if !refused {
				t.Error("nothing is wrong with it")
			}
		})
	}
}

func shipped(tb testing.TB, name string) mapped.Format {
	tb.Helper()
	m, ok := mapped.NewSet().Find(name)
	if !ok {
		tb.Fatalf("no mapping %s", name)
	}
	return mapped.Format{Mapping: m}
}

const shopBody = `{"orders":[{"no":"1","at":"2026-11-18","cur":"EUR","goods":[{"sku":"A","n":2,"sum":"1.10"}]}]}`

const shopText = `
name = "one"
kind = "json"
[detect]
has = ["no", "goods.0.sum"]
[orders]
at = "orders"
[order]
id = "no"
created = "at"
currency = "cur"
[lines]
at = "goods"
sku = "sku"
quantity = "n"
amount = "sum"
`

// The user's own mapping wins over a built-in one; two that claim one file are told.
func TestClaims(t *testing.T) {
	one := parse(t, shopText)
	two := parse(t, strings.Replace(shopText, `"one"`, `"two"`, 1))
	stricter := parse(t, strings.Replace(strings.Replace(shopText, `"one"`, `"two"`, 1), "[orders]", "lacks = [\"cur\"]\n[orders]", 1))
	woo := parse(t, strings.Replace(strings.Replace(shopText, `"one"`, `"mine"`, 1), `["no", "goods.0.sum"]`, `["prices_include_tax"]`+"\ninstead_of = [\"shop-orders\"]", 1))
	wooBody := `{"orders":[{"number":"1","currency":"EUR","prices_include_tax":true,"total_tax":"0","line_items":[{"total":"1"}]}]}`
	for name, c := range map[string]struct {
		set  *mapped.Set
		body string
		want string
	}{
		"one's own":               {mapped.NewSet(one.Mapping), shopBody, "one"},
		"none":                    {mapped.NewSet(), shopBody, ""},
		"two":                     {mapped.NewSet(one.Mapping, two.Mapping), shopBody, ""},
		"one of two":              {mapped.NewSet(one.Mapping, stricter.Mapping), shopBody, "one"},
		"a built-in one":          {mapped.NewSet(one.Mapping), wooBody, "woocommerce"},
		"one's own over built-in": {mapped.NewSet(woo.Mapping), wooBody, "mine"},
	} {
		f, err := source.Detect(fileOf("f", c.body), c.set)
		got := ""
		if err == nil {
			got = f.Name()
		}
		if got != c.want || name == "two" && !errors.Is(err, source.ErrSeveral) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// Numbers of JSON that are one number are one order's id, and amounts keep every digit.
func TestExactNumbers(t *testing.T) {
	f := parse(t, shopText)
	var ids, amounts []string
	for _, number := range []string{`1001`, `1001.0`, `1.001e3`, `"1001"`} {
		body := strings.Replace(shopBody, `"1"`, number, 1)
		for _, o := range readOrders(t, f, fileOf("f", strings.Replace(body, `"1.10"`, `90071992547.409931`, 1))) {
			ids, amounts = append(ids, o.ID), append(amounts, o.Lines[0].Price.Amount.Value.String())
		}
	}
	if diff := cmp.Diff([]string{"1001", "1001", "1001", "1001"}, ids); diff != "" {
		t.Error(diff)
	}
	if amounts[0] != "90071992547.409931" {
		t.Errorf("the amount became %s", amounts[0])
	}
}

// A body without orders where the mapping looks for them is told, and not passed over.
func TestNoOrdersThere(t *testing.T) {
	for _, body := range []string{`{"error":"no access"}`, `{"orders":["gone"]}`, `"text"`} {
		refused := 0
		for _, err := range parse(t, shopText).Read(t.Context(), fileOf("f", shopBody+"\n"+body)) {
			if err != nil {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%s: %d refusals", body, refused)
		}
	}
}

// Rows of one order that lie apart in a table are one order.
func TestScatteredRows(t *testing.T) {
	f := parse(t, `
name = "rows"
kind = "csv"
[detect]
has = ["no"]
[table]
group = "no"
[order]
id = "no"
created = "at"
currency = { const = "EUR" }
[lines]
sku = "sku"
quantity = "n"
amount = "sum"
`)
	orders := readOrders(t, f, fileOf("f", "no;at;sku;n;sum\n1;2026-11-18;A;1;1,50\n2;2026-11-18;B;1;2,00\n1;2026-11-18;C;2;1.234,50\n3;2026-11-18;D;1;3,00\n"))
	var got []string
	for _, o := range orders {
		for _, l := range o.Lines {
			got = append(got, o.ID+" "+l.SKU+" "+l.Price.Amount.Value.String())
		}
	}
	if diff := cmp.Diff([]string{"2 B 2", "1 A 1.5", "1 C 1234.5", "3 D 3"}, got); diff != "" {
		t.Error(diff)
	}
}

// A mapping that names nothing to know a file by would claim every file.
func TestDetectNamesSomething(t *testing.T) {
	_, err := mapped.Parse("t.toml", []byte(strings.Replace(shopText, `["no", "goods.0.sum"]`, "[]", 1)))
	if err == nil || !strings.Contains(err.Error(), "names nothing to know a file by") {
		t.Errorf("compiled, or %v", err)
	}
}

// Every mapped reader of JSON keeps the promises of all readers.
func TestMappedJSON(t *testing.T) {
	list := func(orders ...string) string { return "[" + strings.Join(orders, ",") + "]" }
	named := func(orders ...string) string { return `{"orders":` + list(orders...) + `}` }
	more := func(object, more string) string {
		if more == "" {
			return object
		}
		return object[:len(object)-1] + "," + more + "}"
	}
	for _, s := range []sourcetest.JSON{
		{
			Format: shopMapping(t), File: named, List: "/orders", Amount: "/line_items/0/price", Numbers: true,
			Order: func(f sourcetest.Fields) string {
				return more(fmt.Sprintf(`{"order_number":%s,"created_at":"2026-11-18T09:12:44Z","currency":"EUR","line_items":[{"sku":%s,"quantity":%s,"price":%s}]}`,
					f.ID, f.SKU, f.Quantity, f.Amount), f.More)
			},
		},
		{
			Format: shipped(t, "woocommerce"), File: list, List: "", Amount: "/line_items/0/total", Numbers: true,
			Order: func(f sourcetest.Fields) string {
				return more(fmt.Sprintf(`{"number":%s,"date_created_gmt":"2026-11-18T09:12:44","currency":"EUR","prices_include_tax":true,"line_items":[{"sku":%s,"quantity":%s,"total":%s}]}`,
					f.ID, f.SKU, f.Quantity, f.Amount), f.More)
			},
		},
	} {
		t.Run(s.Format.Name(), s.Test)
	}
}

// Explanations name the fields of a mapped source, too.
func TestSpelledInMapped(t *testing.T) {
	names := source.SpelledIn("woocommerce", mapped.NewSet())
	if names[source.Price].Amount != "total" || names[source.Price].Tax != "total_tax" || names[source.OrderShipping].Amount != "total" {
		t.Errorf("%+v", names)
	}
	if source.SpelledIn("shop-orders", mapped.NewSet())[source.Price].Amount == "" {
		t.Error("native formats are forgotten")
	}
}
