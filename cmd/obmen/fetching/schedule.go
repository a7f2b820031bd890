package fetching

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/source/mapped"
	"obmen/fetch"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// Schedule fetches the orders of accounts again and again beside a watcher. An account that fails
// stops no other, nor the watcher: it is fetched again when its time has come.
type Schedule struct {
	Config    *config.Config
	Ledger    *ledger.Ledger
	Sources   func() *mapped.Set   // the mappings in force
	Throttled func(account string) // told of each request that was one too many; may be nil
	Node      string               // name of this process among the nodes; empty: it fetches alone
	Certain   func() bool          // reports whether it is a node for certain

	words  *progressWords
	s      ui.Streams
	failed failures
}

// turn is what a node has as long as an account is its own.
type turn struct {
	node    string
	certain func() bool
	ctx     context.Context // ends with the turn
}

// holds reports whether the node may write what concerns the account.
func (t *turn) holds() bool { return t == nil || t.certain() }

func (t *turn) folder() string { return nodePrefix + drop.SafeName(t.node) }

// disk is what pages are saved on: one that is changed only during the turn.
func (t *turn) disk() drop.FS {
	if t == nil {
		return nil
	}
	return drop.Gate{FS: drop.OS{}, Holds: func() bool { return t.ctx.Err() == nil && t.certain() }}
}

// Open makes a schedule ready. Until the context ends it is looked whether secrets are stored.
func (sc *Schedule) Open(ctx context.Context, s ui.Streams) *Schedule {
	sc.s, sc.words = s, newProgressWords(s, true)
	sc.words.scheduled = true
	go sc.awaitSecrets(ctx)
	return sc
}

// Start begins to fetch accounts; wait for them when the context has ended.
func (sc *Schedule) Start(ctx context.Context, accounts []config.Fetch) (wait func()) {
	var t *turn
	if sc.Node != "" {
		t = &turn{sc.Node, sc.Certain, ctx}
	}
	var all sync.WaitGroup
	for _, a := range accounts {
		if a.Every > 0 {
			all.Go(func() { sc.repeat(ctx, a, t) })
		}
	}
	return func() { waitFor(&all) }
}

// fetchGrace is how long a run may take to end: a disk or share that hangs must not keep the program.
const fetchGrace = 10 * time.Second

// waitFor returns when all have ended, or after the grace.
func waitFor(all *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	timer := time.NewTimer(fetchGrace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// repeat fetches one account whenever its time has come, and at once when secrets were stored after a run that failed.
func (sc *Schedule) repeat(ctx context.Context, a config.Fetch, t *turn) {
	var next time.Time
	if last, err := ReadStatus(Dir(sc.Config, a.Account)); err == nil {
		next = last.Due(a.Every)
	}
	wake := make(chan struct{}, 1)
	defer sc.failed.note(wake, false)
	fetch.Repeat(ctx, next, a.Every, wake, func(ctx context.Context) error {
		err := sc.fetchOnce(ctx, a, t)
		sc.failed.note(wake, err != nil)
		return err
	}, func(err error) { sc.s.PrintError(err) })
}

// failures are the accounts whose last run failed, by what wakes them.
type failures struct {
	mu   sync.Mutex
	wake map[chan<- struct{}]bool
}

func (f *failures) note(wake chan<- struct{}, failed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake == nil {
		f.wake = map[chan<- struct{}]bool{}
	}
	if delete(f.wake, wake); failed {
		f.wake[wake] = true
	}
}

func (f *failures) wakeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for wake := range f.wake {
		select {
		case wake <- struct{}{}:
		default: // it is woken already
		}
	}
}

func (f *failures) some() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.wake) > 0
}

// secretsLook is how often it is looked whether secrets were stored.
const secretsLook = 3 * time.Second

// awaitSecrets wakes the accounts whose last run failed when secrets are stored: who has typed them waits for orders.
func (sc *Schedule) awaitSecrets(ctx context.Context) {
	stored := func() (at time.Time) {
		if info, err := os.Stat(sc.Config.SecretsFile()); err == nil {
			at = info.ModTime()
		}
		return at
	}
	tick := time.NewTicker(secretsLook)
	defer tick.Stop()
	for last := stored(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := stored(); sc.failed.some() && !now.Equal(last) {
			last = now
			sc.failed.wakeAll()
		}
	}
}

func (sc *Schedule) fetchOnce(ctx context.Context, a config.Fetch, t *turn) error {
	if a.Pull != nil {
		if m, ok := sc.Sources().Find(a.Pull.Source.Name); ok {
			a.Pull = a.Pull.By(m)
		}
	}
	job := newJob(&accountJob{cfg: sc.Config, book: sc.Ledger, account: a, words: sc.words, s: sc.s, turn: t, next: a.Every, throttled: sc.Throttled})
	if err := job.prepare(ctx); err != nil {
		return err
	}
	err := runJob(ctx, job)
	if _, locked := errors.AsType[*drop.LockedError](err); locked { // obmen fetch works on it just now
		return nil
	}
	return err
}
