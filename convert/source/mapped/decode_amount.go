package mapped

import (
	"errors"
	"fmt"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// services adds up the charges beside goods.
func (d *decoder) services(o *order.Order) {
	for i := range d.m.services {
		s := &d.m.services[i]
		charge := d.charge(o, s.code)
		if charge == nil {
			continue
		}
		if s.at == nil {
			d.serve(s, d.order, charge)
			continue
		}
		d.doc.each(s.at, d.order, func(n int32) bool {
			d.met(s.at, n)
			d.readLine(n)
			d.serve(s, n, charge)
			d.leaveLine()
			return true
		})
	}
}

// charge is where a service is counted: the shipping is the order's own, the others stand with its first
// line, as marketplaces state them.
func (d *decoder) charge(o *order.Order, code string) *order.Charge {
	if code == "ORDER_DELIVERY" {
		return &o.Shipping
	}
	if len(o.Lines) == 0 {
		return nil
	}
	l := &o.Lines[0]
	return map[string]*order.Charge{"ORDER_GIFT_WRAP": &l.GiftWrap, "ORDER_COD_FEE": &l.COD, "ORDER_OTHER": &l.Other}[code]
}

func (d *decoder) serve(s *service, at int32, charge *order.Charge) {
	amount := d.amount(s.amount, at)
	if s.discount != nil && amount.Known {
		amount.Value = amount.Value.Minus(d.amount(s.discount, at).Value.Abs())
	}
	d.plus(at, s.amount, &charge.Amount, amount)
	if s.tax != nil {
		d.plus(at, s.tax, &charge.Tax, d.amount(s.tax, at))
	}
}

var errOverflow = errors.New("the sum is too large")

func (d *decoder) plus(at int32, v *value, sum *money.Optional, more money.Optional) {
	if !more.Known {
		return
	}
	*sum = money.Known(sum.Value.Plus(more.Value))
	if !sum.Value.Valid() {
		d.refuse(at, v.field, errOverflow, hintValue)
	}
}

// spread shares the tax of an order as a whole over its lines and its shipping, by their amounts.
func (d *decoder) spread(o *order.Order) {
	if !d.tax.Known || d.bad != nil || len(o.Lines) == 0 {
		return
	}
	weights := make([]money.Decimal, 0, len(o.Lines)+1)
	for i := range o.Lines {
		l := &o.Lines[i]
		weights = append(weights, l.Price.Amount.Value.Minus(l.Discount.Amount.Value.Abs()))
	}
	weights = append(weights, o.Shipping.Amount.Value)
	parts, ok := money.Allocate(d.tax.Value, weights, max(o.Currency.Places(), d.tax.Value.Places()))
	if !ok {
		parts = make([]money.Amount, len(weights))
		parts[0] = d.tax.Value
	}
	for i := range o.Lines {
		o.Lines[i].Price.Tax = money.Known(parts[i])
	}
	if o.Shipping.Amount.Known {
		o.Shipping.Tax = money.Known(parts[len(parts)-1])
	}
}

// amount is an exact number.
func (d *decoder) amount(v *value, from int32) money.Optional {
	switch {
	case v.computed != nil:
		n, ok := d.run(v.computed, from, v.field).(money.Decimal)
		d.traceValue(v, absent, n.String())
		return d.coins(v, from, money.Optional{Value: n, Known: ok})
	case v.sum:
		return d.coins(v, from, d.sum(v.paths[0], from, v.field))
	case len(v.paths) == 0:
		return d.coins(v, from, d.number(absent, v.constant, v.field))
	}
	at := d.found(v, from)
	if at == absent {
		return money.Optional{}
	}
	n := d.numberAt(at, v.field)
	d.traceValue(v, at, n.Value.String())
	return d.coins(v, from, n)
}

// coins makes an amount of one in the smallest coins of the currency, or of one of more units than the line has.
func (d *decoder) coins(v *value, at int32, n money.Optional) money.Optional {
	if v.form.shareOf != nil && n.Known {
		n = d.unitShare(v, at, n)
	}
	if !v.form.minor || !n.Known {
		return n
	}
	one := money.One
	for range d.currency.Places() {
		one = one.Times(money.Int(10))
	}
	whole := n.Value.MulDiv(money.One, one, money.Scale)
	if whole.Times(one) != n.Value {
		d.refuse(at, v.field, money.ErrPrecision, hintValue)
	}
	return money.Known(whole)
}

// unitShare is the part of an amount that falls to the units of the line.
func (d *decoder) unitShare(v *value, at int32, n money.Optional) money.Optional {
	stated := d.doc.find(v.form.shareOf, at)
	if d.doc.empty(stated) {
		return n
	}
	d.met(v.form.shareOf, stated)
	of := d.numberAt(stated, v.form.shareOf.text)
	if !of.Known || of.Value.IsZero() || of.Value == d.units {
		return n
	}
	part := n.Value.MulDiv(d.units, of.Value, d.currency.Places())
	if !part.Valid() {
		d.refuse(at, v.field, errOverflow, hintValue)
	}
	return money.Known(part)
}

// numberAt reads the number at a node; most are digits with a point.
func (d *decoder) numberAt(at int32, field string) money.Optional {
	n := &d.doc.nodes[at]
	if d.m.money.mark == "" && (n.kind == '0' || n.kind == '"') {
		if amount, ok := money.ParseShort(d.doc.raw(at)); ok {
			return money.Known(amount)
		}
	}
	return d.number(at, d.scalar(at, field), field)
}

func (d *decoder) number(at int32, s, field string) money.Optional {
	s = strings.TrimSpace(s)
	if s == "" {
		return money.Optional{}
	}
	var n money.Decimal
	var err error
	switch {
	case at != absent && d.doc.nodes[at].kind == '0':
		n, err = parseNumber(s)
	case d.m.money.mark == "":
		n, err = money.Parse(s)
	default:
		n, err = parseWritten(s, d.m.money.mark, d.currency.Places())
	}
	if err != nil {
		d.refuse(at, field, plainReason(err), "write numbers as digits with a point, such as 12.50, or state decimal in the mapping's [money]")
		return money.Optional{}
	}
	return money.Known(n)
}

// plainReason returns the fault of a number, without the number: the error around it has that.
func plainReason(err error) error {
	for _, e := range []error{money.ErrSyntax, money.ErrRange, money.ErrPrecision} {
		if errors.Is(err, e) {
			return e
		}
	}
	return err
}

// sum adds up all that a path leads to; of a table, the cells of a column in the rows that are lines.
func (d *decoder) sum(p *path, from int32, field string) (sum money.Optional) {
	add := func(at int32) bool {
		if d.doc.empty(at) || d.statesNothing(at) {
			return true
		}
		d.met(p, at)
		if n := d.numberAt(at, field); n.Known {
			sum = money.Known(sum.Value.Plus(n.Value))
		}
		return sum.Value.Valid()
	}
	if d.m.Kind == CSV && from == d.order {
		for _, row := range d.doc.rows {
			add(d.doc.find(p, row))
		}
	} else {
		d.doc.each(p, from, add)
	}
	if !sum.Value.Valid() {
		d.refuse(from, field, errOverflow, hintValue)
	}
	return sum
}

// record makes what an expression sees of the node that a variable names.
func (d *decoder) record(node *int32) record {
	find := func(text string) (*path, int32) {
		p := d.m.byText[text]
		if p == nil || *node == absent {
			return nil, absent
		}
		at := d.doc.find(p, *node)
		if d.doc.empty(at) || d.statesNothing(at) {
			return p, absent
		}
		d.met(p, at)
		return p, at
	}
	number := func(text string) (money.Decimal, error) {
		p, at := find(text)
		if at == absent {
			return money.Zero, fmt.Errorf("%s is empty or missing", text)
		}
		n := d.numberAt(at, p.text)
		if !n.Known && d.bad == nil { // blanks
			return money.Zero, fmt.Errorf("%s is empty or missing", text)
		}
		return n.Value, nil
	}
	return record{
		Text: func(text string) string {
			_, at := find(text)
			return d.scalar(at, text)
		},
		Has: func(text string) bool {
			_, at := find(text)
			return at != absent
		},
		Money:  number,
		Number: number,
		Sum: func(text string) (money.Decimal, error) {
			p := d.m.byText[text]
			if p == nil || *node == absent {
				return money.Zero, nil
			}
			return d.sum(p, *node, text).Value, nil
		},
	}
}

const (
	hintMapping = "correct the mapping, or the value in the file; `obmen source try` shows where each value comes from"
	hintValue   = "correct the value in the file, or download the file again"
)

// place is where a node stands in the file.
func (d *decoder) place(at int32) order.Origin {
	o := order.Origin{File: d.file}
	if at == absent {
		at = d.order
	}
	if n := &d.doc.nodes[at]; n.line > 0 {
		o.Line, o.Column = int(n.line), int(n.column)
		return o
	}
	o.Pointer = string(d.doc.text[d.doc.nodes[0].nameFrom:d.doc.nodes[0].nameTo]) + d.doc.pointer(at)
	return o
}

// refuse keeps the first thing wrong with the order.
func (d *decoder) refuse(at int32, field string, err error, hint string) {
	if d.bad != nil {
		return
	}
	d.bad = &source.RowError{At: d.place(at), Field: field, Err: err, Advice: hint}
	if at == absent {
		return
	}
	switch d.doc.nodes[at].kind {
	case '{':
		d.bad.Value = "{…}"
	case '[':
		d.bad.Value = "[…]"
	default:
		if !personal(field) {
			d.bad.Value = input.Shorten(string(d.doc.raw(at)))
		}
	}
}

// personal reports whether a field may hold what is known of a buyer: it is never quoted.
func personal(field string) bool {
	for _, part := range []string{".buyer.", ".bill.", ".ship."} {
		if strings.Contains(field, part) {
			return true
		}
	}
	return false
}

// missing refuses the order because a field that it must have is empty.
func (d *decoder) missing(at int32, field string) {
	if d.bad == nil {
		d.bad = &source.RowError{At: d.place(at), Err: fmt.Errorf("%s is missing", field), Advice: hintMapping}
	}
}
