package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/convert"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

// Problem is one thing that is wrong at the moment and that a person should hear of. Its text has no buyers'
// data: codes, counts, names of files, sets and accounts.
type Problem struct {
	Event   string // as package notify calls it: orders-held, file-refused, …
	Subject string // what it is about; with Event it names the problem
	Urgent  bool   // orders do not get through
	Text    words.Text
	Count   int // how many things it is about, where it can grow
}

// pullPatience is how long orders may wait for a 1C that fetches them itself: longer than a night, shorter
// than a weekend.
const pullPatience = 24 * time.Hour

// mostProblems bounds how many files and sets are problems of their own.
const mostProblems = 50

// refusedBySite is the code of orders that 1C refused when it fetched them.
const refusedBySite = "refused-by-1c"

// Problems lists what is wrong, from what the running watcher wrote down, the ledger and the quarantine. It
// never looks into an inbox or outbox: one that hangs must not silence the rest.
func (d *Desk) Problems(ctx context.Context, now time.Time) ([]Problem, error) {
	live, err := watch.ReadStatus(d.State)
	if err != nil {
		live = watch.Status{}
	}
	list := waitingRoutes(live)
	stats, err := d.Ledger.Stats(ctx)
	if err != nil {
		return list, err
	}
	list = append(list, heldOrders(stats.Holds)...)
	for _, find := range []func(context.Context, time.Time) ([]Problem, error){d.refusedSets, d.lateAnswers, d.unfetchedOrders} {
		more, err := find(ctx, now)
		if err != nil {
			return list, err
		}
		list = append(list, more...)
	}
	return append(list, d.refusedFileProblems()...), nil
}

// waitingRoutes are the routes that claim nothing.
func waitingRoutes(live watch.Status) (list []Problem) {
	for _, r := range live.Routes {
		if r.Waiting == "" || r.Code == folder.StillSaving {
			continue
		}
		event := r.Code
		switch event {
		case folder.Disconnected, folder.NoSpace, folder.OutboxFull:
		default:
			event = "route-waits"
		}
		list = append(list, Problem{event, r.Name, event != folder.OutboxFull, words.New("alert.waits", "Route", r.Name, "Why", words.Plain(r.Waiting)), 0})
	}
	return list
}

// heldOrders are the orders that wait for a person, in one problem; those that 1C refused in another.
func heldOrders(byCode map[string]int) (list []Problem) {
	var codes []string
	sum := 0
	for _, code := range slices.SortedFunc(maps.Keys(byCode), func(a, b string) int {
		return cmp.Or(cmp.Compare(byCode[b], byCode[a]), cmp.Compare(a, b))
	}) {
		n := byCode[code]
		if code == string(convert.Pending) {
			continue // waits for the marketplace alone
		}
		if code == refusedBySite {
			list = append(list, Problem{"1c-rejected", "site", false, words.Count("alert.refused-orders", n), n})
			continue
		}
		sum += n
		codes = append(codes, fmt.Sprintf("%d %s", n, code))
	}
	if sum > 0 {
		list = append(list, Problem{"orders-held", "", false, words.Count("alert.held", sum, "Codes", codes), sum})
	}
	return list
}

// refusedSets are the exchange files that 1C refused, whole or in part. 1C's words stay out: they may name
// a buyer.
func (d *Desk) refusedSets(ctx context.Context, _ time.Time) (list []Problem, err error) {
	sets, err := d.Ledger.Sets(ctx, ledger.SetFilter{States: []ledger.SetState{ledger.Failed}, Limit: mostProblems, NoOrders: true})
	for i := range sets {
		list = append(list, Problem{"1c-rejected", sets[i].Stem, false, words.New("alert.refused-set", "Set", sets[i].Stem), 0})
	}
	return list, err
}

// lateAnswers are the routes whose oldest exchange file has waited too long for 1C's answer.
func (d *Desk) lateAnswers(ctx context.Context, now time.Time) (list []Problem, err error) {
	for i := range d.Routes {
		r := &d.Routes[i]
		if r.AckWithin <= 0 {
			continue
		}
		sets, err := d.Ledger.Overdue(ctx, r.Name, now.Add(-r.AckWithin), mostProblems)
		if err != nil {
			return list, err
		}
		if len(sets) > 0 {
			list = append(list, Problem{"ack-late", r.Name, false, words.Count("alert.late", len(sets), "Route", r.Name, "Since", sets[0].Published), len(sets)})
		}
	}
	return list, nil
}

// unfetchedOrders are the accounts whose orders wait for a 1C that does not come.
func (d *Desk) unfetchedOrders(ctx context.Context, now time.Time) (list []Problem, err error) {
	states, err := d.Ledger.SiteStates(ctx)
	for _, s := range states {
		if s.Waiting > 0 && now.Sub(s.Since) > pullPatience {
			account := strings.TrimPrefix(s.Exchange, ledger.SitePrefix)
			list = append(list, Problem{"site-not-pulled", account, false, words.Count("alert.not-pulled", s.Waiting, "Account", account, "Since", s.Since), s.Waiting})
		}
	}
	return list, err
}

// refusedFileProblems are the files in quarantine.
func (d *Desk) refusedFileProblems() (list []Problem) {
	d.walkRefused(func(path string) bool {
		name := filepath.Base(path)
		list = append(list, Problem{"file-refused", name, false, words.New("alert.refused-file", "File", name), 0})
		return len(list) < mostProblems
	})
	return list
}

// reasonSuffix ends the name of what lies beside a refused file.
const reasonSuffix = ".reason.json"

// walkRefused calls found with the path of each file that lies in quarantine with its reason beside it, as long
// as found returns true. Who has dealt with one takes it away, or puts it back into the inbox.
func (d *Desk) walkRefused(found func(path string) bool) {
	seen := map[string]bool{}
	for i := range d.Routes {
		dir := d.Routes[i].Quarantine
		if seen[dir] {
			continue
		}
		seen[dir] = true
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error { // a folder that is away is told as a route that waits
			if file, ok := strings.CutSuffix(path, reasonSuffix); err == nil && ok && !found(file) {
				return fs.SkipAll
			}
			return nil
		})
		if errors.Is(err, fs.SkipAll) {
			return
		}
	}
}
