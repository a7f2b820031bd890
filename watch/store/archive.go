package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"obmen/watch/drop"
)

// DayFormat names the folders of an archive.
const DayFormat = time.DateOnly

// DayFolder is a day's folder of an archive. What is written there is written in one place for all days,
// where a start sweeps what a killed program has left.
func DayFolder(archive string, day time.Time, disk drop.FS) drop.Folder {
	return drop.Folder{Dir: filepath.Join(archive, day.Format(DayFormat)), Temp: filepath.Join(archive, drop.TempDir), FS: disk}
}

// Mover moves files into the folder of a day, with their side files.
type Mover struct {
	Store    Store
	Encrypt  bool        // as the archive is; quarantine never is: people look into what lies there
	Progress func()      // called while bytes are copied
	Day      drop.Folder // made by DayFolder
}

// Move moves a file and its side file into the day's folder, under that name or a numbered one.
func (m Mover) Move(ctx context.Context, src, name string) (place string, err error) {
	move := m.Day.Move
	if m.Encrypt {
		move = m.moveEncrypted
	}
	if place, err = move(ctx, src, name); err != nil {
		return "", err
	}
	name = filepath.Base(place)
	if m.Encrypt {
		name = plainName(m.Store.disk(), place)
	}
	if _, err := move(ctx, src+CharsetSuffix, name+CharsetSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return place, nil
}

// moveEncrypted is a move that encrypts. The source goes when its encrypted copy is durable. A killed program
// may leave both: then the copy that is there has the same plain bytes, and only the source goes.
func (m Mover) moveEncrypted(ctx context.Context, src, name string) (place string, err error) {
	set := m.Day.Stage()
	defer set.Abort()
	disk := m.Store.disk()
	staged, kept, err := m.Store.Encryption.stage(set, func(w io.Writer) error {
		return drop.CopySteady(disk, ProgressWriter{w, m.Progress}, src)
	})
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		place = filepath.Join(m.Day.Dir, drop.Numbered(name, n)+EncryptedSuffix)
		there, same, err := m.Store.Encryption.holds(disk, place, kept.SHA256)
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
		if err := drop.RemoveIfExists(disk, src); err != nil {
			return "", err
		}
		return place, disk.SyncDir(filepath.Dir(src))
	}
}

// ProgressWriter calls a function for all that is written, so that a slow copy is told from one that hangs.
type ProgressWriter struct {
	io.Writer
	Progress func()
}

func (w ProgressWriter) Write(b []byte) (int, error) {
	w.Progress()
	return w.Writer.Write(b)
}

// Restore moves an archived file into a folder as it was dropped, under its old name or a numbered one.
// The source goes when its plain copy is durable.
func (e *Encryption) Restore(ctx context.Context, src string, to drop.Folder, name string) (place string, err error) {
	if !Encrypted(src) {
		return to.Move(ctx, src, name)
	}
	for n := 1; ; n++ {
		done, err := e.putPlain(ctx, src, to, drop.Numbered(name, n))
		taken, isTaken := errors.AsType[*drop.ExistsError](err)
		switch {
		case isTaken && !taken.Same:
			continue
		case err != nil && !isTaken:
			return "", err
		}
		if err := drop.RemoveIfExists(drop.OS{}, src); err != nil {
			return "", err
		}
		return done.Path, drop.OS{}.SyncDir(filepath.Dir(src))
	}
}

func (e *Encryption) putPlain(ctx context.Context, src string, to drop.Folder, name string) (drop.Published, error) {
	r, err := e.Open(src)
	if err != nil {
		return drop.Published{}, err
	}
	defer r.Close()
	return to.Put(ctx, name, r)
}
