package spapitest

import (
	"fmt"
	"strconv"
	"time"
)

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

// object is JSON that is written in the order of the names, as every encoder of maps does.
type object = map[string]any

// shown is the order as the API shows it: what is not asked for is missing (facts, amazon 2.7).
func (o Order) shown(asked set, drift bool) object {
	m := object{
		"orderId": o.ID, "createdTime": stamp(o.Created), "lastUpdatedTime": stamp(o.Updated),
		"salesChannel": object{"channelName": "AMAZON", "marketplaceId": o.Marketplace.ID, "marketplaceName": o.Marketplace.Name},
	}
	if asked["BUYER"] {
		m["buyer"] = object{"buyerEmail": "buyer-" + o.ID + "@marketplace.example.com", "buyerName": "Erika Beispiel"}
	}
	if asked["RECIPIENT"] {
		m["recipient"] = object{"deliveryAddress": object{
			"name": "Erika Beispiel", "addressLine1": "Beispielweg 1", "city": "Musterstadt", "postalCode": "00000", "countryCode": o.Marketplace.Country,
		}}
	}
	priced := o.Status != "PENDING" && o.Status != "PENDING_AVAILABILITY"
	if asked["PROCEEDS"] && priced {
		m["proceeds"] = object{"grandTotal": o.money(o.Total(), false)}
	}
	if asked["FULFILLMENT"] {
		m["fulfillment"] = object{"fulfillmentStatus": o.Status, "fulfilledBy": o.FulfilledBy}
	}
	if asked["PAYMENT"] && priced {
		m["payment"] = object{"paymentExecutions": []any{object{"paymentMethod": "CreditCard", "paymentAmount": o.money(o.Total(), false)}}}
	}
	var items []any
	for _, i := range o.Items {
		items = append(items, o.item(i, asked, priced, drift))
	}
	m["orderItems"] = items
	return m
}

func (o Order) item(i Item, asked set, priced, drift bool) object {
	m := object{
		"orderItemId": i.ID, "quantityOrdered": i.Quantity,
		"product": object{
			"asin": i.ASIN, "sellerSku": i.SKU, "title": i.Title,
			"price": object{"unitPrice": o.money(i.Unit, drift)}, "condition": object{"conditionType": "NEW"},
		},
	}
	if drift {
		m["quantityOrdered"] = strconv.Itoa(i.Quantity)
	}
	if asked["PROCEEDS"] && priced {
		m["proceeds"] = object{"proceedsTotal": o.money(i.Total(), drift), "breakdowns": o.breakdowns(i, drift)}
	}
	if asked["FULFILLMENT"] {
		done := 0
		if o.Status == "SHIPPED" {
			done = i.Quantity
		}
		m["fulfillment"] = object{"quantityFulfilled": done, "quantityUnfulfilled": i.Quantity - done}
	}
	if asked["PROMOTION"] && i.Discount > 0 {
		m["promotion"] = object{"breakdowns": []any{object{"promotionId": "EXAMPLE-PROMOTION"}}}
	}
	if asked["CANCELLATION"] && o.Status == "CANCELLED" {
		m["cancellation"] = object{"cancellationExecution": object{"cancelledBy": "BUYER", "cancelReason": "no longer needed"}}
	}
	return m
}

// breakdowns add up to what the line brings.
func (o Order) breakdowns(i Item, drift bool) []any {
	list := []any{object{"type": "ITEM", "subtotal": o.money(int64(i.Quantity)*i.Unit, drift)}}
	for _, part := range []struct {
		name  string
		units int64
	}{{"SHIPPING", i.Shipping}, {"TAX", i.Tax}, {"DISCOUNT", -i.Discount}} {
		if part.units != 0 {
			list = append(list, object{"type": part.name, "subtotal": o.money(part.units, drift)})
		}
	}
	return list
}

// bare is a number without quotes, as some fields came where a text is documented.
type bare string

func (b bare) MarshalJSON() ([]byte, error) { return []byte(b), nil }

func (o Order) money(units int64, drift bool) object {
	text := o.Amount(units)
	if drift {
		return object{"amount": bare(text), "currencyCode": o.Marketplace.Currency}
	}
	return object{"amount": text, "currencyCode": o.Marketplace.Currency}
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }
