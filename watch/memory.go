package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// LostLedgerError refuses a ledger that is not the one with which the work in the folders was done: what was exported
// would go out once more, and what a person decided would be forgotten.
type LostLedgerError struct {
	New    bool   // empty; false when it belongs to other folders
	Found  string // what shows that work was done
	Advice string
}

func (e *LostLedgerError) Error() string {
	if e.New {
		return "the ledger is lost: it is new, though " + e.Found
	}
	return "the ledger is that of other folders: it knows none of their markers, though " + e.Found
}

// Hint returns the next step, one line; empty when there is none.
func (e *LostLedgerError) Hint() string { return e.Advice }

// CheckLedger returns a *LostLedgerError when the folders of the routes show that work was done, and the ledger does
// not know of it. A nil ledger is one that is not there.
func CheckLedger(ctx context.Context, routes []inbox.Route, book *ledger.Ledger) error {
	var known map[string]string
	var files []ledger.FileRecord
	if book != nil {
		var err error
		if known, err = book.CursorsOf(ctx, folder.CursorPrefix); err != nil {
			return err
		}
		if files, err = book.Files(ctx, ledger.FileFilter{Limit: 1}); err != nil {
			return err
		}
	}
	if len(known) == 0 && len(files) > 0 {
		return nil // of an obmen that did not know markers
	}
	found := markersOf(routes)
	for _, id := range known {
		if found[id] {
			return nil
		}
	}
	if len(known) > 0 && len(found) == 0 {
		return nil // nothing is mounted: the guard waits for it
	}
	trace := traceOfWork(routes)
	if trace == "" {
		return nil
	}
	return &LostLedgerError{New: len(known) == 0, Found: trace, Advice: "restore the state folder from a backup, or: obmen ledger rebuild; to start with an empty ledger on purpose: obmen watch --fresh"}
}

// markersOf are the markers of the routes' folders that can be read.
func markersOf(routes []inbox.Route) map[string]bool {
	found := map[string]bool{}
	for i := range routes {
		for _, f := range routes[i].Folders() {
			if id, err := folder.ReadMarker(f.Dir); err == nil && id != "" {
				found[id] = true
			}
		}
	}
	return found
}

// setName is a part of the name of every set's files: its day and its hash.
var setName = regexp.MustCompile(`-\d{8}-[0-9a-f]{12}`)

// traceOfWork names something that only a watcher leaves in its folders; empty when there is nothing.
func traceOfWork(routes []inbox.Route) string {
	for i := range routes {
		r := &routes[i]
		for _, list := range []string{r.HeldPath(), r.DismissedPath()} {
			if _, err := os.Lstat(list); err == nil {
				return list + " is there"
			}
		}
		for _, dir := range []string{r.Archive, r.Quarantine} {
			if day := dayWithFiles(dir); day != "" {
				return day + " has files"
			}
		}
		entries, _ := os.ReadDir(r.Outbox) // what cannot be read shows nothing
		for _, e := range entries {
			if e.Type().IsRegular() && setName.MatchString(e.Name()) {
				return filepath.Join(r.Outbox, e.Name()) + " is there"
			}
		}
	}
	return ""
}

func dayWithFiles(dir string) string {
	days, _ := os.ReadDir(dir)
	for _, day := range days {
		if _, err := time.Parse(store.DayFormat, day.Name()); err != nil || !day.IsDir() {
			continue
		}
		path := filepath.Join(dir, day.Name())
		files, _ := os.ReadDir(path)
		for _, f := range files {
			if f.Type().IsRegular() && !strings.HasPrefix(f.Name(), ".") {
				return path
			}
		}
	}
	return ""
}

// RouteOf finds the route that a file in an archive or a quarantine came through: the only one with that folder, or
// the one that is recorded beside the file or in the ledger. A route that cannot be told is a *RouteError.
func RouteOf(ctx context.Context, routes []inbox.Route, book *ledger.Ledger, path, sha256 string) (*inbox.Route, error) {
	var candidates []*inbox.Route
	for i := range routes {
		if isBelow(path, routes[i].Archive) || isBelow(path, routes[i].Quarantine) {
			candidates = append(candidates, &routes[i])
		}
	}
	if len(candidates) == 1 {
		return candidates[0], nil
	}
	names := map[string]bool{}
	records, err := book.Files(ctx, ledger.FileFilter{SHA256: sha256})
	if err != nil {
		return nil, err
	}
	for i := range records {
		if records[i].Outcome != routeUnknown {
			names[records[i].Route] = true
		}
	}
	if len(names) != 1 { // in none, or dropped on several routes
		recorded, err := store.ReadOrigins(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		clear(names)
		for _, o := range recorded.Of(sha256) {
			names[o.Route] = true
		}
		if name := reasonRoute(path); name != "" {
			names = map[string]bool{name: true}
		}
	}
	e := &RouteError{Path: path, Advice: "name it: obmen requeue --route NAME FILE"}
	var is *inbox.Route
	for _, r := range candidates {
		e.Routes = append(e.Routes, r.Name)
		if names[r.Name] {
			is = r
		}
	}
	if len(names) != 1 || is == nil {
		return nil, e
	}
	return is, nil
}

// RouteError is a file whose route cannot be told.
type RouteError struct {
	Path   string
	Routes []string // that share the folder
	Advice string
}

func (e *RouteError) Error() string {
	return fmt.Sprintf("the route of %s is not recorded: its folder is shared by %s", e.Path, strings.Join(e.Routes, ", "))
}

// Hint returns the next step, one line; empty when there is none.
func (e *RouteError) Hint() string { return e.Advice }

func isBelow(path, dir string) bool {
	a, err1 := filepath.Abs(path)
	b, err2 := filepath.Abs(dir)
	return err1 == nil && err2 == nil && strings.HasPrefix(a, b+string(filepath.Separator))
}
