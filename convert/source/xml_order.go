package source

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
)

// Element is an XML element with what is in it.
type Element struct {
	name     string
	currency string // its attribute of that name
	text     []byte
	line     int
	children []*Element
}

// Child follows a path of names, the first child of each; nil when there is none.
func (e *Element) Child(path ...string) *Element {
	for _, name := range path {
		if e == nil {
			return nil
		}
		i := slices.IndexFunc(e.children, func(c *Element) bool { return c.name == name })
		if i < 0 {
			return nil
		}
		e = e.children[i]
	}
	return e
}

func (e *Element) All(name string) (found []*Element) {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// Value is the text at the end of a path without the blanks around it; empty when there is none.
func (e *Element) Value(path ...string) string {
	c := e.Child(path...)
	if c == nil {
		return ""
	}
	s := string(bytes.TrimSpace(c.text))
	if IsAbsent(s) {
		return ""
	}
	return s
}

// xmlOrder is an order on its way out of its element. The first mistake refuses it.
type xmlOrder struct {
	file    string
	order   order.Order
	refused *RowError
}

func (x *xmlOrder) refuseOrder(e *Element, field, value string, err error) {
	if x.refused == nil {
		x.refused = &RowError{
			At: order.Origin{File: x.file, Line: e.line}, Field: field, Value: Shorten(value), Err: err, Advice: hintOf(err),
		}
	}
}

// checkOrder refuses what no order can be without.
func (x *xmlOrder) checkOrder(e *Element) {
	if x.order.ID == "" {
		x.refuseOrder(e, "", "", errors.New("the order has no AmazonOrderID"))
	}
	if len(x.order.Lines) == 0 {
		x.order.Missing = order.ItemsMissing
	}
}

func (x *xmlOrder) timeOf(e *Element, name string) time.Time {
	s := e.Value(name)
	t, err := ParseTime(s)
	if err != nil {
		x.refuseOrder(e.Child(name), name, s, err)
	}
	return t
}

func (x *xmlOrder) addProgramOf(e *Element, name string, p order.Program) {
	if ParseFlag(e.Value(name)) {
		x.order.Programs = append(x.order.Programs, p)
	}
}

func (x *xmlOrder) quantityOf(e *Element, name string) money.Quantity {
	s := e.Value(name)
	if s == "" {
		x.refuseOrder(e, "", "", fmt.Errorf("the item states no %s", name))
		return money.Zero
	}
	q, err := ParseQuantity(s)
	if err != nil {
		x.refuseOrder(e.Child(name), name, s, err)
	}
	return q
}

// amountOf reads an Amount element; its numbers have a point for decimals and nothing for thousands.
func (x *xmlOrder) amountOf(e *Element, field string) money.Optional {
	s := e.Value()
	if s == "" {
		return money.Optional{}
	}
	d, err := money.Parse(s)
	if err != nil {
		x.refuseOrder(e, field, s, err)
		return money.Optional{}
	}
	x.setCurrency(e, field)
	return money.Known(d)
}

func (x *xmlOrder) setCurrency(e *Element, field string) {
	if e.currency == "" {
		return
	}
	cur, err := money.ParseCurrency(e.currency)
	if err != nil {
		x.refuseOrder(e, field, e.currency, errors.New("not a currency code such as EUR"))
		return
	}
	if x.order.Currency != "" && x.order.Currency != cur {
		x.refuseOrder(e, field, e.currency, hinted{fmt.Errorf("the order is in %s already", x.order.Currency), "one order has one currency: enter the order by hand"})
	}
	x.order.Currency = cur
}

// joined takes out what separates the words of a name.
var joined = strings.NewReplacer("-", "", "_", "", " ", "", ":", "", `"`, "")

// addComponents adds up the Component elements of parent by their Type. An amount of a type that is not
// known refuses the order: money is never left out.
func (x *xmlOrder) addComponents(parent *Element, place func(kind string) *money.Optional) {
	for _, c := range parent.All("Component") {
		kind := c.Value("Type")
		field := parent.name + "/" + kind
		a := x.amountOf(c.Child("Amount"), field)
		into := place(strings.ToLower(joined.Replace(kind)))
		switch {
		case into == nil && !a.Value.IsZero():
			x.refuseOrder(c, field, a.Value.String(), hinted{errors.New("an amount of a kind that obmen does not know"), "enter the order by hand and report the kind"})
		case into != nil && a.Known:
			*into = money.Known(into.Value.Plus(a.Value))
		}
	}
}

// priceOf finds the place of a component of ItemPrice in a line.
func priceOf(l *order.Line) func(kind string) *money.Optional {
	return func(kind string) *money.Optional {
		switch kind {
		case "principal":
			return &l.Price.Amount
		case "tax":
			return &l.Price.Tax
		case "shipping":
			return &l.Shipping.Amount
		case "shippingtax":
			return &l.Shipping.Tax
		case "giftwrap":
			return &l.GiftWrap.Amount
		case "giftwraptax":
			return &l.GiftWrap.Tax
		case "cod", "codfee", "codcharge":
			return &l.COD.Amount
		case "codtax", "codfeetax", "codchargetax":
			return &l.COD.Tax
		}
		return nil
	}
}

// discountOf finds the place of a component of Promotion in a line; signs stay as found.
func discountOf(l *order.Line) func(kind string) *money.Optional {
	return func(kind string) *money.Optional {
		switch kind {
		case "principal":
			return &l.Discount.Amount
		case "tax":
			return &l.Discount.Tax
		case "shipping":
			return &l.ShippingDiscount.Amount
		case "shippingtax":
			return &l.ShippingDiscount.Tax
		case "cod", "codfee", "codcharge":
			return &l.CODDiscount.Amount
		}
		return nil
	}
}
