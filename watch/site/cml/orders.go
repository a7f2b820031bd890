package cml

import (
	"cmp"
	"errors"
	"io"
	"strings"
)

// Order is one order as 1C describes it, for a site that sent it before. Texts are 1C's own; an empty one
// was not there.
type Order struct {
	ID       string // 1C's GUID of its document
	Number   string // the number that the site gave it
	Currency string // as 1C calls it: "EUR", "евро", "руб."
	Total    string // digits with a decimal point

	Number1C string // number of 1C's document
	Date1C   string
	Status   string // name of 1C's state of orders

	Posted    bool
	Deleted   bool // marked for deletion
	Cancelled bool
	Payment   Event
	Shipment  Event

	// Part: a document of its own tells of a payment or a shipment; of the order only Number is known.
	Part Part
}

// Part holds what a document tells of an order.
type Part string

// The parts of an order that have documents of their own in newer exchanges.
const (
	Whole         Part = ""
	PaymentAlone  Part = "payment"
	ShipmentAlone Part = "shipment"
)

// Event is a payment or a shipment; both fields are empty where there was none.
type Event struct {
	Number string
	Date   string
}

// Happened reports whether 1C has a document of it.
func (e Event) Happened() bool { return e.Number != "" || e.Date != "" }

// document is a Документ, or a ПодчиненныйДокумент of one.
type document struct {
	ID         string     `xml:"Ид"`
	Number     string     `xml:"Номер"`
	Currency   string     `xml:"Валюта"`
	Total      string     `xml:"Сумма"`
	Operation  string     `xml:"ХозОперация"`
	Deleted    string     `xml:"ПометкаУдаления"`
	Properties []property `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`

	Date        string     `xml:"Дата"`
	Number1C    string     `xml:"Номер1С"` // newer exchanges write it here, older ones as a property
	Date1C      string     `xml:"Дата1С"`
	Base        string     `xml:"Основание"` // number or Ид of the order
	Subordinate []document `xml:"ПодчиненныеДокументы>ПодчиненныйДокумент"`
}

// parts are the meanings of ХозОперация. A missing one is an order's: old configurations write none.
var parts = map[string]Part{
	"": Whole, "заказ товара": Whole, "отпуск товара": ShipmentAlone,
	"выплата наличных денег": PaymentAlone, "выплата безналичных денег": PaymentAlone, "эквайринговая операция": PaymentAlone,
}

// part is not ok for documents that have nothing to do with orders.
func (d *document) part() (part Part, ok bool) {
	part, ok = parts[strings.ToLower(strings.TrimSpace(d.Operation))]
	return part, ok
}

// ReadOrders calls each for every order of a file, in their order. An error of each ends the reading and
// is returned as it is; a file that cannot be read is an *Error.
func ReadOrders(file io.Reader, each func(Order) error) error {
	r, err := newReader(file)
	if err != nil {
		return err
	}
	numbers := map[string]string{} // of the orders so far, by their Ид
	for {
		start, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start.Name.Local != "Документ" {
			continue
		}
		var d document
		if err := r.decode(&d, &start); err != nil {
			return err
		}
		if o, isOrder := d.order(numbers); isOrder {
			if err := each(o); err != nil {
				return err
			}
		}
	}
}

// order leaves documents out that are no orders, and payments and shipments that name none.
func (d *document) order(numbers map[string]string) (Order, bool) {
	part, ok := d.part()
	if !ok {
		return Order{}, false
	}
	o := Order{
		ID: strings.TrimSpace(d.ID), Number: strings.TrimSpace(d.Number), Currency: strings.TrimSpace(d.Currency),
		Total: strings.TrimSpace(d.Total), Deleted: parseFlag(d.Deleted), Number1C: strings.TrimSpace(d.Number1C), Date1C: date(strings.TrimSpace(d.Date1C)),
	}
	for i := range d.Properties {
		o.set(strings.TrimSpace(d.Properties[i].Name), d.Properties[i].value())
	}
	if part != Whole {
		base := strings.TrimSpace(d.Base)
		alone := Order{Number: cmp.Or(numbers[base], base), Part: part}
		alone.takePart(part, d.event(&o))
		return alone, base != ""
	}
	if o.ID != "" {
		numbers[o.ID] = o.Number
	}
	for i := range d.Subordinate {
		o.subordinate(&d.Subordinate[i])
	}
	return o, true
}

// subordinate notes a payment or a shipment that stands within the order.
func (o *Order) subordinate(d *document) {
	if part, ok := d.part(); ok && part != Whole {
		own, _ := (&document{Number: d.Number, Deleted: d.Deleted, Number1C: d.Number1C, Date1C: d.Date1C, Properties: d.Properties}).order(map[string]string{})
		o.takePart(part, d.event(&own))
	}
}

func (o *Order) takePart(part Part, e Event) {
	if part == PaymentAlone {
		o.Payment = e
	} else {
		o.Shipment = e
	}
}

// event is the payment or shipment of a document, whose properties are read; none where it was taken back.
func (d *document) event(read *Order) Event {
	if read.Deleted || read.Cancelled {
		return Event{}
	}
	return Event{
		Number: cmp.Or(read.Payment.Number, read.Shipment.Number, read.Number1C, strings.TrimSpace(d.Number)),
		Date:   cmp.Or(read.Payment.Date, read.Shipment.Date, read.Date1C, date(strings.TrimSpace(d.Date))),
	}
}

// set notes a property under the names that УТ, УНФ and older configurations write, in Russian with the
// letter С of either alphabet.
func (o *Order) set(name, value string) {
	switch strings.ReplaceAll(strings.ToLower(name), "1c", "1с") {
	case "номер по 1с":
		o.Number1C = value
	case "дата по 1с":
		o.Date1C = date(value)
	case "пометкаудаления", "пометка удаления":
		o.Deleted = o.Deleted || parseFlag(value)
	case "проведен", "проведён":
		o.Posted = parseFlag(value)
	case "отменен", "отменён":
		o.Cancelled = parseFlag(value)
	case "статус заказа", "статусзаказа":
		o.Status = value
	case "номер оплаты по 1с":
		o.Payment.Number = value
	case "дата оплаты по 1с":
		o.Payment.Date = date(value)
	case "номер отгрузки по 1с":
		o.Shipment.Number = value
	case "дата отгрузки по 1с":
		o.Shipment.Date = date(value)
	}
}

// date drops what configurations write for an empty date: the T alone that stands between day and time,
// of either alphabet, or the first day of the first year.
func date(value string) string {
	if len([]rune(value)) < len("2006") || strings.HasPrefix(value, "0001-01-01") {
		return ""
	}
	return value
}
