package fetch

import (
	"context"
	"time"

	"obmen/fetch/spapi"
)

// Plan is what a run would ask for.
type Plan struct {
	Position Position             // where it stands now
	Requests []spapi.SearchParams // the first request of each window; one that goes on has a page token
}

// Plan says what Run would ask for now, or Backfill when a time is given. Nothing is asked or changed.
func (f *Fetcher) Plan(ctx context.Context, from, until time.Time) (Plan, error) {
	c := course{name: CursorName(f.Account)}
	if !from.IsZero() {
		c = backfill(f.Account, from, until)
	}
	if _, err := c.read(ctx, f); err != nil {
		return Plan{}, err
	}
	p := Plan{Position: c.pos}
	for {
		w := c.plan()
		p.Requests = append(p.Requests, c.query(w))
		if w.Before.IsZero() || !c.until.IsZero() && !w.Before.Before(c.until) {
			return p, nil
		}
		w.End, w.Asked = w.Before, f.Now()
		c.ended(w)
	}
}
