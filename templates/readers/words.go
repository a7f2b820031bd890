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
// many items and buyers. Each sentence goes through say, which puts it into the person's language.
func Describe(w io.Writer, b *Base, items, buyers int, say func(string) string) {
	d := description{w, b, items, buyers, say}
	for i := range b.Orders {
		d.order(&b.Orders[i])
	}
}

// description writes what a base holds.
type description struct {
	w             io.Writer
	base          *Base
	items, buyers int // that it knew before
	say           func(string) string
}

func (d *description) line(format string, args ...any) {
	fmt.Fprintln(d.w, d.say(fmt.Sprintf(format, args...)))
}

func (d *description) order(o *Order) {
	at := strings.Replace(o.Date, "T", " ", 1)
	switch {
	case o.Deleted:
		d.line("%s of %s, marked for deletion, number on the site %s", o.Number, at, o.Site)
	case o.Cancelled:
		d.line("%s of %s, cancelled, number on the site %s", o.Number, at, o.Site)
	case o.Posted:
		d.line("%s of %s, posted, number on the site %s", o.Number, at, o.Site)
	default:
		d.line("%s of %s, written and not posted, number on the site %s", o.Number, at, o.Site)
	}
	d.buyer(o.Buyer)
	switch {
	case !o.Taxed:
		d.line("  document total: %s %s, not subject to VAT", o.Total.Text(2), o.Currency)
	case o.VATInside:
		d.line("  document total: %s %s, VAT inside", o.Total.Text(2), o.Currency)
	default:
		d.line("  document total: %s %s", o.Total.Text(2), o.Currency)
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		fmt.Fprintf(d.w, "  %d. %s: %s × %s = %s, %s\n", i+1, d.item(l), l.Quantity, l.Price.Text(2), l.Sum.Text(2), d.vat(l))
	}
	d.fields(o)
}

// fields are those of a document's header that it has.
func (d *description) fields(o *Order) {
	for _, part := range []struct{ sentence, text string }{
		{"  organisation in 1C: %s", o.Organisation},
		{"  warehouse in 1C: %s", o.Warehouse},
		{"  contract in 1C: %s", o.Contract},
		{"  status in 1C: %s", o.Status},
		{"  address of delivery in 1C: %s", o.Address},
		{"  comment in 1C: %s", o.Comment},
	} {
		if part.text != "" {
			d.line(part.sentence, strings.ReplaceAll(part.text, "\n", "; "))
		}
	}
}

func (d *description) buyer(at int) {
	if at < 0 {
		d.line("  without a buyer")
		return
	}
	b := &d.base.Buyers[at]
	known := at < d.buyers
	switch {
	case b.Kind == Company && known:
		d.line("  buyer, a company: %s", b.Name)
	case b.Kind == Company:
		d.line("  buyer, a company that is made anew: %s", b.Name)
	case b.Kind == Entrepreneur && known:
		d.line("  buyer, an entrepreneur: %s", b.Name)
	case b.Kind == Entrepreneur:
		d.line("  buyer, an entrepreneur who is made anew: %s", b.Name)
	case known:
		d.line("  buyer, a person: %s", b.Name)
	default:
		d.line("  buyer, a person who is made anew: %s", b.Name)
	}
}

func (d *description) item(l *Line) string {
	if l.Item < 0 {
		return d.say("a line without an item")
	}
	item := &d.base.Items[l.Item]
	words := strings.TrimSpace(item.Article + " " + item.Name)
	if l.Variant != "" {
		words = d.say(fmt.Sprintf("%s, characteristic %s", words, l.Variant))
	}
	if l.Item >= d.items {
		words = d.say(fmt.Sprintf("%s (made anew)", words))
	}
	return words
}

func (d *description) vat(l *Line) string {
	switch {
	case l.Rate == "":
		return d.say("no rate of VAT")
	case l.Rate == WithoutVAT:
		return WithoutVAT
	case l.NoVAT:
		return fmt.Sprintf("НДС %s%%", l.Rate)
	}
	return fmt.Sprintf("НДС %s%% %s", l.Rate, l.VAT.Text(2))
}
