package layout

import (
	"bytes"
	"strconv"

	"obmen/convert/money"
)

// appendRate appends rate / nominal. A nominal of 1, 10, 100 … only moves the point and loses no
// digit; any other is divided as far as six decimal places reach.
func appendRate(b []byte, s *state, rate, nominal money.Decimal, path string) []byte {
	places, power := powerOfTen(nominal)
	switch {
	case nominal.IsZero():
		return s.decimal(b, rate, 0, path)
	case !power || rate.Sign() < 0 || !rate.Valid():
		return s.decimal(b, rate.MulDiv(money.One, nominal, money.Scale), 0, path)
	}
	units, _ := rate.Units(money.Scale)
	return appendShifted(b, uint64(units), money.Scale+places)
}

func powerOfTen(d money.Decimal) (n int, ok bool) {
	units, whole := d.Units(0)
	for units >= 10 && units%10 == 0 {
		units /= 10
		n++
	}
	return n, whole && units == 1
}

// appendShifted appends n / 10^places without zeros at the end.
func appendShifted(b []byte, n uint64, places int) []byte {
	var room [32]byte // 19 digits and a nominal of twelve zeros at most
	digits := strconv.AppendUint(room[:0], n, 10)
	if missing := places + 1 - len(digits); missing > 0 {
		copy(room[missing:], digits)
		for i := range missing {
			room[i] = '0'
		}
		digits = room[:missing+len(digits)]
	}
	point := len(digits) - places
	b = append(b, digits[:point]...)
	if frac := bytes.TrimRight(digits[point:], "0"); len(frac) > 0 {
		b = append(append(b, '.'), frac...)
	}
	return b
}
