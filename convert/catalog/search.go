package catalog

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"
)

// search finds products by parts of what people know of them. It is built once, when first asked: the text of a
// product (sku, code, barcode and name, some 60 bytes) and four bytes more. A query reads all of it once.
type search struct {
	once   sync.Once
	text   []byte // of each product: its fields in normal form, each behind fieldMark, then rowMark
	starts []uint32
}

// No text holds these bytes, for a file with them is not text or they are blanks that normal texts lack.
const (
	fieldMark = '\x00'
	rowMark   = '\n'
)

// searched are the cells of a product that are looked into, those that name it surest first.
var searched = []int{productSKU, productBarcode, productCode, productName}

func (x *search) buildIndex(p *products) {
	x.starts = make([]uint32, 0, p.len())
	x.text = make([]byte, 0, p.len()*64)
	for row := range uint32(p.len()) {
		x.starts = append(x.starts, uint32(len(x.text)))
		for _, cell := range searched {
			x.text = appendSearched(append(x.text, fieldMark), p.cell(row, cell))
		}
		x.text = append(x.text, rowMark)
	}
	x.text = bytes.Clone(x.text) // without the room to grow
}

// appendSearched appends a text in the form that is compared: normal, with ё as е.
func appendSearched(b []byte, s string) []byte {
	at := len(b)
	b = appendNormal(b, s)
	if bytes.Contains(b[at:], []byte("ё")) {
		b = append(b[:at], bytes.ReplaceAll(b[at:], []byte("ё"), []byte("е"))...)
	}
	return b
}

// mostWords bounds the words of a query, and longestQuery its bytes.
const (
	mostWords    = 8
	longestQuery = 200
)

// SearchProducts finds products with every word of the query in their sku, code, barcode or name, in whatever
// case, at most as many as asked for: first those whose sku, barcode or code is the query, then those where one begins
// with it, then those with a word of the name that begins with it, then the others; within each by sku. The first call
// prepares an index, a tenth of a second for 200,000 products.
func (s *Snapshot) SearchProducts(query string, most int) []Product {
	if len(query) > longestQuery {
		query = strings.ToValidUTF8(query[:longestQuery], "")
	}
	whole := appendSearched(nil, query)
	parts := bytes.Fields(whole)
	if len(parts) == 0 || most <= 0 || s.products.len() == 0 {
		return nil
	}
	s.search.once.Do(func() { s.search.buildIndex(s.products) })
	best := &bestRows{most: most}
	s.search.eachRow(parts[:min(len(parts), mostWords)], func(row uint32, text []byte) {
		best.add(ranked{row, rankOf(text, whole), text[1 : 1+bytes.IndexByte(text[1:], fieldMark)]})
	})
	list := make([]Product, 0, most)
	for _, b := range best.sorted() {
		list = append(list, s.products.productAt(b.row))
	}
	return list
}

// eachRow hands on the rows that contain every word. It looks for the longest of them through the whole text.
func (x *search) eachRow(words [][]byte, take func(row uint32, text []byte)) {
	longest := slices.MaxFunc(words, func(a, b []byte) int { return cmp.Compare(len(a), len(b)) })
	for at, row := 0, 0; at < len(x.text); row++ {
		i := bytes.Index(x.text[at:], longest)
		if i < 0 {
			return
		}
		for row+1 < len(x.starts) && int(x.starts[row+1]) <= at+i {
			row++
		}
		at = len(x.text)
		if row+1 < len(x.starts) {
			at = int(x.starts[row+1])
		}
		text := x.text[x.starts[row]:at]
		if len(words) == 1 || !slices.ContainsFunc(words, func(w []byte) bool { return !bytes.Contains(text, w) }) {
			take(uint32(row), text)
		}
	}
}

// The ranks of a find, the best first.
const (
	rankSame = iota
	rankBegins
	rankWord
	rankInside
)

// rankOf returns how well a product's text fits the whole query.
func rankOf(text, whole []byte) int {
	rank, field := rankInside, 0
	for at := 0; ; {
		i := bytes.Index(text[at:], whole)
		if i < 0 {
			return rank
		}
		at += i
		field += bytes.Count(text[at-i:at], []byte{fieldMark})
		end := at + len(whole)
		isName := field == len(searched)
		switch before := text[at-1]; {
		case before == fieldMark && !isName && (text[end] == fieldMark || text[end] == rowMark):
			return rankSame
		case before == fieldMark && !isName:
			rank = min(rank, rankBegins)
		case before == fieldMark || before == ' ':
			rank = min(rank, rankWord)
		}
		at++
	}
}

// bestRows keeps the best rows that were found.
type bestRows struct {
	most  int
	list  []ranked
	worst ranked // of the best when they were last sorted
	full  bool   // as many as asked for
}

type ranked struct {
	row  uint32
	rank int
	sku  []byte // in normal form
}

func compareRanked(x, y ranked) int {
	return cmp.Or(cmp.Compare(x.rank, y.rank), bytes.Compare(x.sku, y.sku), cmp.Compare(x.row, y.row))
}

// add keeps a row while it may be among the best. Twice as many as are wanted are kept before they are sorted.
func (b *bestRows) add(r ranked) {
	if b.full && compareRanked(r, b.worst) > 0 {
		return
	}
	b.list = append(b.list, r)
	if len(b.list) >= 2*b.most {
		b.sorted()
		b.full, b.worst = true, b.list[b.most-1]
	}
}

// sorted returns the best rows in their order.
func (b *bestRows) sorted() []ranked {
	slices.SortFunc(b.list, compareRanked)
	b.list = b.list[:min(b.most, len(b.list))]
	return b.list
}
