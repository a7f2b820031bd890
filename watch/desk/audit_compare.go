package desk

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// compare looks an order of the reports up in the ledger.
func (a *Audit) compare(ctx context.Context, o *convert.Outcome) error {
	switch {
	case o.Order == "":
		a.Unread++
		a.Blank.noteOutcome(o)
		return nil
	case o.Rule == convert.SkipDuplicate || o.Rule == convert.SkipOlder:
		return nil
	}
	known, exported, err := a.exportedOrder(ctx, o)
	if err != nil {
		return err
	}
	a.noteOutcome(o)
	if gone, err := a.addDismissed(ctx, o); err != nil || gone {
		return err
	}
	if exported {
		return a.compareExported(o, &known)
	}
	return a.addAbsent(ctx, o)
}

func (e *Example) noteOutcome(o *convert.Outcome) {
	if e.Origin == "" {
		e.Origin, e.Why = o.Origin.String(), o.Hold.Sentence
	}
}

// exportedOrder is an order as the ledger has it. One that its reader refused does not name its account: then any order of
// this number will do.
func (a *Audit) exportedOrder(ctx context.Context, o *convert.Outcome) (ledger.Order, bool, error) {
	if o.Scope != "" {
		return a.desk.Ledger.Order(ctx, ledger.Key{Scope: o.Scope, Order: o.Order})
	}
	list, err := a.desk.Ledger.Orders(ctx, ledger.OrderFilter{Order: o.Order, Limit: 1})
	if err != nil || len(list) == 0 {
		return ledger.Order{}, false, err
	}
	o.Scope, o.Account = list[0].Scope, list[0].Account
	return list[0], true, nil
}

func (a *Audit) noteOutcome(o *convert.Outcome) {
	a.seen[auditKeyOf(ledger.Key{Scope: o.Scope, Order: o.Order})] = struct{}{}
	if _, ok := a.accounts[o.Account]; !ok && o.Account != "" {
		a.accounts[o.Account] = 0
	}
	d := o.Document
	if d == nil {
		return
	}
	a.markets[d.Marketplace] = true
	if a.From.IsZero() || d.Date.Before(a.From) {
		a.From = d.Date
	}
	if d.Date.After(a.To) {
		a.To = d.Date
	}
}

// addDismissed notes an order that a person has dealt with: whatever 1C has of it, obmen has nothing to do with it.
func (a *Audit) addDismissed(ctx context.Context, o *convert.Outcome) (bool, error) {
	list, err := a.desk.Ledger.Dismissals(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return false, err
	}
	for i := range list {
		if d := &list[i]; d.Scope == o.Scope || d.Scope == "" {
			return true, a.found.add(&Finding{
				Kind: DismissedKind, Order: o.Order, Account: o.Account, Report: statedTotal(o), Ledger: d.Why, Origin: o.Origin.String(),
				Cure: a.desk.Command("dismiss", "--undo", o.Order) + " if it is to go out after all",
			})
		}
	}
	return false, nil
}

// addAbsent judges an order that was never exported: rightly so, if a rule leaves it out or it is not paid yet.
func (a *Audit) addAbsent(ctx context.Context, o *convert.Outcome) error {
	if o.Rule != "" || o.Hold != nil && o.Hold.Code == convert.Pending {
		a.Agree++
		return nil
	}
	f := Finding{Kind: "missing", Order: o.Order, Account: o.Account, Report: statedTotal(o), Origin: o.Origin.String()}
	holds, err := a.desk.Ledger.Holds(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return err
	}
	for i := range holds {
		if h := &holds[i]; h.Scope == o.Scope || o.Scope == "" {
			f.Kind, f.Ledger, f.Cure = "held", h.Code, a.desk.Command("held", "--order", o.Order)
		}
	}
	if f.Cure == "" {
		f.Cure = a.fetchCommand(o)
	}
	return a.found.add(&f)
}

// compareExported compares an order with what was exported of it.
func (a *Audit) compareExported(o *convert.Outcome, known *ledger.Order) error {
	gone, cancelled := known.State == ledger.Cancelled, o.Rule == convert.SkipCancelled
	if gone != cancelled && (gone || o.Rule != "") || !gone && o.Rule != "" {
		return a.addDifference(o, "status", statusOf(o), string(known.State))
	}
	was, now := ledger.UnpackDocument(known.Facts), o.Document
	switch {
	case now == nil && o.Hold != nil && o.Hold.Code != convert.Pending:
		a.Unproven++
		a.Doubt.noteOutcome(o)
		return nil
	case now == nil:
		a.Agree++
		return nil
	case was == nil:
		a.Purged++
		return nil
	}
	before := a.found.n
	if was.Currency != now.Currency || was.Total != now.Total {
		if err := a.addDifference(o, "total", totalOf(now), totalOf(was)); err != nil {
			return err
		}
	}
	if was.Status != now.Status && now.Status != "" {
		return a.addDifference(o, "status", now.Status, was.Status)
	}
	if a.found.n == before {
		a.Agree++
	}
	return nil
}

func (a *Audit) addDifference(o *convert.Outcome, kind, report, exported string) error {
	return a.found.add(&Finding{
		Kind: kind, Order: o.Order, Account: o.Account, Report: report, Ledger: exported, Origin: o.Origin.String(), Cure: a.fetchCommand(o),
	})
}

func statusOf(o *convert.Outcome) string {
	if o.Document != nil {
		return o.Document.Status
	}
	if o.Rule == convert.SkipCancelled {
		return string(order.Cancelled)
	}
	return o.Code()
}

// findExtra looks for orders that were exported though no report has them.
func (a *Audit) findExtra(ctx context.Context) error {
	if a.From.IsZero() {
		return nil
	}
	for _, account := range slices.Sorted(maps.Keys(a.accounts)) {
		since := a.From.AddDate(0, 0, -1)
		if err := a.desk.Ledger.EachOrder(ctx, ledger.OrderFilter{Account: account, Since: since}, a.addUnlisted); err != nil {
			return err
		}
	}
	return nil
}

func (a *Audit) addUnlisted(o *ledger.Order) error {
	if _, ok := a.seen[auditKeyOf(o.Key)]; ok {
		return nil
	}
	d := ledger.UnpackDocument(o.Facts)
	switch {
	case d == nil:
		a.Unplaced++
		return nil
	case !a.markets[d.Marketplace], d.Date.Before(a.From), d.Date.After(a.To):
		return nil
	}
	return a.found.add(&Finding{
		Kind: "extra", Order: o.Key.Order, Account: o.Account, Ledger: totalOf(d), Cure: a.desk.Command("explain", o.Key.Order),
	})
}

// fetchCommand is the command that brings an order once more: from Amazon, or from the report itself.
func (a *Audit) fetchCommand(o *convert.Outcome) string {
	if name, ok := a.desk.Fetched(o.Account); ok {
		a.accounts[name]++
		return a.desk.Command("fetch", "--account", name, "--order", o.Order)
	}
	var args []string
	if len(a.desk.Routes) > 1 { // put wants to know which
		if dir, ok := a.desk.InboxOf(o.Account); ok {
			args = append(args, "--to", dir)
		}
	}
	if _, err := os.Stat(o.Origin.File + store.CharsetSuffix); err == nil { // nothing else tells its letters
		args = append(args, o.Origin.File+store.CharsetSuffix)
	}
	return a.desk.Command("put", append(args, o.Origin.File)...)
}

// Backfills are the commands that bring many orders sooner than one by one: Amazon gives some at once
// and then makes each wait.
func (a *Audit) Backfills() []string {
	list := []string{}
	for _, name := range slices.Sorted(maps.Keys(a.accounts)) {
		if a.accounts[name] > a.desk.FetchAtOnce && !a.From.IsZero() {
			list = append(list, a.desk.Command("fetch", "--account", name, "--from", a.From.Format(time.DateOnly), "--to", a.To.Format(time.DateOnly)))
		}
	}
	return list
}

// totalOf is the total of a document with its currency.
func totalOf(d *document.Document) string {
	c := money.Currency(d.Currency)
	return d.Total.Text(c.Places()) + " " + d.Currency
}

func statedTotal(o *convert.Outcome) string {
	switch {
	case o.Document != nil:
		return totalOf(o.Document)
	case o.Total.Known:
		return o.Total.Value.Text(o.Currency.Places()) + " " + string(o.Currency)
	}
	return NoTotal
}

// NoTotal stands for a total that a report does not state.
const NoTotal = "no total"
