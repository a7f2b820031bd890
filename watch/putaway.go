package watch

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"obmen/watch/drop"
)

// putAway moves a claimed file into today's folder of the archive or of quarantine. The archive gets it
// encrypted if so set; quarantine never does: what lies there is for people to look into.
func (k *worker) putAway(ctx context.Context, disk drop.FS, claim, dir string) (place string, err error) {
	k.pulse.beat(k.place("folder", dir))
	folder, err := k.today(dir)
	if err != nil {
		return "", err
	}
	folder.FS = disk
	move := folder.Move
	if dir == k.r.Archive && k.w.Seal.on() {
		defer k.w.lock(dir)() // routes may share it
		if err := k.w.fs().SyncDir(dir); err != nil {
			return "", err
		}
		move = func(ctx context.Context, src, name string) (string, error) { return k.sealAway(ctx, folder, src, name) }
	}
	place, err = move(ctx, filepath.Join(k.claim().Dir, claim), droppedName(claim))
	if err != nil {
		return "", err
	}
	side := filepath.Join(k.claim().Dir, claim+CharsetSuffix)
	name := filepath.Base(place)
	if dir == k.r.Archive && k.w.Seal.on() {
		name = plainName(k.w.fs(), place)
	}
	if _, err := move(ctx, side, name+CharsetSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return place, nil
}

// sealAway is a move that encrypts. The source goes when its encrypted copy is durable. A killed program
// may leave both: then the copy that is there has the same plain bytes, and only the source goes.
func (k *worker) sealAway(ctx context.Context, folder drop.Folder, src, name string) (place string, err error) {
	set := folder.Stage()
	defer set.Abort()
	staged, p, err := k.w.Seal.stage(set, func(w io.Writer) error { return k.w.copySteady(touching{w, &k.pulse}, src) })
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		place = filepath.Join(folder.Dir, drop.Numbered(name, n)+SealSuffix)
		there, same, err := k.w.Seal.holds(k.w.fs(), place, p.SHA256)
		if err != nil {
			return "", err
		}
		if there && !same {
			continue
		}
		if !same {
			if _, err := set.Publish(ctx, drop.Entry{File: staged, Name: filepath.Base(place)}); err != nil {
				return "", err
			}
		}
		if err := k.w.gone(src); err != nil {
			return "", err
		}
		return place, k.w.fs().SyncDir(filepath.Dir(src))
	}
}

// Restore moves an archived file into a folder as it was dropped, under its old name or a numbered one.
// The source goes when its plain copy is durable.
func (s *Seal) Restore(ctx context.Context, src string, to drop.Folder, name string) (place string, err error) {
	if !Sealed(src) {
		return to.Move(ctx, src, name)
	}
	for n := 1; ; n++ {
		done, err := s.restore(ctx, src, to, drop.Numbered(name, n))
		taken, isTaken := errors.AsType[*drop.ExistsError](err)
		switch {
		case isTaken && !taken.Same:
			continue
		case err != nil && !isTaken:
			return "", err
		}
		if err := (&Watcher{}).gone(src); err != nil {
			return "", err
		}
		return done.Path, drop.OS{}.SyncDir(filepath.Dir(src))
	}
}

func (s *Seal) restore(ctx context.Context, src string, to drop.Folder, name string) (drop.Published, error) {
	r, err := s.Open(src)
	if err != nil {
		return drop.Published{}, err
	}
	defer r.Close()
	return to.Put(ctx, name, r)
}

// copySteady copies a file that must not change meanwhile: errChanging otherwise.
func (w *Watcher) copySteady(to io.Writer, path string) error {
	before, err := w.fs().Observe(path)
	if err != nil {
		return err
	}
	if err := w.copyFile(to, path); err != nil {
		return err
	}
	after, err := w.fs().Observe(path)
	if err == nil && before != after {
		err = errChanging
	}
	return err
}
