package source

import (
	"errors"

	"obmen/convert/money"
	"obmen/convert/order"
)

// What the JSON formats read alike.

// StatedQuantity is a quantity that must be there.
func (v Value) StatedQuantity(name string) money.Quantity {
	n := v.Get(name).Quantity()
	if !n.Known {
		v.RefuseMissing(name)
	}
	return n.Value
}

var errOverflow = errors.New("the sum is too large")

// AddTo adds an amount to a sum that may not have been stated yet.
func (v Value) AddTo(sum *money.Optional, amount money.Optional) {
	if !amount.Known {
		return
	}
	*sum = money.Known(sum.Value.Plus(amount.Value))
	if !sum.Value.Valid() {
		v.Refuse(errOverflow, "correct the amount in the file, or fetch the order again")
	}
}

// addressLines gives the address lines that are not empty.
func addressLines(v Value, names ...string) (lines []string) {
	for _, name := range names {
		if s := v.Get(name).Text(); s != "" {
			lines = append(lines, s)
		}
	}
	return lines
}

func firstText(v Value, names ...string) string {
	for _, name := range names {
		if s := v.Get(name).Text(); s != "" {
			return s
		}
	}
	return ""
}

func joinTexts(list, s string) string {
	if list == "" || s == "" {
		return list + s
	}
	return list + ", " + s
}

// marketplaceOf is the country of the first name that is known.
func marketplaceOf(names ...string) string {
	for _, name := range names {
		if m, ok := order.LookUp(name); ok {
			return m.Country
		}
	}
	return ""
}

func addProgram(o *order.Order, p order.Program) {
	if !o.Has(p) {
		o.Programs = append(o.Programs, p)
	}
}
