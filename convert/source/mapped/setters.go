package mapped

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

func setID(d *decoder, v *value, o *order.Order) {
	o.ID = d.canonical(v)
}

func setAlias(d *decoder, v *value, o *order.Order) {
	if s := d.canonical(v); s != "" && s != o.ID {
		o.Aliases = []string{s}
	}
}

// canonical is an id; a number of JSON is one id however it is written.
func (d *decoder) canonical(v *value) string {
	s := input.CleanID(d.text(v, d.order))
	if at := d.found(v, d.order); at != absent {
		switch d.doc.nodes[at].kind {
		case '0':
			if n, ok := jsontree.ExpandNumber(s); ok && !strings.Contains(n, ".") {
				return n
			}
			d.refuse(at, v.field, errors.New("not a number of an order"), "write it as a whole number or as a text")
			return ""
		case 't':
			d.refuse(at, v.field, errors.New("not a number of an order"), "write it as a whole number or as a text")
			return ""
		}
	}
	d.refuseHalf(s, v, d.order)
	return s
}

// refuseHalf refuses an id of which a part was lost.
func (d *decoder) refuseHalf(id string, v *value, from int32) {
	if strings.ContainsRune(id, unicode.ReplacementChar) {
		d.refuse(d.found(v, from), v.field, errors.New("a character in it is broken (U+FFFD)"), "fetch the order again, or correct it in the file")
	}
}

// setCurrency reads the currency, or finds it by the sign of the amounts. A bare "$" leaves it to the
// account, and to US dollars where that names none.
func setCurrency(d *decoder, v *value, _ *order.Order) {
	if v.form.sign {
		d.currency = d.signed(v)
		return
	}
	d.countIn(v, d.text(v, d.order))
}

func (d *decoder) countIn(v *value, code string) {
	if code == "" {
		if v.computed == nil { // an expression may leave it to the account
			d.missing(d.order, "currency")
		}
		return
	}
	currency, err := money.ParseCurrency(code)
	if err != nil {
		d.refuse(d.found(v, d.order), v.field, errors.New("unknown currency"), "write the three letters of ISO 4217, such as EUR, or state map in the mapping")
		return
	}
	d.currency = currency
}

// signed is the currency whose sign stands at the amounts of the order and its rows; they must agree.
func (d *decoder) signed(v *value) (found money.Currency) {
	take := func(at int32, p *path) {
		if d.doc.empty(at) {
			return
		}
		d.met(p, at)
		_, code := cutSign(trimBlanks(strings.TrimLeft(trimBlanks(string(d.doc.raw(at))), "-− ")))
		code = v.meaning(code)
		switch {
		case code == "" || code == string(found):
		case code == "?":
			d.refuse(at, v.field, errors.New("a currency sign that several currencies share"), `state the currency: currency = { const = "JPY" }`)
		case found != "":
			d.refuse(at, v.field, fmt.Errorf("two currencies in one order: %s and %s", found, code), "look the order up in the shop; obmen cannot add up two currencies")
		default:
			found = money.Currency(code)
		}
	}
	for _, p := range v.paths {
		take(d.doc.find(p, d.order), p)
		for _, row := range d.doc.rows {
			take(d.doc.find(p, row), p)
		}
	}
	return found
}

// statuses are the words of a mapping for the states of an order.
var statuses = map[string]order.Status{
	"open": order.Unshipped, "pending": order.Pending, "cancelled": order.Cancelled, "shipped": order.Shipped,
	"partly-shipped": order.PartiallyShipped, "unfulfillable": order.Unfulfillable,
}

// setStatus reads the state by the mapping's words; a word that it does not know is unknown.
func setStatus(d *decoder, v *value, o *order.Order) {
	if len(v.paths) > 0 {
		o.StatusText = strings.TrimSpace(d.scalar(d.found(v, d.order), v.field))
	}
	word := strings.TrimSpace(d.text(v, d.order))
	if word == "" {
		return
	}
	o.Status = statuses[word]
	if o.Status == order.Unknown {
		o.Status = order.ParseStatus(word)
	}
}

func setTaxReading(d *decoder, v *value, o *order.Order) {
	switch s := strings.ToLower(d.text(v, d.order)); s {
	case "inside", "true":
		o.Tax = order.TaxInside
	case "on-top", "false":
		o.Tax = order.TaxOnTop
	case "":
	default:
		d.refuse(d.found(v, d.order), v.field, errors.New("neither inside nor on-top"), hintMapping)
	}
}

// setMarketplace takes the name, id or domain of an Amazon marketplace.
func setMarketplace(d *decoder, v *value, o *order.Order) {
	name := d.text(v, d.order)
	if name == "" {
		return
	}
	if m, ok := order.LookUp(name); ok {
		o.Marketplace, o.SalesChannel = m.Country, m.Domain
		return
	}
	o.MultiChannel = order.IsNonAmazon(name)
	o.SalesChannel = name
}

func setShippedBy(d *decoder, v *value, o *order.Order) {
	o.Channel = order.ParseChannel(d.text(v, d.order))
}

// setOrderDiscount takes a discount that is to be taken off; one that the prices contain changes nothing.
func setOrderDiscount(d *decoder, v *value, o *order.Order) {
	if n := d.amount(v, d.order); n.Known && !n.Value.IsZero() && !v.form.included {
		o.Discount = n
	}
}

func setQuantity(d *decoder, v *value, l *order.Line) {
	n := d.amount(v, d.line)
	switch {
	case !n.Known:
		d.missing(d.line, "quantity")
	case n.Value.Sign() < 0:
		d.refuse(d.found(v, d.line), v.field, errors.New("a negative quantity"), "returns are documents of their own")
	}
	l.Ordered, d.units = n.Value, n.Value
	l.Cancelled = n.Value.IsZero()
}

// setUnit takes the price of one piece; it stands behind the quantity.
func setUnit(d *decoder, v *value, l *order.Line) {
	n := d.amount(v, d.line)
	if n.Known {
		n.Value = n.Value.Times(l.Ordered)
		if !n.Value.Valid() {
			d.refuse(d.found(v, d.line), v.field, errors.New("price × quantity needs more digits than an amount has"), "correct the price or the quantity in the file")
			return
		}
	}
	l.Price.Amount = n
}
