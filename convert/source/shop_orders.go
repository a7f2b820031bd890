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
)

func init() { register(shopOrders{}) }

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

func (shopOrders) Read(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return readJSON(ctx, in, shapeShop, shopOrder)
}

func shopOrder(v jsonValue) order.Order {
	o := order.Order{
		ID:            shopID(v),
		Created:       v.get("created_at").when(),
		Zone:          zoneOf(v.get("created_at").text()),
		Updated:       v.get("updated_at").when(),
		SalesChannel:  v.get("source_name").text(),
		PurchaseOrder: v.get("po_number").text(),
		Payment:       strings.Join(v.get("payment_gateway_names").texts(), ", "),
		Buyer:         shopBuyer(v),
		ShipTo:        shopAddress(v.get("shipping_address")),
		Tax:           shopTaxReading(v.get("taxes_included")),
		Total:         v.get("total_price").decimal(),
		Tip:           v.get("total_tip_received").decimal(),
	}
	if o.ID == "" {
		v.missing("order_number")
	}
	if o.Created.IsZero() {
		v.missing("created_at")
	}
	if o.Payment == "" {
		o.Payment = v.get("gateway").text()
	}
	if name := strings.TrimPrefix(v.get("name").text(), "#"); name != "" && name != o.ID {
		o.Aliases = []string{name}
	}
	v.get("currency").countIn()
	o.Currency = v.doc.currency
	o.Status, o.StatusText = shopStatus(v)
	items := v.get("line_items")
	o.Lines = slices.Grow(o.Lines, items.count())
	for item := range items.all() {
		o.Lines = append(o.Lines, shopLine(item))
	}
	if len(o.Lines) == 0 && o.Status != order.Cancelled {
		o.Missing = order.ItemsMissing
	}
	saved := shopShipping(&o, v.get("shipping_lines"))
	shopDiscount(&o, v.get("total_discounts"), saved)
	return o
}

// shopID is the number that people know the order by.
func shopID(v jsonValue) string {
	if s := v.get("order_number").text(); s != "" {
		return s
	}
	if s := strings.TrimPrefix(v.get("name").text(), "#"); s != "" {
		return s
	}
	return v.get("id").text()
}

func shopTaxReading(included jsonValue) order.TaxReading {
	switch {
	case included.empty():
		return order.TaxUnstated
	case included.flag():
		return order.TaxInside
	}
	return order.TaxOnTop
}

// shopStatus tells the state of an order. Payment that is still awaited (pending, authorized) does not
// hold an order back; refunds are documents of their own.
func shopStatus(v jsonValue) (order.Status, string) {
	paid, shipped := v.get("financial_status").text(), v.get("fulfillment_status").text()
	text := shipped
	if text == "" {
		text = paid
	}
	switch {
	case !v.get("cancelled_at").empty():
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
func shopBuyer(v jsonValue) order.Buyer {
	c, billing := v.get("customer"), v.get("billing_address")
	who := c
	if c.empty() {
		who = billing
	}
	b := order.Buyer{
		FirstName: who.get("first_name").text(),
		LastName:  who.get("last_name").text(),
		Email:     firstText(c, "email"),
		Phone:     who.get("phone").text(),
		Company:   firstText(billing, "company"),
		Address:   shopAddress(billing),
	}
	if b.Email == "" {
		b.Email = firstText(v, "email", "contact_email")
	}
	if b.Phone == "" {
		b.Phone = v.get("phone").text()
	}
	if b.Company == "" {
		b.Company = c.get("default_address").get("company").text()
	}
	return b
}

func shopAddress(v jsonValue) order.Address {
	name := v.get("name").text()
	if name == "" {
		name = strings.TrimSpace(v.get("first_name").text() + " " + v.get("last_name").text())
	}
	return order.Address{
		Name:     name,
		Company:  v.get("company").text(),
		Street:   addressLines(v, "address1", "address2"),
		City:     v.get("city").text(),
		State:    firstText(v, "province_code", "province"),
		Postcode: v.get("zip").text(),
		Country:  strings.ToUpper(v.get("country_code").text()),
		Phone:    v.get("phone").text(),
	}
}

// shopLine reads a line. Its price is that of one unit, its discount that of the whole line. An empty
// SKU stays empty: it is the matcher that has something to say about it.
func shopLine(v jsonValue) order.Line {
	l := order.Line{
		Origin:   order.Origin{Pointer: v.pointer()},
		ID:       v.get("id").text(),
		SKU:      v.get("sku").text(),
		Barcode:  v.get("barcode").text(),
		Title:    firstText(v, "title", "name"),
		Ordered:  v.stated("quantity"),
		Discount: order.Charge{Amount: v.get("total_discount").decimal()},
	}
	l.Cancelled = l.Ordered.IsZero()
	l.Price = order.Charge{Amount: shopPrice(v, l.Ordered), Tax: shopTax(v)}
	return l
}

func shopPrice(v jsonValue, quantity money.Quantity) money.Optional {
	unit := v.get("price")
	price := unit.decimal()
	if !price.Known {
		v.missing("price")
		return price
	}
	price.Value = price.Value.Times(quantity)
	if !price.Value.Valid() {
		unit.refuse(errors.New("price × quantity needs more digits than an amount has"), "correct the price or the quantity in the file")
	}
	return price
}

// shopTax adds up tax_lines. An empty list states no tax: shops write one too when they never
// worked the tax out.
func shopTax(v jsonValue) (tax money.Optional) {
	for t := range v.get("tax_lines").all() {
		t.add(&tax, t.get("price").decimal())
	}
	return tax
}

// shopShipping adds up the shipping lines after their discounts, and gives the sum of those.
func shopShipping(o *order.Order, lines jsonValue) (saved money.Amount) {
	for l := range lines.all() {
		price := l.get("price").decimal()
		charged := l.get("discounted_price").decimal()
		if !charged.Known {
			charged = price
		} else if price.Known {
			saved = saved.Plus(price.Value.Minus(charged.Value))
		}
		l.add(&o.Shipping.Amount, charged)
		l.add(&o.Shipping.Tax, shopTax(l))
		if o.ServiceLevel == "" {
			o.ServiceLevel = l.get("title").text()
		}
	}
	return saved
}

// shopDiscount finds the discount on the order as a whole. total_discounts is the sum of everything
// that was taken off; what its lines and its shipping do not account for was taken off the order.
func shopDiscount(o *order.Order, total jsonValue, saved money.Amount) {
	sum := total.decimal()
	if !sum.Known {
		return
	}
	rest := sum.Value.Minus(saved)
	for _, l := range o.Lines {
		rest = rest.Minus(l.Discount.Amount.Value)
	}
	switch {
	case !rest.Valid():
		total.refuse(errOverflow, "correct the amount in the file, or fetch the order again")
	case rest.Sign() > 0:
		o.Discount = money.Known(rest)
	}
}
