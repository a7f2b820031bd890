package mapped

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
)

// decoder makes orders of docs by the rules of a mapping. The first thing found wrong stays in bad and
// refuses the order; decoding goes on with zero values. A decoder belongs to one goroutine.
type decoder struct {
	m        *Mapping
	file     string
	doc      *doc
	order    int32          // node of the order
	line     int32          // node of the line being read
	units    money.Decimal  // its quantity, once it is read
	currency money.Currency // of the order
	tax      money.Optional // of the order as a whole
	bad      *source.RowError
	words    [256]string // met lately, by a hash
	views    views
	trace    *Trace // nil but for a trial
	seen     []bool // by path: it led somewhere; nil where that is not asked
}

// views are what expressions see, made once.
type views struct {
	machine vm.VM
	of      map[scope]any
}

func newDecoder(m *Mapping, file string) *decoder {
	d := &decoder{m: m, file: file, line: absent}
	ofOrder, ofLine := d.record(&d.order), d.record(&d.line)
	d.views.of = map[scope]any{scopeOrder: orderView{ofOrder}, scopeLine: lineView{ofOrder, ofLine}, scopeRow: rowView{ofLine}}
	return d
}

const (
	hintMapping = "correct the mapping, or the value in the file; `obmen source try` shows where each value comes from"
	hintValue   = "correct the value in the file, or download the file again"
)

// decode makes the order that stands at a node.
func (d *decoder) decode(t *doc, at int32, origin order.Origin) (order.Order, error) {
	d.doc, d.order, d.line, d.currency, d.tax, d.bad = t, at, absent, "", money.Optional{}, nil
	t.base, t.line = at, at
	o := order.Order{
		Format: d.m.Name, Origin: origin, Fragment: d.m.orders.fragment, Readings: d.m.money.readings, Status: order.Unshipped,
	}
	d.checkOnce()
	for i := range d.m.order {
		f := &d.m.order[i]
		f.set(d, f.value, &o)
	}
	o.Currency = d.currency
	d.needed(&o)
	d.skipped(&o)
	if o.Status != order.Cancelled || d.bad == nil {
		d.lines(&o)
		d.services(&o)
		d.spread(&o)
	}
	o.Currency = d.currency
	if d.trace != nil {
		d.trace.whole = true
	}
	if d.bad != nil {
		d.bad.Order, d.bad.Account = o.ID, o.Account
		return order.Order{}, d.bad
	}
	return o, nil
}

// needed refuses an order without what every order has.
func (d *decoder) needed(o *order.Order) {
	switch {
	case o.ID == "":
		d.missing(d.order, "id")
	case o.Created.IsZero() && !o.Fragment:
		d.missing(d.order, "created")
	}
}

// skipped marks an order that a rule of the mapping leaves out.
func (d *decoder) skipped(o *order.Order) {
	for i := range d.m.skips {
		rule := &d.m.skips[i]
		if out, ok := d.run(rule.when, d.order, "skip.when").(bool); ok && out {
			o.Status, o.StatusText = order.Cancelled, rule.as
			return
		}
	}
}

func (d *decoder) lines(o *order.Order) {
	at := d.m.lines.at
	switch {
	case d.m.Kind == CSV:
		for _, row := range d.doc.rows {
			d.addLine(o, row)
		}
	case at == nil:
		d.addLine(o, d.order)
	default:
		d.doc.each(at, d.order, func(n int32) bool {
			d.met(at, n)
			if d.doc.nodes[n].kind != '{' {
				d.refuse(n, at.text, errors.New("a line is no object"), hintMapping)
				return false
			}
			d.addLine(o, n)
			return true
		})
	}
	if len(o.Lines) == 0 && o.Status != order.Cancelled && (d.m.lines.elsewhere || !o.Fragment) {
		o.Missing = order.ItemsMissing
	}
}

func (d *decoder) addLine(o *order.Order, at int32) {
	d.readLine(at)
	l := order.Line{Origin: d.place(at)}
	for i := range d.m.lines.fields {
		f := &d.m.lines.fields[i]
		f.set(d, f.value, &l)
	}
	o.Lines = append(o.Lines, l)
	d.leaveLine()
}

// readLine makes a node the line that fields and expressions are about.
func (d *decoder) readLine(at int32) { d.line, d.doc.line = at, at }

func (d *decoder) leaveLine() { d.line, d.doc.line = absent, d.order }

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

// checkOnce refuses an order whose rows contradict each other in what they state for the whole order.
func (d *decoder) checkOnce() {
	for _, p := range d.m.table.once {
		first := absent
		for _, row := range d.doc.rows {
			at := d.doc.find(p, row)
			switch {
			case d.doc.empty(at):
			case first == absent:
				first = at
			case !bytes.Equal(d.doc.raw(first), d.doc.raw(at)):
				d.refuse(at, p.text, errors.New("rows of one order differ in what is stated for the whole order"),
					"look the order up in the shop; if the column is that of each row, take it out of once")
			}
		}
	}
}

// found is the first node of a value's paths that states something.
func (d *decoder) found(v *value, from int32) int32 {
	for _, p := range v.paths {
		if at := d.doc.find(p, from); !d.doc.empty(at) && !d.unsaid(at) {
			for _, other := range v.paths { // what stands in its place is not missed
				d.met(other, at)
			}
			return at
		}
	}
	return absent
}

// unsaid reports whether a cell of a table states nothing in the ways of shops.
func (d *decoder) unsaid(at int32) bool {
	if d.m.Kind != CSV {
		return false
	}
	switch string(bytes.TrimSpace(d.doc.raw(at))) {
	case "", "-", "--", "N/A", "n/a":
		return true
	}
	return false
}

// word is the text of a node; short ones come again and again and are made once.
func (d *decoder) word(at int32) string {
	raw := d.doc.raw(at)
	if len(raw) > 16 {
		return string(raw)
	}
	hash := uint32(2166136261)
	for _, c := range raw {
		hash = (hash ^ uint32(c)) * 16777619
	}
	known := &d.words[(hash^hash>>16)%uint32(len(d.words))]
	if *known != string(raw) {
		*known = string(raw)
	}
	return *known
}

// scalar is the text of a node that is no object and no list.
func (d *decoder) scalar(at int32, field string) string {
	if at == absent {
		return ""
	}
	if k := d.doc.nodes[at].kind; k == '{' || k == '[' {
		if s, ok := d.ownText(at); ok {
			return s
		}
		d.refuse(at, field, errors.New("not a text or a number"), hintMapping)
		return ""
	}
	return d.word(at)
}

// ownText is the text of an XML element that has attributes.
func (d *decoder) ownText(at int32) (string, bool) {
	if d.m.Kind != XML {
		return "", false
	}
	if text := d.doc.member(at, textName); text != absent {
		return d.word(text), true
	}
	return "", false
}

// text is a value as text, with its meaning where the mapping states one.
func (d *decoder) text(v *value, from int32) string {
	s := v.constant
	at := absent
	switch {
	case v.computed != nil:
		s = textOf(d.run(v.computed, from, v.field))
	case v.joined:
		s = strings.Join(d.texts(v, from), v.sep)
	case len(v.paths) > 0:
		at = d.found(v, from)
		s = d.scalar(at, v.field)
	}
	s = v.meaning(s)
	d.traced(v, at, s)
	return s
}

// meaning is the text without what is to be trimmed, or what the mapping says that it stands for.
func (v *value) meaning(s string) string {
	if v.form.trim != "" {
		s = strings.TrimPrefix(s, v.form.trim)
	}
	if v.words == nil {
		return s
	}
	if meaning, known := v.words[s]; known {
		return meaning
	}
	if other, known := v.words["*"]; known && s != "" {
		return other
	}
	return s
}

// texts are what all paths of a value lead to, without the empty ones.
func (d *decoder) texts(v *value, from int32) (list []string) {
	if v.computed != nil || len(v.paths) == 0 {
		if s := d.text(v, from); s != "" {
			return []string{s}
		}
		return nil
	}
	for _, p := range v.paths {
		at := d.doc.find(p, from)
		if d.doc.empty(at) {
			continue
		}
		d.met(p, at)
		d.doc.each(itself, at, func(n int32) bool {
			if s := strings.TrimSpace(d.scalar(n, v.field)); s != "" {
				list = append(list, s)
			}
			return true
		})
	}
	return list
}

func (d *decoder) flag(v *value, from int32) bool {
	if v.computed != nil {
		out, _ := d.run(v.computed, from, v.field).(bool)
		return out
	}
	switch strings.ToLower(strings.TrimSpace(d.text(v, from))) {
	case "true", "yes", "y", "1":
		return true
	}
	return false
}

// moment is a time; zone gets the offset that it is written with.
func (d *decoder) moment(v *value, zone **time.Location) time.Time {
	s := strings.TrimSpace(d.text(v, d.order))
	if s == "" {
		return time.Time{}
	}
	t, offset, err := v.form.moment(s)
	if err != nil {
		d.refuse(d.found(v, d.order), v.field, err, "correct the date in the file, or the format in the mapping")
		return time.Time{}
	}
	if zone != nil {
		*zone = offset
	}
	return t
}

// amount is an exact number.
func (d *decoder) amount(v *value, from int32) money.Optional {
	switch {
	case v.computed != nil:
		n, ok := d.run(v.computed, from, v.field).(money.Decimal)
		d.traced(v, absent, n.String())
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
	d.traced(v, at, n.Value.String())
	return d.coins(v, from, n)
}

// coins makes an amount of one in the smallest coins of the currency, or of one of more units than the line has.
func (d *decoder) coins(v *value, at int32, n money.Optional) money.Optional {
	if v.form.shareOf != nil && n.Known {
		n = d.share(v, at, n)
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

// share is the part of an amount that falls to the units of the line.
func (d *decoder) share(v *value, at int32, n money.Optional) money.Optional {
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
	if d.m.money.mark == "" || at != absent && d.doc.nodes[at].kind == '0' {
		n, err = parseNumber(s)
	} else {
		n, err = parseWritten(s, d.m.money.mark, d.currency.Places())
	}
	if err != nil {
		d.refuse(at, field, plainReason(err), "write numbers as digits with a point, such as 12.50, or state decimal in the mapping's [money]")
		return money.Optional{}
	}
	return money.Known(n)
}

// plainReason is what is wrong with a number, without the number: the error around it has that.
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
		if d.doc.empty(at) || d.unsaid(at) {
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
			d.bad.Value = shorten(string(d.doc.raw(at)))
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

func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// missing refuses the order because a field that it must have is empty.
func (d *decoder) missing(at int32, field string) {
	if d.bad == nil {
		d.bad = &source.RowError{At: d.place(at), Err: fmt.Errorf("%s is missing", field), Advice: hintMapping}
	}
}
