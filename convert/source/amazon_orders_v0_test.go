package source_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
)

// withV0 is a body of one order with more members.
func withV0(orderMembers, itemMembers string) string {
	body := jsonV0
	if orderMembers != "" {
		body = strings.Replace(body, `"PurchaseDate"`, orderMembers+`,"PurchaseDate"`, 1)
	}
	if itemMembers != "" {
		body = strings.Replace(body, `"OrderItemId"`, itemMembers+`,"OrderItemId"`, 1)
	}
	return `{"payload":` + body + `}`
}

const itemsOfV0 = `[{"OrderItemId":"2","QuantityOrdered":1,"SellerSKU":"AB-100","ItemPrice":{"CurrencyCode":"USD","Amount":"10.00"},"ItemTax":{"CurrencyCode":"USD","Amount":"1.01"}}]`

func TestOrdersV0Charges(t *testing.T) {
	o := oneOrder(t, withV0("", `"ShippingPrice":{"Amount":"3.00","CurrencyCode":"USD"},"ShippingTax":{"Amount":"0.30","CurrencyCode":"USD"},`+
		`"CODFee":{"Amount":10,"CurrencyCode":"USD"},"CODFeeDiscount":{"Amount":"1.00"},`+
		`"PromotionDiscount":{"Amount":"2.00","CurrencyCode":"USD"},"PromotionDiscountTax":{"Amount":"0.20","CurrencyCode":"USD"},`+
		`"ShippingDiscount":"1.50","ShippingDiscountTax":{"Amount":"","CurrencyCode":""},`+
		`"BuyerInfo":{"GiftWrapPrice":{"Amount":"4.00","CurrencyCode":"USD"},"GiftWrapTax":{"Amount":"0.40","CurrencyCode":"USD"}}`))
	want := order.Line{
		Origin: o.Lines[0].Origin, Item: order.Item{ID: "2", SKU: "AB-100"}, Ordered: money.One,
		Charges: order.Charges{
			Price:    order.Charge{Amount: known("10"), Tax: known("1.01")},
			Shipping: order.Charge{Amount: known("3"), Tax: known("0.30")},
			GiftWrap: order.Charge{Amount: known("4"), Tax: known("0.40")},
			COD:      order.Charge{Amount: known("10")},
		},
		Discounts: order.Discounts{
			CODDiscount:      order.Charge{Amount: known("1")},
			Discount:         order.Charge{Amount: known("2"), Tax: known("0.20")},
			ShippingDiscount: order.Charge{Amount: known("1.50")},
		},
	}
	if diff := cmp.Diff(want, o.Lines[0], exactText); diff != "" {
		t.Error(diff)
	}
	if o.Currency != "USD" || o.Total != known("11.01") || o.Status != order.Unshipped {
		t.Errorf("%+v", o)
	}
}

func TestOrdersV0Rules(t *testing.T) {
	items := func(value string) string { return strings.Replace(withV0("", ""), itemsOfV0, value, 1) }
	noPrices := strings.NewReplacer(`"OrderTotal":{"CurrencyCode":"USD","Amount":"11.01"},`, "", `"ItemPrice":{"CurrencyCode":"USD","Amount":"10.00"},`, "").Replace(withV0("", ""))
	tests := map[string]struct {
		content string
		right   func(order.Order) bool
	}{
		"items as a body": {items(`{"payload":{"AmazonOrderId":"x","OrderItems":` + itemsOfV0 + `}}`), func(o order.Order) bool {
			return len(o.Lines) == 1 && o.Missing == "" && o.Lines[0].Origin.Pointer == "/payload/OrderItems/payload/OrderItems/0"
		}},
		"items without payload":   {items(`{"OrderItems":` + itemsOfV0 + `,"NextToken":""}`), func(o order.Order) bool { return len(o.Lines) == 1 && o.Missing == "" }},
		"items of the first page": {items(`{"payload":{"NextToken":"x","OrderItems":` + itemsOfV0 + `}}`), func(o order.Order) bool { return len(o.Lines) == 1 && o.Missing == order.ItemsMissing }},
		"no items":                {items(`[]`), func(o order.Order) bool { return o.Missing == order.ItemsMissing }},
		"items null":              {items(`null`), func(o order.Order) bool { return o.Missing == order.ItemsMissing }},
		"items {}":                {items(`{}`), func(o order.Order) bool { return o.Missing == order.ItemsMissing }},
		"cancelled, no items":     {strings.Replace(items(`[]`), "Unshipped", "Canceled", 1), func(o order.Order) bool { return o.Missing == "" && o.Status == order.Cancelled }},
		"no prices":               {noPrices, func(o order.Order) bool { return o.Missing == order.PricesMissing }},
		"pending, no prices":      {strings.Replace(noPrices, "Unshipped", "PendingAvailability", 1), func(o order.Order) bool { return o.Missing == "" && o.Status == order.Pending }},
		"promised day":            {withV0(`"EarliestDeliveryDate":"2026-11-19T23:00:00Z","LatestDeliveryDate":"2026-11-20T22:59:59Z"`, ""), func(o order.Order) bool { return o.DeliverBy.Equal(time.Date(2026, 11, 20, 22, 59, 59, 0, time.UTC)) }},
		"flags as text": {withV0(`"IsPrime":"true","IsBusinessOrder":"false","IsIBA":"TRUE"`, ""), func(o order.Order) bool {
			return o.Has(order.Prime) && !o.BusinessOrder && o.Has(order.InvoiceByAmazon)
		}},
		"flags": {withV0(`"IsPrime":false,"IsBusinessOrder":true,"IsSoldByAB":true,"IsIBA":true`, ""), func(o order.Order) bool {
			return cmp.Equal(o.Programs, []order.Program{order.AmazonBusiness, order.InvoiceByAmazon}) && o.BusinessOrder
		}},
		"replacement": {withV0(`"IsReplacementOrder":"true","ReplacedOrderId":"171-9"`, ""), func(o order.Order) bool { return o.Has(order.Replacement) && o.Replaces == "171-9" }},
		"seller's id": {withV0(`"SellerOrderId":"S-1"`, ""), func(o order.Order) bool { return cmp.Equal(o.Aliases, []string{"S-1"}) }},
		"same id":     {withV0(`"SellerOrderId":"171-2000002-1000002"`, ""), func(o order.Order) bool { return o.Aliases == nil }},
		"channel": {withV0(`"MarketplaceId":"A1PA6795UKMFR9","SalesChannel":"Amazon.de","FulfillmentChannel":"AFN"`, ""), func(o order.Order) bool {
			return o.Marketplace == "DE" && o.Channel == order.ByAmazon && !o.MultiChannel
		}},
		"sold elsewhere": {withV0(`"SalesChannel":"Non-Amazon DE"`, ""), func(o order.Order) bool { return o.MultiChannel }},
		"payment":        {withV0(`"PaymentMethod":"Other","PaymentMethodDetails":["CreditCard","GiftCertificate"]`, ""), func(o order.Order) bool { return o.Payment == "CreditCard, GiftCertificate" }},
		"payment method": {withV0(`"PaymentMethod":"COD","PaymentMethodDetails":[]`, ""), func(o order.Order) bool { return o.Payment == "COD" }},
		"buyer": {withV0(`"BuyerInfo":{"BuyerName":"Ana Lem","BuyerEmail":"a@example.com","PurchaseOrderNumber":"PO-7","BuyerTaxInfo":{"CompanyLegalName":"Lem SL","TaxClassifications":[{"Name":"VATNumber","Value":"ESX1"}]}}`, ""), func(o order.Order) bool {
			return o.Buyer.Name == "Ana Lem" && o.Buyer.Company == "Lem SL" && o.Buyer.TaxID == "ESX1" && o.PurchaseOrder == "PO-7"
		}},
		"buyer in Turkey": {withV0(`"BuyerInfo":{},"BuyerTaxInformation":{"BuyerLegalCompanyName":"Lem AS","BuyerTaxRegistrationId":"77"}`, ""), func(o order.Order) bool { return o.Buyer.Company == "Lem AS" && o.Buyer.TaxID == "77" }},
		"address": {withV0(`"ShippingAddress":{"AddressLine2":"Rua 1","City":"Vigo","CountryCode":"ES"}`, ""), func(o order.Order) bool {
			return cmp.Equal(o.ShipTo.Street, []string{"Rua 1"}) && o.ShipTo.City == "Vigo"
		}},
		"empty update time": {withV0(`"LastUpdateDate":""`, ""), func(o order.Order) bool { return o.Updated.IsZero() }},
		"tax collected": {withV0("", `"TaxCollection":{"Model":"MarketplaceFacilitator"},"DeemedResellerCategory":"UOSS"`), func(o order.Order) bool {
			return o.Lines[0].TaxRemitter == "MarketplaceFacilitator" && o.Lines[0].Deemed == "UOSS"
		}},
		"promotions":            {withV0("", `"PromotionIds":["FREESHIP"]`), func(o order.Order) bool { return cmp.Equal(o.Lines[0].Promotions, []string{"FREESHIP"}) }},
		"gift wrap on the item": {withV0("", `"GiftWrapPrice":{"Amount":"4.00","CurrencyCode":"USD"}`), func(o order.Order) bool { return o.Lines[0].GiftWrap.Amount == known("4") }},
		"drift beside":          {withV0(`"NumberOfItemsShipped":"0","EarliestShipDate":"","BuyerInfo":{}`, `"IsGift":"false","ProductInfo":{"NumberOfItems":1}`), func(o order.Order) bool { return len(o.Lines) == 1 }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if o := oneOrder(t, test.content); !test.right(o) {
				t.Errorf("%+v\nof %s", o, test.content)
			}
		})
	}
}

func TestOrdersV0Fragments(t *testing.T) {
	tests := map[string]struct {
		content string
		missing order.Missing
	}{
		"last page":    {`{"payload":{"AmazonOrderId":"171-2","OrderItems":` + itemsOfV0 + `}}`, ""},
		"items first":  {`{"payload":{"OrderItems":` + itemsOfV0 + `,"AmazonOrderId":"171-2","NextToken":""}}`, ""},
		"no payload":   {`{"AmazonOrderId":"171-2","OrderItems":` + itemsOfV0 + `}`, ""},
		"more pages":   {`{"payload":{"AmazonOrderId":"171-2","NextToken":"x","OrderItems":` + itemsOfV0 + `}}`, order.ItemsMissing},
		"with account": {`{"account":"us","body":{"payload":{"AmazonOrderId":"171-2","OrderItems":` + itemsOfV0 + `}}}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := oneOrder(t, test.content)
			if !o.Fragment || o.ID != "171-2" || o.Missing != test.missing || len(o.Lines) != 1 || o.Currency != "USD" {
				t.Errorf("%+v", o)
			}
		})
	}
	if o := oneOrder(t, withV0("", "")); o.Fragment {
		t.Error("an order is no fragment")
	}
}

func TestOrdersV0NotOrders(t *testing.T) {
	for name, content := range map[string]string{
		"address":     `{"payload":{"AmazonOrderId":"171-2","ShippingAddress":{"Name":"Ana Lem"}}}`,
		"buyer":       `{"payload":{"AmazonOrderId":"171-2","BuyerName":"Ana Lem"}}`,
		"items buyer": `{"payload":{"AmazonOrderId":"171-2","OrderItems":[{"OrderItemId":"1","GiftMessageText":"Ana Lem"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			e := oneRefusal(t, content)
			if !errors.Is(e, input.ErrNotOrders) || strings.Contains(e.Error(), "Ana") || e.Order != "171-2" {
				t.Errorf("refused: %v of order %q", e, e.Order)
			}
		})
	}
}

func TestOrdersV0Refusals(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"currencies":   {withV0("", `"ShippingPrice":{"Amount":"3.00","CurrencyCode":"GBP"}`), `in.json#/payload/OrderItems/0/ShippingPrice/CurrencyCode: CurrencyCode "GBP": two currencies in one order: USD and GBP`},
		"amount":       {withV0("", `"ShippingPrice":{"Amount":"3,00","CurrencyCode":"USD"}`), `in.json#/payload/OrderItems/0/ShippingPrice/Amount: Amount "3,00": not a number`},
		"no date":      {strings.Replace(withV0("", ""), "2026-11-18T09:12:44Z", "", 1), `in.json#/payload: PurchaseDate is missing`},
		"no id":        {`{"payload":{"PurchaseDate":"2026-11-18T09:12:44Z","OrderItems":` + itemsOfV0 + `}}`, `in.json#/payload: AmazonOrderId is missing`},
		"items a text": {strings.Replace(withV0("", ""), itemsOfV0, `"see attachment"`, 1), `in.json#/payload/OrderItems: OrderItems "a text": not a list`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if e := oneRefusal(t, test.content); e.Error() != test.want {
				t.Errorf("refused: %s\nwant     %s", e, test.want)
			}
		})
	}
}
