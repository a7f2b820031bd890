package source

import (
	"obmen/convert/order"
	"obmen/convert/source/jsontree"
)

// addressLines returns the address lines that are not empty.
func addressLines(v jsontree.Value, names ...string) (lines []string) {
	for _, name := range names {
		if s := v.Get(name).Text(); s != "" {
			lines = append(lines, s)
		}
	}
	return lines
}

func firstText(v jsontree.Value, names ...string) string {
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
