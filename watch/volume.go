package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"obmen/watch/drop"
)

// onVolume notes the volume of a folder whose marker is right. The marker decides whether the folder is
// the one it was (guard); the volume tells that the folder may have been away in between:
//
//   - Another number in one run: its disk or share was connected anew, as a mount gets a new number. Events
//     of the old place do not come from the new one, so the eyes are opened again.
//   - Another disk since an earlier run: noted, for disks get replaced and backups restored. Only numbers
//     that outlive a start of the computer are compared; a share has none.
func (k *worker) onVolume(ctx context.Context, role, dir string) error {
	seen, err := k.w.fs().Observe(filepath.Join(dir, Marker))
	if err != nil {
		return k.away(role, dir, err)
	}
	last, known := k.w.volumes.Swap(dir, seen.Volume)
	switch {
	case !known:
		return k.onDisk(ctx, role, dir)
	case last == seen.Volume:
		return nil
	}
	k.blink()
	k.tell(Event{
		Kind: Alert, File: dir, Text: "folder " + role + " was connected anew; its marker is the same, so work goes on",
		Hint: "nothing to do, unless nobody did that",
	})
	return nil
}

// onDisk compares the disk of a folder with the one that the ledger knows.
func (k *worker) onDisk(ctx context.Context, role, dir string) error {
	volume, err := drop.VolumeOf(dir)
	if err != nil || volume.ID == "" {
		return nil // nothing to compare: the marker was right
	}
	name := "disk " + k.r.Name + " " + role
	known, found, err := k.w.Ledger.Cursor(ctx, name)
	if err != nil || found && known == volume.ID {
		return err
	}
	if found {
		k.tell(Event{
			Kind: Alert, File: dir, Text: "folder " + role + " lies on another disk than at the last run; its marker is the same, so work goes on",
			Hint: "nothing to do if you moved or restored it; if the old one is still in use, tell obmen.toml which of the two is meant",
		})
	}
	return k.w.Ledger.SetCursor(ctx, name, volume.ID)
}

// still says whether a folder is where the last good look found it. It comes right before something is
// made visible or leaves its place: a share that went since then has left an empty place, and what is
// written there is swallowed when it comes back (facts, filedrop 7).
func (k *worker) still(role, dir string) error {
	want, known := k.w.volumes.Load(dir)
	if !known {
		return nil // nobody has looked: not a run
	}
	seen, err := k.w.fs().Observe(filepath.Join(dir, Marker))
	if err == nil && seen.Volume == want {
		return nil
	}
	return k.away(role, dir, err)
}

func (k *worker) away(role, dir string, err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &pauseError{fmt.Sprintf("folder %s (%s) went away just now", role, dir), "connect its disk or share; work goes on by itself"}
}
