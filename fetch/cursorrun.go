package fetch

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"obmen/fetch/spapi"
)

// cursorRun fetches window after window for one cursor.
type cursorRun struct {
	name    string
	created bool      // by time of creation
	from    time.Time // where a backfill begins
	until   time.Time // where it ends; zero for a run up to now

	f     *Fetcher
	pos   Position
	value string // of the cursor, as the store has it
	sum   Summary
}

func backfillRun(account string, from, until time.Time) cursorRun {
	const day = time.RFC3339
	return cursorRun{
		name:    CursorName(account) + " created " + from.UTC().Format(day) + " " + until.UTC().Format(day),
		created: true, from: from, until: until,
	}
}

// openRun reads where the cursor stands, and saves where it begins: a run that is killed now must not
// begin elsewhere the next time.
func (f *Fetcher) openRun(ctx context.Context, c cursorRun) (*cursorRun, error) {
	fresh, err := c.readCursor(ctx, f)
	if err == nil && fresh {
		err = c.saveCursor(ctx)
	}
	return &c, err
}

// readCursor reads where the cursor stands; fresh reports that it begins only now.
func (c *cursorRun) readCursor(ctx context.Context, f *Fetcher) (fresh bool, err error) {
	c.f = f
	if c.value, _, err = f.Store.Cursor(ctx, c.name); err != nil {
		return false, err
	}
	if c.pos, err = ReadPosition(c.value); err != nil {
		return false, err
	}
	if c.value != "" && !c.startsElsewhere() {
		return false, nil
	}
	start := c.startTime()
	c.pos = Position{Done: start, Asked: laterOf(f.Now(), start.Add(f.overlapTime()))} // nothing lies before it: no overlap
	return true, nil
}

// startsElsewhere reports whether a cursor that no window has moved yet is to begin at another moment.
func (c *cursorRun) startsElsewhere() bool {
	return c.until.IsZero() && !c.f.First.IsZero() && !c.pos.Begun() && !c.pos.Done.Equal(c.f.First)
}

// startTime is where a cursor begins that never moved.
func (c *cursorRun) startTime() time.Time {
	switch {
	case !c.from.IsZero():
		return c.from.UTC()
	case !c.f.First.IsZero():
		return c.f.First.UTC()
	}
	return c.f.Now().Add(-DefaultDepth).UTC().Truncate(time.Second)
}

// fetchAll fetches window after window up to now, or to the end of a backfill.
func (c *cursorRun) fetchAll(ctx context.Context) (Summary, error) {
	for {
		last, err := c.fetchWindow(ctx)
		if err != nil {
			return c.sum, err
		}
		if last {
			return c.sum, c.forgetBackfill(ctx)
		}
	}
}

// forgetBackfill forgets a backfill that is complete.
func (c *cursorRun) forgetBackfill(ctx context.Context) error {
	if c.until.IsZero() {
		return nil
	}
	return c.swapCursor(ctx, "")
}

// nextWindow returns the window to ask for next: the one that was begun, from the start if its token is no good
// any more, or the one behind the last.
func (c *cursorRun) nextWindow() *Window {
	now := c.f.Now()
	if w := c.pos.Window; w != nil && w.canResume(c.f.filterKey(), now) {
		return w
	}
	w := &Window{After: c.pos.nextStart(c.f.overlapTime()), Filter: c.f.filterKey()}
	if end, ok := c.windowEnd(w.After, now); ok {
		w.Before = end
	}
	return w
}

// windowEnd returns where a window ends that begins at a moment; false leaves it to Amazon.
func (c *cursorRun) windowEnd(after, now time.Time) (time.Time, bool) {
	end := laterOf(after, c.pos.Done).Add(cmp.Or(time.Duration(c.pos.Span), c.f.windowLength()))
	if !c.until.IsZero() && end.After(c.until) {
		end = c.until
	}
	return end.UTC(), end.Before(now.Add(-Recent))
}

// saveCursor moves the cursor to the position.
func (c *cursorRun) saveCursor(ctx context.Context) error {
	text, err := c.pos.encode()
	if err != nil {
		return err
	}
	return c.swapCursor(ctx, text)
}

func (c *cursorRun) swapCursor(ctx context.Context, value string) error {
	if err := SwapCursor(ctx, c.f.Store, c.f.Account, c.name, c.value, value); err != nil {
		return err
	}
	c.value = value
	return nil
}

// SwapCursor moves the cursor of an account from one value to the next; ErrOvertaken when it has another one. A page
// that is durable counts, even if the run is being stopped.
func SwapCursor(ctx context.Context, store Store, account, name, old, value string) error {
	swapped, err := store.SwapCursor(context.WithoutCancel(ctx), name, old, value)
	if err == nil && !swapped {
		err = fmt.Errorf("account %s: %w", account, ErrOvertaken)
	}
	return err
}

// Plan is what a run would ask for.
type Plan struct {
	Position Position             // where it stands now
	Requests []spapi.SearchParams // the first request of each window; one that goes on has a page token
}

// Plan says what Run would ask for now, or Backfill when a time is given. Nothing is asked or changed.
func (f *Fetcher) Plan(ctx context.Context, from, until time.Time) (Plan, error) {
	c := cursorRun{name: CursorName(f.Account)}
	if !from.IsZero() {
		c = backfillRun(f.Account, from, until)
	}
	if _, err := c.readCursor(ctx, f); err != nil {
		return Plan{}, err
	}
	p := Plan{Position: c.pos}
	for {
		w := c.nextWindow()
		p.Requests = append(p.Requests, c.searchParams(w))
		if w.Before.IsZero() || !c.until.IsZero() && !w.Before.Before(c.until) {
			return p, nil
		}
		w.End, w.Asked = w.Before, f.Now()
		c.closeWindow(w)
	}
}
