package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fsnotify/fsnotify"

	"obmen/watch/ledger"
)

// recover completes what was planned when the program was killed, before anything is swept: the staged
// files of a planned set are what is left of it.
func (w *Watcher) recover(ctx context.Context) error {
	pending, err := w.Ledger.Unfinished(ctx)
	if err != nil {
		return err
	}
	for i := range w.Routes {
		k := newWorker(w, &w.Routes[i])
		for _, p := range pending {
			if p.Route != k.r.Name {
				continue
			}
			if err := k.completeAll(ctx, p.Sets); err != nil {
				return fmt.Errorf("complete what was planned of %s: %w", p.Name, err)
			}
		}
		if _, err := k.writer.Folder.Sweep(ctx, time.Now()); err != nil {
			return err
		}
	}
	_, err = w.raw().Sweep(ctx, time.Now())
	return err
}

func (k *worker) completeAll(ctx context.Context, sets []ledger.Set) error {
	for _, set := range sets {
		if err := k.writer.Complete(ctx, outputsOf(set)); err != nil {
			return err
		}
	}
	return nil
}

// Pauses between tries of what may pass by itself.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
)

// backOff tells of a failure that may pass by itself, and waits: longer each time, with jitter so that
// routes do not all come back at once.
func (k *worker) backOff(ctx context.Context, err error) {
	k.tries++
	pause := min(firstPause<<min(k.tries-1, 16), lastPause)
	pause = pause/2 + rand.N(pause/2+1)
	k.wait(err.Error(), fmt.Sprintf("tried again by itself, try %d", k.tries+1))
	doze(ctx, pause, nil)
}

// permanent says whether trying again cannot help: the ledger itself is unusable.
func permanent(err error) bool {
	var broken interface{ Corrupt() bool }
	return errors.As(err, &broken) && broken.Corrupt()
}

// events tells of changes in a folder where the system can; where it cannot, polling does.
func events(dir string) (wake <-chan struct{}, stop func()) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, func() {}
	}
	if err := watcher.Add(dir); err != nil {
		watcher.Close()
		return nil, func() {}
	}
	c := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case _, ok := <-watcher.Events:
				if !ok {
					return
				}
			case _, ok := <-watcher.Errors: // an overflow too means: look again
				if !ok {
					return
				}
			}
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}()
	return c, func() {
		watcher.Close()
		<-done
	}
}
