package source

// Orders of an own shop, in the shape of the Order resource of Shopify's REST Admin API. The least that works
// is an order with order_number, created_at, customer.first_name and line_items of sku, quantity and price.

import (
	"context"
	"iter"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

func init() { registerFormat(shopOrders{}) }

type shopOrders struct{}

var _ Format = shopOrders{}

func (shopOrders) Name() string { return string(shapeShop) }

// Spelled implements Speller. The price is that of all units.
func (shopOrders) Spelled() map[Charge]Spelled {
	return map[Charge]Spelled{
		Price:         {"price × quantity", "tax_lines"},
		Discount:      {"total_discount", ""},
		OrderShipping: {"shipping_lines", "shipping_lines tax_lines"},
		OrderDiscount: {"total_discounts", ""},
	}
}

// Sniff is sure of an order with order_number or line_items.
func (shopOrders) Sniff(_ string, head []byte) Confidence {
	if shape, sure := sniffJSON(head); shape == shapeShop {
		return sure
	}
	return No
}

func (shopOrders) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return readJSON(ctx, in, shapeShop, decodeShopOrder)
}

func decodeShopOrder(v jsontree.Value) order.Order {
	o := order.Order{
		Identifiers: order.Identifiers{
			ID:            shopID(v),
			PurchaseOrder: v.Get("po_number").Text(),
		},
		Stage: order.Stage{
			Created: v.Get("created_at").Time(),
			Zone:    input.ZoneOf(v.Get("created_at").Text()),
			Updated: v.Get("updated_at").Time(),
		},
		Sale: order.Sale{
			SalesChannel: v.Get("source_name").Text(),
			Payment:      strings.Join(v.Get("payment_gateway_names").Texts(), ", "),
			Test:         v.Get("test").Flag(),
		},
		Buyer:  shopBuyer(v),
		ShipTo: shopAddress(v.Get("shipping_address")),
		Amounts: order.Amounts{
			Tax: shopTaxReading(v.Get("taxes_included")),
			Tip: v.Get("total_tip_received").Decimal(),
		},
	}
	if o.ID == "" {
		v.RefuseMissing("order_number")
	}
	if o.Created.IsZero() {
		v.RefuseMissing("created_at")
	}
	if o.Payment == "" {
		o.Payment = v.Get("gateway").Text()
	}
	if name := strings.TrimPrefix(v.Get("name").Text(), "#"); name != "" && name != o.ID {
		o.Aliases = []string{name}
	}
	v.Get("currency").SetCurrency()
	o.Currency = v.Currency()
	o.Status, o.StatusText = shopStatus(v)
	refuseUnknownAmounts(v)
	readShopLines(&o, v)
	return o
}

// shopID is the number that people know the order by.
func shopID(v jsontree.Value) string {
	if s := strings.TrimPrefix(v.Get("order_number").ID(), "#"); s != "" {
		return s
	}
	if s := strings.TrimPrefix(v.Get("name").Text(), "#"); s != "" {
		return s
	}
	return v.Get("id").ID()
}

func shopTaxReading(included jsontree.Value) order.TaxReading {
	switch {
	case included.IsEmpty():
		return order.TaxUnstated
	case included.Flag():
		return order.TaxInside
	}
	return order.TaxOnTop
}

// shopStatus returns the state of an order. Payment that is still awaited (pending, authorized) does not
// hold an order back. An order that is refunded in full before anything was sent is cancelled; refunds
// after that are documents of their own.
func shopStatus(v jsontree.Value) (order.Status, string) {
	paid, shipped := v.Get("financial_status").Text(), v.Get("fulfillment_status").Text()
	text := shipped
	if text == "" {
		text = paid
	}
	switch {
	case !v.Get("cancelled_at").IsEmpty():
		return order.Cancelled, text
	case paid == "voided", paid == "refunded" && shipped == "":
		return order.Cancelled, paid
	case shipped == "fulfilled":
		return order.Shipped, text
	case shipped == "partial":
		return order.PartiallyShipped, text
	}
	return order.Unshipped, text
}

// shopBuyer reads the customer. Without one, the billing address tells who pays.
func shopBuyer(v jsontree.Value) order.Buyer {
	c, billing := v.Get("customer"), v.Get("billing_address")
	who := c
	if c.IsEmpty() {
		who = billing
	}
	b := order.Buyer{
		FirstName: who.Get("first_name").Text(),
		LastName:  who.Get("last_name").Text(),
		Email:     firstText(c, "email"),
		Phone:     who.Get("phone").Text(),
		Company:   firstText(billing, "company"),
		Address:   shopAddress(billing),
	}
	if b.Email == "" {
		b.Email = firstText(v, "email", "contact_email")
	}
	if b.Phone == "" {
		b.Phone = v.Get("phone").Text()
	}
	if b.Company == "" {
		b.Company = c.Get("default_address").Get("company").Text()
	}
	return b
}

func shopAddress(v jsontree.Value) order.Address {
	name := v.Get("name").Text()
	if name == "" {
		name = strings.TrimSpace(v.Get("first_name").Text() + " " + v.Get("last_name").Text())
	}
	return order.Address{
		Name:     name,
		Company:  v.Get("company").Text(),
		Street:   addressLines(v, "address1", "address2"),
		City:     v.Get("city").Text(),
		State:    firstText(v, "province_code", "province"),
		Postcode: v.Get("zip").Text(),
		Country:  strings.ToUpper(v.Get("country_code").Text()),
		Phone:    v.Get("phone").Text(),
	}
}
