package readers

import (
	"fmt"
	"slices"
	"strings"

	"obmen/convert/money"
)

// Trade is the site exchange of УТ 11.5 and ERP 2.5.
type Trade struct{ Node Node }

var _ Reader = Trade{}

// numberLength is the length of the column in which numbers of a file are looked for (U).
const numberLength = 11

// tradeLoad is one load of a file.
type tradeLoad struct {
	node    *Node
	base    *Base
	report  *Report
	known   map[string]int // earlier orders by the number on the site
	loaded  []int
	rate    string // of the line before: the reader does not reset it
	pending []int  // orders to cancel
}

// Read loads a file as УТ and ERP do from a file on disk (U).
func (r Trade) Read(b *Base, file []byte) (report Report) {
	root, err := parse(inUTF8(file), false)
	if err != nil {
		report.say("the file cannot be read: %v", err)
		return report
	}
	docs := documents(root)
	if len(docs) == 0 {
		report.OK = true
		report.say("no documents in the file (“Нет документов для обработки”)")
		return report
	}
	work := b.clone()
	load := &tradeLoad{node: &r.Node, base: work, report: &report}
	ok, err := load.documents(root, docs)
	if err != nil { // rolled back whole
		report.Created, report.Updated, report.Skipped = 0, 0, 0
		report.say("nothing of the file was loaded: %v", err)
		return report
	}
	*b = *work // committed also where the load has failed (U)
	if report.OK = ok; !ok {
		report.say("the load stopped: the orders behind are not read, those before are not posted")
		return report
	}
	for _, i := range load.loaded {
		b.Orders[i].Posted = true
	}
	load.settings()
	return report
}

// settings names what of the loaded orders the settings of the exchange decide (U).
func (l *tradeLoad) settings() {
	if len(l.loaded) == 0 {
		return
	}
	l.report.dependOn("orders are found again only where the additional attribute for the number on the site is chosen; without it every reading makes them once more")
	l.report.dependOn("organisation, warehouse and agreement stand in the exchange; the file's are not read")
	for _, i := range l.loaded {
		if slices.ContainsFunc(l.base.Orders[i].Lines, func(n Line) bool { return n.NoVAT }) {
			l.report.dependOn("the loader neither reads nor computes the amount of VAT in lines: look at one posted order")
		}
		if l.base.Orders[i].Cancelled {
			l.report.dependOn("a cancellation is kept only with the option “причины отмены”")
		}
	}
}

// documents loads the orders in file order; ok is false where one of them ends the load.
func (l *tradeLoad) documents(root *node, docs []*node) (ok bool, err error) {
	wanted := map[string]bool{}
	for _, d := range docs {
		if d.value("Номер") == "" {
			return false, raise("a document has no Номер")
		}
		wanted[cut(d.value("Номер"), numberLength)] = true
	}
	l.known = map[string]int{}
	for i := range l.base.Orders {
		if site := l.base.Orders[i].Site; site != "" && wanted[site] && !l.node.NoNumberAttribute {
			l.known[site] = i
		}
	}
	for _, d := range docs {
		if !isOrder(d) {
			return false, nil
		}
		if root.space == "urn:1C.ru:commerceml_2" || d.has("Склады") {
			return false, raise("the reader looks for the warehouses of a document that has none")
		}
		if err := l.document(d); err != nil {
			return false, err
		}
	}
	for _, i := range l.pending {
		if l.node.NoCancelReasons {
			l.report.keepSilent("order %s: the cancellation is not written while the option “причины отмены” is off", l.base.Orders[i].Number)
			continue
		}
		l.base.Orders[i].Cancelled = true
	}
	return true, nil
}

func (l *tradeLoad) document(d *node) error {
	if d.value("Ид") == "" {
		return raise("a document has no Ид")
	}
	at, found := l.known[d.value("Номер")] // neither cut nor trimmed
	if found {
		if o := &l.base.Orders[at]; o.Cancelled || o.State != Awaiting {
			l.report.Skipped++
			l.report.say("order %s is not updated: it is agreed, shipped or cancelled already", o.Number)
			return nil
		}
	}
	o := Order{Names: Names{Site: strings.TrimSpace(d.value("Номер")), Number: l.ownNumber()}, Status: "НеСогласован", Taxed: true}
	if found {
		o.Number, o.Posted = l.base.Orders[at].Number, l.base.Orders[at].Posted
	}
	cancelled, err := l.fill(d, &o)
	if err != nil {
		return err
	}
	if found {
		l.base.Orders[at] = o
		l.report.Updated++
	} else {
		at = len(l.base.Orders)
		l.base.Orders = append(l.base.Orders, o)
		l.report.Created++
	}
	l.loaded = append(l.loaded, at)
	if cancelled {
		l.pending = append(l.pending, at)
	}
	return nil
}

// ownNumber is the next number of УТ itself: the site's is not used.
func (l *tradeLoad) ownNumber() string { return fmt.Sprintf("ТД00-%06d", len(l.base.Orders)+1) }

// fill fills the document from the file.
func (l *tradeLoad) fill(d *node, o *Order) (cancelled bool, err error) {
	properties, err := tradeProperties(d)
	if err != nil {
		return false, err
	}
	var known bool
	o.Date = moment(d)
	if o.Currency, known = l.base.currency(d.value("Валюта")); !known {
		l.report.keepSilent("order %s: the base has no currency called %s, so the figures stand there in %s as they are", o.Site, d.value("Валюта"), o.Currency)
	}
	o.Organisation, o.Warehouse = l.node.Organisation, l.node.Warehouse
	if o.Buyer, err = l.buyer(d); err != nil {
		return false, err
	}
	tax := vatOf(d)
	o.VATInside = strings.EqualFold(tax.value("УчтеноВСумме"), "true")
	if status, ok := l.node.Statuses[properties["Статус заказа"]]; ok {
		o.Status = status
	}
	o.Comment = "Комментарий менеджера на сайте: " + d.value("Комментарий") + "\n" +
		"Комментарий покупателя на сайте: " + properties["Комментарии покупателя"]
	o.Address = addressText(d.child("Контрагенты", "Контрагент"))
	for _, line := range d.child("Товары").all("Товар") {
		if err := l.line(line, tradeRate(tax.value("Ставка")), o); err != nil {
			return false, err
		}
	}
	return strings.EqualFold(properties["Отменен"], "TRUE"), nil
}

// tradeProperties are the properties of a document. An empty value takes that of the property before it,
// and one without a value raises (U).
func tradeProperties(parent *node) (map[string]string, error) {
	found, value := map[string]string{}, ""
	for _, p := range parent.child("ЗначенияРеквизитов").all("ЗначениеРеквизита") {
		if !p.has("Значение") {
			return nil, raise("the property %q has no Значение", p.value("Наименование"))
		}
		if v := p.value("Значение"); v != "" {
			value = v
		}
		if _, twice := found[p.value("Наименование")]; !twice {
			found[p.value("Наименование")] = value
		}
	}
	return found, nil
}

// tradeRate is the number that a text of a rate stands for; "0" is as good as none (U).
func tradeRate(text string) string {
	switch strings.TrimSuffix(text, ".00") {
	case "10", "10/110":
		return "10"
	case "18", "18/118":
		return "18"
	case "20", "20/120":
		return "20"
	}
	return "0"
}

// line adds a line of the file to the order.
func (l *tradeLoad) line(line *node, usual string, o *Order) error {
	if err := l.lineRate(line); err != nil {
		return err
	}
	if err := lineDiscounts(line); err != nil {
		return err
	}
	rate := l.rate
	if rate == "" || rate == "0" {
		rate = usual
	}
	if rate == "0" || !contains(l.base.Rates, rate) {
		rate = WithoutVAT
	}
	l.report.compareRate(o.Site, statedRate(line), rate)
	item, variant, err := l.item(line, rate)
	if err != nil {
		return err
	}
	quantity, price, sum := amounts(line)
	if quantity.IsZero() {
		l.report.keepSilent("order %s: a line without quantity is left out", o.Site)
		return nil
	}
	// The VAT is neither read nor computed: a price without it stays without it (U).
	o.Lines = append(o.Lines, Line{Item: item, Variant: variant, Quantity: quantity, Price: price, Sum: sum, Rate: rate, NoVAT: rate != WithoutVAT, Total: sum})
	o.Total = o.Total.Plus(sum)
	return nil
}

// lineRate reads the rate of a line: first the item's rates, then the line's taxes. A line without any
// keeps that of the line before it (U).
func (l *tradeLoad) lineRate(line *node) error {
	for _, r := range line.child("СтавкиНалогов").all("СтавкаНалога") {
		if strings.EqualFold(r.value("Наименование"), "НДС") {
			if !r.has("Ставка") {
				return raise("a rate of НДС has no Ставка")
			}
			l.rate = tradeRate(r.value("Ставка"))
		}
	}
	if tax := vatOf(line); tax.has("Ставка") {
		l.rate = tradeRate(tax.value("Ставка"))
	}
	return nil
}

func contains(list []string, text string) bool {
	return find(list, func(s *string) bool { return *s == text }) >= 0
}

// item finds or creates the item of a line (U).
func (l *tradeLoad) item(line *node, rate string) (at int, variant string, err error) {
	id, idAfter, idBoth := halves(line.value("Ид"))
	name, nameAfter, _ := halves(line.value("Наименование"))
	service := isService(line)
	at = l.findItem(line, name, service)
	if at < 0 {
		item := Item{Name: cut(name, 100), Service: service, Rate: rate}
		if guid(line.value("Ид")) {
			item.ID = id
		}
		at = len(l.base.Items)
		l.base.Items = append(l.base.Items, item) // neither article nor barcode are kept
	}
	if l.base.Items[at].Service || l.node.NoVariants {
		return at, "", nil
	}
	return l.variant(at, idAfter, nameAfter, idBoth)
}

func (l *tradeLoad) findItem(line *node, name string, service bool) int {
	if id := line.value("Ид"); guid(id) {
		if at := find(l.base.Items, func(i *Item) bool { return strings.EqualFold(i.ID, id) }); at >= 0 {
			return at
		}
	}
	if article := cut(line.value("Артикул"), 50); article != "" {
		if at := find(l.base.Items, func(i *Item) bool { return i.Article == article }); at >= 0 {
			return at
		}
	}
	return find(l.base.Items, func(i *Item) bool { return i.Name == name && i.Service == service })
}

// variant finds the characteristic of a line. A name with # and an Ид without it call a method of nothing,
// which rolls the file back; an unknown id leaves a reference to nothing (U).
func (l *tradeLoad) variant(at int, id, name string, both bool) (int, string, error) {
	item := &l.base.Items[at]
	switch {
	case !both && name == "":
		return at, "", nil
	case !both:
		return at, "", raise("item %s: # in the name without # in Ид", item.Name)
	case contains(item.Variants, id):
		return at, id, nil
	case name == "":
		l.report.keepSilent("item %s: there is no characteristic %s, the line refers to nothing", item.Name, id)
		return at, id, nil
	}
	return at, name, nil
}

// buyer finds or creates the buyer: the first of the list, whatever its role (U).
func (l *tradeLoad) buyer(d *node) (int, error) {
	b := d.child("Контрагенты", "Контрагент")
	if b == nil {
		return -1, raise("a document has no Контрагент")
	}
	name, taxID, kpp := b.value("Наименование"), b.value("ИНН"), b.value("КПП")
	if name == "" {
		l.report.say("the buyer has no Наименование: the document is without a buyer")
		return -1, nil
	}
	kinds := []Kind{Person, Entrepreneur}
	if isCompany(b) {
		kinds = []Kind{Company}
	} else if taxID != "" {
		kinds = []Kind{Entrepreneur, Person}
	}
	for _, kind := range kinds {
		at := find(l.base.Buyers, func(c *Buyer) bool {
			if c.Kind != kind {
				return false
			}
			if l.node.BuyersByTaxID && taxID != "" {
				return c.TaxID == taxID && (kind != Company || c.KPP == kpp)
			}
			return c.Name == name
		})
		if at >= 0 {
			return at, nil
		}
	}
	l.base.Buyers = append(l.base.Buyers, Buyer{
		Name: cut(name, 100), TaxID: cut(taxID, 12), KPP: kpp, Kind: kinds[0],
		Email: contact(b, "Почта"), Phone: contact(b, "Телефон рабочий"), Address: addressText(b),
	})
	return len(l.base.Buyers) - 1, nil
}

// vatOn is the VAT of a sum: inside it, or on top.
func vatOn(sum money.Amount, rate string, inside bool) money.Amount {
	percent := number(rate)
	if percent.IsZero() {
		return money.Zero
	}
	if inside {
		return money.VATInside(sum, percent, 2)
	}
	return money.VATOnTop(sum, percent, 2)
}
