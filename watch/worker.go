package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/onec"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// snapshotsInMemory is how many bytes of snapshots of one dropped file are held in memory: those of a thousand
// orders.
const snapshotsInMemory = 1 << 20

// ordersInMemory is how many exported orders of one file are held in memory whose sets have names: those of some sets.
// ordersAtOnce is how many of all its orders the ledger takes in one transaction, about: others wait while that is made,
// and its log grows with it.
const (
	ordersInMemory = 4000
	ordersAtOnce   = 5000
)

// handover is how the ledger gets what was found out: it makes what that keeps of documents, and bounds what is in memory.
type handover struct {
	ledger.Packer
	spillAbove int    // bytes of one file's snapshots in memory; 0 means snapshotsInMemory
	inMemory   int    // orders; 0 means ordersInMemory
	atOnce     int    // orders; 0 means ordersAtOnce
	parted     func() // called before each transaction of an attempt but the last; may be nil
}

// current is what a round found in force.
type current struct {
	catalog   *catalog.Snapshot
	saving    bool      // catalogs or layouts are changing: nothing is converted
	dismissed dismissed // orders that people have dealt with
}

// pause is why the route does not work at the moment.
type pause struct {
	reason string // why nothing is claimed; empty when it is
	code   string // its kind, of package folder; empty for a failure
	tries  int    // failures in a row of what may pass

	overtaken int // rounds in a row that another route was faster
}

// chores are seen to once in a run, or once a day.
type chores struct {
	recovered bool   // nothing is left in the outbox of earlier runs
	retained  string // day that retention was last seen to
}

func newWorker(w *Watcher, r *inbox.Route) *worker {
	k := &worker{
		watcher: w, route: r,
		writer: outbox.Writer{Folder: drop.Folder{Dir: r.Outbox, FS: w.FS}, Layouts: w.Layouts, Publishing: outbox.Publishing{Ready: r.Ready, Exchanges: true}},
	}
	k.writer.Fetched = w.fetchedIn(r.Name)
	alert := func(file, text, hint string) { k.report(Event{Kind: Alert, File: file, Text: text, Hint: hint}) }
	lasting := func(file, text, hint string) {
		k.report(Event{Kind: Alert, File: file, Text: text, Hint: hint, Lasting: true})
	}
	k.guard = folder.Guard{
		Registry: &w.folders, Cursors: w.Ledger, Earlier: w.cursors, FS: w.fs(), Route: r.Name, Free: w.Free, Marked: r.Folders(),
		Roomy: []folder.Folder{{Role: folder.State, Dir: w.State}, {Role: folder.Outbox, Dir: r.Outbox}},
		Beat:  k.heartbeat.beat, Alert: alert, Remounted: k.inbox.ResetNotifier,
	}
	kept := w.Store()
	kept.Progress = k.heartbeat.progress
	k.inbox = inbox.Inbox{
		Route: r, FS: w.fs(), Store: kept, Registry: &w.folders, Now: w.Now, Events: &w.events, Blind: w.blind,
		Hooks: inbox.Hooks{Beat: k.heartbeat.beat, Progress: k.heartbeat.progress, Alert: alert, CheckMounted: k.guard.CheckMounted, CharsetChanged: k.forgetDone},
	}
	k.inbox.Init()
	k.onec = onec.New(onec.Connection{
		Route: onec.Route{Name: r.Name, Outbox: r.Outbox, Ack: r.Ack, AckWithin: r.AckWithin, Settle: r.Settle},
		FS:    w.fs(), Ledger: w.Ledger, Registry: &w.folders, Layouts: w.Layouts, Now: w.Now,
		Monitor:  onec.Monitor{Beat: k.heartbeat.beat, Progress: k.heartbeat.progress, Alert: alert, Lasting: lasting, Answered: k.reportAnswered},
		FileAway: k.fileAnswer,
	})
	return k
}

// mostOvertaken bounds how often in a row a route finds that another was faster with the same orders: half a minute
// until that one has ended its work, or there is something to look at.
const mostOvertaken = 8

// isOvertaken reports whether a round failed because an order was dismissed, or exported by another route that got the
// same report, after it was read here. In the second case it waits a little for the other's end.
func (k *worker) isOvertaken(ctx context.Context, err error) bool {
	if _, dismissed := errors.AsType[*ledger.DismissedError](err); dismissed {
		return true
	}
	_, doubled := errors.AsType[*ledger.DoubledError](err)
	if !doubled || k.pause.overtaken == mostOvertaken {
		k.pause.overtaken = 0
		return false
	}
	k.heartbeat.beat("")
	inbox.Sleep(ctx, inbox.BackOff(k.pause.overtaken)/5, nil)
	k.pause.overtaken++
	return true
}

// round does all that can be done now.
func (k *worker) round(ctx context.Context) (worked bool, err error) {
	if err := k.guard.Check(ctx); err != nil {
		k.inbox.ResetNotifier()
		return false, k.waitIfPaused(err)
	}
	if err := k.recover(ctx); err != nil {
		return false, err
	}
	k.inbox.OpenNotifier(append([]string{k.route.Ack, k.watcher.requestFolder()}, k.watcher.Wake...)...)
	k.writer.Verify = k.route.RemoteOutbox()
	if err := k.loadCatalogs(ctx); err != nil {
		return false, err
	}
	if err := k.talkTo1C(ctx); err != nil {
		return false, err
	}
	if k.current.saving {
		return false, k.waitForSaving()
	}
	if worked, err = k.cureWhenDue(ctx); err != nil {
		return worked, err
	}
	asked, err := k.carryOutRequests(ctx)
	if err != nil {
		return worked || asked, err
	}
	more, err := k.takeFiles(ctx)
	return worked || asked || more, k.waitIfPaused(err)
}

// talkTo1C reads answers, and writes the messages that a run before this one, or 1C's own, call for.
func (k *worker) talkTo1C(ctx context.Context) error {
	k.onec.Layouts, k.onec.Route.Verify = k.writer.Layouts, k.writer.Verify
	if err := k.onec.ReadAnswers(ctx); err != nil {
		return err
	}
	return k.onec.WriteMessages(ctx)
}

// takeFiles claims what is ready, as far as the outbox has room for it, and converts what is claimed.
func (k *worker) takeFiles(ctx context.Context) (worked bool, err error) {
	ready, err := k.inbox.Ready()
	if err != nil {
		return false, err
	}
	claims, err := k.outboxRoom()
	if err != nil {
		k.inbox.Rescan()
		return false, err
	}
	if k.pause.code != folder.StoreLost { // that it is over shows when bytes were kept
		k.setWaiting("", "", "")
	}
	if len(ready) > claims {
		k.inbox.Requeue(ready[claims:])
		ready = ready[:claims]
	}
	if err := k.inbox.ClaimAll(ctx, ready); err != nil {
		return false, err
	}
	if worked, err = k.convertClaimed(ctx); err == nil {
		k.setWaiting("", "", "")
	}
	return worked, err
}

// waitIfPaused reports why nothing is claimed; that is no error.
func (k *worker) waitIfPaused(err error) error {
	if p, ok := errors.AsType[*folder.PauseError](err); ok {
		k.setWaiting(p.Code(), p.Error(), p.Hint())
		return nil
	}
	return err
}

// loadCatalogs takes the newest catalogs and layouts. Held orders that a change may cure are tried again, until
// that has been done.
func (k *worker) loadCatalogs(ctx context.Context) error {
	cat, err := k.watcher.Catalog()
	if err != nil {
		return err
	}
	if k.watcher.Renew != nil {
		k.writer.Layouts = k.watcher.Renew()
	}
	if k.current.saving = cat == nil || k.watcher.Saving != nil && k.watcher.Saving() > 0; k.current.saving {
		return nil
	}
	return k.noteInForce(ctx, cat)
}

// setWaiting reports why nothing is claimed, once for each reason.
func (k *worker) setWaiting(code, reason, hint string) {
	if k.pause.reason == reason {
		return
	}
	if reason == "" {
		k.report(Event{Kind: Going, Text: "resumed"})
	} else {
		k.report(Event{Kind: Waiting, Text: reason, Hint: hint})
	}
	k.pause.reason, k.pause.code = reason, code
	k.noteStatus()
}

// savingLong is when a catalog that does not stop changing is reported.
const savingLong = 30 * time.Second

// waitForSaving waits for catalogs or layouts to be saved; meanwhile dropped files settle.
func (k *worker) waitForSaving() error {
	_, err := k.inbox.Ready()
	k.inbox.Rescan()
	if err == nil && k.watcher.Saving() >= savingLong {
		return k.waitIfPaused(folder.Pause(folder.StillSaving, "the catalogs or templates still change", "look which program writes them; work continues when it is done"))
	}
	k.setWaiting("", "", "")
	return err
}

// backOff reports a failure that may pass, and waits: longer each time.
func (k *worker) backOff(ctx context.Context, err error) {
	k.pause.tries++
	if out, ok := errors.AsType[*store.OutageError](err); ok { // one event for all that the outage stops
		k.setWaiting(folder.StoreLost, out.Error(), out.Hint())
	} else {
		k.setWaiting("", err.Error(), fmt.Sprintf("tried again automatically, try %d", k.pause.tries+1))
	}
	k.heartbeat.beat("")
	inbox.Sleep(ctx, inbox.RetryPause(k.pause.tries), nil)
}

// loadDismissed reads them before orders are converted. One that is dismissed while a set is made is found when the set is
// planned, see ledger.DismissedError.
func (k *worker) loadDismissed(ctx context.Context) error {
	list, err := k.watcher.Ledger.Dismissals(ctx, ledger.HoldFilter{})
	if err != nil {
		return err
	}
	k.current.dismissed = dismissedOf(list)
	return nil
}

// noteStatus notes on the board how the route stands.
func (k *worker) noteStatus() {
	s := RouteStatus{
		Name: k.route.Name, Waiting: k.pause.reason, Code: k.pause.code, Tries: k.pause.tries, Files: k.inbox.Waiting(mostListed),
	}
	if k.watcher.Stale != nil {
		s.Stale = k.watcher.Stale()
	}
	k.watcher.board.noteStatus(k.watcher.statusPath(), s, k.watcher.Now())
}

// isPermanent reports whether trying again cannot help: the ledger itself is unusable.
func isPermanent(err error) bool {
	var broken interface{ Corrupt() bool }
	return errors.As(err, &broken) && broken.Corrupt()
}

// triedName is the cursor that says with what all held orders of a route have been tried.
func triedName(route string) string { return "tried/" + route }

// triedWith stands for all that decides over orders: as long as it is the same, to try a held order again changes
// nothing. It is empty where that cannot be told.
func (k *worker) triedWith(cat *catalog.Snapshot) string {
	if k.watcher.Settings == "" {
		return ""
	}
	all := sha256.New()
	fmt.Fprintln(all, k.watcher.Settings, cat.Hash())
	for _, l := range k.writer.Layouts {
		fmt.Fprintln(all, l.Name(), l.Hash())
	}
	return hex.EncodeToString(all.Sum(nil))
}

// noteInForce notes the catalogs and layouts that count from now on. Held orders are tried again when catalogs have changed, and
// at the start, unless the ledger says that they were all tried with the very same.
func (k *worker) noteInForce(ctx context.Context, cat *catalog.Snapshot) error {
	with, first := k.triedWith(cat), k.current.catalog == nil
	if first {
		var err error
		if k.cures.tried, _, err = k.watcher.Ledger.Cursor(ctx, triedName(k.route.Name)); err != nil {
			return err
		}
	}
	known := k.cures.tried != "" && k.cures.tried == with
	if k.cures.tried != "" && !known { // what is held from now on was not tried with that
		if err := k.noteTried(ctx, ""); err != nil {
			return err
		}
	}
	if first && known {
		k.lists.stale = true // a program that was killed may not have come to it
		damaged, err := k.watcher.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.route.Name, Code: string(CopyDamaged), Limit: 1})
		if err != nil {
			return err
		}
		k.cures.needed = len(damaged) > 0
	} else if first || k.current.catalog.Hash() != cat.Hash() {
		k.cures = cures{needed: true, tried: k.cures.tried}
	}
	k.current.catalog = cat
	return nil
}

func (k *worker) noteTried(ctx context.Context, with string) error {
	if err := k.watcher.Ledger.SetCursor(ctx, triedName(k.route.Name), with); err != nil {
		return err
	}
	k.cures.tried = with
	return nil
}
