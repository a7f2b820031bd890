package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"obmen/watch"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// requests gather what an operation asks the watcher for, by route.
type requests struct {
	operation string
	list      []*watch.Request
	places    map[[2]string]int // of files, by route and bytes
	orders    []string
}

func newRequests(operation string) *requests {
	return &requests{operation: operation, places: map[[2]string]int{}}
}

// requestFile returns a kept file's place among the requests; it is valid until the next call.
func (q *requests) requestFile(route, sha256, name string) *watch.RequestFile {
	r := q.requestOf(route)
	j, known := q.places[[2]string{route, sha256}]
	if !known {
		j = len(r.Files)
		q.places[[2]string{route, sha256}] = j
		r.Files = append(r.Files, watch.RequestFile{SHA256: sha256, Name: name})
	}
	return &r.Files[j]
}

// requestOf returns the request for a route. Without files it lets the watcher write the list of held orders again.
func (q *requests) requestOf(route string) *watch.Request {
	i := slices.IndexFunc(q.list, func(r *watch.Request) bool { return r.Route == route })
	if i < 0 {
		i = len(q.list)
		q.list = append(q.list, &watch.Request{Route: route, Why: "obmen " + q.operation})
	}
	return q.list[i]
}

// putRequests hands the requests to the watcher, which is the only one that converts and publishes.
func (d *Desk) putRequests(ctx context.Context, q *requests) error {
	for _, r := range q.list {
		if err := watch.PutRequest(ctx, d.State, *r); err != nil {
			return err
		}
	}
	return nil
}

// Requested is what Retry and Replay asked of the watcher.
type Requested struct {
	Orders  []string `json:"orders"`
	Files   int      `json:"files"`   // to be converted once more
	Running bool     `json:"running"` // a watcher does it now; else the next one will
}

// putAndCount puts the requests and counts them.
func (d *Desk) putAndCount(ctx context.Context, q *requests) (*Requested, error) {
	slices.Sort(q.orders)
	done := &Requested{Orders: append([]string{}, slices.Compact(q.orders)...)}
	if err := d.putRequests(ctx, q); err != nil {
		return nil, err
	}
	for _, r := range q.list {
		done.Files += len(r.Files)
	}
	var err error
	done.Running, _, err = d.Watcher()
	return done, err
}

// Retry asks for another try of held orders with today's catalogs and settings; no ids means all.
func (d *Desk) Retry(ctx context.Context, ids []string) (*Requested, error) {
	if err := d.begin(ctx, roles.Work, "retry", ids...); err != nil {
		return nil, err
	}
	holds, err := d.Ledger.Holds(ctx, ledger.HoldFilter{})
	if err != nil {
		return nil, err
	}
	held, chosen := map[string]bool{}, map[string]bool{}
	for i := range holds {
		held[holds[i].Order] = true
	}
	for _, id := range ids {
		if chosen[id] = true; held[id] {
			continue
		}
		if err := d.checkNotDismissed(ctx, "retry", id); err != nil {
			return nil, err
		}
		return nil, words.Refuse(words.New("retry.not-held", "Order", id), words.New("desk.lists-them", "Command", d.Command("held")))
	}
	q := newRequests("retry")
	for i := range holds {
		if h := &holds[i]; len(ids) == 0 || chosen[h.Order] {
			q.requestFile(h.Route, h.SHA256, watch.FileOf(h))
			q.orders = append(q.orders, h.Order)
		}
	}
	return d.putAndCount(ctx, q)
}

// ReplayOptions choose exported orders: by number, else by the days of publishing or the refusal of 1C.
type ReplayOptions struct {
	Orders   []string
	From, To time.Time // days; zero for no limit
	Failed   bool      // the sets that 1C refused
	Set      string    // the stem of one set
}

// Replay asks for exported orders to be published once more, as the same documents of 1C.
func (d *Desk) Replay(ctx context.Context, opt ReplayOptions) (*Requested, error) {
	if err := d.begin(ctx, roles.Work, "replay", append(slices.Clone(opt.Orders), opt.Set)...); err != nil {
		return nil, err
	}
	q := newRequests("replay")
	for _, id := range opt.Orders {
		if err := d.replayOrder(ctx, q, id); err != nil {
			return nil, err
		}
	}
	if len(opt.Orders) == 0 {
		if err := d.replaySets(ctx, q, opt); err != nil {
			return nil, err
		}
	}
	return d.putAndCount(ctx, q)
}

// replayOrder asks for one order, from the file of its last set.
func (d *Desk) replayOrder(ctx context.Context, q *requests, id string) error {
	if err := d.checkNotDismissed(ctx, "replay", id); err != nil {
		return err
	}
	sets, err := d.Ledger.Sets(ctx, ledger.SetFilter{Order: id})
	if err != nil {
		return err
	}
	last := map[ledger.Key]*ledger.Member{}
	routes := map[ledger.Key]string{}
	for i := range sets {
		for j := range sets[i].Orders {
			if m := &sets[i].Orders[j]; m.Order == id && m.SHA256 != "" {
				last[m.Key], routes[m.Key] = m, sets[i].Route
			}
		}
	}
	if len(last) == 0 {
		return words.Refuse(words.New("replay.not-exported", "Order", id), words.New("replay.explain", "Command", d.Command("explain", id)))
	}
	for key, m := range last {
		if err := d.replayMember(ctx, q, routes[key], m); err != nil {
			return err
		}
	}
	return nil
}

// replaySets asks for all orders of sets.
func (d *Desk) replaySets(ctx context.Context, q *requests, opt ReplayOptions) error {
	filter := ledger.SetFilter{Since: opt.From, Stem: opt.Set}
	if !opt.To.IsZero() {
		filter.Before = opt.To.AddDate(0, 0, 1)
	}
	if opt.Failed {
		filter.States = []ledger.SetState{ledger.Failed}
	}
	sets, err := d.Ledger.Sets(ctx, filter)
	if err != nil {
		return err
	}
	for i := range sets {
		if sets[i].State == ledger.Planned { // the watcher is about to publish it
			continue
		}
		for j := range sets[i].Orders {
			if err := d.replayMember(ctx, q, sets[i].Route, &sets[i].Orders[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// replayMember asks for one order from the file it came in.
func (d *Desk) replayMember(ctx context.Context, q *requests, route string, m *ledger.Member) error {
	files, err := d.Ledger.Files(ctx, ledger.FileFilter{Route: route, SHA256: cmp.Or(m.SHA256, "-"), Limit: 1})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return words.Refuse(words.New("replay.no-file", "Order", m.Order), words.New("replay.drop-again"))
	}
	f := q.requestFile(route, m.SHA256, files[0].Name)
	if !slices.Contains(f.Republish, m.Key) {
		f.Republish = append(f.Republish, m.Key)
		q.orders = append(q.orders, m.Order)
	}
	return nil
}
