package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"obmen/watch/drop"
)

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
	name := "disk " + g.Route + " " + f.Role
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
