package money

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever the amount, the parts multiply out and add up to it, and prices differ by one coin at most.
func TestSplitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "places")
		amount := Decimal{rapid.Int64Range(-10_000_000, 10_000_000).Draw(t, "coins") * Unit(places).micros}
		quantity := Int(rapid.Int64Range(1, 10_000).Draw(t, "quantity"))
		parts, ok := Split(amount, quantity, places)
		if !ok || len(parts) == 0 || len(parts) > 2 {
			t.Fatalf("%s for %s: %v, %v", amount, quantity, parts, ok)
		}
		sum, n := Zero, Zero
		for _, p := range parts {
			if p.Price.Times(p.Quantity) != p.Amount || p.Quantity.Sign() <= 0 || p.Price.Places() > places {
				t.Fatalf("%s for %s: bad part %+v", amount, quantity, p)
			}
			sum, n = sum.Plus(p.Amount), n.Plus(p.Quantity)
		}
		if sum != amount || n != quantity {
			t.Fatalf("%s for %s gives %s for %s", amount, quantity, sum, n)
		}
		if len(parts) == 2 && parts[0].Price.Minus(parts[1].Price).Abs() != Unit(places) {
			t.Fatalf("%s for %s: prices %s and %s", amount, quantity, parts[0].Price, parts[1].Price)
		}
	})
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		amount, quantity string
		places           int
		want             string
	}{
		{"10.00", "3", 2, "2 x 3.33 = 6.66; 1 x 3.34 = 3.34; "},
		{"9.99", "3", 2, "3 x 3.33 = 9.99; "},
		{"100", "3", 0, "2 x 33 = 66; 1 x 34 = 34; "},
		{"0", "5", 2, "5 x 0 = 0; "},
		{"0.02", "3", 2, "1 x 0 = 0; 2 x 0.01 = 0.02; "},
		{"-1.00", "3", 2, "2 x -0.33 = -0.66; 1 x -0.34 = -0.34; "},
		{"3.00", "1.5", 2, "1.5 x 2 = 3; "},
		{"1.00", "1.5", 2, ""},
		{"1.001", "1", 2, ""},
		{"1", "0", 2, ""},
		{"1", "-1", 2, ""},
	} {
		got := ""
		parts, _ := Split(MustParse(c.amount), MustParse(c.quantity), c.places)
		for _, p := range parts {
			got += p.Quantity.String() + " x " + p.Price.String() + " = " + p.Amount.String() + "; "
		}
		if got != c.want {
			t.Errorf("Split(%s, %s, %d) = %q, want %q", c.amount, c.quantity, c.places, got, c.want)
		}
	}
}

// Whatever the weights, the shares add up, and none is further than one coin from its exact value.
func TestAllocateIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "places")
		coins := rapid.Int64Range(-10_000_000, 10_000_000).Draw(t, "coins")
		total := Decimal{coins * Unit(places).micros}
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Decimal {
			return Decimal{rapid.Int64Range(0, 1_000_000_000).Draw(t, "weight")}
		}), 1, 50).Draw(t, "weights")
		shares, ok := Allocate(total, weights, places)
		if !ok || len(shares) != len(weights) || Sum(shares...) != total {
			t.Fatalf("%s by %v: %v, %v", total, weights, shares, ok)
		}
		sum := Sum(weights...)
		if sum.IsZero() {
			return
		}
		for i, s := range shares {
			exact := total.MulDiv(weights[i], sum, Scale)
			if Unit(places).Less(s.Minus(exact).Abs()) {
				t.Fatalf("share %d of %s is %s, exactly %s", i, total, s, exact)
			}
		}
	})
}

func TestAllocate(t *testing.T) {
	dec := func(list ...string) []Decimal {
		ds := make([]Decimal, len(list))
		for i, s := range list {
			ds[i] = MustParse(s)
		}
		return ds
	}
	for _, c := range []struct {
		total   string
		weights []Decimal
		want    []Decimal
	}{
		{"10.00", dec("1", "1", "1"), dec("3.34", "3.33", "3.33")},
		{"10.00", dec("0.7", "0.3"), dec("7", "3")},
		{"0.01", dec("1", "2"), dec("0", "0.01")},
		{"-10.00", dec("1", "1", "1"), dec("-3.34", "-3.33", "-3.33")},
		{"5.00", dec("0", "0"), dec("2.50", "2.50")},
		{"5.001", dec("1"), nil},
		{"5", nil, nil},
		{"5", dec("2", "-1"), nil},
	} {
		got, _ := Allocate(MustParse(c.total), c.weights, 2)
		if len(got) != len(c.want) {
			t.Errorf("Allocate(%s, %v) = %v, want %v", c.total, c.weights, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("Allocate(%s, %v) = %v, want %v", c.total, c.weights, got, c.want)
			}
		}
	}
}
