package watch

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"obmen/convert"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// lists notes whether the lists of held and of dismissed orders agree with the ledger.
type lists struct {
	stale bool
	due   time.Time // monotonic: until then they are not written after every file
	tries int       // failures in a row
}

// listShare bounds the time that goes into the list of held orders: with a hundred thousand of them, to write it
// after every file would take all of it.
const listShare = 10

// listsChanged writes the lists, or leaves that to the end of the round when they were written a short while
// ago, measured by how long that took.
func (k *worker) listsChanged(ctx context.Context) error {
	k.lists.stale = true
	if time.Now().Before(k.lists.due) {
		return nil
	}
	return k.writeStaleLists(ctx)
}

// writeStaleLists writes the lists if they have changed.
func (k *worker) writeStaleLists(ctx context.Context) error {
	if !k.lists.stale || k.lists.tries > 0 && time.Now().Before(k.lists.due) {
		return nil
	}
	start := time.Now()
	err := k.writeLists(context.WithoutCancel(ctx))
	k.lists.stale = err != nil
	k.lists.due = time.Now().Add(listShare * time.Since(start))
	if _, broken := errors.AsType[*ledger.Error](err); broken || err == nil {
		k.lists.tries = 0
		return err
	}
	k.postponeLists(err)
	return nil
}

// postponeLists reports once that a list cannot be replaced, and tries again later: the orders go on meanwhile.
func (k *worker) postponeLists(err error) {
	if k.lists.tries == 0 {
		k.report(Event{
			Kind: Alert, Text: "a list is out of date: " + err.Error(),
			Hint: "close it in Excel, and let the account that runs obmen write in " + k.route.Quarantine + "; it is tried again, files go on",
		})
	}
	k.lists.tries++
	k.lists.due = time.Now().Add(inbox.BackOff(k.lists.tries))
}

// writeLists replaces the lists of held and of dismissed orders; one without orders is removed.
func (k *worker) writeLists(ctx context.Context) error {
	held := outbox.NewHeldList(k.watcher.scratch(), k.watcher.words())
	defer held.Close()
	var added error
	err := k.watcher.Ledger.EachHold(ctx, ledger.HoldFilter{Route: k.route.Name}, func(h *ledger.Hold) {
		if added == nil {
			o := outcomeOf(h)
			added = held.Add(&o)
		}
	})
	if err = cmp.Or(err, added); err != nil {
		return err
	}
	heldErr := held.Write(k.watcher.fs(), k.route.HeldPath())
	return errors.Join(heldErr, k.writeSpare(heldErr != nil, held), WriteDismissed(ctx, k.watcher.fs(), k.watcher.Ledger, k.route))
}

// writeSpare keeps what held.csv should say beside it while that cannot be replaced: the list is what a rebuild of
// the ledger knows of held orders.
func (k *worker) writeSpare(needed bool, held *outbox.HeldList) error {
	if !needed {
		return drop.RemoveIfExists(k.watcher.fs(), spareList(k.route))
	}
	return held.Write(k.watcher.fs(), spareList(k.route))
}

func spareList(r *inbox.Route) string {
	return filepath.Join(r.Quarantine, ".obmen-"+filepath.Base(r.HeldPath()))
}

// Outcomes are holds of the ledger as outcomes of a conversion, to be listed.
func Outcomes(holds []ledger.Hold) []convert.Outcome {
	list := make([]convert.Outcome, len(holds))
	for i := range holds {
		list[i] = outcomeOf(&holds[i])
	}
	return list
}

func outcomeOf(h *ledger.Hold) convert.Outcome {
	return convert.Outcome{
		Order: h.Order, Scope: h.Scope, Account: h.Account, Origin: order.Origin{File: h.Origin}, Currency: money.Currency(h.Currency),
		Total: totalOf(h),
		Hold: &convert.Hold{
			Code: convert.Code(h.Code), Sentence: h.Sentence, Cure: h.Cure, File: h.File, Add: h.Add, Lines: missingOf(h),
			About: convert.About{Ordered: h.Details.Ordered, Country: h.Details.Country, Title: h.Details.Title},
			Since: h.Since,
		},
	}
}

// totalOf is the total that the source states.
func totalOf(h *ledger.Hold) money.Optional {
	total, err := money.Parse(h.Total)
	if h.Total == "" || err != nil {
		return money.Optional{}
	}
	return money.Known(total)
}

func missingOf(h *ledger.Hold) (list []convert.Missing) {
	for _, l := range h.Details.Lines {
		list = append(list, convert.Missing{Cells: l.Cells, Title: l.Title})
	}
	return list
}

// FileOf is the name of the file that a hold came in.
func FileOf(h *ledger.Hold) string { return fileOfOrigin(h.Origin) }

// fileOfOrigin is the file of an origin as order.Origin prints it: "orders.json#/orders/0", "orders.txt:12" or
// "orders.txt:12:5". A row without an order number is known by its origin, so that a file read again must
// have its own name.
func fileOfOrigin(origin string) string {
	if i := strings.LastIndex(origin, "#/"); i > 0 {
		origin = origin[:i]
	}
	for range 2 { // line and column
		i := strings.LastIndexByte(origin, ':')
		if i <= 0 {
			return origin
		}
		if _, err := strconv.Atoi(origin[i+1:]); err != nil {
			return origin
		}
		origin = origin[:i]
	}
	return origin
}
