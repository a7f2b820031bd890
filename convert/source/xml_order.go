package source

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
	"obmen/convert/source/xmltoken"
)

// xmlOrder is an order on its way out of its element. The first mistake refuses it.
type xmlOrder struct {
	file    string
	order   order.Order
	refused *input.RowError
}

func (x *xmlOrder) refuseOrder(e *xmltoken.Element, field, value string, err error) {
	if x.refused == nil {
		x.refused = &input.RowError{
			At: order.Origin{File: x.file, Line: e.Line}, Field: field, Value: input.Shorten(value), Err: err, Advice: input.HintOf(err),
		}
	}
}

// checkOrder refuses what no order can be without.
func (x *xmlOrder) checkOrder(e *xmltoken.Element) {
	if x.order.ID == "" {
		x.refuseOrder(e, "", "", errors.New("the order has no AmazonOrderID"))
	}
	if len(x.order.Lines) == 0 {
		x.order.Missing = order.ItemsMissing
	}
}

func (x *xmlOrder) timeOf(e *xmltoken.Element, name string) time.Time {
	s := e.Value(name)
	t, err := input.ParseTime(s)
	if err != nil {
		x.refuseOrder(e.Child(name), name, s, err)
	}
	return t
}

func (x *xmlOrder) addProgramOf(e *xmltoken.Element, name string, p order.Program) {
	if input.ParseFlag(e.Value(name)) {
		x.order.Programs = append(x.order.Programs, p)
	}
}

func (x *xmlOrder) quantityOf(e *xmltoken.Element, name string) money.Quantity {
	s := e.Value(name)
	if s == "" {
		x.refuseOrder(e, "", "", fmt.Errorf("the item states no %s", name))
		return money.Zero
	}
	q, err := flatfile.ParseQuantity(s)
	if err != nil {
		x.refuseOrder(e.Child(name), name, s, err)
	}
	return q
}

// amountOf reads an Amount element; its numbers have a point for decimals and nothing for thousands.
func (x *xmlOrder) amountOf(e *xmltoken.Element, field string) money.Optional {
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

func (x *xmlOrder) setCurrency(e *xmltoken.Element, field string) {
	if e.Currency == "" {
		return
	}
	cur, err := money.ParseCurrency(e.Currency)
	if err != nil {
		x.refuseOrder(e, field, e.Currency, errors.New("not a currency code such as EUR"))
		return
	}
	if x.order.Currency != "" && x.order.Currency != cur {
		x.refuseOrder(e, field, e.Currency, input.WithHint(fmt.Errorf("the order is in %s already", x.order.Currency), "one order has one currency: enter the order by hand"))
	}
	x.order.Currency = cur
}

// joined takes out what separates the words of a name.
var nameSeparators = strings.NewReplacer("-", "", "_", "", " ", "", ":", "", `"`, "")

// addComponents adds up the Component elements of parent by their Type. An amount of a type that is not
// known refuses the order: money is never left out.
func (x *xmlOrder) addComponents(parent *xmltoken.Element, place func(kind string) *money.Optional) {
	for _, c := range parent.All("Component") {
		kind := c.Value("Type")
		field := parent.Name + "/" + kind
		a := x.amountOf(c.Child("Amount"), field)
		into := place(strings.ToLower(nameSeparators.Replace(kind)))
		switch {
		case into == nil && !a.Value.IsZero():
			x.refuseOrder(c, field, a.Value.String(), input.WithHint(errors.New("an amount of a kind that obmen does not know"), "enter the order by hand and report the kind"))
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
