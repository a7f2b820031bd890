package fetch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"obmen/fetch/spapi"
)

// fetchWindow fetches one window, or what is left of it; last reports that none follows.
func (c *cursorRun) fetchWindow(ctx context.Context) (last bool, err error) {
	w := c.nextWindow()
	resumed := w.Token != ""
	c.f.reportProgress(c.progressOf(w, &spapi.Page{}, resumed))
	for tokens := map[string]bool{}; ; {
		if w.Token == "" {
			w.Asked = c.f.Now().UTC()
		}
		tokens[w.Token] = true
		answer, err := c.f.Source.SearchOrders(ctx, c.searchParams(w))
		if spapi.KindOf(err) == spapi.KindInput && w.Token != "" && (len(tokens) == 1 || w.outlivedToken(c.f.Now())) {
			if err := c.restartWindow(ctx, w); err != nil {
				return false, err
			}
			return c.fetchWindow(ctx)
		}
		if answer == nil {
			return false, err
		}
		if err := c.savePage(ctx, w, answer, err, resumed); err != nil {
			return false, err
		}
		if answer.NextToken == "" {
			return c.closeWindow(w), c.saveCursor(ctx)
		}
		if tokens[answer.NextToken] {
			c.pos.Window = nil
			return false, errors.Join(fmt.Errorf("page %d of the orders since %s (request id %s): %w", w.Pages, w.After.Format(time.RFC3339), answer.RequestID, ErrRepeated), c.saveCursor(ctx))
		}
		w.Token, w.TokenAt = answer.NextToken, c.f.Now().UTC()
		c.pos.Window = w
		if err := c.saveCursor(ctx); err != nil {
			return false, err
		}
	}
}

// restartWindow drops a window whose token Amazon refuses, so that it begins again. It is half as long, and so are those
// behind it: a window that takes longer than its tokens live would never end.
func (c *cursorRun) restartWindow(ctx context.Context, w *Window) error {
	c.pos.Window = nil
	if w.Pages > 1 {
		c.pos.Span = Span(max(shortest, laterOf(w.End, w.Before).Sub(laterOf(w.After, c.pos.Done))/2))
	}
	return c.saveCursor(ctx)
}

func (c *cursorRun) searchParams(w *Window) spapi.SearchParams {
	q := spapi.SearchParams{MarketplaceIDs: c.f.Marketplaces, IncludedData: c.f.Included, PaginationToken: w.Token}
	if c.created {
		q.CreatedAfter, q.CreatedBefore = w.After, w.Before
	} else {
		q.LastUpdatedAfter, q.LastUpdatedBefore = w.After, w.Before
	}
	return q
}

// savePage makes a page durable and counts it. One that cannot be read is saved, too, and then ends the run:
// nobody knows what follows it.
func (c *cursorRun) savePage(ctx context.Context, w *Window, p *spapi.Page, unread error, resumed bool) error {
	if w.Token == "" {
		w.End = c.endOfWindow(w, laterOf(p.LastUpdatedBefore, p.CreatedBefore))
	}
	w.Pages++
	if unread != nil || len(p.Orders) > 0 { // else there is nothing in it
		if err := c.f.putPage(ctx, c.pageName(w), &p.Answer, unread); err != nil {
			return err
		}
	}
	if unread != nil {
		return fmt.Errorf("page %d of the orders since %s: %w", w.Pages, w.After.Format(time.RFC3339), unread)
	}
	w.Orders += len(p.Orders)
	c.sum.countPage(p)
	c.f.reportProgress(c.progressOf(w, p, resumed))
	return nil
}

func (s *Summary) countPage(p *spapi.Page) {
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

// endOfWindow returns the end of a window. What Amazon names counts if it can be true; else the end that was asked
// for, else a moment that is past by any clock.
func (c *cursorRun) endOfWindow(w *Window, before time.Time) time.Time {
	const nonsense = 24 * time.Hour
	switch {
	case !w.Before.IsZero() && (before.IsZero() || before.After(w.Before)):
		return w.Before
	case before.IsZero(), before.Before(w.After), before.After(w.Asked.Add(nonsense)):
		return laterOf(w.After, w.Asked.Add(-Recent))
	}
	return before.UTC()
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// closeWindow moves the position behind a window. A later window never moves it back.
func (c *cursorRun) closeWindow(w *Window) (last bool) {
	c.sum.Windows++
	c.pos.Window = nil
	c.pos.Orders, c.pos.Seconds = c.pos.Orders+w.Orders, c.pos.Seconds+w.End.Sub(w.After).Seconds()
	c.pos.Done = laterOf(c.pos.Done, w.End)
	c.pos.Asked = c.pos.Done
	if !w.Before.IsZero() {
		c.pos.Asked = laterOf(w.Asked, c.pos.Done)
	}
	c.sum.Until = c.pos.Done
	if w.Before.IsZero() { // all is fetched: what comes next is as short as ever
		c.pos.Span = 0
	}
	return w.Before.IsZero() || !c.until.IsZero() && !w.End.Before(c.until)
}

func (c *cursorRun) progressOf(w *Window, p *spapi.Page, resumed bool) Progress {
	until := w.End
	if until.IsZero() {
		until = w.Before
	}
	return Progress{
		Account: c.f.Account, From: w.After, Until: until, Pages: w.Pages, Orders: w.Orders,
		At: lastChange(p), Resumed: resumed, Request: p.RequestID,
	}
}
