package catalog

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Suggestion is a product that may be meant. It is never a match.
type Suggestion struct {
	Product Product
	Why     string // "same look, Latin letters", "leading zeros", "Excel's number form", "one letter differs"
	// Alike reports that no one could tell the two skus apart where they are shown: letters of another
	// alphabet that look the same, or leading zeros that a program dropped. Skus of two products often
	// differ in one letter, so all else is a question.
	Alike bool
}

const (
	whyZeros  = "leading zeros"
	whyNumber = "Excel's number form"
	whyEdit   = "one letter differs"
)

// Suggest finds products whose sku nearly is the given one, at most so many: first those that look
// the same, then those that differ by leading zeros or by Excel's shortening of long numbers, then
// those a single typing error away; within each those that are Alike first, then by sku. A product whose sku matches is none of them.
// The first call prepares an index, some tenths of a second for a million products.
func (s *Snapshot) Suggest(sku string, most int) []Suggestion {
	query := Normal(sku)
	if query == "" || most <= 0 || s.products.len() == 0 {
		return nil
	}
	s.near.once.Do(s.near.buildIndex)
	all := &found{products: s.products, query: query, seen: make(map[uint32]bool)}
	for _, search := range []func(*found){s.near.findLooks, s.near.findZeros, s.near.findShortened, s.near.findEdits} {
		search(all)
		if all.sortFound() >= most {
			break
		}
	}
	return all.list[:min(most, len(all.list))]
}

// found collects the suggestions of one search after the other.
type found struct {
	products *products
	query    string // normal
	seen     map[uint32]bool
	list     []Suggestion
	settled  int // suggestions of earlier searches
}

func (f *found) add(row uint32, why string, alike bool) {
	if f.seen[row] || f.products.normalSKU(row) == f.query {
		return
	}
	f.seen[row] = true
	f.list = append(f.list, Suggestion{f.products.productAt(row), why, alike})
}

// sortFound sorts what the last search found and counts all suggestions.
func (f *found) sortFound() int {
	slices.SortFunc(f.list[f.settled:], func(a, b Suggestion) int {
		if a.Alike != b.Alike {
			return map[bool]int{true: -1, false: 1}[a.Alike]
		}
		return cmp.Compare(a.Product.SKU, b.Product.SKU)
	})
	f.settled = len(f.list)
	return f.settled
}

// near finds products by what their skus look like. It is built once, when first asked.
type near struct {
	once     sync.Once
	products *products
	byLook   index
	letters  []string // that occur in looks, the most frequent first
	numbers  numbers
}

func newNear(p *products) *near {
	n := &near{products: p}
	n.byLook.key = func(b []byte, row uint32) []byte { return append(b, lookOf(p.normalSKU(row))...) }
	return n
}

func (n *near) buildIndex() {
	count, ascii := make(map[rune]int), [utf8.RuneSelf]int{}
	for row := range uint32(n.products.len()) {
		sku := n.products.normalSKU(row)
		shape := lookOf(sku)
		n.byLook.add(shape, row)
		n.numbers.add(sku, row)
		for _, r := range shape {
			if r < utf8.RuneSelf {
				ascii[r]++
			} else {
				count[r]++
			}
		}
	}
	for r, n := range ascii {
		if n > 0 {
			count[rune(r)] = n
		}
	}
	n.byLook.trimSlots()
	n.numbers.sortNumbers()
	n.letters = frequentLetters(count)
}

// mostLetters bounds the letters tried in place of one another. The skus of nearly every catalog
// hold fewer.
const mostLetters = 64

func frequentLetters(count map[rune]int) []string {
	letters := make([]rune, 0, len(count))
	for r := range count {
		letters = append(letters, r)
	}
	slices.SortFunc(letters, func(a, b rune) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	return strings.Split(string(letters[:min(mostLetters, len(letters))]), "")
}

func (n *near) findLooks(f *found) {
	for _, row := range n.byLook.allRows(lookOf(f.query)) {
		sku := n.products.normalSKU(row)
		f.add(row, whyLook(f.query, sku), alphabetLook(f.query) == alphabetLook(sku))
	}
}

// mostZeros is how many leading zeros may be lost: those of a 14-digit number of one digit.
const mostZeros = 13

func (n *near) findZeros(f *found) {
	bare := strings.TrimLeft(f.query, "0")
	if bare == "" {
		return
	}
	for k := range mostZeros + 1 {
		if row, ok := n.products.bySKU.onlyRow(strings.Repeat("0", k) + bare); ok {
			f.add(row, whyZeros, true)
		}
	}
}

func (n *near) findShortened(f *found) {
	for _, row := range n.numbers.rowsNear(f.query) {
		f.add(row, whyNumber, false)
	}
}

// Skus of two signs are all one error apart from each other, and no one types very long ones.
const (
	shortestEdited = 3
	longestEdited  = 64
)

// findEdits tries every text that is one typing error away from the query: a sign left out, put in,
// replaced, or two neighbours swapped. That is a thousand look-ups for a common sku and needs no index
// of its own.
func (n *near) findEdits(f *found) {
	typed := lookOf(f.query)
	if signs := utf8.RuneCountInString(typed); signs < shortestEdited || signs > longestEdited {
		return
	}
	before := hashStart // of what stands before the error
	for at := 0; at < len(typed); {
		first := firstSign(typed[at:])
		after := typed[at+len(first):]
		n.tryReplaced(f, before, typed[:at], "", after)
		if after != "" {
			second := firstSign(after)
			n.tryReplaced(f, before, typed[:at], second+first, after[len(second):])
		}
		for _, letter := range n.letters {
			with := hashMore(before, letter)
			n.tryText(f, with, typed[:at], letter, after)
			n.tryText(f, with, typed[:at], letter, typed[at:])
		}
		before = hashMore(before, first)
		at += len(first)
	}
	for _, letter := range n.letters {
		n.tryReplaced(f, before, typed, letter, "")
	}
}

// firstSign is the first character of a text.
func firstSign(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// tryReplaced tries a text in three parts, of which the first is hashed already.
func (n *near) tryReplaced(f *found, hash uint64, before, middle, after string) {
	n.tryText(f, hashMore(hash, middle), before, middle, after)
}

// tryText tries a text in three parts, of which two are hashed already. Nearly all of them are no sku of
// the catalog, which the hash alone tells: the text is put together for the others only.
func (n *near) tryText(f *found, hash uint64, before, middle, after string) {
	if !n.byLook.mayHave(hashEnd(hashMore(hash, after))) {
		return
	}
	for _, row := range n.byLook.allRows(before + middle + after) {
		f.add(row, whyEdit, false)
	}
}
