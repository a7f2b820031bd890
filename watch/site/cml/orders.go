package cml

import (
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
}

// Event is a payment or a shipment; both fields are empty where there was none.
type Event struct {
	Number string
	Date   string
}

// Happened reports whether 1C has a document of it.
func (e Event) Happened() bool { return e.Number != "" || e.Date != "" }

// document is a Документ.
type document struct {
	ID         string     `xml:"Ид"`
	Number     string     `xml:"Номер"`
	Currency   string     `xml:"Валюта"`
	Total      string     `xml:"Сумма"`
	Operation  string     `xml:"ХозОперация"`
	Deleted    string     `xml:"ПометкаУдаления"`
	Properties []property `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
}

// orderOperation is the ХозОперация of an order; payments and shipments of newer exchanges have others.
const orderOperation = "заказ товара"

// ReadOrders calls each for every order of a file, in their order. An error of each ends the reading and
// is returned as it is; a file that cannot be read is an *Error.
func ReadOrders(file io.Reader, each func(Order) error) error {
	r, err := newReader(file)
	if err != nil {
		return err
	}
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
		if o, isOrder := d.order(); isOrder {
			if err := each(o); err != nil {
				return err
			}
		}
	}
}

// order leaves documents out that are no orders. A missing ХозОперация is an order's: old configurations
// write none.
func (d *document) order() (Order, bool) {
	operation := strings.ToLower(strings.TrimSpace(d.Operation))
	if operation != "" && operation != orderOperation {
		return Order{}, false
	}
	o := Order{
		ID: strings.TrimSpace(d.ID), Number: strings.TrimSpace(d.Number), Currency: strings.TrimSpace(d.Currency),
		Total: strings.TrimSpace(d.Total), Deleted: truth(d.Deleted),
	}
	for i := range d.Properties {
		o.set(strings.TrimSpace(d.Properties[i].Name), d.Properties[i].value())
	}
	return o, true
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
		o.Deleted = o.Deleted || truth(value)
	case "проведен", "проведён":
		o.Posted = truth(value)
	case "отменен", "отменён":
		o.Cancelled = truth(value)
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
