package readers

import (
	"slices"
	"strconv"
	"strings"
)

// rules are in what the EnterpriseData managers of two configurations differ.
type rules struct {
	versions     []string // registered: a file of any other is not read (D)
	byID         bool     // organisations and warehouses are found by their reference alone
	fullNames    bool     // buyers are found by their full name, too
	renumbers    bool     // the number of a document follows the file
	itemRate     bool     // a line without a rate gets that of its item
	needsAddress bool     // the address of delivery is read
	recomputes   bool     // the total is the sum of the lines
}

// Message reads files of EnterpriseData.
type Message struct {
	Node  Node
	rules rules
}

var _ Reader = Message{}

// SmallMessage reads EnterpriseData as УНФ 3.0.8 does (D).
func SmallMessage(n Node) Message {
	return Message{n, rules{
		versions: []string{"1.6", "1.7", "1.8", "1.10", "1.14", "1.15", "1.16"},
		itemRate: true, needsAddress: true,
	}}
}

// TradeMessage reads EnterpriseData by the rules of УТ 11.4 and in the versions of УТ 11.5.20: the rules
// of 11.5 are in no public source (D).
func TradeMessage(n Node) Message {
	return Message{n, rules{
		versions: []string{"1.7", "1.8", "1.10", "1.11", "1.12", "1.15", "1.16", "1.17"},
		byID:     true, fullNames: true, recomputes: true,
	}}
}

// EnterpriseMessage is TradeMessage in the versions of ERP 2.5.17 (D).
func EnterpriseMessage(n Node) Message {
	m := TradeMessage(n)
	m.rules.versions = slices.DeleteFunc(slices.Clone(m.rules.versions), func(v string) bool { return v == "1.17" })
	return m
}

// messageLoad is one load of a file.
type messageLoad struct {
	Message
	base   *Base
	report *Report
	loaded []int
}

// Read loads a file. Objects are written one by one; a broken one stops the load. Documents are posted at
// the end, whatever the file says of their state (D).
func (m Message) Read(b *Base, file []byte) (report Report) {
	root, err := parse(file, true)
	if err != nil {
		report.say("the file cannot be read: %v", err)
		return report
	}
	header := root.child("Header")
	if root.name != "Message" || header == nil || root.children[0] != header {
		report.say("the file is no message of EnterpriseData (error 9)")
		return report
	}
	format := header.value("Format")
	if version := format[strings.LastIndexByte(format, '/')+1:]; !slices.Contains(m.rules.versions, version) {
		report.say("the version %s is not supported", version)
		return report
	}
	l := &messageLoad{Message: m, base: b, report: &report}
	l.body(root.child("Body"))
	l.post()
	report.OK = true
	if m.rules.byID {
		report.dependOn("the rules are those of УТ 11.4: the ones of УТ 11.5 and ERP 2.5 are in no public source")
	}
	return report
}

func (l *messageLoad) body(body *node) {
	if body == nil {
		return
	}
	for _, object := range body.children {
		switch object.name {
		case "Справочник.Номенклатура":
			l.writeItem(object)
		case "Справочник.Контрагенты":
			l.writeBuyer(object)
		case "Документ.ЗаказКлиента":
			l.order(object)
		case "УдалениеОбъекта":
			l.remove(object)
		}
	}
}

// reference is the Ссылка of an object's key.
func reference(key *node) string { return key.value("Ссылка") }

// itemByKey is the item that a reference inside an object stands for: by UUID alone. One that is not there
// yet stays broken until its object comes; without a UUID there is none (D).
func (l *messageLoad) itemByKey(key *node) int {
	id := reference(key)
	if id == "" {
		return -1
	}
	at := find(l.base.Items, func(i *Item) bool { return strings.EqualFold(i.ID, id) })
	if at < 0 {
		at = len(l.base.Items)
		l.base.Items = append(l.base.Items, Item{ID: id})
	}
	return at
}

func (l *messageLoad) writeItem(object *node) {
	key := object.child("КлючевыеСвойства")
	at := l.itemByKey(key)
	if at < 0 { // a new one each time
		at = len(l.base.Items)
		l.base.Items = append(l.base.Items, Item{})
	}
	item := &l.base.Items[at]
	item.Name, item.Article = cut(key.value("Наименование"), 100), key.value("Артикул")
	item.Service = object.value("ТипНоменклатуры") == "Услуга"
	item.Rate = enumRate(object.child("СтавкаНДС"))
}

// buyerByKey finds a buyer by UUID, then by ИНН with КПП, then by name; a variant with an empty field is
// not tried. One that is not found is created (D).
func (l *messageLoad) buyerByKey(key *node) int {
	if key == nil {
		return -1
	}
	id, name, taxID, kpp := reference(key), cut(key.value("Наименование"), 100), key.value("ИНН"), key.value("КПП")
	by := []func(*Buyer) bool{
		func(b *Buyer) bool { return id != "" && strings.EqualFold(b.ID, id) },
		func(b *Buyer) bool { return taxID != "" && kpp != "" && b.TaxID == taxID && b.KPP == kpp },
		func(b *Buyer) bool { return name != "" && b.Name == name },
	}
	for _, fits := range by {
		if at := find(l.base.Buyers, fits); at >= 0 {
			return at
		}
	}
	kind := Person
	if key.value("ЮридическоеФизическоеЛицо") == "ЮридическоеЛицо" {
		kind = Company
	}
	l.base.Buyers = append(l.base.Buyers, Buyer{ID: id, Name: name, TaxID: taxID, KPP: kpp, Kind: kind})
	return len(l.base.Buyers) - 1
}

func (l *messageLoad) writeBuyer(object *node) {
	key := object.child("КлючевыеСвойства")
	at := l.buyerByKey(key)
	if at < 0 {
		return
	}
	b := &l.base.Buyers[at]
	b.Country = first(key.value("СтранаРегистрации", "ДанныеКлассификатора", "Код"), "643")
	b.TaxID = first(b.TaxID, object.value("НалоговыйНомерНерезидента"), key.value("НалоговыйНомерНерезидента"))
	for _, row := range object.child("КонтактнаяИнформация").all("Строка") {
		switch value := row.value("ЗначенияПолей"); row.value("ВидКонтактнойИнформации") {
		case "АдресЭлектроннойПочты":
			b.Email = value
		case "Телефон":
			b.Phone = value
		case "ПочтовыйАдрес":
			b.Address = value
		}
	}
}

// named finds an organisation or a warehouse: by UUID alone, or else by its fields, and creates what is
// not there (D).
func (l *messageLoad) named(list *[]Named, key *node, what string) string {
	if key == nil {
		return ""
	}
	id, name, taxID, kpp := reference(key), key.value("Наименование"), key.value("ИНН"), key.value("КПП")
	if at := find(*list, func(n *Named) bool { return id != "" && strings.EqualFold(n.ID, id) }); at >= 0 {
		return (*list)[at].Name
	}
	if l.rules.byID {
		if id == "" {
			l.report.keepSilent("%s %s has no reference in the file: the field stays empty", what, name)
		} else {
			l.report.keepSilent("%s %s: there is none of that reference", what, name)
		}
		return ""
	}
	at := find(*list, func(n *Named) bool {
		return taxID != "" && n.TaxID == taxID && (kpp == "" || n.KPP == kpp) || name != "" && n.Name == name
	})
	if at < 0 {
		at = len(*list)
		*list = append(*list, Named{ID: id, Name: name, TaxID: taxID, KPP: kpp})
		l.report.keepSilent("%s %s is not in the base: it was created", what, name)
	}
	return (*list)[at].Name
}

// currencyByKey finds a currency by code, then by name (D).
func (l *messageLoad) currencyByKey(key *node) string {
	key = key.child("ДанныеКлассификатора")
	code, name := key.value("Код"), key.value("Наименование")
	if found, ok := l.base.Codes[code]; ok {
		return found
	}
	if name != l.base.Currency && !slices.Contains(l.base.Currencies, name) {
		l.report.keepSilent("currency %s (%s) is not in the base: it was created", name, code)
		l.base.Currencies = append(slices.Clone(l.base.Currencies), name)
	}
	return name
}

// order writes a document: the one of its reference, else a new one each time (D).
func (l *messageLoad) order(object *node) {
	key := object.child("КлючевыеСвойства")
	id := reference(key)
	at := find(l.base.Orders, func(o *Order) bool { return id != "" && strings.EqualFold(o.ID, id) })
	o := Order{Names: Names{ID: id, Number: cut(key.value("Номер"), numberLength)}, Taxed: true}
	if at >= 0 {
		if !l.rules.renumbers {
			o.Number = l.base.Orders[at].Number
		}
		l.report.Updated++
	} else {
		at = len(l.base.Orders)
		l.base.Orders = append(l.base.Orders, Order{})
		l.report.Created++
	}
	l.fill(object, key, &o)
	l.base.Orders[at] = o
	l.loaded = append(l.loaded, at)
}

func (l *messageLoad) fill(object, key *node, o *Order) {
	o.Date = key.value("Дата")
	o.Site = key.value("ДанныеВходящегоДокумента", "НомерВходящегоДокумента")
	o.Organisation = first(l.named(&l.base.Organisations, key.child("Организация"), "Организация"), l.Node.Organisation)
	if l.rules.byID && !key.child("Организация").has("Ссылка") {
		o.Organisation = ""
	}
	o.Warehouse = first(l.named(&l.base.Warehouses, object.child("Склад"), "Склад"), l.Node.Warehouse)
	o.Currency = l.currencyByKey(object.child("Валюта"))
	o.Buyer = l.buyerByKey(object.child("Контрагент"))
	o.Contract = object.value("ДанныеВзаиморасчетов", "Договор", "Наименование")
	o.Comment = first(object.value("Комментарий"), object.value("ОбщиеСвойстваОбъектовФормата", "Комментарий"))
	if l.rules.needsAddress {
		o.Address = cut(object.value("АдресДоставки"), 500)
	}
	o.VATInside = object.value("СуммаВключаетНДС") == "true"
	for _, table := range []string{"Товары", "Услуги"} {
		for _, row := range object.child(table).all("Строка") {
			l.line(row, o)
		}
	}
	if !l.rules.recomputes {
		o.Total = number(object.value("Сумма"))
	}
}

func (l *messageLoad) line(row *node, o *Order) {
	key := row.child("ДанныеНоменклатуры", "Номенклатура")
	if key == nil {
		key = row.child("Номенклатура")
	}
	n := Line{
		Item: l.itemByKey(key), Quantity: number(row.value("Количество")), Price: number(row.value("Цена")),
		Sum: number(row.value("Сумма")), VAT: number(row.value("СуммаНДС")),
		Variant: row.value("ДанныеНоменклатуры", "Характеристика", "Ссылка"),
	}
	if l.rules.byID {
		n.Variant = "" // not mapped
	}
	if n.Item < 0 {
		l.report.keepSilent("order %s: the item %s has no reference in the file, the line is without an item", o.Number, key.value("Наименование"))
	}
	if n.Price.IsZero() && !l.rules.byID {
		l.report.keepSilent("order %s: a line without a price takes that of the price list", o.Number)
	}
	rate := row.child("СтавкаНДС")
	switch n.Rate = enumRate(rate); {
	case rate != nil && n.Rate != WithoutVAT && !contains(l.base.Rates, n.Rate) && n.Rate != "0":
		n.Rate = ""
		l.report.keepSilent("order %s: a rate of VAT that the base does not have stays empty", o.Number)
	case rate == nil && l.rules.itemRate && n.Item >= 0:
		n.Rate = l.base.Items[n.Item].Rate
		l.report.keepSilent("order %s: a line without a rate of VAT takes its item's own", o.Number)
	}
	n.Total = n.Sum
	if !o.VATInside {
		n.Total = n.Sum.Plus(n.VAT)
	}
	o.Lines = append(o.Lines, n)
	if l.rules.recomputes {
		o.Total = o.Total.Plus(n.Total)
	}
}

// enumRate is the rate that a value of the format stands for: of the enumeration to 1.16, of a structure
// behind it. Empty where there is none (D).
func enumRate(rate *node) string {
	switch {
	case rate == nil:
		return ""
	case len(rate.children) > 0 && rate.value("НеОблагается") == "true":
		return WithoutVAT
	case len(rate.children) > 0:
		return number(rate.value("Ставка")).String()
	}
	text := strings.TrimPrefix(rate.text, "НДС")
	text, _, _ = strings.Cut(text, "_")
	switch text {
	case "БезНДС":
		return WithoutVAT
	case "0", "10", "18", "20":
		return text
	}
	return ""
}

// remove marks an order for deletion, unless the same message loads it (D).
func (l *messageLoad) remove(object *node) {
	id := object.value("СсылкаНаОбъект", "СсылкаНаОбъект", "ЗаказКлиентаСсылка")
	at := find(l.base.Orders, func(o *Order) bool { return id != "" && strings.EqualFold(o.ID, id) })
	if at < 0 || slices.Contains(l.loaded, at) {
		return
	}
	l.base.Orders[at].Deleted, l.base.Orders[at].Posted = true, false
	l.report.Updated++
}

// post posts what was loaded, drafts and orders that the format calls out of date too. A number that
// another order of the year has fails (D, P).
func (l *messageLoad) post() {
	for _, at := range l.loaded {
		o := &l.base.Orders[at]
		twin := find(l.base.Orders, func(p *Order) bool {
			return p != o && p.Number == o.Number && cut(p.Date, 4) == cut(o.Date, 4)
		})
		if twin >= 0 {
			l.report.say("order %s: another has this number, so it is not posted", o.Number)
			continue
		}
		for i, line := range o.Lines {
			if line.Item >= 0 && l.base.Items[line.Item].Name == "" {
				l.report.keepSilent("order %s: line %s refers to an item that is not in the base", o.Number, strconv.Itoa(i+1))
			}
		}
		o.Posted = true
	}
}
