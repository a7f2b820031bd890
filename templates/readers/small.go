package readers

import (
	"strings"
	"unicode"
)

// Small is the site exchange of УНФ 3.0.
type Small struct{ Node Node }

var _ Reader = Small{}

// smallLoad is one load of a file.
type smallLoad struct {
	node   *Node
	base   *Base
	report *Report
	loaded []int
	dated  map[int]bool // orders with a date of shipping
}

// Read loads a file as УНФ does (N).
func (r Small) Read(b *Base, file []byte) (report Report) {
	root, err := parse(withoutForbidden(file), true)
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
	load := &smallLoad{node: &r.Node, base: work, report: &report, dated: map[int]bool{}}
	ok, err := load.documents(docs)
	if err != nil {
		report.Created, report.Updated, report.Skipped = 0, 0, 0
		report.say("nothing of the file was loaded: %v", err)
		return report
	}
	*b = *work
	if report.OK = ok; !ok {
		report.say("the load stopped: the orders behind are not read, those before are not posted")
		return report
	}
	load.base = b
	for _, i := range load.loaded {
		load.post(i)
	}
	return report
}

// withoutForbidden removes the characters that XML does not allow (N).
func withoutForbidden(file []byte) []byte {
	clean := make([]byte, 0, len(file))
	for _, c := range file {
		if c >= ' ' || c == '\t' || c == '\n' || c == '\r' {
			clean = append(clean, c)
		}
	}
	return clean
}

func (l *smallLoad) documents(docs []*node) (ok bool, err error) {
	for _, d := range docs {
		if d.value("Номер") == "" {
			return false, raise("a document has no Номер")
		}
	}
	for _, d := range docs {
		if !isOrder(d) {
			return false, nil
		}
		if err := l.document(d); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (l *smallLoad) document(d *node) error {
	site := cut(d.value("Номер"), 100)
	properties, err := smallProperties(d)
	if err != nil {
		return err
	}
	at := find(l.base.Orders, func(o *Order) bool { return o.Site == site })
	if at >= 0 {
		switch o := &l.base.Orders[at]; o.State {
		case Finished:
			l.report.Skipped++
			l.report.say("order %s is finished and not updated", o.Number)
			return nil
		case Agreed: // a payment, an invoice or a shipment refers to it
			l.report.Updated++
			l.report.say("order %s: something refers to it, only its status and its additional properties are updated", o.Number)
			l.loaded = append(l.loaded, at)
			l.cancel(at, properties)
			return nil
		}
	}
	o := Order{Names: Names{Site: site, Number: l.numberOf(site)}}
	if at >= 0 {
		o.Number, o.Posted = l.base.Orders[at].Number, l.base.Orders[at].Posted
	}
	if err := l.fill(d, properties, &o); err != nil {
		return err
	}
	if at < 0 {
		at = len(l.base.Orders)
		l.base.Orders = append(l.base.Orders, o)
		l.report.Created++
	} else {
		l.base.Orders[at] = o
		l.report.Updated++
	}
	l.loaded = append(l.loaded, at)
	l.dated[at] = properties["Дата отгрузки"] != ""
	l.cancel(at, properties)
	return nil
}

// cancel ends an order that the site has cancelled; a later word of the site does not revive it (N).
func (l *smallLoad) cancel(at int, properties map[string]string) {
	if properties["Отменен"] == "true" {
		l.base.Orders[at].Cancelled, l.base.Orders[at].State = true, Finished
	}
}

// numberOf makes 1C's number of the digits of the site's. Six of them fit (N).
func (l *smallLoad) numberOf(site string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, site)
	if len(digits) < 6 {
		digits = strings.Repeat("0", 6-len(digits)) + digits
	}
	prefix := l.node.Prefix
	if prefix == "" {
		prefix = "00СА"
	}
	return cut(prefix+"-"+digits, 11)
}

// post writes an order with the platform's checks, in an attempt whose exception nobody hears: a number
// that another order has stays unposted (N, P).
func (l *smallLoad) post(at int) {
	o := &l.base.Orders[at]
	twin := find(l.base.Orders, func(p *Order) bool {
		return p != o && p.Number == o.Number && cut(p.Date, 4) == cut(o.Date, 4)
	})
	if twin >= 0 {
		l.report.keepSilent("order %s: another has this number (site order %s), so it is not posted", o.Number, l.base.Orders[twin].Site)
		return
	}
	if !l.dated[at] {
		l.report.dependOn("orders without a date of shipping are posted only where the exchange gives one; target = \"unf\" or ship_date writes it into the file")
	}
	o.Posted = l.dated[at] || !l.node.NoShippingDate
}

func (l *smallLoad) fill(d *node, properties map[string]string, o *Order) (err error) {
	var known bool
	o.Date = moment(d)
	if o.Currency, known = l.base.currency(d.value("Валюта")); !known {
		l.report.keepSilent("order %s: the base has no currency called %s, so the figures stand there in %s as they are", o.Site, d.value("Валюта"), o.Currency)
	}
	o.Organisation = l.organisation(properties["Организация"])
	if o.Warehouse = l.node.Warehouse; o.Warehouse == "" {
		name := properties["Склад"]
		if find(l.base.Warehouses, func(w *Named) bool { return w.Name == name }) >= 0 {
			o.Warehouse = name
		}
	}
	if o.Buyer, err = l.buyer(d); err != nil {
		return err
	}
	o.Contract = properties["Договор контрагента"]
	o.Comment = first(properties["Комментарии покупателя"], properties["Комментарий"], d.value("Комментарий"))
	o.Address = cut(properties["Адрес доставки"], 500)
	status := first(properties["Статуса заказа ИД"], properties["Статус заказа"])
	if o.Status = l.node.Statuses[status]; o.Status == "Завершен" {
		o.State = Finished
	}
	tax := vatOf(d)
	o.Taxed = d.has("Налоги") // nothing there: "не облагается"
	o.VATInside = l.node.TaxedByDefault
	if tax != nil {
		o.VATInside = strings.EqualFold(tax.value("УчтеноВСумме"), "true")
	}
	for _, line := range d.child("Товары").all("Товар") {
		if err := l.line(line, tax, o); err != nil {
			return err
		}
	}
	return nil
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// smallProperties are the properties of a document. An empty one is skipped (N).
func smallProperties(parent *node) (map[string]string, error) {
	found := map[string]string{}
	for _, p := range parent.child("ЗначенияРеквизитов").all("ЗначениеРеквизита") {
		if !p.has("Значение") {
			return nil, raise("the property %q has no Значение", p.value("Наименование"))
		}
		if v := p.value("Значение"); v != "" {
			found[p.value("Наименование")] = v
		}
	}
	return found, nil
}

func (l *smallLoad) organisation(text string) string {
	at := find(l.base.Organisations, func(o *Named) bool { return text != "" && (o.Name == text || o.TaxID == text) })
	if at >= 0 {
		return l.base.Organisations[at].Name
	}
	return l.node.Organisation
}

// line adds a line of the file to the order (N).
func (l *smallLoad) line(line, tax *node, o *Order) error {
	if err := lineDiscounts(line); err != nil {
		return err
	}
	quantity, price, sum := amounts(line)
	if l.node.DeliveryServices && line.value("Ид") == "ORDER_DELIVERY" {
		return nil // becomes the document's cost of delivery, at its price
	}
	rate := l.rate(line, tax, o)
	l.report.compareRate(o.Site, statedRate(line), rate)
	item, variant := l.item(line, rate)
	if quantity.IsZero() {
		l.report.keepSilent("order %s: a line without quantity is left out", o.Site)
		return nil
	}
	if price.IsZero() {
		l.report.dependOn("a line of 0.00 gets the price of the price list where the exchange has a kind of prices")
	}
	vat := vatOn(sum, rate, o.VATInside)
	total := sum
	if !o.VATInside {
		total = sum.Plus(vat)
	}
	o.Lines = append(o.Lines, Line{Item: item, Variant: variant, Quantity: quantity, Price: price, Sum: sum, Rate: rate, VAT: vat, Total: total})
	o.Total = o.Total.Plus(total)
	return nil
}

// rate is the rate of a line: the item's rates, then the line's taxes, then the document's, and 20 where
// the document has taxes without a rate (N).
func (l *smallLoad) rate(line, tax *node, o *Order) string {
	if !o.Taxed {
		return WithoutVAT
	}
	text := statedRate(line)
	if text == "" {
		text = tax.value("Ставка")
	}
	if text == "" {
		text = "20"
	}
	text = strings.TrimSuffix(text, ".00")
	text, _, _ = strings.Cut(text, "/")
	switch text {
	case "0", "10", "18", "20":
		return text
	}
	return WithoutVAT
}

// item finds or creates the item of a line: by GUID, by what the node remembers of the site's ids, by
// article, and by name only where the file has no article (N).
func (l *smallLoad) item(line *node, rate string) (at int, variant string) {
	id, idAfter, _ := halves(line.value("Ид"))
	name, nameAfter, _ := halves(line.value("Наименование"))
	article := line.value("Артикул")
	at = find(l.base.Items, func(i *Item) bool {
		return len(id) == 36 && strings.EqualFold(i.ID, id) || len(id) != 36 && id != "" && i.SiteID == id
	})
	switch {
	case at >= 0:
	case article != "":
		at = find(l.base.Items, func(i *Item) bool { return i.Article == article })
	default:
		at = find(l.base.Items, func(i *Item) bool { return i.Name == cut(name, 250) })
	}
	if at < 0 {
		at = len(l.base.Items)
		l.base.Items = append(l.base.Items, Item{Article: article, Name: cut(name, 100), Service: isService(line), Rate: rate})
		if len(id) != 36 {
			l.base.Items[at].SiteID = id
		}
	}
	if l.base.Items[at].Service || l.node.NoVariants || idAfter == "" {
		return at, ""
	}
	item := &l.base.Items[at]
	if !contains(item.Variants, idAfter) { // created, with that GUID
		item.Variants = append(append([]string{}, item.Variants...), idAfter)
		item.VariantNames = append(append([]string{}, item.VariantNames...), first(nameAfter, name))
	}
	return at, idAfter
}

// buyer finds or creates the buyer: by GUID, ИНН, КПП alone, telephone, e-mail, name; the first that hits
// wins, and a company may be taken for a person (N).
func (l *smallLoad) buyer(d *node) (int, error) {
	b := d.child("Контрагенты", "Контрагент")
	if b == nil {
		return -1, raise("a document has no Контрагент")
	}
	id, name, taxID, kpp := b.value("Ид"), b.value("Наименование"), b.value("ИНН"), b.value("КПП")
	email, phone := strings.ToLower(contact(b, "Почта")), plainPhone(contact(b, "Телефон рабочий"))
	by := []func(*Buyer) bool{
		func(c *Buyer) bool { return guid(id) && strings.EqualFold(c.ID, id) },
		func(c *Buyer) bool { return taxID != "" && c.TaxID == taxID },
		func(c *Buyer) bool { return kpp != "" && c.KPP == kpp },
		func(c *Buyer) bool { return phone != "" && strings.HasPrefix(plainPhone(c.Phone), phone) },
		func(c *Buyer) bool { return email != "" && strings.ToLower(c.Email) == email },
		func(c *Buyer) bool { return name != "" && c.Name == name },
	}
	for _, fits := range by {
		if at := find(l.base.Buyers, fits); at >= 0 {
			return at, nil
		}
	}
	kind := Person
	switch {
	case isCompany(b):
		kind = Company
	case len(taxID) == 12:
		kind = Entrepreneur
	}
	l.base.Buyers = append(l.base.Buyers, Buyer{
		Name: cut(first(name, "<Наименование не указано>"), 100), TaxID: cut(taxID, 50), KPP: kpp, Kind: kind,
		Email: contact(b, "Почта"), Phone: contact(b, "Телефон рабочий"), Address: b.value("Адрес", "Представление"),
	})
	return len(l.base.Buyers) - 1, nil
}

// plainPhone is a telephone as УНФ compares it: without signs, and 8 as good as 7 in front (N).
func plainPhone(text string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-().+", r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	if rest, ok := strings.CutPrefix(text, "8"); ok && len(rest) == 10 {
		return "7" + rest
	}
	return text
}
