package mapped

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// textName is the name under which the text of an element stands that has attributes or children, too.
const textName = "#text"

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

// decode makes the order that stands at a node.
func (d *decoder) decode(t *doc, at int32, origin order.Origin) (order.Order, error) {
	d.doc, d.order, d.line, d.currency, d.tax, d.bad = t, at, absent, "", money.Optional{}, nil
	t.base, t.line = at, at
	o := order.Order{
		Format: d.m.Name, Origin: origin, Fragment: d.m.orders.fragment, Amounts: order.Amounts{Readings: d.m.money.readings}, Stage: order.Stage{Status: order.Unshipped},
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
		if at := d.doc.find(p, from); !d.doc.empty(at) && !d.statesNothing(at) {
			for _, other := range v.paths { // what stands in its place is not missed
				d.met(other, at)
			}
			return at
		}
	}
	return absent
}

// statesNothing reports whether a cell of a table states nothing in the ways of shops.
func (d *decoder) statesNothing(at int32) bool {
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
	d.traceValue(v, at, s)
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

// run computes an expression for the node it is about. What goes wrong refuses the order.
func (d *decoder) run(x *expression, at int32, field string) any {
	if x == nil {
		return nil
	}
	out, err := d.views.machine.Run(x.program, d.views.of[x.scope])
	d.metOneOf(x.paths)
	if err != nil {
		d.refuse(at, field, expressionReason(err), hintMapping)
		return nil
	}
	return out
}

// met notes that a path led somewhere.
func (d *decoder) met(p *path, _ int32) {
	if p.used < len(d.seen) {
		d.seen[p.used] = true
	}
}

// metOneOf notes that none of the paths of an expression is missed if one of them led somewhere: others stand in
// its place, or are asked for only where something else is there.
func (d *decoder) metOneOf(paths []*path) {
	if d.seen == nil {
		return
	}
	for _, p := range paths {
		if d.seen[p.used] {
			for _, other := range paths {
				d.seen[other.used] = true
			}
			return
		}
	}
}

func (d *decoder) traceValue(v *value, at int32, text string) {
	if d.trace == nil || d.trace.whole || text == "" && at == absent {
		return
	}
	t := Traced{Field: v.field, From: v.origin(), Value: input.Shorten(text)}
	if at != absent {
		t.At = d.place(at)
		if d.m.Kind != CSV {
			t.From = d.doc.pointer(at)
		}
	}
	d.trace.Values = append(d.trace.Values, t)
}
