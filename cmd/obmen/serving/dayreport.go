package serving

import (
	"context"
	"os"
	"sync"
	"time"

	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// dayReports keeps the workbook of the day up to date. That it cannot be written, since Excel has it open for one,
// stops nothing: it is tried again at the next event.
type dayReports struct {
	desk  *desk.Desk
	words *words.Words
	// Note tells once that it cannot be written.
	Note func(code string, pairs ...any)

	changed chan struct{}
	done    sync.WaitGroup
	failed  bool // and said so
}

// reportPause is the least time between two writings, and reportShare bounds the time that goes into them: the workbook of a
// day with a hundred thousand orders takes seconds.
const (
	reportPause = 10 * time.Second
	reportShare = 20
)

func newDayReports(d *desk.Desk, w *words.Words, note func(code string, pairs ...any)) *dayReports {
	return &dayReports{desk: d, words: w, Note: note, changed: make(chan struct{}, 1)}
}

// Changed notes that something happened.
func (r *dayReports) Changed() {
	if r == nil {
		return
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// start writes the workbook whenever something happened, until the context ends.
func (r *dayReports) start(ctx context.Context) {
	r.done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.changed:
			}
			begun := time.Now()
			r.write(ctx)
			select {
			case <-ctx.Done():
				return
			case <-time.After(max(reportPause, reportShare*time.Since(begun))):
			}
		}
	})
}

// finish writes what start did not come to.
func (r *dayReports) finish(ctx context.Context) {
	r.done.Wait()
	left := false
	if _, err := os.Stat(r.desk.DayReportPath(r.words) + drop.Unfinished); err == nil { // the program was killed over it
		left = true
	}
	select {
	case <-r.changed:
	default:
		if !left {
			return
		}
	}
	r.write(context.WithoutCancel(ctx))
}

func (r *dayReports) write(ctx context.Context) {
	err := r.desk.WriteDayReport(ctx, r.words, time.Now())
	if err != nil && !r.failed && ctx.Err() == nil {
		r.Note("dayreport.failed", "Why", err)
	}
	r.failed = err != nil
}
