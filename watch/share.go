package watch

import (
	"context"
	"maps"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"obmen/watch/folder"
	"obmen/watch/inbox"
)

// Sharing hands the routes out among several nodes that work with one ledger.
type Sharing interface {
	// Take waits until a group of routes is this node's. The context that it returns ends when another node should have
	// the group.
	Take(ctx context.Context, group string) (context.Context, error)
	// Return gives a group back: nothing of it is under way here any more.
	Return(group string)
}

// Group is routes that one node has together.
type Group struct {
	Name   string // of its first route
	Routes []*inbox.Route
}

// Groups puts routes together that share an inbox, an outbox or a folder of answers: who works there must see all that
// goes on there. Archives and quarantines may be shared by all.
func Groups(routes []inbox.Route) (list []Group) {
	first := make([]int, len(routes)) // of the group that a route is in; of one that was joined to another, a route of that
	leader := func(i int) int {
		for first[i] != i {
			i = first[i]
		}
		return i
	}
	by := map[string]int{} // the routes of folders
	for i := range routes {
		first[i] = i
		for role, dir := range map[string]string{"inbox ": routes[i].Inbox, "outbox ": routes[i].Outbox, "ack ": routes[i].Ack} {
			if role == "ack " && dir == "" {
				continue
			}
			if other, shared := by[role+dir]; shared {
				a, b := leader(other), leader(i)
				first[max(a, b)] = min(a, b)
			}
			by[role+dir] = leader(i)
		}
	}
	of := map[int]int{} // places in the list, by the first route
	for i := range routes {
		l := leader(i)
		n, begun := of[l]
		if !begun {
			n = len(list)
			of[l] = n
			list = append(list, Group{Name: routes[l].Name})
		}
		list[n].Routes = append(list[n].Routes, &routes[i])
	}
	return list
}

// runShared works on each group while it is this node's, until the context ends.
func (w *Watcher) runShared(ctx context.Context, stop func()) error {
	groups := Groups(w.Routes)
	if err := w.loadCursors(ctx); err != nil {
		return err
	}
	removeOldStatus(w.State, w.Node, w.Now())
	defer removeOldStatus(w.State, w.Node, w.Now())
	var all errgroup.Group
	for _, g := range groups {
		all.Go(func() error { return w.runGroup(ctx, stop, g) })
	}
	return all.Wait()
}

// loadCursors reads once what the ledger knows of the folders of all routes.
func (w *Watcher) loadCursors(ctx context.Context) error {
	w.cursors = map[string]string{}
	for _, prefix := range []string{folder.CursorPrefix, folder.DiskPrefix} {
		list, err := w.Ledger.CursorsOf(ctx, prefix)
		if err != nil {
			return err
		}
		maps.Copy(w.cursors, list)
	}
	return nil
}

// runGroup takes a group whenever it may, works on it, and returns it when it should.
func (w *Watcher) runGroup(ctx context.Context, stop func(), g Group) error {
	for ctx.Err() == nil {
		mine, err := w.Share.Take(ctx, g.Name)
		if err != nil {
			return nil // the context has ended
		}
		workers, err := w.newWorkers(g.Routes)
		if err == nil {
			for _, r := range g.Routes { // another has worked there meanwhile
				w.folders.Forget(r.Outbox, r.Archive, r.Quarantine, r.Inbox)
			}
			err = w.work(mine, stop, workers, g)
			w.board.forget(w.statusPath(), g, w.Now())
		}
		w.Share.Return(g.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

// work works on a group until its context ends or a worker fails for good.
func (w *Watcher) work(ctx context.Context, stop func(), workers []*worker, g Group) error {
	ctx, end := context.WithCancel(ctx)
	if w.Began != nil {
		defer w.Began(ctx, g)()
	}
	defer end()
	w.crew.add(workers...)
	defer w.crew.remove(workers...)
	return runAll(ctx, stop, workers, false)
}

func (w *Watcher) statusPath() string { return filepath.Join(w.State, statusOf(w.Node)) }

// unfinishedBefore is the time before which what a program was writing into a folder that others share counts as left
// over: all of it where this program has the folder alone.
func (w *Watcher) unfinishedBefore() time.Time {
	if w.Share == nil {
		return time.Now()
	}
	return time.Now().Add(-requestTime)
}
