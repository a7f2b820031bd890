package readers

import (
	"fmt"
	"io"
	"strings"
)

// Mentioned is what a file names: a base that has it loads the file without creating anything.
type Mentioned struct {
	Items      []Item // ID and Article
	Buyers     []Buyer
	Currencies []string
}

// Mentions lists what a file names, each once.
func Mentions(file []byte) (m Mentioned) {
	root, err := parse(file, true)
	if err != nil {
		return m
	}
	m.walk(root)
	return m
}

func (m *Mentioned) walk(n *node) {
	switch n.name {
	case "Товар":
		id, _, _ := halves(n.value("Ид"))
		m.item(Item{ID: id, Article: n.value("Артикул"), Name: n.value("Наименование")})
	case "Номенклатура":
		m.item(Item{ID: reference(n), Article: n.value("Артикул"), Name: n.value("Наименование")})
	case "Контрагент":
		m.Buyers = append(m.Buyers, Buyer{ID: first(n.value("Ид"), reference(n)), Name: n.value("Наименование")})
	case "Валюта":
		name := first(n.text, n.value("ДанныеКлассификатора", "Наименование"))
		if name != "" && !contains(m.Currencies, name) {
			m.Currencies = append(m.Currencies, name)
		}
	}
	for _, c := range n.children {
		m.walk(c)
	}
}

func (m *Mentioned) item(item Item) {
	if find(m.Items, func(i *Item) bool { return i.ID == item.ID && i.Article == item.Article }) < 0 {
		m.Items = append(m.Items, item)
	}
}

// Describe tells a person what a base holds: its orders one by one, and what is new in it since it had so
// many items and buyers.
func Describe(w io.Writer, b *Base, items, buyers int) {
	for i := range b.Orders {
		b.describe(w, &b.Orders[i], items, buyers)
	}
}

func (b *Base) describe(w io.Writer, o *Order, items, buyers int) {
	state := "written, not posted"
	switch {
	case o.Deleted:
		state = "marked for deletion"
	case o.Cancelled:
		state = "cancelled"
	case o.Posted:
		state = "posted"
	}
	fmt.Fprintf(w, "%s of %s: %s (number on the site %s)\n", o.Number, strings.Replace(o.Date, "T", " ", 1), state, o.Site)
	fmt.Fprintf(w, "  buyer: %s\n", b.buyerWords(o.Buyer, buyers))
	fmt.Fprintf(w, "  total: %s %s%s\n", o.Total.Text(2), o.Currency, vatWords(o))
	for i, l := range o.Lines {
		rate := first(l.Rate, "no rate")
		if l.Rate != WithoutVAT && l.Rate != "" {
			rate = fmt.Sprintf("НДС %s%% %s", l.Rate, l.VAT.Text(2))
		}
		fmt.Fprintf(w, "  %d. %s: %s × %s = %s, %s\n", i+1, b.itemWords(l, items), l.Quantity, l.Price.Text(2), l.Sum.Text(2), rate)
	}
	for _, part := range []struct{ name, text string }{
		{"organisation", o.Organisation},
		{"warehouse", o.Warehouse},
		{"contract", o.Contract},
		{"status", o.Status},
		{"address", o.Address},
		{"comment", o.Comment},
	} {
		if part.text != "" {
			fmt.Fprintf(w, "  %s: %s\n", part.name, strings.ReplaceAll(part.text, "\n", "; "))
		}
	}
}

func vatWords(o *Order) string {
	switch {
	case !o.Taxed:
		return ", not subject to НДС"
	case o.VATInside:
		return ", НДС inside"
	}
	return ""
}

func (b *Base) buyerWords(at, known int) string {
	if at < 0 {
		return "none"
	}
	words := fmt.Sprintf("%s (%s", b.Buyers[at].Name, b.Buyers[at].Kind)
	if at >= known {
		words += ", created"
	}
	return words + ")"
}

func (b *Base) itemWords(l Line, known int) string {
	if l.Item < 0 {
		return "no item"
	}
	item := &b.Items[l.Item]
	words := strings.TrimSpace(item.Article + " " + item.Name)
	if l.Variant != "" {
		words += ", characteristic " + l.Variant
	}
	if l.Item >= known {
		words += " (created)"
	}
	return words
}
