package inbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"obmen/watch/drop"
	"obmen/watch/store"
)

// ClaimAll claims settled files, which share the waits for their folders.
func (in *Inbox) ClaimAll(ctx context.Context, files []Settled) error {
	late := drop.NewLate(in.FS)
	var disk drop.FS = late
	if in.Route.Done != "" { // a done-marker may go when its file is claimed for good, and not before
		disk = in.FS
	}
	for _, f := range files {
		if err := in.claim(ctx, disk, f); err != nil {
			return errors.Join(err, late.Flush())
		}
	}
	return late.Flush()
}

// claim moves a settled file into the claim folder: from now on the route owns it.
func (in *Inbox) claim(ctx context.Context, disk drop.FS, f Settled) error {
	dir := in.claimFolder()
	if err := in.Registry.MakeDir(in.FS, dir.Dir, 0o700); err != nil {
		return err
	}
	in.beatInbox()
	dir.FS = disk
	claim, err := dir.Move(ctx, f.path, claimName(f.name, in.Now()))
	if err == nil && f.side != "" {
		_, err = dir.Move(ctx, f.side, filepath.Base(claim)+store.CharsetSuffix)
	}
	if errors.Is(err, os.ErrNotExist) { // a person took it back
		return nil
	}
	if err == nil {
		in.stabilizer.forgetClaimed(f.path)
	}
	if err != nil || in.Route.Done == "" {
		return err
	}
	// The marker has done its duty; left there, it would call the next file of that name complete.
	return in.removeDoneMarker(f.path)
}

// removeDoneMarker removes the done-marker of a file that is not there any more, for good: one that came back
// with the power would call the next file of that name complete.
func (in *Inbox) removeDoneMarker(path string) error {
	if err := drop.RemoveIfExists(in.FS, path+in.Route.Done); err != nil {
		return err
	}
	return in.FS.SyncDir(filepath.Dir(path))
}

// claimName is a name that no file had before, and that sorts by the time of claiming.
func claimName(name string, now time.Time) string {
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[len(name)-longestName:], "")
	}
	number := fmt.Sprintf("%011s%05d", strconv.FormatInt(now.UnixNano()/1000, 36), claims.Add(1)%100_000)
	return number + claimMark + name
}

// claimMark parts a claim's number from the name that the file was dropped with.
const claimMark = "__"

// longestName leaves room for the claim's number: names have at most 255 bytes.
const longestName = 200

var claims atomic.Uint32

// DroppedName is the name that a claimed file was dropped with.
func DroppedName(claim string) string {
	_, name, ok := strings.Cut(claim, claimMark)
	if !ok {
		return claim
	}
	return name
}

// claimDir is where the route's files lie while they are worked on: beside the inbox's files, so that claiming
// one is a rename.
func (r *Route) claimDir() string { return filepath.Join(r.Inbox, ".obmen-claim") }

func (in *Inbox) claimFolder() drop.Folder { return drop.Folder{Dir: in.Route.claimDir(), FS: in.FS} }

// ClaimPath is where a claimed file lies.
func (in *Inbox) ClaimPath(claim string) string { return filepath.Join(in.Route.claimDir(), claim) }

// Claimed lists the claimed files of the route, first claimed first; side files go with theirs.
func (in *Inbox) Claimed() ([]string, error) { return listClaims(in.FS, in.Route.claimDir()) }

func listClaims(disk drop.FS, dir string) ([]string, error) {
	entries, err := disk.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasSuffix(e.Name(), store.CharsetSuffix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// GiveBack returns a claimed file to the inbox, to be looked at when it is no longer as it was when size bytes of it
// were read.
func (in *Inbox) GiveBack(ctx context.Context, claim, why string, size int64) error {
	name := DroppedName(claim)
	marked, err := in.writeDoneMarker(name)
	if err != nil {
		return err
	}
	place, err := drop.Folder{Dir: in.Route.Inbox, FS: in.FS}.Move(ctx, in.ClaimPath(claim), name)
	if err != nil {
		return err
	}
	in.stabilizer.postpone(filepath.Base(place), why, size)
	if in.Route.Done == "" || marked && filepath.Base(place) == name {
		return nil
	}
	return drop.WriteNewFile(in.FS, place+in.Route.Done, "", 0o666) // the marker went when the file was claimed
}

// writeDoneMarker calls a file complete that is about to be given back, before it is there: without its marker
// a program that is killed in between would leave it to wait for ever. Another file of that name has its own.
func (in *Inbox) writeDoneMarker(name string) (marked bool, err error) {
	path := filepath.Join(in.Route.Inbox, name)
	if _, err := in.FS.Lstat(path); in.Route.Done == "" || !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	err = drop.WriteNewFile(in.FS, path+in.Route.Done, "", 0o666)
	if errors.Is(err, fs.ErrExist) { // of a try before this one
		err = nil
	}
	return err == nil, err
}

// removeLeftMarker removes a done-marker that a killed run left between the file's claim and its own end.
func (in *Inbox) removeLeftMarker(claim string) error {
	path := filepath.Join(in.Route.Inbox, DroppedName(claim))
	if in.Route.Done == "" {
		return nil
	}
	if _, err := in.FS.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // a new file of that name; the marker is its own
	}
	if _, err := in.FS.Lstat(path + in.Route.Done); err != nil {
		return nil
	}
	return in.removeDoneMarker(path)
}
