package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"time"
)

// File is bytes that were dropped on a route.
type File struct {
	Route  string
	SHA256 string // of the bytes, lower-case hex
	Name   string
	Size   int64
	Seen   time.Time
}

func (f *File) key() fileKey { return fileKey{f.Route, f.SHA256} }

// checkFile finds mistakes of the caller.
func (f *File) checkFile() error {
	if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != 32 {
		return fmt.Errorf("file %q: %q is no SHA-256 in hex", f.Name, f.SHA256)
	}
	return nil
}

type fileKey struct{ route, sha256 string }

// FileState says what is known of a file's bytes.
type FileState string

// The states of a file.
const (
	Waiting FileState = "waiting" // begun and not finished; the next attempt may do better
	Done    FileState = "done"    // finished: the same bytes need no work
	Refused FileState = "refused" // cannot be worked on; dropped again, it gets another attempt
)

// Counts are orders of a file by what became of them.
type Counts struct {
	Exported, Held int
	Known          int // exported before in the same revision
	Older          int // overtaken by a newer revision
	Skipped        int // left out by a rule
}

// FileRecord is all that is known of a file. File has the first name and time.
type FileRecord struct {
	File
	State    FileState
	Running  bool // the last attempt has not ended: it runs, or the program was killed
	Attempts int  // all that ever began
	Crashes  int  // attempts that never ended, since the file was finished or requeued
	Outcome  string
	Reason   string // why the last attempt failed; emptied by a purge
	Counts   Counts
	Ended    time.Time // the last attempt
}

const fileColumns = `route, sha256, name, size, seen, state, running, attempts, crashes, outcome, reason,
	exported, held, known, older, skipped, ended`

const selectFile = `SELECT ` + fileColumns + ` FROM files`

// scanFile reads fileColumns.
func scanFile(scan func(...any) error, first ...any) (r FileRecord, err error) {
	var seen, ended int64
	err = scan(append(first, &r.Route, &r.SHA256, &r.Name, &r.Size, &seen, &r.State, &r.Running, &r.Attempts, &r.Crashes,
		&r.Outcome, &r.Reason, &r.Counts.Exported, &r.Counts.Held, &r.Counts.Known, &r.Counts.Older, &r.Counts.Skipped, &ended)...)
	r.Seen, r.Ended = fromMillis(seen), fromMillis(ended)
	return r, err
}

var findFile = registerStatement(`SELECT id, ` + fileColumns + ` FROM files WHERE route = ?1 AND sha256 = ?2`)

// lookUpFile looks a file up by its bytes.
func (t *Tx) lookUpFile(key fileKey) (id int64, r FileRecord, found bool, err error) {
	scan := func(to ...any) error {
		found, err = t.queryRow(findFile, []any{key.route, key.sha256}, to...)
		return err
	}
	r, err = scanFile(scan, &id)
	return id, r, found, err
}

// FileFilter chooses files; zero fields choose all.
type FileFilter struct {
	Route, SHA256, Name string
	State               FileState
	Running             bool      // only files whose last attempt has not ended
	Since, Before       time.Time // of the end of the last attempt
	Limit               int
	Newest              bool   // the limit leaves the newest, not the oldest
	Part                string // of the name, in any case of its letters
}

func (f *FileFilter) conditions() where {
	var w where
	w.addFile(f.Route, f.SHA256)
	w.addEqual("name", f.Name)
	w.addEqual("state", string(f.State))
	if f.Running {
		w.addCondition("running = 1")
	}
	w.addSince("ended", f.Since)
	w.addBefore("ended", f.Before)
	if f.Part != "" {
		w.addCondition("instr(lower(name), lower(?)) > 0", f.Part)
	}
	return w
}

// allRoutes are the routes of all files, found by leaps in the index of their bytes.
const allRoutes = `WITH RECURSIVE every(route) AS (SELECT min(route) FROM files
	UNION ALL SELECT (SELECT min(files.route) FROM files WHERE files.route > every.route) FROM every WHERE every.route IS NOT NULL)
	SELECT route FROM every WHERE route IS NOT NULL`

// addFile chooses files by their bytes, on a route or on any.
func (w *where) addFile(route, sha256 string) {
	if route == "" && sha256 != "" {
		w.addCondition("route IN (" + allRoutes + ")")
	}
	w.addEqual("route", route)
	w.addEqual("sha256", sha256)
}

// Files lists files in the order they were seen in.
func (l *Ledger) Files(ctx context.Context, f FileFilter) ([]FileRecord, error) {
	w := f.conditions()
	by := "seen"
	if !f.Since.IsZero() { // the few of a day are found by their end: by seen, all of years would be looked at for them
		by = "+seen"
	}
	order := " ORDER BY " + by + ", id"
	if f.Newest {
		order = " ORDER BY " + by + " DESC, id DESC"
	}
	files, err := listRows(ctx, l, selectFile+w.String()+order+limitClause(f.Limit), w.args,
		func(scan func(...any) error) (FileRecord, error) { return scanFile(scan) })
	if f.Newest {
		slices.Reverse(files)
	}
	return files, err
}

// Backup writes a whole copy of the ledger, in one state, into a new file that only its owner may read. Writers
// go on meanwhile.
func (l *Ledger) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite takes an empty file, and its rights
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return l.wrapError("back up", l.engine.backUp(ctx, l, path))
}
