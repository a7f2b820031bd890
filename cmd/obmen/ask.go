package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"obmen/cmd/obmen/ui"
	"obmen/watch"
)

// wish gathers what a command asks the watcher for, by route.
type wish struct {
	command  string
	requests []*watch.Request
	orders   []string
}

func newWish(command string) *wish { return &wish{command: command} }

// file is the place of a kept file among the requests; it is valid until the next call.
func (w *wish) file(route, sha256, name string) *watch.RequestFile {
	r := w.request(route)
	j := slices.IndexFunc(r.Files, func(f watch.RequestFile) bool { return f.SHA256 == sha256 })
	if j < 0 {
		j = len(r.Files)
		r.Files = append(r.Files, watch.RequestFile{SHA256: sha256, Name: name})
	}
	return &r.Files[j]
}

// request is the one for a route. Without files it lets the watcher list anew what is held.
func (w *wish) request(route string) *watch.Request {
	i := slices.IndexFunc(w.requests, func(r *watch.Request) bool { return r.Route == route })
	if i < 0 {
		i = len(w.requests)
		w.requests = append(w.requests, &watch.Request{Route: route, Why: "obmen " + w.command})
	}
	return w.requests[i]
}

// put hands the requests to the watcher.
func (s *shop) put(ctx context.Context, w *wish) error {
	for _, r := range w.requests {
		if err := watch.PutRequest(ctx, s.cfg.Folders.State, *r); err != nil {
			return err
		}
	}
	return nil
}

// The object that retry and replay print with --json.
type jsonAsked struct {
	Orders  []string `json:"orders"`
	Files   int      `json:"files"`   // to be converted once more
	Running bool     `json:"running"` // a watcher does it now; else the next one will
}

// mostNamed is how many orders are named on the screen; --json names all.
const mostNamed = 10

// ask hands the requests to the watcher, which is the only one that converts and publishes.
func (s *shop) ask(ctx context.Context, w *wish, json bool, out ui.Streams) error {
	asked := jsonAsked{Orders: []string{}}
	slices.Sort(w.orders)
	asked.Orders = append(asked.Orders, slices.Compact(w.orders)...)
	if err := s.put(ctx, w); err != nil {
		return err
	}
	for _, r := range w.requests {
		asked.Files += len(r.Files)
	}
	var st jsonStatus
	if err := s.watcher(&st); err != nil {
		return err
	}
	asked.Running = st.Running
	if json {
		return ui.PrintJSON(out.Out, asked)
	}
	n := len(asked.Orders)
	if n == 0 {
		fmt.Fprintf(out.Out, "nothing to %s\n", w.command)
		return nil
	}
	more := ""
	if n > mostNamed {
		more = " …"
	}
	fmt.Fprintf(out.Out, "%s to %s: %s%s\n", ui.Plural(n, "order", "orders"), w.command, strings.Join(asked.Orders[:min(n, mostNamed)], ", "), more)
	if asked.Running {
		fmt.Fprintln(out.Out, "the running watcher does it within seconds")
	} else {
		fmt.Fprintln(out.Out, "no watcher runs: it will be done at the next obmen watch")
	}
	return nil
}
