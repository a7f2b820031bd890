// Package money holds exact decimals, currencies and the splitting of amounts.
//
// There is no float here and no rounding that the caller did not ask for. A Decimal counts
// millionths in an int64; arithmetic that would leave its range gives Invalid, and Invalid stays
// Invalid through everything that follows, equals nothing that was proven and prints as "invalid":
// an overflow can hold an order but never change an amount.
package money

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
)

// Scale is the number of decimal places a Decimal keeps. Six hold every amount of every currency
// (at most four places), tax and exchange rates, and kit shares.
const Scale = 6

// micro is one whole, counted in millionths.
const micro = 1_000_000

// Decimal is an exact decimal number: an amount, a price, a quantity, a rate.
// The zero value is 0; two Decimals are equal when == says so. Range: ±9,223,372,036,854.775807.
type Decimal struct{ micros int64 }

// Amount is a Decimal that counts money; its currency stands beside it, in the order or document.
type Amount = Decimal

// Quantity is a Decimal that counts goods.
type Quantity = Decimal

// Optional is a Decimal that the source may have left unsaid. Unsaid is not zero.
type Optional struct {
	Value Decimal
	Known bool
}

// Known makes an Optional that was said.
func Known(d Decimal) Optional { return Optional{d, true} }

// Zero is 0.
var Zero = Decimal{}

// One is 1.
var One = Decimal{micro}

// Invalid is what an overflow leaves behind. It is not a number: see Valid.
var Invalid = Decimal{math.MinInt64}

// What can be wrong with the text of a number.
var (
	ErrSyntax    = errors.New("not a number")
	ErrRange     = errors.New("number too large")
	ErrPrecision = errors.New("more than 6 decimal places")
)

// Int returns a whole number.
func Int(n int64) Decimal { return Decimal{mul64(n, micro)} }

// Valid is false once an overflow happened on the way to d.
func (d Decimal) Valid() bool { return d.micros != math.MinInt64 }

// Sign is -1, 0 or 1; it is 0 for Invalid.
func (d Decimal) Sign() int {
	switch {
	case !d.Valid() || d.micros == 0:
		return 0
	case d.micros < 0:
		return -1
	}
	return 1
}

// IsZero reports whether d is exactly 0.
func (d Decimal) IsZero() bool { return d.micros == 0 }

// Less orders valid decimals.
func (d Decimal) Less(e Decimal) bool { return d.micros < e.micros }

// Neg is -d.
func (d Decimal) Neg() Decimal {
	if !d.Valid() {
		return Invalid
	}
	return Decimal{-d.micros}
}

// Abs is d without its sign.
func (d Decimal) Abs() Decimal {
	if d.Sign() < 0 {
		return d.Neg()
	}
	return d
}

// Plus is d + e.
func (d Decimal) Plus(e Decimal) Decimal {
	sum := d.micros + e.micros
	if !d.Valid() || !e.Valid() || (sum > d.micros) != (e.micros > 0) && e.micros != 0 {
		return Invalid
	}
	return Decimal{sum}
}

// Minus is d − e.
func (d Decimal) Minus(e Decimal) Decimal { return d.Plus(e.Neg()) }

// Times is d × e, or Invalid when the product needs more than six decimal places.
func (d Decimal) Times(e Decimal) Decimal {
	q, r, ok := mulDiv(d, e, micro)
	if !ok || r != 0 {
		return Invalid
	}
	return Decimal{q}
}

// MulDiv is d × num / den, rounded half up (away from zero) to places decimal places: 0 ≤ places ≤ 6.
// It is Invalid on overflow and for den = 0.
func (d Decimal) MulDiv(num, den Decimal, places int) Decimal {
	unit := Unit(places).micros
	if !den.Valid() || den.micros == 0 {
		return Invalid
	}
	if den.micros < 0 {
		num, den = num.Neg(), den.Neg()
	}
	divisor := mul64(den.micros, unit)
	if divisor == math.MinInt64 {
		return Invalid
	}
	q, r, ok := mulDiv(d, num, divisor)
	if !ok {
		return Invalid
	}
	if r < 0 {
		r = -r
	}
	if r >= divisor-r {
		if (d.micros < 0) != (num.micros < 0) {
			q--
		} else {
			q++
		}
	}
	return Decimal{mul64(q, unit)}
}

// Round returns d with places decimal places, half up (away from zero).
func (d Decimal) Round(places int) Decimal { return d.MulDiv(One, One, places) }

// Places is the number of decimal places that d needs: 2 for 1.25 and 0 for 3.
func (d Decimal) Places() int {
	n, places := d.micros, Scale
	for places > 0 && n%10 == 0 {
		n /= 10
		places--
	}
	return places
}

// Units is d counted in steps of 10^-places, and whether that is exact.
func (d Decimal) Units(places int) (n int64, exact bool) {
	unit := Unit(places).micros
	return d.micros / unit, d.Valid() && d.micros%unit == 0
}

// Unit is the smallest step with that many decimal places: 0.01 for 2.
func Unit(places int) Decimal {
	n := int64(1)
	for range Scale - places {
		n *= 10
	}
	return Decimal{n}
}

// String prints d with as many places as it needs: "12.5".
func (d Decimal) String() string { return d.Text(0) }

// Text prints d with at least places decimal places and never drops a digit: 12.5 is "12.50" for
// places 2, and 0.125 is "0.125".
func (d Decimal) Text(places int) string { return string(d.Append(nil, places)) }

// Append appends Text(places) to b.
func (d Decimal) Append(b []byte, places int) []byte {
	if !d.Valid() {
		return append(b, "invalid"...)
	}
	if d.micros == 0 && places == 0 {
		return append(b, '0')
	}
	places = max(places, d.Places())
	n := uint64(d.micros)
	if d.micros < 0 {
		b, n = append(b, '-'), uint64(-d.micros)
	}
	b = strconv.AppendUint(b, n/micro, 10)
	if places == 0 {
		return b
	}
	frac := n % micro
	for range Scale - places {
		frac /= 10
	}
	b = append(b, '.')
	for step := pow10(places - 1); step > 0; step /= 10 {
		b = append(b, byte('0'+frac/step%10))
	}
	return b
}

// MarshalText prints d for JSON and logs, as a string and never as a float.
func (d Decimal) MarshalText() ([]byte, error) { return d.Append(nil, 0), nil }

// Sum adds up.
func Sum(ds ...Decimal) Decimal {
	total := Zero
	for _, d := range ds {
		total = total.Plus(d)
	}
	return total
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// mul64 is a × b, or the Invalid mark on overflow.
func mul64(a, b int64) int64 {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 || a == math.MinInt64 || b == math.MinInt64 {
		return math.MinInt64
	}
	if (a < 0) != (b < 0) {
		return -int64(lo)
	}
	return int64(lo)
}

// mulDiv is a × b / divisor in 128 bits, truncated, with its remainder (of the product's sign).
func mulDiv(a, b Decimal, divisor int64) (q, r int64, ok bool) {
	if !a.Valid() || !b.Valid() {
		return 0, 0, false
	}
	hi, lo := bits.Mul64(magnitude(a.micros), magnitude(b.micros))
	if hi >= uint64(divisor) {
		return 0, 0, false
	}
	quo, rem := bits.Div64(hi, lo, uint64(divisor))
	if quo >= math.MaxInt64 {
		return 0, 0, false
	}
	q, r = int64(quo), int64(rem)
	if (a.micros < 0) != (b.micros < 0) {
		q, r = -q, -r
	}
	return q, r, true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
