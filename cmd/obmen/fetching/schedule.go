package fetching

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/source/mapped"
	"obmen/fetch"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// schedule fetches the orders of all accounts again and again beside a watcher. An account that fails
// stops no other, nor the watcher: it is fetched again when its time has come.
type schedule struct {
	cfg   *config.Config
	book  *ledger.Ledger
	words *progressWords
	s     ui.Streams
	all   sync.WaitGroup

	sources   func() *mapped.Set   // the mappings in force
	throttled func(account string) // see accountJob
}

// StartSchedule begins; wait for it when the context has ended.
func StartSchedule(ctx context.Context, cfg *config.Config, book *ledger.Ledger, sources func() *mapped.Set, throttled func(string), s ui.Streams) *schedule {
	sc := &schedule{cfg: cfg, book: book, words: newProgressWords(s, true), s: s, sources: sources, throttled: throttled}
	sc.words.scheduled = true
	for _, a := range cfg.Fetch {
		if a.Every > 0 {
			sc.all.Go(func() { sc.repeat(ctx, a) })
		}
	}
	return sc
}

// fetchGrace is how long a run may take to end: a disk or share that hangs must not keep the program.
const fetchGrace = 10 * time.Second

// Wait returns when all accounts have ended, or after the grace.
func (sc *schedule) Wait() {
	done := make(chan struct{})
	go func() { sc.all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(fetchGrace):
	}
}

// repeat fetches one account whenever its time has come, and at once when secrets were stored after a run that failed.
func (sc *schedule) repeat(ctx context.Context, a config.Fetch) {
	var next time.Time
	if last, err := ReadStatus(Dir(sc.cfg, a.Account)); err == nil {
		next = last.Due(a.Every)
	}
	var failed atomic.Bool
	wake := make(chan struct{}, 1)
	sc.all.Go(func() { sc.awaitSecrets(ctx, &failed, wake) })
	fetch.Repeat(ctx, next, a.Every, wake, func(ctx context.Context) error {
		err := sc.fetchOnce(ctx, a)
		failed.Store(err != nil)
		return err
	}, func(err error) { sc.s.PrintError(err) })
}

// secretsLook is how often it is looked whether secrets were stored.
const secretsLook = 3 * time.Second

// awaitSecrets wakes an account whose last run failed when secrets are stored: who has typed them waits for orders.
func (sc *schedule) awaitSecrets(ctx context.Context, failed *atomic.Bool, wake chan<- struct{}) {
	stored := func() (at time.Time) {
		if info, err := os.Stat(sc.cfg.SecretsFile()); err == nil {
			at = info.ModTime()
		}
		return at
	}
	for last := stored(); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(secretsLook):
		}
		if now := stored(); failed.Load() && !now.Equal(last) {
			last = now
			select {
			case wake <- struct{}{}:
			default: // it is woken already
			}
		}
	}
}

func (sc *schedule) fetchOnce(ctx context.Context, a config.Fetch) error {
	if a.Pull != nil {
		if m, ok := sc.sources().Find(a.Pull.Source.Name); ok {
			a.Pull = a.Pull.By(m)
		}
	}
	job := newJob(&accountJob{cfg: sc.cfg, book: sc.book, account: a, words: sc.words, s: sc.s, next: a.Every, throttled: sc.throttled})
	if err := job.prepare(ctx); err != nil {
		return err
	}
	err := runJob(ctx, job)
	if _, locked := errors.AsType[*drop.LockedError](err); locked { // obmen fetch works on it just now
		return nil
	}
	return err
}
