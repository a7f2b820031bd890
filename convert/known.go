package convert

import (
	"fmt"
	"slices"
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// AmazonScope is where the numbers of all of Amazon's orders are unique.
const AmazonScope = "amazon"

// Key is the business key of an order: its number, and where that number is unique (AmazonScope, or the
// account of a shop).
type Key struct{ Scope, Order string }

// Known is what an earlier run exported of an order.
type Known struct {
	Updated     time.Time // of the revision that was exported; zero when the source does not say
	Fingerprint Fingerprint
	Document    *document.Document // as it was exported; nil once its buyer's data were purged
}

// The actions of a document.
const (
	ActionNew    = "new"
	ActionUpdate = "update"
	ActionCancel = "cancel"
)

// skipRule reports whether an order needs nothing because of what was exported before: nothing changed, or
// this is an older state than the one that 1C has.
func (k *Known) skipRule(o *order.Order, print Fingerprint) Rule {
	switch {
	case k == nil:
		return ""
	case k.Fingerprint == print:
		return SkipKnown
	case !o.Updated.IsZero() && o.Updated.Before(k.Updated):
		return SkipOlder
	}
	return ""
}

// cancelDocument is the document of an order that was cancelled after it went out: what 1C has, marked as
// cancelled. A cancelled order states no amounts any more.
func (k *Known) cancelDocument(o *order.Order, header *document.Document) *document.Document {
	doc := header
	if k.Document != nil {
		old := *k.Document
		doc = &old
	}
	doc.Action, doc.Cancelled = ActionCancel, true
	doc.Changes = []document.Change{{What: "Status", Was: doc.Status, Now: string(o.Status)}}
	doc.Status, doc.StatusText, doc.Updated, doc.Origin = string(o.Status), o.StatusText, header.Updated, header.Origin
	return doc
}

// markChanges marks a document as new, or as an update with what it changes.
func (k *Known) markChanges(doc *document.Document) {
	doc.Action = ActionNew
	if k == nil {
		return
	}
	doc.Action = ActionUpdate
	if k.Document != nil {
		doc.Changes = changesBetween(k.Document, doc)
	}
}

// changesBetween lists what is different between two states of a document, in the order of the document.
func changesBetween(was, now *document.Document) (list []document.Change) {
	note := func(what, a, b string) {
		if a != b {
			list = append(list, document.Change{What: what, Was: a, Now: b})
		}
	}
	places := money.Currency(now.Currency).Places()
	note("Status", was.Status, now.Status)
	note("Currency", was.Currency, now.Currency)
	note("Total", was.Total.Text(places), now.Total.Text(places))
	note("VAT", was.VAT.Text(places), now.VAT.Text(places))
	note("Customer", was.Customer.Name, now.Customer.Name)
	note("ShipTo", was.ShipTo.Full, now.ShipTo.Full)
	note("Warehouse", was.Warehouse, now.Warehouse)
	before, after := lineTotals(was), lineTotals(now)
	for _, key := range lineKeys(was, now) {
		a, b := before[key], after[key]
		note(key+" Quantity", a.Quantity.String(), b.Quantity.String())
		note(key+" Amount", a.Amount.Text(places), b.Amount.Text(places))
	}
	return list
}

// lineTotals adds up the lines of one product in one order item: a split line is one line to a person.
func lineTotals(d *document.Document) map[string]money.Part {
	sums := map[string]money.Part{}
	for i := range d.Lines {
		l := &d.Lines[i]
		sum := sums[lineKey(l)]
		sum.Quantity, sum.Amount = sum.Quantity.Plus(l.Quantity), sum.Amount.Plus(l.Amount)
		sums[lineKey(l)] = sum
	}
	return sums
}

func lineKey(l *document.Line) string {
	if l.ItemID == "" {
		return l.SKU
	}
	return fmt.Sprintf("%s (%s)", l.SKU, l.ItemID)
}

func lineKeys(docs ...*document.Document) (keys []string) {
	for _, d := range docs {
		for i := range d.Lines {
			if key := lineKey(&d.Lines[i]); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
