package source_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/money"
	"obmen/convert/order"
)

// with2026 is a body of one order with more members.
func with2026(orderMembers, itemMembers string) string {
	body := `{"order":` + json2026 + `}`
	if orderMembers != "" {
		body = strings.Replace(body, `"createdTime"`, orderMembers+`,"createdTime"`, 1)
	}
	if itemMembers != "" {
		body = strings.Replace(body, `"orderItemId"`, itemMembers+`,"orderItemId"`, 1)
	}
	return body
}

// breakdown is one category of an item's proceeds: "TAX 2.10 SHIPPING=0.10".
func breakdown(kind, amount string, details ...string) string {
	b := `{"type":"` + kind + `","subtotal":{"amount":"` + amount + `","currencyCode":"EUR"}`
	if len(details) > 0 {
		var list []string
		for _, d := range details {
			subtype, value, _ := strings.Cut(d, "=")
			list = append(list, `{"subtype":"`+subtype+`","value":{"amount":"`+value+`","currencyCode":"EUR"}}`)
		}
		b += `,"detailedBreakdowns":[` + strings.Join(list, ",") + `]`
	}
	return b + `}`
}

// body2026 is a body of an order whose item has these breakdowns.
func body2026(breakdowns ...string) string {
	item := breakdown("ITEM", "12.50")
	return strings.Replace(with2026("", ""), item, strings.Join(breakdowns, ","), 1)
}

func known(s string) money.Optional { return money.Known(money.MustParse(s)) }

func TestOrders2026Whole(t *testing.T) {
	want := order.Order{
		Format:      "amazon-orders-2026-01-01",
		Origin:      order.Origin{File: "in.json", Pointer: "/order"},
		Identifiers: order.Identifiers{ID: "171-2000001-1000001"},
		Sale: order.Sale{
			Marketplace:  "ES",
			SalesChannel: "Amazon.es",
			Channel:      order.ByAmazon,
		},
		Stage: order.Stage{
			Status:     order.Shipped,
			StatusText: "SHIPPED",
			Created:    time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC),
			Updated:    time.Date(2026, 11, 18, 10, 0, 0, 0, time.UTC),
		},
		Amounts: order.Amounts{
			Currency: "EUR",
			Total:    known("12.50"),

			DiscountWithin: true,
		},

		Lines: []order.Line{{
			Origin: order.Origin{File: "in.json", Pointer: "/order/orderItems/0"},
			Item: order.Item{
				ID:  "1",
				SKU: "AB-100",
			},
			Ordered: money.Int(2),
			Charges: order.Charges{Price: order.Charge{Amount: known("12.50")}},
		}},
	}
	if diff := cmp.Diff(want, oneOrder(t, with2026("", "")), exactText); diff != "" {
		t.Error(diff)
	}
}

func TestOrders2026Breakdowns(t *testing.T) {
	o := oneOrder(t, body2026(
		breakdown("ITEM", "10.00"), breakdown("SHIPPING", "3.00"), breakdown("GIFT_WRAP", "1.50"),
		breakdown("COD_FEE", "2.00"), breakdown("OTHER", "0.25"), breakdown("NEW_BUT_NOTHING", "0.00"),
		breakdown("TAX", "3.15", "ITEM=2.10", "SHIPPING=0.63", "GIFT_WRAP=0.32", "COD_FEE=0.42", "OTHER=0.05", "DISCOUNT=-0.37"),
		breakdown("DISCOUNT", "-1.75", "ITEM=-1.00", "SHIPPING=-0.75"),
	))
	want := order.Line{
		Origin: o.Lines[0].Origin, Item: order.Item{ID: "1", SKU: "AB-100"}, Ordered: money.Int(2),
		Charges: order.Charges{
			Price:    order.Charge{Amount: known("10"), Tax: known("2.10")},
			Shipping: order.Charge{Amount: known("3"), Tax: known("0.63")},
			GiftWrap: order.Charge{Amount: known("1.50"), Tax: known("0.32")},
			COD:      order.Charge{Amount: known("2"), Tax: known("0.42")},
			Other:    order.Charge{Amount: known("0.25"), Tax: known("0.05")},
		},
		Discounts: order.Discounts{
			Discount:         order.Charge{Amount: known("-1.75"), Tax: known("-0.37")},
			ShippingDiscount: order.Charge{Amount: known("-0.75")},
		},
		Taxation: order.Taxation{Tax: known("3.15")},
	}
	if diff := cmp.Diff(want, o.Lines[0], exactText); diff != "" {
		t.Error(diff)
	}
}

func TestOrders2026Rules(t *testing.T) {
	none := strings.Replace(with2026("", ""), `"proceeds":{"grandTotal":{"amount":"12.50","currencyCode":"EUR"}},`, "", 1)
	none = strings.Replace(none, `,"proceeds":{"breakdowns":[`+breakdown("ITEM", "12.50")+`]}`, "", 1)
	tests := map[string]struct {
		content string
		right   func(order.Order) bool
	}{
		"tip": {
			strings.Replace(with2026("", ""), `"currencyCode":"EUR"}},"orderItems"`, `"currencyCode":"EUR"},"breakdowns":[`+
				breakdown("ITEM", "12.50")+`,`+breakdown("DELIVERY_TIP", "5.00")+`]},"orderItems"`, 1),
			func(o order.Order) bool { return o.Tip == known("5") && o.Lines[0].Price.Amount == known("12.50") },
		},
		"programmes":            {with2026(`"programs":["PRIME","AMAZON_BUSINESS"]`, ""), func(o order.Order) bool { return o.BusinessOrder && o.Has(order.Prime) }},
		"no programmes as text": {with2026(`"programs":""`, ""), func(o order.Order) bool { return len(o.Programs) == 0 }},
		"alias":                 {with2026(`"orderAliases":[{"aliasId":"S-1","aliasType":"SELLER_ORDER_ID"}]`, ""), func(o order.Order) bool { return cmp.Equal(o.Aliases, []string{"S-1"}) }},
		"replacement":           {with2026(`"associatedOrders":[{"orderId":"171-9","associationType":"REPLACEMENT_ORIGINAL_ID"}]`, ""), func(o order.Order) bool { return o.Replaces == "171-9" && o.Has(order.Replacement) }},
		"exchange":              {with2026(`"associatedOrders":[{"orderId":"171-9","associationType":"EXCHANGE_ORIGINAL_ID"}]`, ""), func(o order.Order) bool { return o.Replaces == "" && !o.Has(order.Replacement) }},
		"sold elsewhere":        {strings.Replace(with2026("", ""), `"AMAZON"`, `"NON_AMAZON"`, 1), func(o order.Order) bool { return o.MultiChannel }},
		"sold elsewhere by id":  {strings.Replace(with2026("", ""), `A1RKKUPIHCS9HS`, `AFQLKURYRPEL8`, 1), func(o order.Order) bool { return o.MultiChannel }},
		"sold on Amazon":        {with2026("", ""), func(o order.Order) bool { return !o.MultiChannel }},
		"no fulfilment":         {strings.Replace(with2026("", ""), `"fulfillment":{"fulfillmentStatus":"SHIPPED","fulfilledBy":"AMAZON"},`, "", 1), func(o order.Order) bool { return o.Status == order.Unknown && o.Channel == "" }},
		"promised day":          {strings.Replace(with2026("", ""), `"fulfilledBy":"AMAZON"`, `"fulfilledBy":"AMAZON","deliverByWindow":{"earliestDateTime":"2026-11-19T23:00:00Z","latestDateTime":"2026-11-20T22:59:59Z"}`, 1), func(o order.Order) bool { return o.DeliverBy.Equal(time.Date(2026, 11, 20, 22, 59, 59, 0, time.UTC)) }},
		"new status":            {strings.Replace(with2026("", ""), "SHIPPED", "TELEPORTED", 1), func(o order.Order) bool { return o.Status == order.Unknown && o.StatusText == "TELEPORTED" }},
		"buyer": {with2026(`"buyer":{"buyerName":"Ana Lem","buyerEmail":"a@example.com","buyerCompanyName":"Lem SL","buyerPurchaseOrderNumber":"PO-7"}`, ""), func(o order.Order) bool {
			return o.Buyer.Name == "Ana Lem" && o.Buyer.Email == "a@example.com" && o.Buyer.Company == "Lem SL" && o.PurchaseOrder == "PO-7"
		}},
		"empty buyer":         {with2026(`"buyer":{},"recipient":[]`, ""), func(o order.Order) bool { return !o.Buyer.Named() && o.ShipTo.IsZero() }},
		"tax id of the buyer": {with2026(`"tax":{"taxRegistrations":[{"entityType":"MERCHANT","taxRegistrationNumber":"M1"},{"entityType":"BUYER","taxRegistrationNumber":"B1","legalName":"Lem SL"}]}`, ""), func(o order.Order) bool { return o.Buyer.TaxID == "B1" && o.Buyer.Company == "Lem SL" }},
		"address": {with2026(`"recipient":{"deliveryAddress":{"name":"Ana","addressLine1":"","addressLine2":"Rua 1","municipality":"M","countryCode":"es","postalCode":8001}}`, ""), func(o order.Order) bool {
			return o.ShipTo.Country == "ES" && cmp.Equal(o.ShipTo.Street, []string{"Rua 1"}) && o.ShipTo.District == "M" && o.ShipTo.Postcode == "8001"
		}},
		"payment": {with2026(`"payment":{"paymentExecutions":[{"paymentMethod":"Pix"},{"paymentMethod":"Invoice"}]}`, ""), func(o order.Order) bool { return o.Payment == "Pix, Invoice" }},
		"tax collected": {with2026("", `"tax":{"taxCollections":[{"model":"MARKETPLACE_FACILITATOR","responsibleParty":"Amazon Services, Inc."}],"taxCalculationBreakdowns":[{"reportingScheme":"IOSS"}]}`), func(o order.Order) bool {
			return o.Lines[0].TaxRemitter == "Amazon Services, Inc." && o.Lines[0].Deemed == "IOSS"
		}},
		"promotions":             {with2026("", `"promotion":{"breakdowns":[{"promotionId":"P1"},{"promotionId":"P2"}]}`), func(o order.Order) bool { return cmp.Equal(o.Lines[0].Promotions, []string{"P1", "P2"}) }},
		"line total":             {strings.Replace(with2026("", ""), `"breakdowns":`, `"proceedsTotal":{"amount":12.50,"currencyCode":"EUR"},"breakdowns":`, 1), func(o order.Order) bool { return o.Lines[0].Total == known("12.50") }},
		"quantity as text":       {strings.Replace(with2026("", ""), `"quantityOrdered":2`, `"quantityOrdered":"2"`, 1), func(o order.Order) bool { return o.Lines[0].Ordered == money.Int(2) }},
		"quantity as 2.0":        {strings.Replace(with2026("", ""), `"quantityOrdered":2`, `"quantityOrdered":2.0`, 1), func(o order.Order) bool { return o.Lines[0].Ordered == money.Int(2) }},
		"quantity 0":             {strings.Replace(with2026("", ""), `"quantityOrdered":2`, `"quantityOrdered":0`, 1), func(o order.Order) bool { return o.Lines[0].Cancelled }},
		"cancelled, none left":   {with2026("", `"cancellation":{"cancellationExecution":{"cancelledBy":"BUYER"}},"fulfillment":{"quantityFulfilled":0,"quantityUnfulfilled":0}`), func(o order.Order) bool { return o.Lines[0].Cancelled }},
		"cancelled, yet shipped": {with2026("", `"cancellation":{"cancellationExecution":{"cancelledBy":"BUYER"}},"fulfillment":{"quantityFulfilled":2,"quantityUnfulfilled":0}`), func(o order.Order) bool { return !o.Lines[0].Cancelled && o.Lines[0].Shipped == known("2") }},
		"unit price is not used": {with2026("", `"product2":{},"price":{"unitPrice":{"amount":"99","currencyCode":"USD"}}`), func(o order.Order) bool { return o.Lines[0].Price.Amount == known("12.50") && o.Currency == "EUR" }},
		"without proceeds":       {none, func(o order.Order) bool { return o.Missing == order.PricesMissing }},
		"pending":                {strings.Replace(none, "SHIPPED", "PENDING", 1), func(o order.Order) bool { return o.Missing == order.NothingMissing }},
		"cancelled":              {strings.Replace(none, "SHIPPED", "CANCELLED", 1), func(o order.Order) bool { return o.Missing == order.NothingMissing }},
		"without items":          {strings.Replace(with2026("", ""), json2026[strings.Index(json2026, `[{"orderItemId`):], `[]}`, 1), func(o order.Order) bool { return o.Missing == order.ItemsMissing }},
		"no updated time":        {strings.Replace(with2026("", ""), `"2026-11-18T10:00:00Z"`, `""`, 1), func(o order.Order) bool { return o.Updated.IsZero() }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if o := oneOrder(t, test.content); !test.right(o) {
				t.Errorf("%+v\nof %s", o, test.content)
			}
		})
	}
}

func TestOrders2026Refusals(t *testing.T) {
	tests := map[string]struct{ content, pointer, field, value, err string }{
		"amount":        {body2026(breakdown("ITEM", "12.5O")), "/order/orderItems/0/proceeds/breakdowns/0/subtotal/amount", "amount", "12.5O", "not a number"},
		"exponent":      {strings.Replace(with2026("", ""), `"amount":"12.50"`, `"amount":1.25e-9`, 1), "/order/proceeds/grandTotal/amount", "amount", "1.25e-9", "more than 6 decimal places"},
		"precision":     {body2026(breakdown("ITEM", "0.1234567")), "/order/orderItems/0/proceeds/breakdowns/0/subtotal/amount", "amount", "0.1234567", "more than 6 decimal places"},
		"two ITEMs":     {body2026(breakdown("ITEM", "9000000000000"), breakdown("ITEM", "9000000000000")), "/order/orderItems/0/proceeds/breakdowns/1/type", "type", "ITEM", "the sum is too large"},
		"new breakdown": {body2026(breakdown("TELEPORT_FEE", "1.00")), "/order/orderItems/0/proceeds/breakdowns/0/type", "type", "TELEPORT_FEE", "breakdown type is new to obmen"},
		"currencies":    {strings.Replace(with2026("", ""), `"currencyCode":"EUR"}}]`, `"currencyCode":"GBP"}}]`, 1), "/order/orderItems/0/proceeds/breakdowns/0/subtotal/currencyCode", "currencyCode", "GBP", "two currencies in one order: EUR and GBP"},
		"currency":      {strings.Replace(with2026("", ""), `"EUR"`, `"EURO"`, 1), "/order/proceeds/grandTotal/currencyCode", "currencyCode", "EURO", "unknown currency"},
		"quantity":      {strings.Replace(with2026("", ""), `"quantityOrdered":2`, `"quantityOrdered":-2`, 1), "/order/orderItems/0/quantityOrdered", "quantityOrdered", "-2", "a negative quantity"},
		"no quantity":   {strings.Replace(with2026("", ""), `"quantityOrdered":2,`, ``, 1), "/order/orderItems/0", "", "", "quantityOrdered is missing"},
		"time":          {strings.Replace(with2026("", ""), `2026-11-18T09:12:44Z`, `18.11.2026`, 1), "/order/createdTime", "createdTime", "18.11.2026", "not a date and time such as 2026-11-18T09:12:44Z"},
		"no time":       {strings.Replace(with2026("", ""), `2026-11-18T09:12:44Z`, ``, 1), "/order", "", "", "createdTime is missing"},
		"list":          {with2026(`"buyer":["Ana"]`, ""), "/order/buyer", "buyer", "[…]", "not an object"},
		"text":          {with2026(`"recipient":"Ana Lem, Rua 1"`, ""), "/order/recipient", "recipient", "a text", "not an object"},
		"object":        {with2026(`"orderAliases":{"a":1}`, ""), "/order/orderAliases", "orderAliases", "{…}", "not a list"},
		"not a text":    {with2026(`"buyer":{"buyerName":{"first":"Ana"}}`, ""), "/order/buyer/buyerName", "buyerName", "{…}", "not a text"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := oneRefusal(t, test.content)
			got := struct{ pointer, field, value, err string }{e.At.Pointer, e.Field, e.Value, e.Err.Error()}
			want := struct{ pointer, field, value, err string }{test.pointer, test.field, test.value, test.err}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if e.Order != "171-2000001-1000001" || e.At.File != "in.json" {
				t.Errorf("order %q in %q", e.Order, e.At.File)
			}
		})
	}
}
