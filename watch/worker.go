package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

// worker works on one route, one file after another.
type worker struct {
	w       *Watcher
	r       *Route
	once    bool // the run ends when nothing is left to do
	settler *settler
	writer  outbox.Writer
	cat     *catalog.Snapshot
	waiting string    // why nothing is claimed; empty when it is
	tries   int       // failures in a row of what may pass by itself
	looked  time.Time // monotonic: when the outbox was last compared with the ledger
	overdue map[string]bool
}

func newWorker(w *Watcher, r *Route) *worker {
	return &worker{
		w: w, r: r, settler: newSettler(r), overdue: map[string]bool{},
		writer: outbox.Writer{Folder: drop.Folder{Dir: r.Outbox}, Layouts: w.Layouts, Ready: r.Ready},
	}
}

// claim is where the route's files lie while they are worked on: beside the inbox's files, so that
// claiming one is a rename.
func (k *worker) claim() drop.Folder {
	return drop.Folder{Dir: filepath.Join(k.r.Inbox, ".obmen-"+claimDir)}
}

// run does rounds until there is nothing to do (once) or the context ends.
func (k *worker) run(ctx context.Context, once bool) error {
	k.once = once
	wake, stop := events(k.r.Inbox)
	defer stop()
	for {
		worked, err := k.round(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (once || permanent(err)):
			return err
		case err != nil:
			k.backOff(ctx, err)
		case worked:
			k.tries = 0
		case once && (k.settler.idle() || k.waiting != ""):
			return nil
		default:
			k.tries = 0
			k.sleep(ctx, wake)
		}
	}
}

// round does all that can be done now.
func (k *worker) round(ctx context.Context) (worked bool, err error) {
	if err := k.guard(ctx); err != nil {
		return false, k.paused(err)
	}
	changed, err := k.catalogs(ctx)
	if err != nil {
		return false, err
	}
	if err := k.answers(ctx); err != nil {
		return false, err
	}
	if changed {
		if worked, err = k.cure(ctx); err != nil {
			return worked, err
		}
	}
	ready, err := k.settler.scan()
	if err != nil {
		return worked, err
	}
	if err := k.full(); err != nil {
		return worked, k.paused(err)
	}
	k.wait("", "")
	for _, f := range ready {
		if err := k.take(ctx, f); err != nil {
			return worked, err
		}
	}
	more, err := k.process(ctx)
	return worked || more, err
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

// catalogs takes the newest catalogs and says whether they changed since the last round.
func (k *worker) catalogs(context.Context) (changed bool, err error) {
	cat, err := k.w.Catalog()
	if err != nil {
		return false, err
	}
	changed = k.cat == nil || k.cat.Hash() != cat.Hash()
	k.cat = cat
	return changed, nil
}

// take claims a settled file: from now on it is nobody else's.
func (k *worker) take(ctx context.Context, f settled) error {
	if err := os.MkdirAll(k.claim().Dir, 0o700); err != nil {
		return err
	}
	_, err := k.claim().Move(ctx, f.path, claimName(f.name, k.w.Now()))
	if err == nil && f.side != "" {
		_, err = k.claim().Move(ctx, f.side, claimName(f.name, k.w.Now())+CharsetSuffix)
	}
	if errors.Is(err, os.ErrNotExist) { // somebody took it back
		return nil
	}
	return err
}

// sleep waits for a change, for a file to settle, or for the next poll.
func (k *worker) sleep(ctx context.Context, wake <-chan struct{}) {
	pause := k.w.poll()
	if !k.settler.idle() {
		pause = min(pause, k.settler.pause())
		wake = nil // a file that grows wakes at every write; the settler's own pace is enough
	}
	doze(ctx, pause, wake)
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
