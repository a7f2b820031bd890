package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// checkJSONOrders reads a file by whatever format claims it, and judges what comes out.
func checkJSONOrders(t *testing.T, in input.Input) {
	t.Helper()
	if f, err := source.Detect(in, nil); err == nil {
		checkFormat(t, f, in)
	}
}

// checkFormat holds a reader to what every reader promises: each order has an id and exact amounts,
// each refusal a place, and nothing comes after a file error.
func checkFormat(t *testing.T, f source.Format, in input.Input) {
	t.Helper()
	ended := false
	for o, err := range f.Read(context.Background(), in) {
		var row *input.RowError
		var file *input.FileError
		switch {
		case ended:
			t.Fatalf("%v after the end", err)
		case errors.As(err, &row):
			if row.At.File == "" || row.Err == nil {
				t.Errorf("refusal without a place: %#v", row)
			}
		case errors.As(err, &file):
			ended = true
		case err != nil:
			t.Errorf("neither kind of error: %v", err)
		default:
			checkOrder(t, o)
		}
	}
}

func checkOrder(t *testing.T, o order.Order) {
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

func fuzzJSON(f *testing.F, name string, seeds ...string) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	format := formatNamed(f, name)
	f.Fuzz(func(t *testing.T, content string) {
		checkFormat(t, format, jsonFile(content))
		checkAgainstStandard(t, format, content)
	})
}

// checkAgainstStandard holds a reader to refuse whatever encoding/json refuses: the file must end in an
// error.
func checkAgainstStandard(t *testing.T, f source.Format, content string) {
	t.Helper()
	if !strings.HasPrefix(strings.TrimLeft(content, " \t\r\n"), "{") || len(content) > 3 && content[1] == 0 {
		return // a byte order mark or UTF-16, which encoding/json does not know, or no body at all
	}
	dec := json.NewDecoder(strings.NewReader(content))
	var body json.RawMessage
	var standard error
	for standard == nil {
		standard = dec.Decode(&body)
	}
	var ended *input.FileError
	for _, err := range f.Read(context.Background(), jsonFile(content)) {
		errors.As(err, &ended)
	}
	if !errors.Is(standard, io.EOF) && ended == nil {
		t.Errorf("encoding/json refuses it: %v", standard)
	}
}

func FuzzOrders2026(f *testing.F) {
	fuzzJSON(f, "amazon-orders-2026-01-01", json2026, `{"account":"es","body":{"orders":[`+json2026+`]}}`,
		body2026(breakdown("ITEM", "10.00"), breakdown("TAX", "3.15", "ITEM=2.10"), breakdown("DISCOUNT", "-1.75", "SHIPPING=-0.75")),
		with2026(`"programs":["PRIME"],"recipient":{"deliveryAddress":{"addressLine1":"a\u0041\"\\"}}`, ""))
}

func FuzzOrdersV0(f *testing.F) {
	fuzzJSON(f, "amazon-orders-v0", jsonV0, withV0(`"IsPrime":"true"`, `"ShippingDiscount":"1.50"`),
		`{"payload":{"AmazonOrderId":"171-2","NextToken":"x","OrderItems":`+itemsOfV0+`}}`, `{"Orders":[`+jsonV0+`]}[]`)
}

// Texts that encoding/json refuses for one reason each.
func TestAgainstStandard(t *testing.T) {
	for _, broken := range []string{
		`01`, `1.`, `.5`, `1e`, `+1`, `-`, `NaN`, `tru`, `nul`, `'a'`, `"a`, `"\x"`, `"\u12"`, "\"\n\"", `[1,]`, `[1 2]`, `[`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{"a":1]`, `[1}`,
	} {
		for _, content := range []string{
			`{"orders":[` + json2026 + `,{"orderId":` + broken + `}]}`,
			`{"orders":[` + json2026 + `],"more":` + broken + `}`,
			json2026 + `{"orderId":"1","orderItems":[{"product":` + broken + `}]}`,
		} {
			f := formatNamed(t, "amazon-orders-2026-01-01")
			if json.Valid([]byte(broken)) {
				t.Fatalf("%s is right", broken)
			}
			checkFormat(t, f, jsonFile(content))
			checkAgainstStandard(t, f, content)
			n := 0
			for _, err := range f.Read(context.Background(), jsonFile(content)) {
				if err == nil {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d orders of %s", n, content)
			}
		}
	}
}

func FuzzShopOrders(f *testing.F) {
	fuzzJSON(f, "shop-orders", jsonShop, `[`+jsonShop+`]`,
		shop(`"total_discounts":"3.50","shipping_lines":[{"price":"5.00","discounted_price":"0.00"}]`, `"total_discount":"1.00"`))
}
