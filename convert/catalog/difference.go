package catalog

import (
	"slices"
	"strings"
)

// Difference holds what a new file changes, line by line. Lines of one key are the same entry.
type Difference struct {
	Before, After          int // lines
	Added, Removed, Change []Changed
	// How many there are; the lists hold the first MostChanged of each.
	AllAdded, AllRemoved, AllChanged int
}

// Changed is an entry that is new, gone or not the same.
type Changed struct {
	Key      string
	Was, Now string // the cells, one line
}

// MostChanged is how many entries of each kind are listed.
const MostChanged = 100

// keyColumns are the columns that name an entry of a file. Customers have a code or an id.
var keyColumns = map[string][]string{
	ProductsFile:  {"sku"},
	SKUsFile:      {"sku", "marketplace", "product"},
	CustomersFile: {"code", "id"},
	BuyersFile:    {"marketplace", "country", "buyer", "channel"},
	VATFile:       {"country", "group"},
	RatesFile:     {"date", "currency"},
}

// Compare returns what a new file changes. Both are of the same name.
func Compare(before, after *File) Difference {
	d := Difference{Before: len(before.Rows), After: len(after.Rows)}
	old := before.byKey()
	for _, row := range after.Rows {
		key := after.keyOf(row)
		was, known := old[key]
		now := after.shownRow(row)
		switch {
		case !known:
			d.AllAdded++
			d.Added = appendChanged(d.Added, Changed{key, "", now})
		case was != now:
			d.AllChanged++
			d.Change = appendChanged(d.Change, Changed{key, was, now})
		}
		delete(old, key)
	}
	for _, row := range before.Rows {
		key := before.keyOf(row)
		if was, gone := old[key]; gone {
			d.AllRemoved++
			d.Removed = appendChanged(d.Removed, Changed{key, was, ""})
			delete(old, key)
		}
	}
	return d
}

func appendChanged(list []Changed, c Changed) []Changed {
	if len(list) >= MostChanged {
		return list
	}
	return append(list, c)
}

func (f *File) byKey() map[string]string {
	all := make(map[string]string, len(f.Rows))
	for _, row := range f.Rows {
		all[f.keyOf(row)] = f.shownRow(row)
	}
	return all
}

func (f *File) keyOf(r FileRow) string {
	var parts []string
	for _, column := range keyColumns[f.Name] {
		if cell := Normal(f.Cell(r, column)); cell != "" {
			parts = append(parts, cell)
		}
	}
	return strings.Join(parts, " ")
}

// shownRow is a row in the order of the known columns, so that files with their columns in another order compare.
func (f *File) shownRow(r FileRow) string {
	var cells []string
	for _, c := range columnsOf(f.Name).Columns {
		cells = append(cells, f.Cell(r, c.Name))
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return shortenTo(strings.Join(slices.Clip(cells), "; "), longestLine)
}
