package watch

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// StatusFile holds what only a running watcher knows; it lies in the state folder. The ledger has everything
// else.
const StatusFile = "status.json"

// statusEvery is how often the status file is written at most: often enough to read along, rarely enough
// for the disk. Of very many routes, each adds statusShare: the file is as long as they are many.
const (
	statusEvery = time.Second
	statusShare = time.Millisecond
)

// mostListed bounds the files of a route that the status file lists: it is written every second, and a
// hundred thousand files may lie in an inbox.
const mostListed = 1000

// Status is the content of the status file.
type Status struct {
	Written time.Time     `json:"written"`
	Process int           `json:"process"`
	Routes  []RouteStatus `json:"routes"`
}

// RouteStatus is what the watcher knows of a route.
type RouteStatus struct {
	Name    string             `json:"name"`
	Waiting string             `json:"waiting,omitempty"` // why nothing is claimed; empty when it is
	Code    string             `json:"code,omitempty"`    // kind of that reason, of package folder; empty for a failure
	Tries   int                `json:"tries,omitempty"`   // failures in a row of what is tried again
	Stale   []string           `json:"stale,omitempty"`   // places of mistakes in saved catalogs, layouts and mappings
	Files   []inbox.FileStatus `json:"files,omitempty"`   // those that wait in the inbox, by path; of very many only some
}

// statusOf is the name of the status file of a node; without a name that of a watcher that has no others beside it.
func statusOf(node string) string {
	if node == "" {
		return StatusFile
	}
	ext := filepath.Ext(StatusFile)
	return strings.TrimSuffix(StatusFile, ext) + "-" + ledger.FileNameOf(node) + ext
}

// statusFiles are the status files of a state folder.
func statusFiles(state string) (paths []string, err error) {
	entries, err := os.ReadDir(state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	ext := filepath.Ext(StatusFile)
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), strings.TrimSuffix(StatusFile, ext))
		if ok && e.Type().IsRegular() && (rest == ext || strings.HasPrefix(rest, "-") && filepath.Ext(rest) == ext) {
			paths = append(paths, filepath.Join(state, e.Name()))
		}
	}
	return paths, err
}

// ReadStatus reads what the watcher wrote last; of several nodes what each wrote of its routes. The zero Status when
// none ever ran.
func ReadStatus(state string) (s Status, err error) {
	paths, err := statusFiles(state)
	if err != nil {
		return s, err
	}
	list := make([]Status, len(paths))
	for i, path := range paths {
		if list[i], err = readStatusFile(path); err != nil {
			return s, err
		}
	}
	slices.SortStableFunc(list, func(a, b Status) int { return a.Written.Compare(b.Written) })
	routes := map[string]RouteStatus{}
	for _, of := range list { // the newest last
		for _, r := range of.Routes {
			routes[r.Name] = r
		}
		s = of
	}
	s.Routes = sortedRoutes(routes)
	return s, nil
}

// mostStatus is far more than the status of many routes, in bytes.
const mostStatus = 16 << 20

func readStatusFile(path string) (s Status, err error) {
	text, err := drop.ReadSmall(path, mostStatus)
	if errors.Is(err, fs.ErrNotExist) { // its node has just left
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

func sortedRoutes(routes map[string]RouteStatus) []RouteStatus {
	list := slices.Collect(maps.Values(routes))
	slices.SortFunc(list, func(a, b RouteStatus) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// removeOldStatus removes the status files of nodes that are long gone; with a name also that of the node.
func removeOldStatus(state, node string, now time.Time) {
	paths, _ := statusFiles(state)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && (filepath.Base(path) == statusOf(node) || now.Sub(info.ModTime()) > statusKept) {
			_ = drop.RemoveFile(drop.OS{}, path) // it does no harm
		}
	}
}

// statusKept is how long the status files of nodes stay that were killed.
const statusKept = 24 * time.Hour

// board gathers the status of all routes and writes it down.
type board struct {
	mu      sync.Mutex
	routes  map[string]RouteStatus
	written time.Time // monotonic
}

// noteStatus takes a route's status in. A status that cannot be written stops nothing: the guard reports a state
// folder that is full or gone.
func (b *board) noteStatus(path string, s RouteStatus, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routes == nil {
		b.routes = map[string]RouteStatus{}
	}
	news := b.routes[s.Name].Waiting != s.Waiting
	b.routes[s.Name] = s
	if news || b.isDue() {
		_ = b.write(path, now)
	}
}

func (b *board) isDue() bool {
	return b.written.IsZero() || time.Since(b.written) >= max(statusEvery, time.Duration(len(b.routes))*statusShare)
}

// forget takes the routes of a group off, which another node has from now on.
func (b *board) forget(path string, g Group, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range g.Routes {
		delete(b.routes, r.Name)
	}
	if len(b.routes) == 0 || b.isDue() {
		_ = b.write(path, now)
	}
}

// write replaces the file in one step, so that a reader never sees half of it.
func (b *board) write(path string, now time.Time) error {
	b.written = time.Now()
	s := Status{Written: now.UTC(), Process: os.Getpid(), Routes: sortedRoutes(b.routes)}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return drop.ReplaceFile(drop.OS{}, path, 0o600, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
