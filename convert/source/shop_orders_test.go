package source_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/money"
	"obmen/convert/order"
)

func TestShopOrdersMinimal(t *testing.T) {
	want := order.Order{
		Format:      "shop-orders",
		Origin:      order.Origin{File: "in.json", Pointer: "/orders/0"},
		Identifiers: order.Identifiers{ID: "1003"},
		Stage: order.Stage{
			Status:  order.Unshipped,
			Created: time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC),
		},
		Buyer: order.Buyer{FirstName: "Ana"},
		Lines: []order.Line{{
			Origin:  order.Origin{File: "in.json", Pointer: "/orders/0/line_items/0"},
			Item:    order.Item{SKU: "AB-100"},
			Ordered: money.Int(2),
			Charges: order.Charges{Price: order.Charge{Amount: known("12.50")}},
		}},
	}
	if diff := cmp.Diff(want, oneOrder(t, `{"orders":[`+jsonShop+`]}`), exactText); diff != "" {
		t.Error(diff)
	}
}

// shop is a body of one order with more members.
func shop(orderMembers, itemMembers string) string {
	body := jsonShop
	if orderMembers != "" {
		body = strings.Replace(body, `"created_at"`, orderMembers+`,"created_at"`, 1)
	}
	if itemMembers != "" {
		body = strings.Replace(body, `"sku"`, itemMembers+`,"sku"`, 1)
	}
	return `{"order":` + body + `}`
}

func TestShopOrdersRules(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(shop("", ""), old, new, 1) }
	status := func(want order.Status) func(order.Order) bool {
		return func(o order.Order) bool { return o.Status == want }
	}
	id := func(want string) func(order.Order) bool { return func(o order.Order) bool { return o.ID == want } }
	tests := map[string]struct {
		content string
		right   func(order.Order) bool
	}{
		"number as text":         {edit(`1003`, `"1003"`), id("1003")},
		"name for a number":      {edit(`"order_number":1003`, `"name":"#77","id":5`), id("77")},
		"id for a number":        {edit(`"order_number":1003`, `"id":5,"name":""`), id("5")},
		"name beside the number": {shop(`"name":"#EU-1003"`, ""), func(o order.Order) bool { return o.ID == "1003" && cmp.Equal(o.Aliases, []string{"EU-1003"}) }},
		"odd offset":             {edit("09:12:44Z", "09:12:44-00:00"), func(o order.Order) bool { return o.Created.Equal(time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC)) }},
		"offset":                 {edit("09:12:44Z", "23:30:00-05:00"), func(o order.Order) bool { return o.Created.Equal(time.Date(2026, 11, 19, 4, 30, 0, 0, time.UTC)) }},
		"price as number":        {edit(`"6.25"`, `6.25`), func(o order.Order) bool { return o.Lines[0].Price.Amount == known("12.50") }},
		"many decimals":          {edit(`"6.25"`, `0.333333`), func(o order.Order) bool { return o.Lines[0].Price.Amount == known("0.666666") }},
		"no SKU":                 {edit(`"AB-100"`, `""`), func(o order.Order) bool { return o.Lines[0].SKU == "" && o.Lines[0].Ordered == money.Int(2) }},
		"SKU as number":          {edit(`"AB-100"`, `00100`[2:]), func(o order.Order) bool { return o.Lines[0].SKU == "100" }},
		"line discount":          {shop("", `"total_discount":"1.00"`), func(o order.Order) bool { return o.Lines[0].Discount.Amount == known("1") && !o.Discount.Known }},
		"line tax":               {shop("", `"tax_lines":[{"price":"1.00","rate":0.08},{"price":"0.50"}]`), func(o order.Order) bool { return o.Lines[0].Price.Tax == known("1.50") }},
		"no line tax":            {shop("", `"tax_lines":[]`), func(o order.Order) bool { return !o.Lines[0].Price.Tax.Known }},
		"tax inside":             {shop(`"taxes_included":true`, ""), func(o order.Order) bool { return o.Tax == order.TaxInside }},
		"tax on top":             {shop(`"taxes_included":"false"`, ""), func(o order.Order) bool { return o.Tax == order.TaxOnTop }},
		"tax unstated":           {shop(`"taxes_included":null`, ""), func(o order.Order) bool { return o.Tax == order.TaxUnstated }},
		"total and currency":     {shop(`"total_price":"12.50","currency":"eur"`, ""), func(o order.Order) bool { return o.Total == known("12.50") && o.Currency == "EUR" }},
		"shipping": {shop(`"shipping_lines":[{"title":"Post","price":"5.00","tax_lines":[{"price":"0.80"}]},{"price":"1.00"}]`, ""), func(o order.Order) bool {
			return o.Shipping.Amount == known("6") && o.Shipping.Tax == known("0.80") && o.ServiceLevel == "Post"
		}},
		"shipping, discounted": {shop(`"total_discounts":"5.00","shipping_lines":[{"price":"5.00","discounted_price":"0.00"}]`, ""), func(o order.Order) bool { return o.Shipping.Amount == known("0") && !o.Discount.Known }},
		"order discount": {shop(`"total_discounts":"3.50"`, `"total_discount":"1.00"`), func(o order.Order) bool {
			return o.Discount == known("2.50") && o.Lines[0].Discount.Amount == known("1")
		}},
		"discount of lines alone": {shop(`"total_discounts":"1.00"`, `"total_discount":"1.00"`), func(o order.Order) bool { return !o.Discount.Known }},
		"tip":                     {shop(`"total_tip_received":"2.00"`, ""), func(o order.Order) bool { return o.Tip == known("2") }},
		"cancelled":               {shop(`"cancelled_at":"2026-11-19T00:00:00Z","fulfillment_status":"fulfilled"`, ""), status(order.Cancelled)},
		"voided":                  {shop(`"cancelled_at":null,"financial_status":"voided"`, ""), status(order.Cancelled)},
		"not paid yet":            {shop(`"financial_status":"pending","fulfillment_status":null`, ""), status(order.Unshipped)},
		"authorized":              {shop(`"financial_status":"authorized"`, ""), status(order.Unshipped)},
		"fulfilled":               {shop(`"financial_status":"paid","fulfillment_status":"fulfilled"`, ""), status(order.Shipped)},
		"partly fulfilled":        {shop(`"fulfillment_status":"partial"`, ""), status(order.PartiallyShipped)},
		"no customer":             {edit(`{"first_name":"Ana"}`, `null`), func(o order.Order) bool { return !o.Buyer.Named() }},
		"customer as list":        {edit(`{"first_name":"Ana"}`, `[]`), func(o order.Order) bool { return !o.Buyer.Named() }},
		"guest with address":      {strings.Replace(shop(`"email":"a@example.com","billing_address":{"first_name":"Eva","last_name":"Lem"}`, ""), `{"first_name":"Ana"}`, `null`, 1), func(o order.Order) bool { return o.Buyer.FirstName == "Eva" && o.Buyer.Email == "a@example.com" }},
		"addresses": {shop(`"billing_address":{"name":"Ana Lem","company":"Lem SL"},"shipping_address":{"first_name":"Bo","last_name":"Lem","address1":"Rua 1","address2":null,"zip":"36201","country_code":"ES"}`, ""), func(o order.Order) bool {
			return o.Buyer.Company == "Lem SL" && o.Buyer.Address.Name == "Ana Lem" && o.ShipTo.Name == "Bo Lem" && o.ShipTo.Country == "ES" && cmp.Equal(o.ShipTo.Street, []string{"Rua 1"})
		}},
		"no lines":   {`{"order":{"order_number":1,"created_at":"2026-11-18T09:12:44Z","line_items":[]}}`, func(o order.Order) bool { return o.Missing == order.ItemsMissing }},
		"quantity 0": {edit(`"quantity":2`, `"quantity":0`), func(o order.Order) bool { return o.Lines[0].Cancelled && o.Lines[0].Price.Amount == known("0") }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if o := oneOrder(t, test.content); !test.right(o) {
				t.Errorf("%+v\nof %s", o, test.content)
			}
		})
	}
}

func TestShopOrdersRefusals(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(shop("", ""), old, new, 1) }
	tests := map[string]struct{ content, want string }{
		"price":        {edit(`"6.25"`, `"6,25"`), `in.json#/order/line_items/0/price: price "6,25": not a number`},
		"no price":     {edit(`"6.25"`, `""`), `in.json#/order/line_items/0: price is missing`},
		"not exact":    {strings.Replace(edit(`"6.25"`, `"0.333333"`), `"quantity":2`, `"quantity":0.5`, 1), `in.json#/order/line_items/0/price: price "0.333333": price × quantity needs more digits than an amount has`},
		"too large":    {edit(`"6.25"`, `"9000000000000"`), `in.json#/order/line_items/0/price: price "9000000000000": price × quantity needs more digits than an amount has`},
		"no quantity":  {edit(`"quantity":2,`, ``), `in.json#/order/line_items/0: quantity is missing`},
		"no date":      {edit(`"created_at":"2026-11-18T09:12:44Z",`, ``), `in.json#/order: created_at is missing`},
		"no number":    {edit(`1003`, `null`), `in.json#/order: order_number is missing`},
		"new currency": {shop(`"currency":"ABC"`, ""), `in.json#/order/currency: currency "ABC": unknown currency`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if e := oneRefusal(t, test.content); e.Error() != test.want {
				t.Errorf("refused: %s\nwant     %s", e, test.want)
			}
		})
	}
}

// Each line points to its place, however many there are; finding it takes no walk over those before.
func TestShopLinesPointToThemselves(t *testing.T) {
	const lines = 20_000
	items := strings.Repeat(`{"sku":"A","quantity":1,"price":"1.00"},`, lines)
	o := oneOrder(t, `{"orders":[{"order_number":1,"created_at":"2026-11-20T10:00:00Z","currency":"EUR","line_items":[`+strings.TrimSuffix(items, ",")+`]}]}`)
	if len(o.Lines) != lines {
		t.Fatalf("%d lines", len(o.Lines))
	}
	for i := range o.Lines {
		if want := fmt.Sprintf("/orders/0/line_items/%d", i); o.Lines[i].Origin.Pointer != want {
			t.Fatalf("line %d points to %s", i, o.Lines[i].Origin.Pointer)
		}
	}
}
