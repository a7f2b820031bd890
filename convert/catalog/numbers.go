package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// numbers finds skus that are long numbers, or were before Excel showed them as 4,6E+12.
type numbers struct {
	plain []plainNumber // by value
	short []shortNumber
}

type plainNumber struct {
	value uint64
	row   uint32
}

// shortNumber is a number of which only the first digits are known: it lay in [low, high].
type shortNumber struct {
	low, high uint64
	row       uint32
}

// Numbers of fewer digits are never shortened, and longer ones hold no article.
const (
	shortestNumber = 6
	longestNumber  = 18
)

func (n *numbers) add(sku string, row uint32) {
	if value, ok := plainValue(sku); ok {
		n.plain = append(n.plain, plainNumber{value, row})
	} else if low, high, ok := shortValue(sku); ok {
		n.short = append(n.short, shortNumber{low, high, row})
	}
}

func (n *numbers) sortNumbers() {
	n.plain = slices.Clip(n.plain)
	slices.SortFunc(n.plain, func(a, b plainNumber) int {
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.row, b.row))
	})
}

// rowsNear returns the rows that Excel may have shown as sku, or whose skus it may have made of sku.
func (n *numbers) rowsNear(sku string) []uint32 {
	low, high, short := shortValue(sku)
	if !short {
		value, plain := plainValue(sku)
		if !plain {
			return nil
		}
		low, high = value, value
	}
	var rows []uint32
	if short {
		rows = n.rowsBetween(low, high)
	}
	for _, s := range n.short {
		if s.low <= high && low <= s.high {
			rows = append(rows, s.row)
		}
	}
	return rows
}

// rowsBetween returns the rows of plain numbers, a hundred at most: 4,6E+12 is half of all European barcodes.
func (n *numbers) rowsBetween(low, high uint64) []uint32 {
	const most = 100
	at, _ := slices.BinarySearchFunc(n.plain, low, func(p plainNumber, low uint64) int { return cmp.Compare(p.value, low) })
	var rows []uint32
	for _, p := range n.plain[at:] {
		if p.value > high || len(rows) == most {
			break
		}
		rows = append(rows, p.row)
	}
	return rows
}

func plainValue(s string) (uint64, bool) {
	if len(s) < shortestNumber || len(s) > longestNumber || !isNumeric(s) {
		return 0, false
	}
	value, err := strconv.ParseUint(s, 10, 64)
	return value, err == nil
}

// shortValue reads "4,6e+12", "4.6e12" and "12e5": the numbers that round to these digits.
func shortValue(s string) (low, high uint64, ok bool) {
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return 0, 0, false
	}
	whole, frac, _ := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	zeros, err := strconv.Atoi(strings.TrimPrefix(exponent, "+"))
	digits := whole + frac
	zeros -= len(frac)
	if err != nil || !isNumeric(digits) || whole == "" || zeros < 1 || len(digits)+zeros > longestNumber {
		return 0, 0, false
	}
	value, err := strconv.ParseUint(digits+strings.Repeat("0", zeros), 10, 64)
	if err != nil || value == 0 {
		return 0, 0, false
	}
	half := uint64(5)
	for range zeros - 1 {
		half *= 10
	}
	return value - half, value + half - 1, true
}
