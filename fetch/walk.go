package fetch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"obmen/fetch/spapi"
)

// walk fetches one window, or what is left of it. last says that no window follows.
func (c *course) walk(ctx context.Context) (last bool, err error) {
	w := c.plan()
	resumed := w.Token != ""
	c.f.report(c.progress(w, &spapi.Page{}, resumed))
	for tokens := map[string]bool{}; ; {
		if w.Token == "" {
			w.Asked = c.f.Now().UTC()
		}
		tokens[w.Token] = true
		answer, err := c.f.Source.SearchOrders(ctx, c.query(w))
		if spapi.KindOf(err) == spapi.KindInput && w.Token != "" && (len(tokens) == 1 || w.long(c.f.Now())) {
			if err := c.again(ctx, w); err != nil {
				return false, err
			}
			return c.walk(ctx)
		}
		if answer == nil {
			return false, err
		}
		if err := c.take(ctx, w, answer, err, resumed); err != nil {
			return false, err
		}
		if answer.NextToken == "" {
			return c.ended(w), c.save(ctx)
		}
		if tokens[answer.NextToken] {
			c.pos.Window = nil
			return false, errors.Join(fmt.Errorf("page %d of the orders since %s (request id %s): %w", w.Pages, w.After.Format(time.RFC3339), answer.RequestID, ErrRepeated), c.save(ctx))
		}
		w.Token, w.TokenAt = answer.NextToken, c.f.Now().UTC()
		c.pos.Window = w
		if err := c.save(ctx); err != nil {
			return false, err
		}
	}
}

// again starts a window anew whose token Amazon does not take any more. It is half as long, and so are those
// behind it: a window that takes longer than its tokens live would never end.
func (c *course) again(ctx context.Context, w *Window) error {
	c.pos.Window = nil
	if w.Pages > 1 {
		c.pos.Span = Span(max(shortest, later(w.End, w.Before).Sub(later(w.After, c.pos.Done))/2))
	}
	return c.save(ctx)
}

func (c *course) query(w *Window) spapi.SearchParams {
	q := spapi.SearchParams{MarketplaceIDs: c.f.Marketplaces, IncludedData: c.f.Included, PaginationToken: w.Token}
	if c.created {
		q.CreatedAfter, q.CreatedBefore = w.After, w.Before
	} else {
		q.LastUpdatedAfter, q.LastUpdatedBefore = w.After, w.Before
	}
	return q
}

// take makes a page durable and counts it. One that cannot be read is saved, too, and then ends the run:
// nobody knows what follows it.
func (c *course) take(ctx context.Context, w *Window, p *spapi.Page, unread error, resumed bool) error {
	if w.Token == "" {
		w.End = c.named(w, later(p.LastUpdatedBefore, p.CreatedBefore))
	}
	w.Pages++
	if unread != nil || len(p.Orders) > 0 { // else there is nothing in it
		if err := c.f.put(ctx, c.stem(w), &p.Answer, unread); err != nil {
			return err
		}
	}
	if unread != nil {
		return fmt.Errorf("page %d of the orders since %s: %w", w.Pages, w.After.Format(time.RFC3339), unread)
	}
	w.Orders += len(p.Orders)
	c.sum.count(p)
	c.f.report(c.progress(w, p, resumed))
	return nil
}

func (s *Summary) count(p *spapi.Page) {
	s.Pages++
	s.Orders += len(p.Orders)
	for _, d := range p.Absent {
		if !slices.Contains(s.Absent, d) {
			s.Absent = append(s.Absent, d)
		}
	}
}

// lastChange is when the last order of a page was changed; zero when it does not say.
func lastChange(p *spapi.Page) time.Time {
	if len(p.Orders) == 0 {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, p.Orders[len(p.Orders)-1].LastUpdated)
	if err != nil {
		return time.Time{} // whoever converts the page says what is wrong with it
	}
	return at
}

// named is the end of a window. What Amazon names counts if it can be true; else the end that was asked
// for, else a moment that is past by any clock.
func (c *course) named(w *Window, before time.Time) time.Time {
	const nonsense = 24 * time.Hour
	switch {
	case !w.Before.IsZero() && (before.IsZero() || before.After(w.Before)):
		return w.Before
	case before.IsZero(), before.Before(w.After), before.After(w.Asked.Add(nonsense)):
		return later(w.After, w.Asked.Add(-Recent))
	}
	return before.UTC()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ended moves the position behind a window. A later window never moves it back.
func (c *course) ended(w *Window) (last bool) {
	c.sum.Windows++
	c.pos.Window = nil
	c.pos.Orders, c.pos.Seconds = c.pos.Orders+w.Orders, c.pos.Seconds+w.End.Sub(w.After).Seconds()
	c.pos.Done = later(c.pos.Done, w.End)
	c.pos.Asked = c.pos.Done
	if !w.Before.IsZero() {
		c.pos.Asked = later(w.Asked, c.pos.Done)
	}
	c.sum.Until = c.pos.Done
	if w.Before.IsZero() { // all is fetched: what comes next is as short as ever
		c.pos.Span = 0
	}
	return w.Before.IsZero() || !c.until.IsZero() && !w.End.Before(c.until)
}

func (c *course) progress(w *Window, p *spapi.Page, resumed bool) Progress {
	until := w.End
	if until.IsZero() {
		until = w.Before
	}
	return Progress{
		Account: c.f.Account, From: w.After, Until: until, Pages: w.Pages, Orders: w.Orders,
		At: lastChange(p), Resumed: resumed, Request: p.RequestID,
	}
}
