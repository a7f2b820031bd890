package mapped

import (
	"maps"
	"slices"
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
)

type (
	orderSetter func(d *decoder, v *value, o *order.Order)
	lineSetter  func(d *decoder, v *value, l *order.Line)
)

// field is a field that a mapping may name.
type fieldOf[S any] struct {
	want want
	set  S
}

func orderText(at func(*order.Order) *string) fieldOf[orderSetter] {
	return fieldOf[orderSetter]{wantText, func(d *decoder, v *value, o *order.Order) { *at(o) = d.text(v, d.order) }}
}

func orderTime(at func(*order.Order) *time.Time) fieldOf[orderSetter] {
	return fieldOf[orderSetter]{wantText, func(d *decoder, v *value, o *order.Order) { *at(o) = d.moment(v, nil) }}
}

func orderAmount(at func(*order.Order) *money.Optional) fieldOf[orderSetter] {
	return fieldOf[orderSetter]{wantAmount, func(d *decoder, v *value, o *order.Order) { *at(o) = d.amount(v, d.order) }}
}

func lineText(at func(*order.Line) *string) fieldOf[lineSetter] {
	return fieldOf[lineSetter]{wantText, func(d *decoder, v *value, l *order.Line) { *at(l) = d.text(v, d.line) }}
}

func lineAmount(at func(*order.Line) *money.Optional) fieldOf[lineSetter] {
	return fieldOf[lineSetter]{wantAmount, func(d *decoder, v *value, l *order.Line) { *at(l) = d.amount(v, d.line) }}
}

// orderFields are the fields of [order] beside those of buyer, bill and ship.
var orderFields = map[string]fieldOf[orderSetter]{
	"id":                {wantText, setID},
	"alias":             {wantText, setAlias},
	"created":           {wantText, func(d *decoder, v *value, o *order.Order) { o.Created = d.moment(v, &o.Zone) }},
	"revision":          orderTime(func(o *order.Order) *time.Time { return &o.Updated }),
	"deliver_by":        orderTime(func(o *order.Order) *time.Time { return &o.DeliverBy }),
	"currency":          {wantText, setCurrency},
	"status":            {wantText, setStatus},
	"total":             orderAmount(func(o *order.Order) *money.Optional { return &o.Total }),
	"tip":               orderAmount(func(o *order.Order) *money.Optional { return &o.Tip }),
	"discount":          {wantAmount, setOrderDiscount},
	"tax":               {wantAmount, func(d *decoder, v *value, o *order.Order) { d.tax = d.amount(v, d.order) }},
	"tax_reading":       {wantText, setTaxReading},
	"marketplace":       {wantText, setMarketplace},
	"channel":           orderText(func(o *order.Order) *string { return &o.SalesChannel }),
	"account":           orderText(func(o *order.Order) *string { return &o.Account }),
	"service_level":     orderText(func(o *order.Order) *string { return &o.ServiceLevel }),
	"payment":           orderText(func(o *order.Order) *string { return &o.Payment }),
	"purchase_order":    orderText(func(o *order.Order) *string { return &o.PurchaseOrder }),
	"replaces":          orderText(func(o *order.Order) *string { return &o.Replaces }),
	"multi_channel":     {wantFlag, func(d *decoder, v *value, o *order.Order) { o.MultiChannel = d.flag(v, d.order) }},
	"test":              {wantFlag, func(d *decoder, v *value, o *order.Order) { o.Test = d.flag(v, d.order) }},
	"shipping_remitter": orderText(func(o *order.Order) *string { return &o.ShippingRemitter }),
	"business":          {wantFlag, func(d *decoder, v *value, o *order.Order) { o.BusinessOrder = d.flag(v, d.order) }},
	"shipped_by":        {wantText, setShippedBy},

	"buyer.name":       orderText(func(o *order.Order) *string { return &o.Buyer.Name }),
	"buyer.first_name": orderText(func(o *order.Order) *string { return &o.Buyer.FirstName }),
	"buyer.last_name":  orderText(func(o *order.Order) *string { return &o.Buyer.LastName }),
	"buyer.company":    orderText(func(o *order.Order) *string { return &o.Buyer.Company }),
	"buyer.email":      orderText(func(o *order.Order) *string { return &o.Buyer.Email }),
	"buyer.phone":      orderText(func(o *order.Order) *string { return &o.Buyer.Phone }),
	"buyer.tax_id":     orderText(func(o *order.Order) *string { return &o.Buyer.TaxID }),
}

// addressFields are those of an address; bill and ship have them.
var addressFields = map[string]func(*order.Address) *string{
	"name":     func(a *order.Address) *string { return &a.Name },
	"company":  func(a *order.Address) *string { return &a.Company },
	"city":     func(a *order.Address) *string { return &a.City },
	"district": func(a *order.Address) *string { return &a.District },
	"state":    func(a *order.Address) *string { return &a.State },
	"postcode": func(a *order.Address) *string { return &a.Postcode },
	"phone":    func(a *order.Address) *string { return &a.Phone },
}

var addresses = map[string]func(*order.Order) *order.Address{
	"bill": func(o *order.Order) *order.Address { return &o.Buyer.Address },
	"ship": func(o *order.Order) *order.Address { return &o.ShipTo },
}

func init() {
	for prefix, address := range addresses {
		for name, at := range addressFields {
			orderFields[prefix+"."+name] = orderText(func(o *order.Order) *string { return at(address(o)) })
		}
		orderFields[prefix+".street"] = fieldOf[orderSetter]{wantText, func(d *decoder, v *value, o *order.Order) {
			address(o).Street = d.texts(v, d.order)
		}}
		orderFields[prefix+".country"] = fieldOf[orderSetter]{wantText, func(d *decoder, v *value, o *order.Order) {
			address(o).Country = strings.ToUpper(d.text(v, d.order))
		}}
	}
}

// lineFields are the fields of [lines].
var lineFields = map[string]fieldOf[lineSetter]{
	"id":                lineText(func(l *order.Line) *string { return &l.ID }),
	"sku":               exactText(func(l *order.Line) *string { return &l.SKU }),
	"asin":              exactText(func(l *order.Line) *string { return &l.ASIN }),
	"barcode":           exactText(func(l *order.Line) *string { return &l.Barcode }),
	"title":             lineText(func(l *order.Line) *string { return &l.Title }),
	"tax_remitter":      lineText(func(l *order.Line) *string { return &l.TaxRemitter }),
	"deemed":            lineText(func(l *order.Line) *string { return &l.Deemed }),
	"quantity":          {wantAmount, setQuantity},
	"shipped":           lineAmount(func(l *order.Line) *money.Optional { return &l.Shipped }),
	"amount":            lineAmount(func(l *order.Line) *money.Optional { return &l.Price.Amount }),
	"unit":              {wantAmount, setUnit},
	"tax":               lineAmount(func(l *order.Line) *money.Optional { return &l.Price.Tax }),
	"tax_total":         lineAmount(func(l *order.Line) *money.Optional { return &l.Tax }),
	"total":             lineAmount(func(l *order.Line) *money.Optional { return &l.Total }),
	"shipping":          lineAmount(func(l *order.Line) *money.Optional { return &l.Shipping.Amount }),
	"shipping_tax":      lineAmount(func(l *order.Line) *money.Optional { return &l.Shipping.Tax }),
	"gift_wrap":         lineAmount(func(l *order.Line) *money.Optional { return &l.GiftWrap.Amount }),
	"gift_wrap_tax":     lineAmount(func(l *order.Line) *money.Optional { return &l.GiftWrap.Tax }),
	"cod":               lineAmount(func(l *order.Line) *money.Optional { return &l.COD.Amount }),
	"other":             lineAmount(func(l *order.Line) *money.Optional { return &l.Other.Amount }),
	"discount":          lineAmount(func(l *order.Line) *money.Optional { return &l.Discount.Amount }),
	"discount_tax":      lineAmount(func(l *order.Line) *money.Optional { return &l.Discount.Tax }),
	"shipping_discount": lineAmount(func(l *order.Line) *money.Optional { return &l.ShippingDiscount.Amount }),
	"cancelled":         {wantFlag, func(d *decoder, v *value, l *order.Line) { l.Cancelled = l.Cancelled || d.flag(v, d.line) }},
}

// exactText is a field of a line that means something to the letter, such as a SKU.
func exactText(at func(*order.Line) *string) fieldOf[lineSetter] {
	return fieldOf[lineSetter]{wantText, func(d *decoder, v *value, l *order.Line) {
		s := d.text(v, d.line)
		d.refuseHalf(s, v, d.line)
		*at(l) = s
	}}
}

// lateFields are set when the fields that they need are.
var lateFields = []string{"unit", "cancelled"}

// orderFields compiles [order]. The currency and the id come first: amounts and messages need them.
func (c *compiler) orderFields(root *tomlValue) {
	t := root.get("order")
	if t == nil || t.kind != tomlTable {
		c.mistake(placeOf(root, "order"), `write [order] id = "…", created = "…"`, "[order] is missing")
		return
	}
	values := map[string]*tomlValue{}
	for _, key := range t.keys {
		inner := t.get(key)
		if key != "buyer" && key != "bill" && key != "ship" {
			c.orderField(key, t.key[key], inner, values)
			continue
		}
		if inner.kind != tomlTable {
			c.mistake(inner.at, "write "+key+`.name = "path"`, "order.%s is %s", key, inner.kind)
			continue
		}
		for _, name := range inner.keys {
			c.orderField(key+"."+name, inner.key[name], inner.get(name), values)
		}
	}
	for _, name := range firstThen(slices.Sorted(maps.Keys(values)), "currency", "id") {
		f := orderFields[name]
		v := c.valueOf("order."+name, values[name], scopeOrder, f.want)
		c.m.order = append(c.m.order, orderField{v, f.set})
	}
	needed := []string{"id", "created"}
	if c.m.orders.fragment {
		needed = needed[:1]
	}
	for _, name := range needed {
		if values[name] == nil {
			c.mistake(t.at, "write "+name+` = "path" below [order]`, "order.%s is missing", name)
		}
	}
}

func (c *compiler) orderField(name string, at position, t *tomlValue, values map[string]*tomlValue) {
	if _, known := orderFields[name]; !known {
		c.mistake(at, knownHere(name, slices.Sorted(maps.Keys(orderFields))), "unknown key order.%s", name)
		return
	}
	values[name] = t
}

// firstThen puts names first that are in a list.
func firstThen(list []string, first ...string) []string {
	isFirst := func(s string) bool { return slices.Contains(first, s) }
	return append(slices.DeleteFunc(slices.Clone(first), func(s string) bool { return !slices.Contains(list, s) }), slices.DeleteFunc(list, isFirst)...)
}

// lineFields compiles [lines].
func (c *compiler) lineFields(root *tomlValue) {
	t := root.get("lines")
	if t == nil || t.kind != tomlTable {
		c.mistake(placeOf(root, "lines"), `write [lines] at = "line_items", sku = "sku", quantity = "quantity", amount = "total"`, "[lines] is missing")
		return
	}
	var late []lineField
	for _, name := range t.keys {
		e := t.get(name)
		switch name {
		case "at":
			if text := c.text(e, "lines.at"); text != "@" && c.m.Kind != CSV {
				c.m.lines.at = c.pathOf(text, e.at)
			} else if c.m.Kind == CSV {
				c.mistake(e.at, "leave it out: the lines of a table are its rows", "a table has no path to its lines")
			}
			continue
		case "elsewhere":
			c.m.lines.elsewhere = c.flag(e, "lines.elsewhere")
			continue
		}
		f, known := lineFields[name]
		if !known {
			c.mistake(t.key[name], knownHere(name, append([]string{"at", "elsewhere"}, slices.Sorted(maps.Keys(lineFields))...)), "unknown key lines.%s", name)
			continue
		}
		v := c.valueOf("lines."+name, e, scopeLine, f.want)
		if slices.Contains(lateFields, name) || v.form.shareOf != nil {
			late = append(late, lineField{v, f.set})
			continue
		}
		c.m.lines.fields = append(c.m.lines.fields, lineField{v, f.set})
		if name == "discount" && v.form.stated {
			c.m.money.readings.Discount = order.DiscountApart
			if v.form.included {
				c.m.money.readings.Discount = order.DiscountIncluded
			}
		}
	}
	c.m.lines.fields = append(c.m.lines.fields, late...)
	c.neededLines(t)
}

func (c *compiler) neededLines(t *tomlValue) {
	for _, names := range [][]string{{"quantity"}, {"sku", "title", "asin", "barcode"}, {"amount", "unit"}} {
		has := slices.ContainsFunc(names, func(n string) bool { return t.get(n) != nil })
		if !has {
			c.mistake(t.at, "write "+names[0]+` = "path" below [lines]`, "lines has no %s", strings.Join(names, " or "))
		}
	}
	if t.get("amount") != nil && t.get("unit") != nil {
		c.mistake(placeOf(t, "unit"), "amount is that of the whole line, unit that of one piece: keep one", "lines has both amount and unit")
	}
}
