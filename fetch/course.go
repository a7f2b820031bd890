package fetch

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// course is the way through the windows of one cursor.
type course struct {
	name    string
	created bool      // by time of creation
	from    time.Time // where a backfill begins
	until   time.Time // where it ends; zero for a course that ends now

	f     *Fetcher
	pos   Position
	value string // of the cursor, as the store has it
	sum   Summary
}

func backfill(account string, from, until time.Time) course {
	const day = time.RFC3339
	return course{
		name:    CursorName(account) + " created " + from.UTC().Format(day) + " " + until.UTC().Format(day),
		created: true, from: from, until: until,
	}
}

// open reads where the course stands, and remembers where it begins: a run that is killed now must not
// begin elsewhere the next time.
func (f *Fetcher) open(ctx context.Context, c course) (*course, error) {
	fresh, err := c.read(ctx, f)
	if err == nil && fresh {
		err = c.save(ctx)
	}
	return &c, err
}

// read reads where the course stands; fresh says that it begins only now.
func (c *course) read(ctx context.Context, f *Fetcher) (fresh bool, err error) {
	c.f = f
	if c.value, _, err = f.Store.Cursor(ctx, c.name); err != nil {
		return false, err
	}
	if c.pos, err = ReadPosition(c.value); err != nil {
		return false, err
	}
	if c.value != "" && !c.elsewhere() {
		return false, nil
	}
	start := c.start()
	c.pos = Position{Done: start, Asked: later(f.Now(), start.Add(f.overlap()))} // nothing lies before it: no overlap
	return true, nil
}

// elsewhere says whether a course that has not got anywhere yet is to begin at another moment.
func (c *course) elsewhere() bool {
	return c.until.IsZero() && !c.f.First.IsZero() && !c.pos.Begun() && !c.pos.Done.Equal(c.f.First)
}

// start is where a course begins that never ran.
func (c *course) start() time.Time {
	switch {
	case !c.from.IsZero():
		return c.from.UTC()
	case !c.f.First.IsZero():
		return c.f.First.UTC()
	}
	return c.f.Now().Add(-DefaultDepth).UTC().Truncate(time.Second)
}

// run walks through window after window up to now, or to the end of a backfill.
func (c *course) run(ctx context.Context) (Summary, error) {
	for {
		last, err := c.walk(ctx)
		if err != nil {
			return c.sum, err
		}
		if last {
			return c.sum, c.finish(ctx)
		}
	}
}

// finish forgets a backfill that is complete.
func (c *course) finish(ctx context.Context) error {
	if c.until.IsZero() {
		return nil
	}
	return c.swap(ctx, "")
}

// plan is the window to ask for next: the one that was begun, from the start if its token is no good
// any more, or the one behind the last.
func (c *course) plan() *Window {
	now := c.f.Now()
	if w := c.pos.Window; w != nil && w.fresh(c.f.filter(), now) {
		return w
	}
	w := &Window{After: c.pos.next(c.f.overlap()), Filter: c.f.filter()}
	if end, ok := c.end(w.After, now); ok {
		w.Before = end
	}
	return w
}

// end is where a window ends that begins at a moment; false leaves it to Amazon.
func (c *course) end(after, now time.Time) (time.Time, bool) {
	end := later(after, c.pos.Done).Add(cmp.Or(time.Duration(c.pos.Span), c.f.window()))
	if !c.until.IsZero() && end.After(c.until) {
		end = c.until
	}
	return end.UTC(), end.Before(now.Add(-Recent))
}

// save moves the cursor to the position.
func (c *course) save(ctx context.Context) error {
	text, err := c.pos.text()
	if err != nil {
		return err
	}
	return c.swap(ctx, text)
}

func (c *course) swap(ctx context.Context, value string) error {
	// A page that is durable counts, even if the run is being stopped.
	swapped, err := c.f.Store.SwapCursor(context.WithoutCancel(ctx), c.name, c.value, value)
	if err != nil {
		return err
	}
	if !swapped {
		return fmt.Errorf("account %s: %w", c.f.Account, ErrOvertaken)
	}
	c.value = value
	return nil
}
