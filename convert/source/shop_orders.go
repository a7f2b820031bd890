package source

// Orders of an own shop, in the shape of Shopify's REST orders. The least that works is an order with
// order_number, created_at, customer.first_name and line_items of sku, quantity and price.
// Names: facts, amazon 4.

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

func init() { registerFormat(shopOrders{}) }

type shopOrders struct{}

var _ Format = shopOrders{}

func (shopOrders) Name() string { return string(shapeShop) }

// Spelled is that of Speller. The price is that of all units.
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
	return readJSON(ctx, in, shapeShop, shopOrder)
}

func shopOrder(v jsontree.Value) order.Order {
	o := order.Order{
		ID:            shopID(v),
		Created:       v.Get("created_at").Time(),
		Zone:          input.ZoneOf(v.Get("created_at").Text()),
		Updated:       v.Get("updated_at").Time(),
		SalesChannel:  v.Get("source_name").Text(),
		PurchaseOrder: v.Get("po_number").Text(),
		Payment:       strings.Join(v.Get("payment_gateway_names").Texts(), ", "),
		Buyer:         shopBuyer(v),
		ShipTo:        shopAddress(v.Get("shipping_address")),
		Tax:           shopTaxReading(v.Get("taxes_included")),
		Total:         v.Get("total_price").Decimal(),
		Tip:           v.Get("total_tip_received").Decimal(),
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
	items := v.Get("line_items")
	o.Lines = slices.Grow(o.Lines, items.Len())
	for item := range items.All() {
		o.Lines = append(o.Lines, shopLine(item))
	}
	if len(o.Lines) == 0 && o.Status != order.Cancelled {
		o.Missing = order.ItemsMissing
	}
	saved := shopShipping(&o, v.Get("shipping_lines"))
	shopDiscount(&o, v.Get("total_discounts"), saved)
	return o
}

// shopID is the number that people know the order by.
func shopID(v jsontree.Value) string {
	if s := v.Get("order_number").Text(); s != "" {
		return s
	}
	if s := strings.TrimPrefix(v.Get("name").Text(), "#"); s != "" {
		return s
	}
	return v.Get("id").Text()
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

// shopStatus tells the state of an order. Payment that is still awaited (pending, authorized) does not
// hold an order back; refunds are documents of their own.
func shopStatus(v jsontree.Value) (order.Status, string) {
	paid, shipped := v.Get("financial_status").Text(), v.Get("fulfillment_status").Text()
	text := shipped
	if text == "" {
		text = paid
	}
	switch {
	case !v.Get("cancelled_at").IsEmpty():
		return order.Cancelled, text
	case paid == "voided":
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

// shopLine reads a line. Its price is that of one unit, its discount that of the whole line. An empty
// SKU stays empty: it is the matcher that has something to say about it.
func shopLine(v jsontree.Value) order.Line {
	l := order.Line{
		Origin:   order.Origin{Pointer: v.Pointer()},
		ID:       v.Get("id").Text(),
		SKU:      v.Get("sku").Text(),
		Barcode:  v.Get("barcode").Text(),
		Title:    firstText(v, "title", "name"),
		Ordered:  v.StatedQuantity("quantity"),
		Discount: order.Charge{Amount: v.Get("total_discount").Decimal()},
	}
	l.Cancelled = l.Ordered.IsZero()
	l.Price = order.Charge{Amount: shopPrice(v, l.Ordered), Tax: shopTax(v)}
	return l
}

func shopPrice(v jsontree.Value, quantity money.Quantity) money.Optional {
	unit := v.Get("price")
	price := unit.Decimal()
	if !price.Known {
		v.RefuseMissing("price")
		return price
	}
	price.Value = price.Value.Times(quantity)
	if !price.Value.Valid() {
		unit.Refuse(errors.New("price × quantity needs more digits than an amount has"), "correct the price or the quantity in the file")
	}
	return price
}

// shopTax adds up tax_lines. An empty list states no tax: shops write one too when they never
// worked the tax out.
func shopTax(v jsontree.Value) (tax money.Optional) {
	for t := range v.Get("tax_lines").All() {
		t.AddTo(&tax, t.Get("price").Decimal())
	}
	return tax
}

// shopShipping adds up the shipping lines after their discounts, and gives the sum of those.
func shopShipping(o *order.Order, lines jsontree.Value) (saved money.Amount) {
	for l := range lines.All() {
		price := l.Get("price").Decimal()
		charged := l.Get("discounted_price").Decimal()
		if !charged.Known {
			charged = price
		} else if price.Known {
			saved = saved.Plus(price.Value.Minus(charged.Value))
		}
		l.AddTo(&o.Shipping.Amount, charged)
		l.AddTo(&o.Shipping.Tax, shopTax(l))
		if o.ServiceLevel == "" {
			o.ServiceLevel = l.Get("title").Text()
		}
	}
	return saved
}

// shopDiscount finds the discount on the order as a whole. total_discounts is the sum of everything
// that was taken off; what its lines and its shipping do not account for was taken off the order.
func shopDiscount(o *order.Order, total jsontree.Value, saved money.Amount) {
	sum := total.Decimal()
	if !sum.Known {
		return
	}
	rest := sum.Value.Minus(saved)
	for _, l := range o.Lines {
		rest = rest.Minus(l.Discount.Amount.Value)
	}
	switch {
	case !rest.Valid():
		total.Refuse(jsontree.ErrOverflow, "correct the amount in the file, or fetch the order again")
	case rest.Sign() > 0:
		o.Discount = money.Known(rest)
	}
}
