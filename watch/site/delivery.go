package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/money"
	"obmen/watch/ledger"
	"obmen/watch/site/cml"
)

// Delivery is the Queue and the Answers of a ledger.
type Delivery struct {
	Ledger *ledger.Ledger
	Layout func() *layout.Layout // of the exchange file; asked for each one
	// Decode returns the document that the ledger keeps for an order, nil when it cannot be read.
	Decode func(kept []byte) *document.Document
	// Accounts returns the accounts whose orders a user gets, nil for all.
	Accounts func(user string) []string
	// Currencies are 1C's names of currencies, by ISO letters.
	Currencies map[string]string
	Now        func() time.Time
	Report     func(Event) // may be nil
}

var (
	_ Queue   = (*Delivery)(nil)
	_ Answers = (*Delivery)(nil)
)

// cureRefused is the next step for an order that 1C does not accept.
const cureRefused = "1C's event log names the reason (exchange with sites); mend it there or here, then send the order once more: obmen replay ORDER"

// Next is Queue.Next.
func (d *Delivery) Next(ctx context.Context, user string, want Want) ([]Order, error) {
	exchanges, err := d.exchanges(ctx, user)
	if err != nil {
		return nil, err
	}
	waiting, err := d.Ledger.SiteWaiting(ctx, exchanges, want.Doubted, want.Most)
	orders := make([]Order, len(waiting))
	for i := range waiting {
		w := &waiting[i]
		orders[i] = Order{Key: keyOf(w), Number: w.Order, Doubt: Doubt{Limit: w.Most, Tries: w.Tries}}
	}
	return orders, err
}

func (d *Delivery) exchanges(ctx context.Context, user string) (list []string, err error) {
	accounts := d.Accounts(user)
	if accounts == nil {
		return d.Ledger.SiteExchanges(ctx)
	}
	for _, account := range accounts {
		list = append(list, ledger.SiteExchange(account))
	}
	return list, nil
}

// keySeparator stands in no name of an account and in no number of an order.
const keySeparator = "\x1f"

func keyOf(w *ledger.SiteDocument) string {
	return strings.Join([]string{strconv.FormatInt(w.Set, 10), w.Exchange, w.Scope, w.Order}, keySeparator)
}

var errKey = errors.New("not the key of an order that waits")

func documentOf(o *Order) (w ledger.SiteDocument, err error) {
	part := strings.Split(o.Key, keySeparator)
	if len(part) != 4 {
		return w, errKey
	}
	w.Exchange, w.Scope, w.Order = part[1], part[2], part[3]
	w.Most, w.Tries = o.Doubt.Limit, o.Doubt.Tries
	w.Set, err = strconv.ParseInt(part[0], 10, 64)
	return w, err
}

func documentsOf(orders []Order) ([]ledger.SiteDocument, error) {
	list := make([]ledger.SiteDocument, len(orders))
	for i := range orders {
		var err error
		if list[i], err = documentOf(&orders[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Write is Queue.Write.
func (d *Delivery) Write(ctx context.Context, to io.Writer, _ string, orders []Order) error {
	b, err := d.documents(ctx, orders)
	if err != nil {
		return err
	}
	part, err := exchangeFile(d.Layout())
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := part.Write(ctx, &file, b); err != nil {
		return d.culprit(ctx, part, orders, b, err)
	}
	_, err = file.WriteTo(to)
	return err
}

// documents are what is offered of orders, under their numbers for 1C.
func (d *Delivery) documents(ctx context.Context, orders []Order) (document.Batch, error) {
	b := document.Batch{Created: d.Now().UTC(), Documents: make([]document.Document, len(orders))}
	list, err := documentsOf(orders)
	if err != nil {
		return b, err
	}
	numbers, err := d.Ledger.SiteNumbers(ctx, list)
	if err != nil {
		return b, err
	}
	for i := range list {
		kept, found, err := d.Ledger.SiteDocumentOf(ctx, list[i])
		if err != nil {
			return b, err
		}
		doc := d.Decode(kept.Document)
		if !found || doc == nil {
			return b, &OrderError{orders[i].Key, errUnreadable}
		}
		doc.Number1C = numbers[i]
		b.Documents[i] = *doc
	}
	return b, nil
}

// culprit finds the order that cannot be written.
func (d *Delivery) culprit(ctx context.Context, part layout.Part, orders []Order, b document.Batch, err error) error {
	for i := range orders {
		one := b
		one.Documents = b.Documents[i : i+1]
		if _, err := part.Write(ctx, io.Discard, one); err != nil && ctx.Err() == nil {
			return &OrderError{orders[i].Key, err}
		}
	}
	return err
}

var errNoFile = errors.New("the layout has no exchange file in XML")

func exchangeFile(l *layout.Layout) (layout.Part, error) {
	for _, part := range l.Parts() {
		if part.Ext() == ".xml" {
			return part, nil
		}
	}
	return layout.Part{}, errNoFile
}

var errUnreadable = errors.New("what the ledger noted of the order cannot be read; send it once more: obmen replay ORDER")

// Confirm is Queue.Confirm.
func (d *Delivery) Confirm(ctx context.Context, _ string, orders []Order) error {
	list, err := documentsOf(orders)
	if err != nil {
		return err
	}
	return d.Ledger.SiteDelivered(ctx, list, d.Now())
}

// Suspect is Queue.Suspect.
func (d *Delivery) Suspect(ctx context.Context, _ string, orders []Order) error {
	list, err := documentsOf(orders)
	if err != nil {
		return err
	}
	return d.Ledger.SiteSuspect(ctx, list)
}

// Refuse is Queue.Refuse.
func (d *Delivery) Refuse(ctx context.Context, _ string, o Order, why string) error {
	w, err := documentOf(&o)
	if err != nil {
		return err
	}
	return d.Ledger.SiteRefused(ctx, w, why, strings.ReplaceAll(cureRefused, "ORDER", w.Order), d.Now())
}

// Answer is Answers.Answer.
func (d *Delivery) Answer(ctx context.Context, user string, orders []cml.Order) error {
	lot := answeredLot{may: d.mayAnswer(user), at: map[string]int{}}
	for i := range orders {
		if err := d.takeDocument(ctx, user, &lot, &orders[i]); err != nil {
			return err
		}
	}
	return d.Ledger.SiteAnswered(ctx, lot.changed, d.Now())
}

// answeredLot holds what has changed by orders that are noted together.
type answeredLot struct {
	may     func(exchange string) bool
	changed []ledger.SiteOrder
	at      map[string]int // of changed, by number: a payment may follow its order
}

// find looks an order up, as the documents before have left it.
func (l *answeredLot) find(ctx context.Context, book *ledger.Ledger, number string) (ledger.SiteOrder, bool, error) {
	if at, again := l.at[number]; again {
		return l.changed[at], true, nil
	}
	return book.SiteOrderOf(ctx, number, l.may)
}

func (l *answeredLot) put(o *ledger.SiteOrder) {
	if at, again := l.at[o.Number]; again {
		l.changed[at] = *o
		return
	}
	l.at[o.Number] = len(l.changed)
	l.changed = append(l.changed, *o)
}

// takeDocument brings one document into the lot.
func (d *Delivery) takeDocument(ctx context.Context, user string, lot *answeredLot, o *cml.Order) error {
	known, found, err := lot.find(ctx, d.Ledger, o.Number)
	if err != nil {
		return err
	}
	if !found {
		d.report(Event{Kind: Unknown, User: user, Number: o.Number})
		return nil
	}
	before := known.Answer
	if known.Answer, err = d.answer(ctx, &known, o); err != nil {
		return err
	}
	if known.Answer == before && !known.Answered.IsZero() {
		return nil
	}
	d.reportAnswer(user, &known, &before)
	lot.put(&known)
	return nil
}

// mayAnswer reports whether a user may speak of the orders of an exchange.
func (d *Delivery) mayAnswer(user string) func(exchange string) bool {
	accounts := d.Accounts(user)
	return func(exchange string) bool {
		return accounts == nil || slices.Contains(accounts, strings.TrimPrefix(exchange, ledger.SitePrefix))
	}
}

// answer compares what 1C says with what it got. A document of a payment or of a shipment leaves the
// rest as it was.
func (d *Delivery) answer(ctx context.Context, known *ledger.SiteOrder, o *cml.Order) (ledger.SiteAnswer, error) {
	a := known.Answer
	switch o.Part {
	case cml.PaymentAlone:
		a.Paid = words(o.Payment)
		return a, nil
	case cml.ShipmentAlone:
		a.Shipped = words(o.Shipment)
		return a, nil
	}
	a = ledger.SiteAnswer{
		ID: o.ID, Number1C: o.Number1C, Date1C: o.Date1C, Status: o.Status, Currency: o.Currency, Total: o.Total,
		Posted: o.Posted, Deleted: o.Deleted, Cancelled: o.Cancelled, Paid: words(o.Payment), Shipped: words(o.Shipment),
	}
	exported, found, err := d.Ledger.Order(ctx, known.Key)
	if err != nil || !found || o.Deleted || o.Cancelled {
		return a, err
	}
	if sent := d.Decode(exported.Facts); sent != nil && !sent.Cancelled {
		a.Differs = differences(sent, o, d.Currencies)
	}
	return a, nil
}

func words(e cml.Event) string { return strings.TrimSpace(e.Number + " " + e.Date) }

// reportAnswer reports what a person must know.
func (d *Delivery) reportAnswer(user string, now *ledger.SiteOrder, before *ledger.SiteAnswer) {
	event := Event{User: user, Number: now.Order}
	switch {
	case now.Answer.Differs != "" && now.Answer.Differs != before.Differs:
		event.Kind, event.Err = Differs, errors.New(now.Answer.Differs)
	case now.Answer.Deleted && !before.Deleted:
		event.Kind, event.Err = Dropped, errors.New("1C has marked it for deletion")
	case now.Answer.Cancelled && !before.Cancelled:
		event.Kind, event.Err = Dropped, errors.New("1C has cancelled it")
	default:
		return
	}
	d.report(event)
}

func (d *Delivery) report(e Event) {
	if d.Report != nil {
		d.Report(e)
	}
}

// homeCurrency is what 1C counts in.
const homeCurrency = "RUB"

// rubles are the spellings of the one currency that bases rarely call by its letters.
var rubles = []string{"руб", "руб.", "rur", "643", "рубль", "российский рубль"}

// differences compares the currency and the sum that 1C has with those that it got; empty when they are
// the same.
func differences(sent *document.Document, o *cml.Order, names map[string]string) string {
	var list []string
	if !sameCurrency(sent.Currency, o.Currency, names) {
		list = append(list, fmt.Sprintf("currency %s, sent %s", quote(o.Currency), sent.Currency))
	}
	if total, ok := amount(o.Total); ok && total != sent.Total {
		list = append(list, fmt.Sprintf("sum %s, sent %s", total.Text(2), sent.Total.Text(2)))
	}
	return strings.Join(list, "; ")
}

func sameCurrency(letters, text string, names map[string]string) bool {
	text = strings.ToLower(text)
	return text == "" || text == strings.ToLower(letters) || text == strings.ToLower(names[letters]) ||
		letters == homeCurrency && slices.Contains(rubles, text)
}

// amount reads a sum as 1C writes it: "1234.50", in old versions with blanks and a comma.
func amount(text string) (money.Amount, bool) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(text, ",", "."))
	d, err := money.Parse(text)
	return d, err == nil
}
