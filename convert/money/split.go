package money

import "sort"

// Part is a piece of a document line: Price × Quantity is exactly Amount.
type Part struct {
	Quantity Quantity
	Price    Amount
	Amount   Amount
}

// Split divides an amount over a quantity so that price × quantity = amount on every part, with
// prices of at most places decimal places: one part where the division is exact, otherwise two whose
// prices differ by one smallest coin (10.00 for 3 is 2 × 3.33 + 1 × 3.34).
//
// It says no when quantity is not positive, when the amount is finer than places, and for a broken
// quantity (1.5) that no price of that precision fits.
func Split(amount Amount, quantity Quantity, places int) ([]Part, bool) {
	total, exact := amount.Units(places)
	if !exact || quantity.Sign() <= 0 {
		return nil, false
	}
	if price := amount.MulDiv(One, quantity, places); price.Times(quantity) == amount {
		return []Part{{quantity, price, amount}}, true
	}
	n, whole := quantity.Units(0)
	if !whole {
		return nil, false
	}
	low, dearer := total/n, total%n
	step := Unit(places)
	if dearer < 0 {
		step, dearer = step.Neg(), -dearer
	}
	price := Decimal{mul64(low, Unit(places).micros)}
	return []Part{
		part(price, Int(n-dearer)),
		part(price.Plus(step), Int(dearer)),
	}, true
}

func part(price Amount, quantity Quantity) Part {
	return Part{quantity, price, price.Times(quantity)}
}

// Allocate shares total out by weight, each share a multiple of 10^-places, and the shares add up to
// total exactly: every share is rounded towards zero and what is left goes, a smallest coin each, to
// the largest remainders, the earlier one first on a tie. Equal shares where every weight is zero.
//
// It says no without weights, for a negative weight, and when total is finer than places.
func Allocate(total Amount, weights []Decimal, places int) ([]Amount, bool) {
	units, exact := total.Units(places)
	sum := Sum(weights...)
	if !exact || len(weights) == 0 || !sum.Valid() {
		return nil, false
	}
	if len(weights) == 1 && weights[0].Sign() >= 0 {
		return []Amount{total}, true
	}
	if sum.IsZero() {
		weights, sum = equal(len(weights)), Int(int64(len(weights)))
	}
	shares := make([]int64, len(weights))
	remainders := make([]int64, len(weights))
	left := units
	for i, w := range weights {
		q, r, ok := mulDiv(Decimal{units}, w, sum.micros)
		if !ok || w.Sign() < 0 {
			return nil, false
		}
		shares[i], remainders[i] = q, abs64(r)
		left -= q
	}
	for _, i := range byRemainder(remainders)[:abs64(left)] {
		shares[i] += sign64(left)
	}
	out := make([]Amount, len(shares))
	for i, s := range shares {
		out[i] = Decimal{mul64(s, Unit(places).micros)}
	}
	return out, true
}

func equal(n int) []Decimal {
	ws := make([]Decimal, n)
	for i := range ws {
		ws[i] = One
	}
	return ws
}

func byRemainder(remainders []int64) []int {
	order := make([]int, len(remainders))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return remainders[order[a]] > remainders[order[b]] })
	return order
}

func abs64(n int64) int64 { return int64(magnitude(n)) }

func sign64(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}
