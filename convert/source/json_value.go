package source

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/money"
	"obmen/convert/order"
)

// jsonValue is a value in an order, or an absent one: reading on from that gives absent values.
type jsonValue struct {
	doc     *jsonDoc
	at      int32
	present bool
}

func (v jsonValue) node() *jsonNode { return &v.doc.nodes[v.at] }

func (v jsonValue) raw() []byte { return v.doc.text[v.node().from:v.node().to] }

// name is the name v stands under.
func (v jsonValue) name() string {
	if !v.present {
		return ""
	}
	return string(unescape(v.doc.text[v.node().nameFrom:v.node().nameTo]))
}

// kind is '{', '[', '"', '0' or '-' for numbers, 't', 'f', 'n' for null, and 0 for an absent value.
func (v jsonValue) kind() jsontext.Kind {
	if !v.present {
		return 0
	}
	return v.node().kind
}

// empty says whether v tells nothing: absent, null, "", {} and [] stand for each other in what is sent.
func (v jsonValue) empty() bool {
	switch v.kind() {
	case 0, 'n':
		return true
	case '"':
		return len(v.raw()) == len(`""`)
	case '{', '[':
		return v.node().child == 0
	}
	return false
}

// get is the member of an object under a name.
func (v jsonValue) get(name string) jsonValue {
	none := jsonValue{doc: v.doc}
	if v.kind() != '{' {
		if !v.empty() {
			v.wrong("an object")
		}
		return none
	}
	for at := v.node().child; at != 0; at = v.doc.nodes[at].next {
		n, member := &v.doc.nodes[at], jsonValue{v.doc, at, true}
		if string(v.doc.text[n.nameFrom:n.nameTo]) == name || v.doc.escaped && member.name() == name {
			return member
		}
	}
	return none
}

// has says whether an object has a member of that name, without judging it.
func (v jsonValue) has(name string) bool { return v.kind() == '{' && v.get(name).present }

// count is the number of elements of an array.
func (v jsonValue) count() (n int) {
	for range v.all() {
		n++
	}
	return n
}

// all are the elements of an array.
func (v jsonValue) all() iter.Seq[jsonValue] {
	return func(yield func(jsonValue) bool) {
		if v.kind() != '[' {
			if !v.empty() {
				v.wrong("a list")
			}
			return
		}
		for at := v.node().child; at != 0; at = v.doc.nodes[at].next {
			if !yield(jsonValue{v.doc, at, true}) {
				return
			}
		}
	}
}

// text is a string as it is; numbers and booleans stand for their own spelling.
func (v jsonValue) text() string {
	switch {
	case v.empty():
		return ""
	case v.kind() == '"':
		raw := v.raw()
		return v.doc.word(unescape(raw[1 : len(raw)-1]))
	case v.kind() == '{' || v.kind() == '[':
		v.wrong("a text")
		return ""
	}
	return v.doc.word(v.raw())
}

// flag is a boolean, also in a string's clothing ("IsGift":"false"; facts, amazon 2.8).
func (v jsonValue) flag() bool { return parseFlag(v.text()) }

// texts are the elements of a list of texts, also of one that was given as a single text.
func (v jsonValue) texts() []string {
	if v.kind() != '[' {
		if s := v.text(); s != "" {
			return []string{s}
		}
		return nil
	}
	var list []string
	for e := range v.all() {
		if s := e.text(); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// when is a time; "" is the zero time.
func (v jsonValue) when() time.Time {
	t, err := parseTime(v.text())
	if err != nil {
		v.refuse(err, "correct the time in the file, or fetch the order again")
	}
	return t
}

// decimal is an exact number, written as a number or as a string.
func (v jsonValue) decimal() money.Optional {
	if k := v.kind(); k == '"' || k == '0' {
		if n, ok := money.ParseShort(bytes.Trim(v.raw(), `"`)); ok {
			return money.Known(n)
		}
	}
	s := strings.TrimSpace(v.text())
	if s == "" {
		return money.Optional{}
	}
	n, err := money.Parse(s)
	if err != nil {
		v.refuse(reason(err), "write numbers as digits with a point, such as 12.50")
		return money.Optional{}
	}
	return money.Known(n)
}

// reason is what is wrong with a number, without the number: the error around it tells that.
func reason(err error) error {
	for _, e := range []error{money.ErrSyntax, money.ErrRange, money.ErrPrecision} {
		if errors.Is(err, e) {
			return e
		}
	}
	return err
}

// quantity is a number of goods, never less than nothing.
func (v jsonValue) quantity() money.Optional {
	n := v.decimal()
	if n.Value.Sign() < 0 {
		v.refuse(errors.New("a negative quantity"), "returns are documents of their own; fetch the order again")
	}
	return n
}

// money is an amount with its currency, kept apart under two names. Every amount of an order must be
// in one currency (facts, money 4.1).
func (v jsonValue) money(amount, currency string) money.Optional {
	if k := v.kind(); k == '"' || k == '0' || k == '-' {
		return v.decimal()
	}
	n := v.get(amount).decimal()
	if n.Known {
		v.get(currency).countIn()
	}
	return n
}

// countIn takes the currency of an amount as that of the order.
func (v jsonValue) countIn() {
	code := v.text()
	if code == "" || code == string(v.doc.currency) {
		return
	}
	cur, err := money.ParseCurrency(code)
	switch {
	case err != nil:
		v.refuse(errors.New("unknown currency"), "write the three letters of ISO 4217, such as EUR")
	case v.doc.currency != "" && v.doc.currency != cur:
		v.refuse(fmt.Errorf("two currencies in one order: %s and %s", v.doc.currency, cur),
			"look the order up in the shop; obmen cannot add up two currencies")
	default:
		v.doc.currency = cur
	}
}

// wrong refuses the order because v is no such thing. What it is instead may be about a buyer and is
// not told.
func (v jsonValue) wrong(want string) {
	if v.doc.bad == nil {
		v.refuse(fmt.Errorf("not %s", want), "fetch the order again; if it stays so, the source has changed its format")
		v.doc.bad.Value = map[jsontext.Kind]string{'{': "{…}", '[': "[…]", '"': "a text"}[v.kind()]
	}
}

// refuse keeps the first thing wrong with the order.
func (v jsonValue) refuse(err error, hint string) {
	if v.doc.bad != nil {
		return
	}
	v.doc.bad = &RowError{At: order.Origin{Pointer: v.pointer()}, Field: v.name(), Err: err, Hint: hint}
	if k := v.kind(); k != '{' && k != '[' {
		v.doc.bad.Value = short(v.text())
	}
}

// missing refuses the order because v has no member of that name.
func (v jsonValue) missing(name string) {
	if v.doc.bad == nil {
		v.doc.bad = &RowError{
			At:  order.Origin{Pointer: v.pointer()},
			Err: fmt.Errorf("%s is missing", name), Hint: "fetch the order again",
		}
	}
}

// pointer points to v from its order.
func (v jsonValue) pointer() string {
	if !v.present {
		return ""
	}
	var room [64]byte
	return string(v.appendPointer(room[:0]))
}

func (v jsonValue) appendPointer(b []byte) []byte {
	if v.at == 0 {
		return b
	}
	parent := jsonValue{v.doc, v.node().parent, true}
	b = parent.appendPointer(b)
	if parent.kind() == '{' {
		return appendToken(b, v.doc.nameOf(v.at))
	}
	return strconv.AppendInt(append(b, '/'), int64(v.node().nameFrom), 10)
}
