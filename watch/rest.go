package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/inbox"
)

// What a watcher with nothing to do may do for each of its routes: so much time passes between two rounds of one, and
// between two looks where events tell of changes. It counts for very many routes only; a few are looked at as often as
// the settings say.
const (
	roundShare = 50 * time.Millisecond
	lookShare  = 10 * time.Millisecond
	fewRoutes  = 4
)

// glanceEvery is how often it is looked, without an event, at what concerns all routes.
const glanceEvery = time.Second / 2

// rest waits until there may be something to do. A few routes do a round at every look and event. Of many, each does one when
// a look shows something new, and else only as often as all of them together may.
func (k *worker) rest(ctx context.Context) {
	routes := k.watcher.crew.size()
	due := time.Now().Add(time.Duration(routes) * roundShare)
	pace := inbox.Pace{
		Poll: k.watcher.pollEvery(), AtLeast: time.Duration(routes) * lookShare,
		Settling: k.current.saving || !k.onec.Idle(),
	}
	busy := routes <= fewRoutes || k.once || pace.Settling || k.pause.reason != "" || k.lists.stale || k.cures.needed
	for {
		woken := k.inbox.Wait(ctx, pace)
		asked := time.Now()
		if !woken {
			asked = asked.Add(-glanceEvery)
		}
		if busy || ctx.Err() != nil || !time.Now().Before(due) || k.hasNews(ctx, asked) {
			return
		}
		pace.AtMost = max(time.Until(due), time.Millisecond)
	}
}

// hasNews looks at the folders, and reports whether there may be something to do. What concerns all routes it need not have
// seen later than asked.
func (k *worker) hasNews(ctx context.Context, asked time.Time) bool {
	defer k.heartbeat.beat("")
	if k.inbox.HasNews() || k.onec.HasNews() {
		return true
	}
	g := k.watcher.look(asked)
	return g.unclear || g.catalog != k.current.catalog.Hash() || !slices.Equal(g.layouts, k.writer.Layouts) || g.requested[k.route.Name]
}

// seen is what one look shows that concerns all routes.
type seen struct {
	catalog   string // hash
	layouts   []*layout.Layout
	requested map[string]bool // routes that a person has asked something of
	unclear   bool            // it takes a round to see
}

// glance is a look at what concerns all routes, made once for all of them.
type glance struct {
	mu sync.Mutex
	at time.Time
	seen
	requests map[string]string // the routes of requests, by their names
}

// look returns what there was to see at a time not before asked.
func (w *Watcher) look(asked time.Time) seen {
	g := &w.glance
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at.Before(asked) || g.at.IsZero() {
		g.at = time.Now()
		g.seen = seen{layouts: w.Layouts, requested: map[string]bool{}}
		g.lookAtRules(w)
		g.lookAtRequests(w)
	}
	return g.seen
}

func (g *glance) lookAtRules(w *Watcher) {
	cat, err := w.Catalog()
	if g.unclear = err != nil || cat == nil; g.unclear {
		return
	}
	g.catalog = cat.Hash()
	if w.Renew != nil {
		g.layouts = w.Renew()
	}
	g.unclear = w.Saving != nil && w.Saving() > 0
}

func (g *glance) lookAtRequests(w *Watcher) {
	names, err := w.listRequests()
	if err != nil {
		g.unclear = true
		return
	}
	before := g.requests
	g.requests = map[string]string{}
	for _, name := range names {
		route, known := before[name]
		if !known {
			route = readRoute(w.fs(), filepath.Join(w.requestFolder(), name))
		}
		g.requests[name], g.requested[route] = route, true
		g.unclear = g.unclear || route == ""
	}
}

// readRoute returns the route of a request; "" when it takes a closer look to tell.
func readRoute(disk drop.FS, path string) string {
	var r Request
	if text, err := drop.ReadFile(disk, path, requestLimit); err != nil || json.Unmarshal(text, &r) != nil {
		return ""
	}
	return r.Route
}

// reportUnwatched reports that the system watches no more folders for this program.
func (w *Watcher) reportUnwatched(err error) {
	(&worker{watcher: w, route: &w.Routes[0]}).report(Event{
		Kind: Alert, Text: fmt.Sprintf("the system tells of no changes in further folders: %v", err),
		Hint: "raise fs.inotify.max_user_watches (Linux); until then folders are looked at every few seconds, which works and costs more",
	})
}
