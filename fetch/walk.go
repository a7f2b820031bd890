package fetch

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// StaleToken is what an error of the source has that says that a page token is not taken any more.
type StaleToken interface{ StaleToken() bool }

// walk fetches one window, or what is left of it. last says that no window follows.
func (c *course) walk(ctx context.Context) (last bool, err error) {
	w := c.plan()
	resumed := w.Token != ""
	c.f.report(c.progress(w, page{}, resumed))
	for tokens := map[string]bool{}; ; {
		if w.Token == "" {
			w.Asked = c.f.Now().UTC()
		}
		tokens[w.Token] = true
		answer, err := c.f.Source.SearchOrders(ctx, c.query(w))
		var stale StaleToken
		if errors.As(err, &stale) && stale.StaleToken() && w.Token != "" && len(tokens) == 1 {
			c.pos.Window = nil // of an earlier run: the window starts again
			if err := c.save(ctx); err != nil {
				return false, err
			}
			return c.walk(ctx)
		}
		if err != nil {
			return false, err
		}
		if err := c.take(ctx, w, answer, resumed); err != nil {
			return false, err
		}
		if answer.Next == "" {
			return c.ended(w), c.save(ctx)
		}
		if tokens[answer.Next] {
			c.pos.Window = nil
			return false, errors.Join(fmt.Errorf("page %d of the orders since %s: %w", w.Pages, w.After.Format(time.RFC3339), ErrRepeated), c.save(ctx))
		}
		w.Token, w.TokenAt = answer.Next, c.f.Now().UTC()
		c.pos.Window = w
		if err := c.save(ctx); err != nil {
			return false, err
		}
	}
}

func (c *course) query(w *Window) Query {
	q := Query{Marketplaces: c.f.Marketplaces, Included: c.f.Included, Token: w.Token}
	if c.created {
		q.CreatedAfter, q.CreatedBefore = w.After, w.Before
	} else {
		q.UpdatedAfter, q.UpdatedBefore = w.After, w.Before
	}
	return q
}

// take makes a page durable and counts it.
func (c *course) take(ctx context.Context, w *Window, answer Page, resumed bool) error {
	p := look(answer.Body)
	if w.Token == "" {
		w.End = c.named(w, answer.Before)
	}
	if answer.Unread != nil || p.unread != nil {
		answer.Unread = errors.Join(answer.Unread, p.unread)
	}
	w.Pages++
	if !p.empty {
		if err := c.f.put(ctx, c.stem(w), answer); err != nil {
			return err
		}
	}
	if answer.Unread != nil {
		return fmt.Errorf("page %d of the orders since %s (request %s): %w: %w", w.Pages, w.After.Format(time.RFC3339), answer.RequestID, ErrUnread, answer.Unread)
	}
	w.Orders += p.orders
	c.sum.Pages++
	c.sum.Orders += p.orders
	c.f.report(c.progress(w, p, resumed))
	return nil
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
	return w.Before.IsZero() || !c.until.IsZero() && !w.End.Before(c.until)
}

func (c *course) progress(w *Window, p page, resumed bool) Progress {
	until := w.End
	if until.IsZero() {
		until = w.Before
	}
	return Progress{Account: c.f.Account, From: w.After, Until: until, Pages: w.Pages, Orders: w.Orders, At: p.last, Resumed: resumed}
}
