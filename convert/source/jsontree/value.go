package jsontree

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
)

// Value is a value in an order, or an absent one: reading on from that gives absent values.
type Value struct {
	doc     *Doc
	at      int32
	present bool
}

func (v Value) node() *node { return &v.doc.nodes[v.at] }

func (v Value) Raw() []byte { return v.doc.text[v.node().from:v.node().to] }

// Name is the name v stands under.
func (v Value) Name() string {
	if !v.present {
		return ""
	}
	return string(unescape(v.doc.text[v.node().nameFrom:v.node().nameTo]))
}

// Kind is '{', '[', '"', '0' or '-' for numbers, 't', 'f', 'n' for null, and 0 for an absent value.
func (v Value) Kind() jsontext.Kind {
	if !v.present {
		return 0
	}
	return v.node().kind
}

// IsEmpty reports whether v holds nothing: absent, null, "", {} and [] stand for each other in what is sent.
func (v Value) IsEmpty() bool {
	switch v.Kind() {
	case 0, 'n':
		return true
	case '"':
		return len(v.Raw()) == len(`""`)
	case '{', '[':
		return v.node().child == 0
	}
	return false
}

// Get is the member of an object under a name.
func (v Value) Get(name string) Value {
	none := Value{doc: v.doc}
	if v.Kind() != '{' {
		if !v.IsEmpty() {
			v.refuseKind("an object")
		}
		return none
	}
	for at := v.node().child; at != 0; at = v.doc.nodes[at].next {
		n, member := &v.doc.nodes[at], Value{v.doc, at, true}
		if string(v.doc.text[n.nameFrom:n.nameTo]) == name || v.doc.escaped && member.Name() == name {
			return member
		}
	}
	return none
}

// Has reports whether an object has a member of that name, without judging it.
func (v Value) Has(name string) bool { return v.Kind() == '{' && v.Get(name).present }

// Len is the number of elements of an array.
func (v Value) Len() (n int) {
	for range v.All() {
		n++
	}
	return n
}

// All are the elements of an array.
func (v Value) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != '[' {
			if !v.IsEmpty() {
				v.refuseKind("a list")
			}
			return
		}
		for at := v.node().child; at != 0; at = v.doc.nodes[at].next {
			if !yield(Value{v.doc, at, true}) {
				return
			}
		}
	}
}

// Members are the members of an object; none of anything else.
func (v Value) Members() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != '{' {
			return
		}
		for at := v.node().child; at != 0; at = v.doc.nodes[at].next {
			if !yield(Value{v.doc, at, true}) {
				return
			}
		}
	}
}

// Text is a string as it is; numbers and booleans stand for their own spelling.
func (v Value) Text() string {
	switch {
	case v.IsEmpty():
		return ""
	case v.Kind() == '"':
		raw := v.Raw()
		return v.doc.intern(unescape(raw[1 : len(raw)-1]))
	case v.Kind() == '{' || v.Kind() == '[':
		v.refuseKind("a text")
		return ""
	}
	return v.doc.intern(v.Raw())
}

// ID is an id or a number that people know something by: a text without the characters that cannot be seen,
// or a whole number however it is written (1001, 1001.0 and 1.001e3 are one). Anything else refuses the order.
func (v Value) ID() string {
	switch v.Kind() {
	case '"':
		id := input.CleanID(v.Text())
		v.refuseHalf(id)
		return id
	case '0', '-':
		if n, ok := ExpandNumber(string(v.Raw())); ok && !strings.Contains(n, ".") {
			return n
		}
		v.Refuse(errors.New("not a number of an order or an item"), "write it as a whole number or as a text")
	case 't', 'f':
		v.Refuse(errors.New("not a number of an order or an item"), "write it as a whole number or as a text")
	default:
		return v.Text()
	}
	return ""
}

// Exact is a text that means something to the letter, such as a SKU.
func (v Value) Exact() string {
	s := v.Text()
	v.refuseHalf(s)
	return s
}

// refuseHalf refuses an id of which a part was lost.
func (v Value) refuseHalf(id string) {
	if strings.ContainsRune(id, unicode.ReplacementChar) {
		v.Refuse(errors.New("a character in it is broken (U+FFFD)"), "fetch the order again, or correct it in the file")
	}
}

// ExpandNumber returns a JSON number without its exponent and without zeros at the end of its fraction;
// ok is false where that has more than 60 digits.
func ExpandNumber(raw string) (plain string, ok bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(raw), "e")
	shift := 0
	if exponent != "" {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil || shift > 60 || shift < -60 {
			return "", false
		}
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, frac, _ := strings.Cut(mantissa, ".")
	if digits := whole + frac; shift >= 0 {
		digits += strings.Repeat("0", max(0, shift-len(frac)))
		whole, frac = digits[:len(whole)+shift], digits[len(whole)+shift:]
	} else {
		digits = strings.Repeat("0", max(0, -shift-len(whole)+1)) + digits
		at := len(digits) - len(frac) + shift
		whole, frac = digits[:at], digits[at:]
	}
	whole, frac = strings.TrimLeft(whole, "0"), strings.TrimRight(frac, "0")
	if whole == "" {
		whole = "0"
	}
	if frac != "" {
		whole += "." + frac
	}
	if negative && whole != "0" {
		whole = "-" + whole
	}
	return whole, len(whole) <= 60
}

// Flag is a boolean, also in a string's clothing (Orders API v0: "IsGift":"false").
func (v Value) Flag() bool { return input.ParseFlag(v.Text()) }

// Texts are the elements of a list of texts, also of one that was given as a single text.
func (v Value) Texts() []string {
	if v.Kind() != '[' {
		if s := v.Text(); s != "" {
			return []string{s}
		}
		return nil
	}
	var list []string
	for e := range v.All() {
		if s := e.Text(); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// Time is a time; "" is the zero time.
func (v Value) Time() time.Time {
	t, err := input.ParseTime(v.Text())
	if err != nil {
		v.Refuse(err, "correct the time in the file, or fetch the order again")
	}
	return t
}

// Decimal is an exact number, written as a number or as a string.
func (v Value) Decimal() money.Optional {
	if k := v.Kind(); k == '"' || k == '0' {
		if n, ok := money.ParseShort(bytes.Trim(v.Raw(), `"`)); ok {
			return money.Known(n)
		}
	}
	s := strings.TrimSpace(v.Text())
	if s == "" {
		return money.Optional{}
	}
	if k := v.Kind(); k == '0' || k == '-' { // 1.999e1
		if plain, ok := ExpandNumber(s); ok {
			s = plain
		}
	}
	n, err := money.Parse(s)
	if err != nil {
		v.Refuse(numberFault(err), "write numbers as digits with a point, such as 12.50")
		return money.Optional{}
	}
	return money.Known(n)
}

// numberFault is what is wrong with a number, without the number: the error around it tells that.
func numberFault(err error) error {
	for _, e := range []error{money.ErrSyntax, money.ErrRange, money.ErrPrecision} {
		if errors.Is(err, e) {
			return e
		}
	}
	return err
}

// Quantity is a number of goods, never less than nothing.
func (v Value) Quantity() money.Optional {
	n := v.Decimal()
	if n.Value.Sign() < 0 {
		v.Refuse(errors.New("a negative quantity"), "returns are documents of their own; fetch the order again")
	}
	return n
}

// Money is an amount with its currency, kept apart under two names. Every amount of an order must be
// in one currency.
func (v Value) Money(amount, currency string) money.Optional {
	if k := v.Kind(); k == '"' || k == '0' || k == '-' {
		return v.Decimal()
	}
	n := v.Get(amount).Decimal()
	if n.Known {
		v.Get(currency).SetCurrency()
	}
	return n
}

// Currency returns that of the amounts read so far.
func (v Value) Currency() money.Currency { return v.doc.currency }

// SetCurrency takes the currency of an amount as that of the order.
func (v Value) SetCurrency() {
	code := v.Text()
	if code == "" || code == string(v.doc.currency) {
		return
	}
	cur, err := money.ParseCurrency(code)
	switch {
	case err != nil:
		v.Refuse(errors.New("unknown currency"), "write the three letters of ISO 4217, such as EUR")
	case v.doc.currency != "" && v.doc.currency != cur:
		v.Refuse(fmt.Errorf("two currencies in one order: %s and %s", v.doc.currency, cur),
			"look the order up in the shop; obmen cannot add up two currencies")
	default:
		v.doc.currency = cur
	}
}

// refuseKind refuses the order because v is no such thing. What it is instead may be about a buyer and is
// not told.
func (v Value) refuseKind(want string) {
	if v.doc.bad == nil {
		v.Refuse(fmt.Errorf("not %s", want), "fetch the order again; if it stays so, the source has changed its format")
		v.doc.bad.Value = map[jsontext.Kind]string{'{': "{…}", '[': "[…]", '"': "a text"}[v.Kind()]
	}
}

// Refuse keeps the first thing wrong with the order.
func (v Value) Refuse(err error, hint string) {
	if v.doc.bad != nil {
		return
	}
	v.doc.bad = &input.RowError{At: order.Origin{Pointer: v.Pointer()}, Field: v.Name(), Err: err, Advice: hint}
	if k := v.Kind(); k != '{' && k != '[' {
		v.doc.bad.Value = input.Shorten(v.Text())
	}
}

// RefuseMissing refuses the order because v has no member of that name.
func (v Value) RefuseMissing(name string) {
	if v.doc.bad == nil {
		v.doc.bad = &input.RowError{
			At:  order.Origin{Pointer: v.Pointer()},
			Err: fmt.Errorf("%s is missing", name), Advice: "fetch the order again",
		}
	}
}

// Pointer points to v from its order.
func (v Value) Pointer() string {
	if !v.present {
		return ""
	}
	var room [64]byte
	return string(v.appendPointer(room[:0]))
}

func (v Value) appendPointer(b []byte) []byte {
	if v.at == 0 {
		return b
	}
	parent := Value{v.doc, v.node().parent, true}
	b = parent.appendPointer(b)
	if parent.Kind() == '{' {
		return appendToken(b, v.doc.memberName(v.at))
	}
	return strconv.AppendInt(append(b, '/'), int64(v.node().nameFrom), 10)
}

// StatedQuantity is a quantity that must be there.
func (v Value) StatedQuantity(name string) money.Quantity {
	n := v.Get(name).Quantity()
	if !n.Known {
		v.RefuseMissing(name)
	}
	return n.Value
}

// ErrOverflow refuses a sum of amounts.
var ErrOverflow = errors.New("the sum is too large")

// AddTo adds an amount to a sum that may not have been stated yet.
func (v Value) AddTo(sum *money.Optional, amount money.Optional) {
	if !amount.Known {
		return
	}
	*sum = money.Known(sum.Value.Plus(amount.Value))
	if !sum.Value.Valid() {
		v.Refuse(ErrOverflow, "correct the amount in the file, or fetch the order again")
	}
}
