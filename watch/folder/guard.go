// Package folder watches over the folders that obmen works on: whether each is the one it was, on the volume
// it was, with room to work, and what its file system can do.
package folder

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"obmen/watch/drop"
)

// DefaultFree is the free space, in bytes, that the volumes of state and outbox must have.
const DefaultFree = 64 << 20

// markerLimit bounds the read of a marker, in bytes; obmen writes 27.
const markerLimit = 4096

// Roles of a route's folders, as messages name them and as the ledger knows them.
const (
	Inbox      = "inbox"
	Outbox     = "outbox"
	Archive    = "archive"
	Quarantine = "quarantine"
	State      = "state folder"
)

// Folder is a folder and its role.
type Folder struct{ Role, Dir string }

// Cursors is the part of the ledger that remembers markers and disks.
type Cursors interface {
	Cursor(ctx context.Context, name string) (value string, found bool, err error)
	SetCursor(ctx context.Context, name, value string) error
}

// Codes of a PauseError: what alerts and metrics call its cause.
const (
	Disconnected = "share-lost"
	NoSpace      = "disk-low"
	OutboxFull   = "outbox-full"
	NoRights     = "no-rights"
	StillSaving  = "still-saving"
	StoreLost    = "store-lost"
)

// PauseError states why nothing is claimed for now: it passes, or a person mends it.
type PauseError struct{ code, text, hint string }

// Pause makes a PauseError.
func Pause(code, text, hint string) *PauseError { return &PauseError{code, text, hint} }

// Code returns the kind of the cause.
func (e *PauseError) Code() string { return e.code }

func (e *PauseError) Error() string { return e.text }

// Hint returns the next step, one line; empty when there is none.
func (e *PauseError) Hint() string { return e.hint }

// Guard looks after the folders of one route.
type Guard struct {
	Registry *Registry
	Cursors  Cursors
	Earlier  map[string]string // cursors as they were earlier: what they know already need not be asked for
	FS       drop.FS
	Route    string
	Marked   []Folder // these bear a marker, and are looked at in this order
	Roomy    []Folder // the volumes of these must have free space
	Free     int64    // bytes; 0 means DefaultFree

	Beat      func(what string)            // called before each folder is looked at
	Alert     func(dir, text, hint string) // what people should know
	Remounted func()                       // called when a folder lies on another volume than before

	right map[string]string // by folder, the marker that was the ledger's at an earlier look
}

// Check reports whether every folder is the one that it was, and whether there is room to work: a
// *PauseError when it is not.
func (g *Guard) Check(ctx context.Context) error {
	for _, f := range g.Marked {
		g.Beat(Place(f.Role, f.Dir))
		if err := g.checkMarker(ctx, f); err != nil {
			return err
		}
	}
	for _, f := range g.Roomy {
		g.Beat(Place(f.Role, f.Dir))
		if err := g.checkSpace(f.Dir); err != nil {
			return err
		}
	}
	return nil
}

// Place names a folder to people.
func Place(role, dir string) string { return "the " + role + " (" + dir + ")" }

// CursorPrefix begins the ledger's names of markers.
const CursorPrefix = "folder "

// DiskPrefix begins the ledger's names of the disks that folders are on.
const DiskPrefix = "disk "

// CursorName is the ledger's name for the marker of a folder.
func CursorName(route, role string) string { return CursorPrefix + route + " " + role }

// checkMarker compares a folder's marker with the one that the ledger knows. A folder that is new to the
// ledger gets a marker.
func (g *Guard) checkMarker(ctx context.Context, f Folder) error {
	defer g.Registry.Lock(f.Dir)() // two routes must not mark one folder at once
	text, err := drop.ReadFile(g.FS, filepath.Join(f.Dir, Marker), markerLimit)
	id := strings.TrimSpace(string(text))
	if err == nil && id != "" && (g.right[f.Dir] == id || g.Earlier[CursorName(g.Route, f.Role)] == id) { // the ledger need not be asked at every look
		return g.checkVolume(ctx, f)
	}
	return g.compareMarker(ctx, f, text, err)
}

// compareMarker compares a marker, or the failure to read it, with the ledger's.
func (g *Guard) compareMarker(ctx context.Context, f Folder, text []byte, err error) error {
	name, id := CursorName(g.Route, f.Role), strings.TrimSpace(string(text))
	known, found, failed := g.Cursors.Cursor(ctx, name)
	switch {
	case failed != nil:
		return failed
	case err == nil && found && id == known:
		if g.right == nil {
			g.right = map[string]string{}
		}
		g.right[f.Dir] = id
		return g.checkVolume(ctx, f)
	case err == nil && !found && len(text) == 0:
		return g.mark(ctx, name, f) // a run was killed between making the file and writing it
	case err == nil && !found:
		return g.adopt(ctx, name, id, f)
	case errors.Is(err, fs.ErrNotExist) && !found:
		return g.mark(ctx, name, f)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Pause(Disconnected, fmt.Sprintf("folder %s (%s) cannot be read: %v", f.Role, f.Dir, err), "look whether its share is connected")
	}
	return Pause(
		Disconnected, fmt.Sprintf("folder %s (%s) is not the one it was: its marker %s is missing or another's", f.Role, f.Dir, Marker),
		"connect its share; if you moved the folder, copy "+Marker+" into it with the text "+known,
	)
}

// adopt takes the marker of another route or of an earlier ledger for the folder's own.
func (g *Guard) adopt(ctx context.Context, name, id string, f Folder) error {
	if err := g.syncMarker(filepath.Join(f.Dir, Marker)); err != nil {
		return err
	}
	if err := g.Cursors.SetCursor(ctx, name, id); err != nil {
		return err
	}
	return g.checkVolume(ctx, f)
}

// syncMarker makes a marker durable that is there already: perhaps of a run that was killed before it was.
// One that this account may not write to is another's.
func (g *Guard) syncMarker(path string) error {
	if err := g.FS.SyncFile(path); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return g.FS.SyncDir(filepath.Dir(path))
}

func (g *Guard) mark(ctx context.Context, name string, f Folder) error {
	id, path := rand.Text(), filepath.Join(f.Dir, Marker)
	err := drop.RemoveIfExists(g.FS, path)
	if err == nil {
		err = drop.WriteNewFile(g.FS, path, id+"\n", 0o644)
	}
	if err != nil {
		return Pause(NoRights, fmt.Sprintf("cannot write %s: %v", path, err), "give the account that runs obmen the right to write there")
	}
	if err := g.Cursors.SetCursor(ctx, name, id); err != nil {
		return err
	}
	return g.checkVolume(ctx, f)
}

// checkSpace pauses while a volume is nearly full: a half-written file is of no use.
func (g *Guard) checkSpace(dir string) error { return CheckSpace(dir, cmp.Or(g.Free, DefaultFree)) }

// FreeSpace returns how much may still be written to a folder's volume, in bytes.
func FreeSpace(dir string) (int64, error) { return freeSpace(dir) }

// CheckSpace returns a *PauseError when a folder's volume has less free space than needed, in bytes.
func CheckSpace(dir string, need int64) error {
	free, err := freeSpace(dir)
	if err != nil {
		return Pause(Disconnected, fmt.Sprintf("cannot tell the free space of %s: %v", dir, err), "look whether its share is connected")
	}
	if free < need {
		return Pause(
			NoSpace, fmt.Sprintf("the disk of %s is nearly full: %d MB free, %d MB needed", dir, free>>20, need>>20),
			"free some space; work then continues",
		)
	}
	return nil
}

// Registry holds what a run knows of the folders that its routes may share. The zero Registry is ready for use.
type Registry struct {
	locks   sync.Map // *sync.Mutex by folder
	volumes sync.Map // uint64 by folder: the volume it was on at the last good look
	durable sync.Map // folders of obmen's own whose names are durable
	swept   sync.Map // folders where nothing is left of earlier runs
}

// Reset forgets what a new run has to find out again.
func (r *Registry) Reset() {
	r.durable.Clear()
	r.swept.Clear()
}

// Forget makes folders be swept once more: another program has worked there.
func (r *Registry) Forget(dirs ...string) {
	for _, dir := range dirs {
		r.swept.Delete(dir)
	}
}

// Lock takes a folder that routes may share, and returns the function that releases it.
func (r *Registry) Lock(dir string) (unlock func()) {
	m, _ := r.locks.LoadOrStore(dir, new(sync.Mutex))
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

// Once runs a sweep of a folder that routes may share, until it has succeeded once. The caller holds the
// folder's lock.
func (r *Registry) Once(dir string, sweep func() error) error {
	if _, swept := r.swept.Load(dir); swept {
		return nil
	}
	err := sweep()
	if err == nil {
		r.swept.Store(dir, true)
	}
	return err
}

// MakeDir makes a folder of obmen's own. One that is there already may be of a run that was killed before
// its name was durable: so the folder above is synced once in every run, for a power cut would take
// everything below such a name with it.
func (r *Registry) MakeDir(disk drop.FS, dir string, mode fs.FileMode) error {
	if err := drop.MakeDirs(disk, dir, mode); err != nil {
		return err
	}
	if _, durable := r.durable.Load(dir); durable {
		return nil
	}
	if err := disk.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	r.durable.Store(dir, true)
	return nil
}

// Marker is the file that tells a folder of a route from the empty place where its share is not mounted.
const Marker = ".obmen-folder"

// Error is a folder that is not the one that it was: most of the time the empty place of a share that is not
// connected.
type Error struct {
	Role, Dir string
	Err       error // nil when the marker is missing or another's
	Advice    string
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("folder %s (%s) cannot be read: %v", e.Role, e.Dir, e.Err)
	}
	return fmt.Sprintf("folder %s (%s) is not the one it was: its marker %s is missing or another's", e.Role, e.Dir, Marker)
}

// Hint returns the next step, one line; empty when there is none.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) Unwrap() error { return e.Err }

// CheckConnected reports whether a route's inbox is the folder that the watcher knows, for programs that put
// files there; an *Error when it is not. One that no watcher has seen yet only has to be there.
func CheckConnected(ctx context.Context, book Cursors, route, dir string) error {
	const hint = "look whether its share is connected"
	known, found, err := book.Cursor(ctx, CursorName(route, Inbox))
	if err != nil {
		return err
	}
	id, err := ReadMarker(dir)
	switch {
	case err == nil && (!found || id == known):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &Error{Inbox, dir, err, hint}
	case found:
		return &Error{Inbox, dir, nil, hint}
	}
	if _, err := os.Stat(dir); err != nil {
		return &Error{Inbox, dir, err, hint}
	}
	return nil
}

// ReadMarker returns the marker of a folder.
func ReadMarker(dir string) (string, error) {
	text, err := drop.ReadFile(drop.OS{}, filepath.Join(dir, Marker), markerLimit)
	return strings.TrimSpace(string(text)), err
}

// checkVolume notes the volume of a folder whose marker is right. The marker decides whether the folder is
// the one it was; the volume shows that the folder may have been away in between:
//
//   - Another number in one run: its disk or share was remounted, as a mount gets a new number. Events of the
//     old place do not come from the new one.
//   - Another disk since an earlier run: noted, for disks get replaced and backups restored. Only numbers
//     that outlive a start of the computer are compared; a share has none.
func (g *Guard) checkVolume(ctx context.Context, f Folder) error {
	seen, err := g.FS.Observe(filepath.Join(f.Dir, Marker))
	if err != nil {
		return errUnmounted(f, err)
	}
	last, known := g.Registry.volumes.Swap(f.Dir, seen.Volume)
	switch {
	case !known:
		return g.checkDisk(ctx, f)
	case last == seen.Volume:
		return nil
	}
	g.Remounted()
	g.Alert(f.Dir, "folder "+f.Role+" was remounted; its marker matches, so work continues", "if you did not remount it, check the connection of its disk or share")
	return nil
}

// checkDisk compares the disk of a folder with the one that the ledger knows.
func (g *Guard) checkDisk(ctx context.Context, f Folder) error {
	volume, err := drop.VolumeOf(f.Dir)
	if err != nil || volume.ID == "" {
		return nil // nothing to compare: the marker was right
	}
	name := DiskPrefix + g.Route + " " + f.Role
	if g.Earlier[name] == volume.ID {
		return nil
	}
	known, found, err := g.Cursors.Cursor(ctx, name)
	if err != nil || found && known == volume.ID {
		return err
	}
	if found {
		g.Alert(
			f.Dir, "folder "+f.Role+" lies on another disk than at the last run; its marker matches, so work continues",
			"nothing to do if you moved or restored it; if the old one is still in use, correct the path in obmen.toml",
		)
	}
	return g.Cursors.SetCursor(ctx, name, volume.ID)
}

// CheckMounted reports whether a folder is where the last good look found it: a *PauseError when it is not. It
// comes right before a file is made visible or leaves its place: a share that went since then has left an empty
// place, and what is written there is hidden when the share comes back.
func (g *Guard) CheckMounted(role, dir string) error {
	want, known := g.Registry.volumes.Load(dir)
	if !known {
		return nil // no run has looked yet
	}
	seen, err := g.FS.Observe(filepath.Join(dir, Marker))
	if err == nil && seen.Volume == want {
		return nil
	}
	return errUnmounted(Folder{role, dir}, err)
}

func errUnmounted(f Folder, err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return Pause(Disconnected, fmt.Sprintf("folder %s (%s) was disconnected just now", f.Role, f.Dir), "connect its disk or share; work then continues")
}
