package fetch

import (
	"sync"
	"time"
)

// Status is how the fetching of an account stands, as it is kept in a file. Its JSON is a promise.
type Status struct {
	Account  string      `json:"account"`
	Running  bool        `json:"running"`
	Started  time.Time   `json:"started,omitzero"`
	Backfill string      `json:"backfill,omitempty"` // of a backfill: the options that ask for it again
	Ended    time.Time   `json:"ended,omitzero"`
	Until    time.Time   `json:"until,omitzero"` // all that changed before it is in the inbox
	Pages    int         `json:"pages"`          // of the last run
	Orders   int         `json:"orders"`
	Error    string      `json:"error,omitempty"`
	Hint     string      `json:"hint,omitempty"`
	Next     time.Time   `json:"next,omitzero"` // when the schedule fetches again
	Wait     *StatusWait `json:"wait,omitempty"`
}

// StatusWait is why and until when a run waits.
type StatusWait struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

// Due returns when a schedule fetches an account next, by its last run: at once after a run that failed or was
// killed, else when the interval has passed. Amazon counts the requests, so that a schedule which is started
// again does not begin at once.
func (s *Status) Due(every time.Duration) time.Time {
	if s.Error != "" || s.Running {
		return time.Time{}
	}
	return s.Ended.Add(every)
}

// StatusKeeper keeps the status of a run and saves every change of it. Its methods may be called from
// several goroutines.
type StatusKeeper struct {
	Save func(Status) // called with the lock held; an error of it stops no run

	mu     sync.Mutex
	now    Status
	before Status
}

// Open takes the status that the last run left.
func (k *StatusKeeper) Open(last Status, account string, until time.Time) {
	last.Account, last.Running, last.Wait, last.Until = account, false, nil, until
	k.now, k.before = last, last
}

func (k *StatusKeeper) update(change func(*Status)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.now)
	k.Save(k.now)
}

// Begin notes that a run began; backfill has the options of a backfill, "" for what changed since the last run.
func (k *StatusKeeper) Begin(at time.Time, backfill string) {
	k.update(func(s *Status) { s.Running, s.Started, s.Backfill = true, at.UTC(), backfill })
}

// Waits notes that the run waits.
func (k *StatusKeeper) Waits(until time.Time, why string) {
	k.update(func(s *Status) { s.Wait = &StatusWait{until.UTC(), why} })
}

// Progress notes a page that was saved.
func (k *StatusKeeper) Progress(p Progress) {
	k.update(func(s *Status) { s.Wait, s.Pages, s.Orders = nil, p.Pages, p.Orders })
}

// Restore puts back the status before the run, which says nothing of the account's next run.
func (k *StatusKeeper) Restore() { k.update(func(s *Status) { *s = k.before }) }

// Stop notes that the run was cancelled; the next one resumes it.
func (k *StatusKeeper) Stop() { k.update(func(s *Status) { s.Running, s.Wait = false, nil }) }

// End notes how a run ended. An empty problem means that it went well; a zero next, that no schedule runs.
func (k *StatusKeeper) End(at, next time.Time, sum Summary, problem, hint string) {
	k.update(func(s *Status) {
		s.Running, s.Wait, s.Ended, s.Error, s.Hint = false, nil, at.UTC(), problem, hint
		if !next.IsZero() {
			s.Next = next.UTC()
		}
		if problem == "" {
			s.Pages, s.Orders, s.Until = sum.Pages, sum.Orders, sum.Until
		}
	})
}
