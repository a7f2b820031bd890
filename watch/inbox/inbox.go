// Package inbox finds the files that people and programs drop, waits until they have stopped changing, claims
// them, and keeps their bytes.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/store"
)

// ClaimAtOnce is how many files are claimed at once: they share their waits for the disk.
const ClaimAtOnce = 100

// Inbox is the inbox of one route. Its exported fields are set before it is used; it belongs to one goroutine.
type Inbox struct {
	Route    *Route
	FS       drop.FS
	Store    store.Store
	Registry *folder.Registry
	Now      func() time.Time
	Once     bool    // the run ends when nothing is left to do
	Events   *Events // of all routes; nil for events of its own
	Blind    bool    // polls only, without events of the system

	Hooks

	stabilizer *stabilizer
	notifier   *notifier
	arrived    time.Time // monotonic: when a file was last seen to arrive or change
	unreadable map[string]*unreadable
}

// Hooks are what an inbox asks of its caller, or reports to it.
type Hooks struct {
	Beat         func(what string)             // called before the inbox is looked at
	Progress     func()                        // called for each file and for all that is copied
	Alert        func(file, text, hint string) // what people should know
	CheckMounted func(role, dir string) error  // see folder.Guard
	// CharsetChanged is called before bytes get another charset than they had: they are to be read once more.
	CharsetChanged func(ctx context.Context, sha256 string) error
}

// Init makes an inbox ready for use.
func (in *Inbox) Init() {
	in.stabilizer = newStabilizer(in.FS, in.Route)
	in.stabilizer.progress = in.Progress
	in.arrived, in.unreadable = time.Now(), map[string]*unreadable{}
}

// Compile reads the patterns of the route.
func (in *Inbox) Compile() error { return in.stabilizer.compile() }

func (in *Inbox) beatInbox() { in.Beat(folder.Place(folder.Inbox, in.Route.Inbox)) }

// OpenNotifier watches the route's folders and others whose changes matter, if they are not watched yet.
func (in *Inbox) OpenNotifier(also ...string) {
	if in.notifier != nil || in.Blind {
		return
	}
	in.notifier = openNotifier(in.Events, in.Route.Inbox, also...)
	in.stabilizer.entered = in.notifier.watchFolder
}

// ResetNotifier drops the watches after a folder disappeared: a remounted folder is another one to the system.
func (in *Inbox) ResetNotifier() {
	in.notifier.close()
	in.notifier, in.stabilizer.entered = nil, nil
	in.stabilizer.rescan()
}

// Ready returns the next files of the inbox to claim.
func (in *Inbox) Ready() ([]Settled, error) {
	in.beatInbox()
	ready, err := in.stabilizer.next(ClaimAtOnce)
	if in.stabilizer.news {
		in.arrived = time.Now()
	}
	return ready, err
}

// NoteArrival keeps the pace of polling lively: what comes next comes soon.
func (in *Inbox) NoteArrival() { in.arrived = time.Now() }

// Requeue takes back files that are not claimed yet: they come next.
func (in *Inbox) Requeue(list []Settled) { in.stabilizer.requeue(list) }

// Rescan makes the next files come from a new scan.
func (in *Inbox) Rescan() { in.stabilizer.rescan() }

// Idle reports whether no file is waiting to settle.
func (in *Inbox) Idle() bool { return in.stabilizer.idle() }

// Queued reports whether files have settled and are not claimed yet.
func (in *Inbox) Queued() bool { return len(in.stabilizer.queue) > 0 }

// PatienceOver reports whether a truncated file has had its time to grow.
func (in *Inbox) PatienceOver(claim string) bool {
	return in.stabilizer.overdue(DroppedName(claim), in.Route.patienceOrDefault())
}

// Waiting lists up to limit files that have not been claimed, and all that the disk does not give.
func (in *Inbox) Waiting(limit int) (list []FileStatus) {
	s := in.stabilizer
	for path, seen := range s.seen {
		if len(list) == limit {
			break
		}
		list = append(list, FileStatus{in.Route.pathInInbox(path), whyUnsettled(seen)})
	}
	for path, late := range s.postponed {
		if s.seen[path] == nil && len(list) < limit {
			list = append(list, FileStatus{in.Route.pathInInbox(path), late.why})
		}
	}
	for claim, f := range in.unreadable {
		list = append(list, FileStatus{DroppedName(claim), "the disk does not give it: " + f.why})
	}
	slices.SortFunc(list, func(a, b FileStatus) int { return strings.Compare(a.Path, b.Path) })
	return list
}

func whyUnsettled(s *sighting) string {
	if s.New() {
		return "its size or time still changes"
	}
	return "waits to settle"
}

// Pauses between tries of what may pass without help.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
)

// BackOff is the longest pause before a retry that many tries ask for.
func BackOff(tries int) time.Duration { return min(firstPause<<min(max(tries-1, 0), 16), lastPause) }

// RetryPause is BackOff with jitter, so that routes do not all come back at once.
func RetryPause(tries int) time.Duration {
	pause := BackOff(tries)
	return pause/2 + rand.N(pause/2+1)
}

// Sleep waits until the context or the pause ends, or something comes from wake, which it reports.
func Sleep(ctx context.Context, pause time.Duration, wake <-chan struct{}) (woken bool) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
		return true
	}
	return false
}

// Wait sleeps until a change, which it reports, until a file may have settled, or until the next look.
func (in *Inbox) Wait(ctx context.Context, p Pace) (woken bool) {
	pause := p.pause(time.Since(in.arrived), in.notifier.trusted())
	if p.Settling || !in.stabilizer.idle() { // a file that grows wakes at every write; the settle time's own pace is enough
		Sleep(ctx, min(pause, in.stabilizer.pause()), nil)
		return false
	}
	if in.notifier == nil {
		Sleep(ctx, pause, nil)
		return false
	}
	Sleep(ctx, min(pause, wakeGap), nil)
	return Sleep(ctx, pause-wakeGap, in.notifier.wake)
}

// HasNews looks at the inbox, and reports whether there is something in it to work on or to look at soon.
func (in *Inbox) HasNews() bool {
	ready, err := in.Ready()
	in.Requeue(ready)
	return err != nil || !in.Idle() || len(in.unreadable) > 0
}

// Tryable leaves out the unreadable files that are not due. A run that ends tries each.
func (in *Inbox) Tryable(claims []string) (list []string) {
	there := make(map[string]bool, len(claims))
	for _, claim := range claims {
		there[claim] = true
		if f := in.unreadable[claim]; f == nil || in.Once || !time.Now().Before(f.due) {
			list = append(list, claim)
		}
	}
	for claim := range in.unreadable {
		if !there[claim] { // a person took it away
			delete(in.unreadable, claim)
		}
	}
	return list
}

// Postpone puts a file aside that cannot be read, and reports whether it is the file's own trouble and not its
// folder's.
func (in *Inbox) Postpone(claim string, err error) bool {
	disk, ok := errors.AsType[*fs.PathError](err)
	if !ok || disk.Path != in.ClaimPath(claim) && disk.Path != in.ClaimPath(claim+store.CharsetSuffix) || errors.Is(err, fs.ErrNotExist) || in.CheckMounted(folder.Inbox, in.Route.Inbox) != nil {
		return false
	}
	f := in.unreadable[claim]
	if f == nil {
		f = &unreadable{}
		in.unreadable[claim] = f
		in.Alert(
			DroppedName(claim), "the disk does not give this file: "+disk.Err.Error(),
			fmt.Sprintf("it is tried again, other files go on; it lies in %s", in.Route.claimDir()),
		)
	}
	f.tries++
	f.due, f.why = time.Now().Add(RetryPause(f.tries)), disk.Err.Error()
	return true
}

// Readable forgets that a file was unreadable.
func (in *Inbox) Readable(claim string) { delete(in.unreadable, claim) }

// unreadable is a claimed file that the disk does not give: it is tried again for ever, with longer pauses
// between. The route's other files go on meanwhile, so its orders come after theirs. That does no harm where
// orders state when they were changed: a newer state of an order stays, and an older one that comes late is
// counted and left.
type unreadable struct {
	tries int
	due   time.Time // monotonic
	why   string
}
