package watch

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"obmen/watch/drop"
	"obmen/watch/inbox"
)

// StatusFile holds what only a running watcher knows; it lies in the state folder. The ledger has everything
// else.
const StatusFile = "status.json"

// statusEvery is how often the status file is written at most: often enough for people, rarely enough
// for the disk.
const statusEvery = time.Second

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
	Files   []inbox.FileStatus `json:"files,omitempty"`   // those that wait in the inbox, by path; of very many only some
}

// ReadStatus reads what the watcher wrote last; the zero Status when none ever ran.
func ReadStatus(state string) (s Status, err error) {
	text, err := os.ReadFile(filepath.Join(state, StatusFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// board gathers the status of all routes and writes it down.
type board struct {
	mu      sync.Mutex
	routes  map[string]RouteStatus
	written time.Time // monotonic
}

// note takes a route's status in. A status that cannot be written stops nothing: the guard reports a state
// folder that is full or gone.
func (b *board) note(state string, s RouteStatus, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routes == nil {
		b.routes = map[string]RouteStatus{}
	}
	news := b.routes[s.Name].Waiting != s.Waiting
	b.routes[s.Name] = s
	if !news && !b.written.IsZero() && time.Since(b.written) < statusEvery {
		return
	}
	b.written = time.Now()
	_ = b.write(state, now)
}

// write replaces the file in one step, so that a reader never sees half of it.
func (b *board) write(state string, now time.Time) error {
	s := Status{Written: now.UTC(), Process: os.Getpid()}
	for _, r := range b.routes {
		s.Routes = append(s.Routes, r)
	}
	slices.SortFunc(s.Routes, func(a, b RouteStatus) int { return strings.Compare(a.Name, b.Name) })
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return drop.ReplaceFile(drop.OS{}, filepath.Join(state, StatusFile), 0o600, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
