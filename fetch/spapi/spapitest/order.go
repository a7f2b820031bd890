package spapitest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// set is the names that a list holds.
type set map[string]bool

// Order is one state of one order.
type Order struct {
	ID      string
	Created time.Time
	Updated time.Time
	// Visible is when searches begin to show this state, Updated when zero: later than that, it is one of
	// the late updates that Amazon is known for.
	Visible     time.Time
	Status      string // of the 2026-01-01 model, UNSHIPPED when empty
	FulfilledBy string // AMAZON or MERCHANT, AMAZON when empty
	Marketplace Marketplace
	Items       []Item
}

// Item is a line. Amounts are for the whole line and in the currency's smallest unit.
type Item struct {
	ID, SKU, ASIN, Title string
	Quantity             int
	Unit                 int64 // the price of one piece
	Tax, Shipping        int64
	Discount             int64 // not negative; it is taken off
}

// Total is what the line brings.
func (i Item) Total() int64 {
	return int64(i.Quantity)*i.Unit + i.Tax + i.Shipping - i.Discount
}

// Total is what the order brings, in the currency's smallest unit.
func (o Order) Total() int64 {
	var sum int64
	for _, i := range o.Items {
		sum += i.Total()
	}
	return sum
}

// Amount writes an amount as Amazon does: "12.50", of yen "1250".
func (o Order) Amount(units int64) string { return amount(units, o.Marketplace.Currency) }

func amount(units int64, currency string) string {
	if currency == "JPY" {
		return strconv.FormatInt(units, 10)
	}
	sign := ""
	if units < 0 {
		sign, units = "-", -units
	}
	return fmt.Sprintf("%s%d.%02d", sign, units/100, units%100)
}

// complete fills in what may be left empty.
func (o Order) complete() Order {
	if o.Visible.IsZero() {
		o.Visible = o.Updated
	}
	if o.Marketplace.ID == "" {
		o.Marketplace = Germany
	}
	o.Status = or(o.Status, "UNSHIPPED")
	o.FulfilledBy = or(o.FulfilledBy, "AMAZON")
	return o
}

// appendTo writes the order as the API shows it: what is not asked for is missing.
func (o Order) appendTo(w *writer, asked set, drift bool) {
	w.open("", '{')
	w.text("orderId", o.ID)
	w.text("createdTime", stamp(o.Created))
	w.text("lastUpdatedTime", stamp(o.Updated))
	w.open("salesChannel", '{')
	w.text("channelName", "AMAZON")
	w.text("marketplaceId", o.Marketplace.ID)
	w.text("marketplaceName", o.Marketplace.Name)
	w.close('}')
	o.people(w, asked)
	priced := o.Status != "PENDING" && o.Status != "PENDING_AVAILABILITY"
	if asked["PROCEEDS"] && priced {
		w.open("proceeds", '{')
		o.money(w, "grandTotal", o.Total(), false)
		w.close('}')
	}
	if asked["FULFILLMENT"] {
		w.open("fulfillment", '{')
		w.text("fulfillmentStatus", o.Status)
		w.text("fulfilledBy", o.FulfilledBy)
		w.close('}')
	}
	if asked["PAYMENT"] && priced {
		w.open("payment", '{')
		w.open("paymentExecutions", '[')
		w.open("", '{')
		w.text("paymentMethod", "CreditCard")
		o.money(w, "paymentAmount", o.Total(), false)
		w.close('}')
		w.close(']')
		w.close('}')
	}
	w.open("orderItems", '[')
	for _, i := range o.Items {
		o.item(w, i, asked, priced, drift)
	}
	w.close(']')
	w.close('}')
}

// people are invented, and only shown to who asks.
func (o Order) people(w *writer, asked set) {
	if asked["BUYER"] {
		w.open("buyer", '{')
		w.text("buyerEmail", "buyer-"+o.ID+"@marketplace.example.com")
		w.text("buyerName", "Erika Beispiel")
		w.close('}')
	}
	if asked["RECIPIENT"] {
		w.open("recipient", '{')
		w.open("deliveryAddress", '{')
		w.text("name", "Erika Beispiel")
		w.text("addressLine1", "Beispielweg 1")
		w.text("city", "Musterstadt")
		w.text("postalCode", "00000")
		w.text("countryCode", o.Marketplace.Country)
		w.close('}')
		w.close('}')
	}
}

func (o Order) item(w *writer, i Item, asked set, priced, drift bool) {
	w.open("", '{')
	w.text("orderItemId", i.ID)
	w.number("quantityOrdered", strconv.Itoa(i.Quantity), drift)
	w.open("product", '{')
	w.text("asin", i.ASIN)
	w.text("title", i.Title)
	w.text("sellerSku", i.SKU)
	w.open("condition", '{')
	w.text("conditionType", "NEW")
	w.close('}')
	w.open("price", '{')
	o.money(w, "unitPrice", i.Unit, drift)
	w.close('}')
	w.close('}')
	if asked["PROCEEDS"] && priced {
		w.open("proceeds", '{')
		o.money(w, "proceedsTotal", i.Total(), drift)
		o.breakdowns(w, i, drift)
		w.close('}')
	}
	o.progress(w, i, asked)
	w.close('}')
}

// progress is what became of a line.
func (o Order) progress(w *writer, i Item, asked set) {
	if asked["PROMOTION"] && i.Discount > 0 {
		w.open("promotion", '{')
		w.open("breakdowns", '[')
		w.open("", '{')
		w.text("promotionId", "EXAMPLE-PROMOTION")
		w.close('}')
		w.close(']')
		w.close('}')
	}
	if asked["CANCELLATION"] && o.Status == "CANCELLED" {
		w.open("cancellation", '{')
		w.open("cancellationExecution", '{')
		w.text("cancelledBy", "BUYER")
		w.text("cancelReason", "no longer needed")
		w.close('}')
		w.close('}')
	}
	if asked["FULFILLMENT"] {
		done := 0
		if o.Status == "SHIPPED" {
			done = i.Quantity
		}
		w.open("fulfillment", '{')
		w.number("quantityFulfilled", strconv.Itoa(done), false)
		w.number("quantityUnfulfilled", strconv.Itoa(i.Quantity-done), false)
		w.close('}')
	}
}

// breakdowns add up to what the line brings.
func (o Order) breakdowns(w *writer, i Item, drift bool) {
	w.open("breakdowns", '[')
	for _, part := range []struct {
		name  string
		units int64
	}{{"ITEM", int64(i.Quantity) * i.Unit}, {"SHIPPING", i.Shipping}, {"TAX", i.Tax}, {"DISCOUNT", -i.Discount}} {
		if part.units != 0 || part.name == "ITEM" {
			w.open("", '{')
			w.text("type", part.name)
			o.money(w, "subtotal", part.units, drift)
			w.close('}')
		}
	}
	w.close(']')
}

// money is a text; drifted, it is a number, as some fields came.
func (o Order) money(w *writer, name string, units int64, drift bool) {
	w.open(name, '{')
	w.number("amount", o.Amount(units), !drift)
	w.text("currencyCode", o.Marketplace.Currency)
	w.close('}')
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// object is JSON that is small enough for encoding/json.
type object = map[string]any

// writer writes the orders, of which a simulated year has millions. A comma follows every value, and goes
// when what holds the value is closed.
type writer struct{ b []byte }

func (w *writer) name(name string) {
	if name != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, name...)
		w.b = append(w.b, '"', ':')
	}
}

// open begins an object or a list, which has no name inside a list.
func (w *writer) open(name string, with byte) {
	w.name(name)
	w.b = append(w.b, with)
}

func (w *writer) close(with byte) {
	if last := len(w.b) - 1; w.b[last] == ',' {
		w.b = w.b[:last]
	}
	w.b = append(w.b, with, ',')
}

func (w *writer) text(name, value string) {
	w.name(name)
	b, err := jsontext.AppendQuote(w.b, value)
	if err != nil {
		panic(err) // a test gave an order a text that is not UTF-8
	}
	w.b = append(b, ',')
}

// number writes a number as it is given, as a text if so wanted.
func (w *writer) number(name, value string, quoted bool) {
	if quoted {
		w.text(name, value)
		return
	}
	w.name(name)
	w.b = append(append(w.b, value...), ',')
}

// done is what was written.
func (w *writer) done() []byte { return w.b[:len(w.b)-1] }
