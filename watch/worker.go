package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// worker works on one route, one file after another.
type worker struct {
	w          *Watcher
	r          *Route
	once       bool // the run ends when nothing is left to do
	settler    *settler
	writer     outbox.Writer
	packer     packer
	spoolAbove int // of its passes
	cat        *catalog.Snapshot
	uncured    uncured
	recovered  bool              // nothing is left in the outbox of earlier runs
	waiting    string            // why nothing is claimed; empty when it is
	saving     bool              // catalogs or layouts are changing: nothing is converted
	tries      int               // failures in a row of what may pass by itself
	looked     time.Time         // monotonic: when the outbox was last compared with the ledger
	stuck      map[string]*stuck // claimed files that the disk does not give
	overdue    map[string]bool
	read       map[string]drop.Observation // messages of 1C as they were read
	unread     map[string]drop.Observation // those that could not be
	eyes       *eyes
	pulse      pulse
	arrived    time.Time                    // monotonic: when a file was last seen to arrive or change
	stale      bool                         // the list of held orders is not what the ledger says
	heldDue    time.Time                    // monotonic: until then the list is not written after every file
	kept       string                       // day that retention was last seen to
	anew       map[ledger.Key]*ledger.Order // published once more though nothing has changed, for a request
	dismissed  dismissed                    // orders that people have dealt with, as the round found them
}

func newWorker(w *Watcher, r *Route) *worker {
	k := &worker{
		w: w, r: r, settler: newSettler(w.fs(), r), overdue: map[string]bool{}, stuck: map[string]*stuck{}, read: map[string]drop.Observation{}, unread: map[string]drop.Observation{}, arrived: time.Now(),
		writer: outbox.Writer{Folder: drop.Folder{Dir: r.Outbox, FS: w.FS}, Layouts: w.Layouts, Ready: r.Ready, Exchanges: true},
	}
	k.settler.touch = k.pulse.touch
	return k
}

// claim is where the route's files lie while they are worked on: beside the inbox's files, so that
// claiming one is a rename.
func (k *worker) claim() drop.Folder {
	return drop.Folder{Dir: filepath.Join(k.r.Inbox, ".obmen-"+claimDir), FS: k.w.FS}
}

// run does rounds until there is nothing to do (once) or the context ends.
func (k *worker) run(ctx context.Context, once bool) error {
	k.once = once
	defer func() { k.eyes.close() }()
	defer k.pulse.beat("")
	for {
		worked, err := k.round(ctx)
		if _, late := errors.AsType[*ledger.DismissedError](err); late {
			worked, err = true, nil // the next round leaves the order out
		}
		if err == nil && k.waiting == "" && len(k.settler.queue) == 0 { // never into a folder that may be another
			err = k.heldNow(ctx)
		}
		k.note()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (once || permanent(err)):
			return err
		case err != nil:
			k.blink()
			k.backOff(ctx, err)
		case worked:
			k.tries = 0
			k.arrived = time.Now()
		case k.retain(ctx):
			k.tries = 0
		case once && (k.waiting != "" || k.settler.idle() && !k.saving):
			return nil
		default:
			k.tries = 0
			k.sleep(ctx)
		}
	}
}

// claimAtOnce is how many files a round claims: the limits of the outbox are looked at between rounds,
// and what is not claimed yet, others may still take back.
const claimAtOnce = 100

// round does all that can be done now.
func (k *worker) round(ctx context.Context) (worked bool, err error) {
	if err := k.guard(ctx); err != nil {
		k.blink()
		return false, k.paused(err)
	}
	if err := k.recover(ctx); err != nil {
		return false, err
	}
	k.look()
	if err := k.loadDismissed(ctx); err != nil {
		return false, err
	}
	if err := k.catalogs(ctx); err != nil {
		return false, err
	}
	if err := k.answers(ctx); err != nil {
		return false, err
	}
	if err := k.messages(ctx); err != nil { // of a run before this one, and 1C's own
		return false, err
	}
	if k.saving {
		return false, k.saved()
	}
	if worked, err = k.cureDue(ctx); err != nil {
		return worked, err
	}
	asked, err := k.requests(ctx)
	if err != nil {
		return worked || asked, err
	}
	more, err := k.intake(ctx)
	return worked || asked || more, k.paused(err)
}

// intake claims what is ready, as far as the outbox has room for it, and works on what is claimed.
func (k *worker) intake(ctx context.Context) (worked bool, err error) {
	ready, err := k.scan()
	if err != nil {
		return false, err
	}
	claims, err := k.full()
	if err != nil {
		k.settler.anew()
		return false, err
	}
	k.wait("", "")
	if len(ready) > claims {
		k.settler.giveBack(ready[claims:])
		ready = ready[:claims]
	}
	if err := k.claimAll(ctx, ready); err != nil {
		return false, err
	}
	return k.process(ctx)
}

// paused tells why nothing is claimed; that is no error.
func (k *worker) paused(err error) error {
	var p *pauseError
	if errors.As(err, &p) {
		k.wait(p.text, p.hint)
		return nil
	}
	return err
}

// catalogs takes the newest catalogs and layouts. Whatever held orders a change may cure are tried again, until
// that has been done.
func (k *worker) catalogs(context.Context) error {
	cat, err := k.w.Catalog()
	if err != nil {
		return err
	}
	if k.w.Renew != nil {
		k.writer.Layouts = k.w.Renew()
	}
	if k.saving = cat == nil || k.w.Saving != nil && k.w.Saving() > 0; k.saving {
		return nil
	}
	if k.cat == nil || k.cat.Hash() != cat.Hash() {
		k.uncured = uncured{yes: true}
	}
	k.cat = cat
	return nil
}

// savingLong is when a catalog that does not stop changing is worth a word.
const savingLong = 30 * time.Second

// saved waits for catalogs or layouts to be saved; meanwhile dropped files settle.
func (k *worker) saved() error {
	_, err := k.scan()
	k.settler.anew()
	if err == nil && k.w.Saving() >= savingLong {
		return k.paused(&pauseError{"the catalogs or templates still change", "look which program writes them; work goes on when it is done"})
	}
	k.wait("", "")
	return err
}

// take claims a settled file: from now on it is nobody else's.
func (k *worker) take(ctx context.Context, disk drop.FS, f settled) error {
	if err := k.w.makeDir(k.claim().Dir, 0o700); err != nil {
		return err
	}
	k.pulse.beat(k.place("inbox", k.r.Inbox))
	folder := k.claim()
	folder.FS = disk
	claim, err := folder.Move(ctx, f.path, claimName(f.name, k.w.Now()))
	if err == nil && f.side != "" {
		_, err = folder.Move(ctx, f.side, filepath.Base(claim)+CharsetSuffix)
	}
	if errors.Is(err, os.ErrNotExist) { // somebody took it back
		return nil
	}
	if err == nil {
		k.settler.taken(f.path)
	}
	if err != nil || k.r.Done == "" {
		return err
	}
	// The marker has said its word; left there, it would call the next file of that name complete.
	return k.unmark(f.path)
}

// unmark takes away the done-marker of a file that is not there any more, for good: one that came back with
// the power would call the next file of that name complete.
func (k *worker) unmark(path string) error {
	if err := k.w.gone(path + k.r.Done); err != nil {
		return err
	}
	return k.w.fs().SyncDir(filepath.Dir(path))
}

// look opens the eyes on the route's folders.
func (k *worker) look() {
	if k.eyes != nil {
		return
	}
	also := append([]string{k.r.Ack, filepath.Join(k.w.State, requestDir)}, k.w.Wake...)
	k.eyes = openEyes(k.r.Inbox, also...)
	k.settler.entered = k.eyes.add
	k.writer.Verify = k.r.remote()
}

// blink closes the eyes after a folder was gone: the one that comes back is another to the system.
func (k *worker) blink() {
	k.eyes.close()
	k.eyes, k.settler.entered = nil, nil
	k.settler.anew()
}

// scan gives the next files of the inbox to claim.
func (k *worker) scan() ([]settled, error) {
	k.pulse.beat(k.place("inbox", k.r.Inbox))
	ready, err := k.settler.next(claimAtOnce)
	if k.settler.news {
		k.arrived = time.Now()
	}
	return ready, err
}

// place names a folder to people.
func (k *worker) place(role, dir string) string { return "the " + role + " (" + dir + ")" }

// sleep waits for a change, for a file to settle, or for the next poll.
func (k *worker) sleep(ctx context.Context) {
	k.pulse.beat("")
	pause := pace(k.w.poll(), time.Since(k.arrived), k.eyes.trusted())
	if k.saving || !k.settler.idle() { // a file that grows wakes at every write; the settler's own pace is enough
		doze(ctx, min(pause, k.settler.pause()), nil)
		return
	}
	if k.eyes == nil {
		doze(ctx, pause, nil)
		return
	}
	doze(ctx, min(pause, wakeGap), nil)
	doze(ctx, pause-wakeGap, k.eyes.wake)
}

func doze(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}
