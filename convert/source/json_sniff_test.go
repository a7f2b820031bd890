package source_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"obmen/convert/source"
	"obmen/convert/source/input"
)

func TestDetectJSON(t *testing.T) {
	const is2026, isV0, isShop = "amazon-orders-2026-01-01", "amazon-orders-v0", "shop-orders"
	long := strings.Repeat(" ", input.HeadSize)
	tests := map[string]struct{ content, want string }{
		"2026":                     {`{"orders":[` + json2026 + `]}`, is2026},
		"2026, items first":        {`{"order":{"orderItems":[{"orderItemId":"1"}],"orderId":"1","createdTime":""}}`, is2026},
		"2026, no more than asked": {`{"order":{"orderId":"1","orderItems":[]}}`, is2026},
		"2026 in an array":         {`[` + json2026 + `]`, is2026},
		"2026 behind an envelope":  {`{"account":"es","request":{"order_number":[{"AmazonOrderId":1}]},"body":{"orders":[` + json2026 + `]}}`, is2026},
		"2026, much behind":        {`{"orders":[` + json2026 + `,` + long, is2026},
		"2026, empty page":         {`{"orders":[],"createdBefore":"2026-11-18T09:00:00Z"}`, is2026},
		"no version":               {`{"orders":[]}`, is2026},
		"v0":                       {`{"payload":{"Orders":[` + jsonV0 + `]}}`, isV0},
		"v0, empty page":           {`{"payload":{"Orders":[],"CreatedBefore":""}}`, isV0},
		"v0, errors first":         {`{"errors":[{"code":"InternalFailure"}],"payload":{"Orders":[` + jsonV0 + `]}}`, isV0},
		"v0, items first":          {`{"payload":{"OrderItems":[{"ASIN":"B0","OrderItemId":"1"}` + long, isV0},
		"shop":                     {`{"orders":[` + jsonShop + `]}`, isShop},
		"shop, lines first":        {`[{"id":1,"line_items":[]}]`, isShop},
		"shop, empty page first":   {`{"orders":[]}{"orders":[` + jsonShop + `]}`, isShop},
		"cut early":                {`{"ord`, is2026},
		"cut in v0":                {`{"payload":{"Orders":[{"Amaz`, isV0},

		"other orders":         {`{"orders":[{"number":1,"total":5}]}`, ""},
		"other orders of .NET": {`{"Orders":[{"OrderId":1,"OrderItems":[{"Sku":"A"}]}]}`, ""},
		"other answers":        {`{"errors":0,"results":[]}`, ""},
		"settings":             {`{"name":"obmen","version":1}`, ""},
		"other and long":       {`{"name":"` + long, ""},
		"a number":             {`7`, ""},
		"not JSON":             {`{obmen}`, ""},
		"notification":         {`{"NotificationType":"ORDER_CHANGE","Payload":{"OrderChangeNotification":{"AmazonOrderId":"1"}}}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := source.Detect(jsonFile(test.content), nil)
			switch {
			case test.want == "" && !errors.Is(err, input.ErrUnknown):
				t.Errorf("format %v, error %v; want none", f, err)
			case test.want != "" && (err != nil || f.Name() != test.want):
				t.Errorf("format %v, error %v; want %s", f, err, test.want)
			}
		})
	}
}

// The formats do not claim each other's files.
func TestSniffJSONIsOneFormats(t *testing.T) {
	for _, content := range []string{json2026, jsonV0, jsonShop, `{"errors":[{"code":"NotFound"}]}`} {
		claims := 0
		for _, f := range source.Formats() {
			if f.Sniff("in.json", []byte(content)) != source.No {
				claims++
			}
		}
		if claims != 1 {
			t.Errorf("%d formats claim %s", claims, content)
		}
	}
}

// FuzzSniff: no sniffer fails, and whatever is detected is read to an end.
func FuzzSniff(f *testing.F) {
	for _, seed := range []string{json2026, jsonV0, jsonShop, `{"orders":[` + json2026 + `]}`, `{"payload":{"Orders":[]}}`, `{"errors":[{"code":"x"}]}`, "\ufeff[]", "a\tb\n1\t2\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range source.Formats() {
			if c := format.Sniff("in", content); c < source.No || c > source.Sure {
				t.Errorf("%s: confidence %d", format.Name(), c)
			}
		}
		in := input.Input{Name: "in", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(string(content))), nil
		}}
		checkJSONOrders(t, in)
	})
}
