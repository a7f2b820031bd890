package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"obmen/convert/catalog"
	"obmen/convert/money"
	"obmen/convert/order"
)

// found is what one sold unit of an order line is in 1C: one product, a multiple of it, or a kit.
type found struct {
	components []catalog.Component
	created    bool // 1C shall create it
}

// findProducts finds the product of every line. One unknown SKU holds the whole order, and all of its
// unknown SKUs are named at once.
func (m *matcher) findProducts(o *order.Order) ([]found, *Hold) {
	list := make([]found, len(o.Lines))
	var missing []*order.Line
	for i := range o.Lines {
		l := &o.Lines[i]
		if ordersNothing(l) {
			continue
		}
		components := m.findComponents(o, l)
		switch {
		case components != nil:
			list[i].components = components
		case m.opt.Match.productPolicy() == Create && l.SKU != "":
			list[i] = found{[]catalog.Component{m.newProduct(o, l)}, true}
		default:
			missing = append(missing, l)
		}
	}
	if len(missing) > 0 {
		return nil, m.unknownSKU(o, missing)
	}
	return list, nil
}

// findComponents looks a line up: the SKU map first, then the products by SKU, then the account's further keys.
func (m *matcher) findComponents(o *order.Order, l *order.Line) []catalog.Component {
	if l.SKU != "" {
		if list := m.cat.SKU(o.Marketplace, l.SKU); len(list) > 0 {
			return list
		}
		if p, ok := m.cat.Product(l.SKU); ok {
			return oneComponent(p)
		}
	}
	for _, key := range m.account.ProductBy {
		if p, ok := m.productBy(key, l); ok {
			return oneComponent(p)
		}
	}
	return nil
}

func (m *matcher) productBy(key ProductKey, l *order.Line) (catalog.Product, bool) {
	switch {
	case key == ByBarcode && l.Barcode != "":
		return m.cat.ProductByBarcode(l.Barcode)
	case key == ByASIN && l.ASIN != "":
		return m.cat.ProductByRef(l.ASIN)
	}
	return catalog.Product{}, false
}

func oneComponent(p catalog.Product) []catalog.Component {
	return []catalog.Component{{Product: p, Quantity: money.One}}
}

func (m *matcher) newProduct(o *order.Order, l *order.Line) catalog.Component {
	return catalog.Component{Quantity: money.One, Product: catalog.Product{
		ID:   productID(o, m.account.Name, l.SKU),
		SKU:  l.SKU,
		Name: cmp.Or(l.Title, l.SKU),
	}}
}

// unknownSKU holds an order with the lines that cure it, and with what the catalog has that looks alike.
func (m *matcher) unknownSKU(o *order.Order, missing []*order.Line) *Hold {
	h := &Hold{Code: UnknownSKU, File: "skus.csv", Cure: "add to skus.csv, with the product's SKU, code or id of 1C in the column product"}
	var sentences []string
	for _, l := range missing {
		if l.SKU == "" {
			sentences = append(sentences, fmt.Sprintf("%s: the line has no SKU", l.Origin))
			h.File, h.Cure = "", "give the item an SKU where it is sold, or match by barcode or ASIN: product_by in the account's section of obmen.toml"
			continue
		}
		near := m.cat.Suggest(l.SKU, 3)
		meant := onlyAlike(near)
		sentences = append(sentences, fmt.Sprintf("%q%s is in no catalog%s", l.SKU, titleOf(l), suggestionText(near, meant)))
		product := ""
		if meant != nil {
			product = cmp.Or(meant.Product.SKU, meant.Product.Code)
		}
		cells := map[string]string{"sku": l.SKU, "marketplace": o.Marketplace, "product": product, "quantity": "1"}
		if line := m.cat.Row(catalog.SKUsFile, cells); !slices.Contains(h.Add, line) {
			h.Add = append(h.Add, line)
			h.Lines = append(h.Lines, Missing{cells, oneLine(l.Title)})
		}
	}
	h.Sentence = strings.Join(sentences, "; ")
	return h
}

// oneLine takes line breaks and tabs out of a name: 1C's names are one line.
func oneLine(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, '\t') < 0 {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// titleOf shows what the marketplace calls the item: that tells a person which product it is.
func titleOf(l *order.Line) string {
	if l.Title == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", oneLine(l.Title))
}

// onlyAlike returns the one suggestion that cannot be told apart from the SKU; nil for none, and for more.
// A line to paste names no other product: variants of one product differ in a letter.
func onlyAlike(near []catalog.Suggestion) *catalog.Suggestion {
	var only *catalog.Suggestion
	for i := range near {
		if !near[i].Alike {
			continue
		}
		if only != nil {
			return nil
		}
		only = &near[i]
	}
	return only
}

// suggestionText names the product that is meant, or asks about those that may be.
func suggestionText(near []catalog.Suggestion, meant *catalog.Suggestion) string {
	if meant != nil {
		return fmt.Sprintf("; products.csv has %q (%s)", meant.Product.SKU, meant.Why)
	}
	var list []string
	for _, s := range near {
		name := s.Why
		if s.Product.Name != "" {
			name = oneLine(s.Product.Name) + ", " + s.Why
		}
		list = append(list, fmt.Sprintf("%q (%s)", s.Product.SKU, name))
	}
	if list == nil {
		return ""
	}
	return "; is it " + strings.Join(list, "; or ") + "?"
}

// ordersNothing reports whether a line orders nothing: cancelled, or of quantity 0.
func ordersNothing(l *order.Line) bool { return l.Cancelled || l.Ordered.IsZero() }
