package watch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// Marker is the file that tells a folder of a route from the empty place where its share is not mounted.
const Marker = ".obmen-folder"

// pauseError says why nothing is claimed for now. It passes by itself, or a person mends it.
type pauseError struct{ text, hint string }

func (e *pauseError) Error() string { return e.text }

// guard looks whether every folder is the one that it was, and whether there is room to work.
func (k *worker) guard(ctx context.Context) error {
	for role, dir := range map[string]string{"inbox": k.r.Inbox, "outbox": k.r.Outbox, "archive": k.r.Archive, "quarantine": k.r.Quarantine} {
		k.pulse.beat(k.place(role, dir))
		if err := k.marked(ctx, role, dir); err != nil {
			return err
		}
	}
	for role, dir := range map[string]string{"state folder": k.w.State, "outbox": k.r.Outbox} {
		k.pulse.beat(k.place(role, dir))
		if err := k.room(dir); err != nil {
			return err
		}
	}
	return nil
}

// marked compares a folder's marker with the one that the ledger knows. A folder that is new to the
// ledger gets a marker.
func (k *worker) marked(ctx context.Context, role, dir string) error {
	defer k.w.lock(dir)() // two routes must not mark one folder at once
	name := "folder " + k.r.Name + " " + role
	known, found, err := k.w.Ledger.Cursor(ctx, name)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, Marker)
	text, err := k.w.read(path)
	switch {
	case err == nil && found && strings.TrimSpace(string(text)) == known:
		return k.onVolume(ctx, role, dir)
	case err == nil && !found && len(text) == 0:
		return k.mark(ctx, name, role, dir) // a run was killed between making the file and writing it
	case err == nil && !found:
		if err := k.lasting(path); err != nil {
			return err
		}
		if err := k.w.Ledger.SetCursor(ctx, name, strings.TrimSpace(string(text))); err != nil {
			return err
		}
		return k.onVolume(ctx, role, dir)
	case errors.Is(err, fs.ErrNotExist) && !found:
		return k.mark(ctx, name, role, dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &pauseError{fmt.Sprintf("folder %s (%s) cannot be read: %v", role, dir, err), "look whether its share is connected"}
	}
	return &pauseError{
		fmt.Sprintf("folder %s (%s) is not the one it was: its marker %s is missing or another's", role, dir, Marker),
		"connect its share; if you moved the folder, copy " + Marker + " into it with the text " + known,
	}
}

// lasting makes a marker durable that is there already: perhaps of a run that was killed before it was.
// One that this account may not write to is another's.
func (k *worker) lasting(path string) error {
	if err := k.w.fs().SyncFile(path); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return k.w.fs().SyncDir(filepath.Dir(path))
}

func (k *worker) mark(ctx context.Context, name, role, dir string) error {
	id, path := rand.Text(), filepath.Join(dir, Marker)
	err := k.w.gone(path)
	if err == nil {
		err = k.w.write(path, id+"\n", 0o644)
	}
	if err != nil {
		return &pauseError{fmt.Sprintf("cannot write %s: %v", path, err), "give the account that runs obmen the right to write there"}
	}
	if err := k.w.Ledger.SetCursor(ctx, name, id); err != nil {
		return err
	}
	return k.onVolume(ctx, role, dir)
}

// room pauses while a volume is nearly full: a half-written file helps nobody.
func (k *worker) room(dir string) error {
	need := k.w.Free
	if need == 0 {
		need = DefaultFree
	}
	free, err := freeSpace(dir)
	if err != nil {
		return &pauseError{fmt.Sprintf("cannot tell the free space of %s: %v", dir, err), "look whether its share is connected"}
	}
	if free < need {
		return &pauseError{
			fmt.Sprintf("the disk of %s is nearly full: %d MB free, %d MB needed", dir, free>>20, need>>20),
			"free some space; work goes on by itself",
		}
	}
	return nil
}

// claimLimited is how many files a round claims while the bytes of the outbox are limited: nobody knows before
// how many a file makes.
const claimLimited = 10

// full pauses while 1C has not taken enough out of the outbox, and says how many files may be claimed till the
// next look.
func (k *worker) full() (claims int, err error) {
	l := k.r.Limits
	if l == (Limits{}) {
		return claimAtOnce, nil
	}
	entries, err := k.w.fs().ReadDir(k.r.Outbox)
	if err != nil {
		return 0, err
	}
	var files int
	var bytes int64
	oldest := k.w.Now()
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") || k.w.isMessage(e.Name()) {
			continue
		}
		files++
		bytes += info.Size()
		if info.ModTime().Before(oldest) {
			oldest = info.ModTime()
		}
	}
	const hint = "look whether 1C imports from the outbox; nothing is lost, the inbox is the queue"
	switch age := k.w.Now().Sub(oldest); {
	case l.Files > 0 && files >= l.Files:
		return 0, &pauseError{fmt.Sprintf("outbox full: %d of %d files", files, l.Files), hint}
	case l.Bytes > 0 && bytes >= l.Bytes:
		return 0, &pauseError{fmt.Sprintf("outbox full: %d of %d MB", bytes>>20, l.Bytes>>20), hint}
	case l.Age > 0 && age >= l.Age:
		return 0, &pauseError{fmt.Sprintf("the oldest file in the outbox has been there for %s", age.Round(time.Minute)), hint}
	}
	claims = claimAtOnce
	if l.Bytes > 0 {
		claims = claimLimited
	}
	if l.Files > 0 { // most files make one set
		claims = min(claims, max(1, (l.Files-files)/max(1, len(k.writer.Layouts))))
	}
	return claims, nil
}
