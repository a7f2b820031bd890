package fetch

import (
	"context"
	"strings"
	"time"

	"obmen/fetch/spapi"
)

// Ask is what a Job fetches. The zero Ask is what changed since the last run.
type Ask struct {
	From, To time.Time // orders created between the two; zero To means up to now
	Orders   []string  // the orders of these numbers, whenever they were
	Report   string    // Amazon's name of a report type: reports instead of orders
	Short    string    // the report type in names of files
}

// Job is one run of the fetching of an account: what changed since the last run, or what its Ask names. Its
// fields are set before Open; calls come one after another.
type Job struct {
	Fetcher
	Ask    Ask
	Zone   *time.Location // whose days the account's documents have
	Depth  time.Duration  // how far back a first run asks
	Client *spapi.Client

	first bool // no window has ended yet
}

// Result is what a run has fetched.
type Result struct {
	Summary Summary
	Reports []Saved
}

// reportTypes are short names for the reports that hold orders.
var reportTypes = map[string]string{
	"all-orders":         spapi.AllOrdersByOrderDate,
	"all-orders-updated": spapi.AllOrdersByLastUpdate,
	"unshipped":          "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
}

// ReportType finds a report type by its short name, or by Amazon's own; false for any other name.
func ReportType(name string) (kind, short string, ok bool) {
	if kind, ok := reportTypes[name]; ok {
		return kind, name, true
	}
	if !strings.HasPrefix(name, "GET_") {
		return "", "", false
	}
	return name, strings.ToLower(strings.ReplaceAll(name, "_", "-")), true
}

// Open reads where the account stands; nothing is asked or changed.
func (j *Job) Open(ctx context.Context) (Position, error) {
	value, _, err := j.Store.Cursor(ctx, CursorName(j.Account))
	if err != nil {
		return Position{}, err
	}
	pos, err := ReadPosition(value)
	j.first = !pos.Begun()
	return pos, err
}

// FollowsChanges reports whether the job fetches what changed since the last run, and so moves the account's
// cursor; any other leaves the account as it stands.
func (j *Job) FollowsChanges() bool {
	return len(j.Ask.Orders) == 0 && j.Ask.Report == "" && (j.Ask.From.IsZero() || j.first && j.Ask.To.IsZero())
}

// Run fetches what the Ask names. The first run of an account asks begin where to begin.
func (j *Job) Run(ctx context.Context, begin func(context.Context) (time.Time, error)) (r Result, err error) {
	switch {
	case len(j.Ask.Orders) > 0:
		r.Summary, err = j.Orders(ctx, j.Ask.Orders)
	case j.Ask.Report != "":
		r.Reports, err = j.Report(ctx, j.Client, j.Ask.Report, j.Ask.Short, j.Ask.From, j.upToNow())
	case !j.FollowsChanges():
		r.Summary, err = j.Backfill(ctx, j.Ask.From, j.endOfBackfill())
	default:
		r.Summary, err = j.fetchChanges(ctx, begin)
	}
	return r, err
}

func (j *Job) fetchChanges(ctx context.Context, begin func(context.Context) (time.Time, error)) (_ Summary, err error) {
	if j.first {
		if j.First, err = j.firstTime(ctx, begin); err != nil {
			return Summary{}, err
		}
	}
	return j.Fetcher.Run(ctx)
}

// firstTime returns where a first run begins; zero when an earlier run has decided it, and got no further.
func (j *Job) firstTime(ctx context.Context, begin func(context.Context) (time.Time, error)) (time.Time, error) {
	if !j.Ask.From.IsZero() {
		return j.Ask.From, nil
	}
	value, found, err := j.Store.Cursor(ctx, CursorName(j.Account))
	if err != nil || found && value != "" {
		return time.Time{}, err
	}
	return begin(ctx)
}

// endOfBackfill returns where a backfill ends. Without Ask.To it is the end of today: a run that was stopped
// resumes when the same is asked for again on this day.
func (j *Job) endOfBackfill() time.Time {
	if j.Ask.To.IsZero() {
		year, month, day := j.Now().In(j.Zone).Date()
		return time.Date(year, month, day+1, 0, 0, 0, 0, j.Zone).UTC()
	}
	return j.Ask.To
}

// upToNow returns where the orders end that are asked for: none is younger than now.
func (j *Job) upToNow() time.Time {
	if now := j.Now(); j.Ask.To.IsZero() || j.Ask.To.After(now) {
		return now
	}
	return j.Ask.To
}

// TimeLeft estimates how long the rest of a run will take by Amazon's limits; 0 while it cannot be estimated.
// The orders to come are taken to be as many a day as those so far.
func (j *Job) TimeLeft(p Progress) time.Duration {
	done := p.At.Sub(p.From)
	if p.At.IsZero() || done <= 0 || p.Orders == 0 {
		return 0
	}
	orders := float64(p.Orders) * (j.upToNow().Sub(p.At).Seconds() / done.Seconds())
	left, err := j.Client.WaitFor(context.Background(), spapi.OpSearchOrders, int(orders/spapi.MaxPage)+1)
	if err != nil {
		return 0 // an estimate is worth no error
	}
	return left
}

// Repeat calls run at the time next and then again every interval, until the context ends, and at once when it is
// woken. An error stops nothing: it is reported once, and again when another one takes its place or a run went well in
// between.
func Repeat(ctx context.Context, next time.Time, every time.Duration, wake <-chan struct{}, run func(context.Context) error, report func(error)) {
	for reported := ""; ; next = time.Now().Add(every) {
		if !sleepFor(ctx, min(time.Until(next), every), wake) {
			return
		}
		err := run(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			reported = ""
		case err.Error() != reported:
			reported = err.Error()
			report(err)
		}
	}
}

// sleepFor waits, unless it is woken; it reports false when the context ends before.
func sleepFor(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return ctx.Err() == nil
	case <-timer.C:
		return ctx.Err() == nil
	}
}
