package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // the driver "sqlite": pure Go, so that one binary runs everywhere
	sqlite3 "modernc.org/sqlite/lib"

	"obmen/watch/drop"
)

// writerPragmas make every commit durable, on macOS too, where fsync alone leaves
// data in the disk's cache. What is deleted is overwritten: it is buyers' data.
var writerPragmas = []string{
	"journal_mode(WAL)", "synchronous(FULL)", "fullfsync(1)", "checkpoint_fullfsync(1)", "foreign_keys(1)",
	"secure_delete(1)", "temp_store(MEMORY)", "cell_size_check(1)", "trusted_schema(0)", "journal_size_limit(67108864)",
}

var readerPragmas = []string{"query_only(1)", "temp_store(MEMORY)", "cell_size_check(1)", "trusted_schema(0)"}

// openDatabase opens the database with at most n connections. Transactions take the write lock when they
// begin, not when it is too late to wait for it; those of query_only connections cannot and need not.
func openDatabase(path string, opt Options, n int, pragmas []string) (*sql.DB, error) {
	busy := fmt.Sprintf("busy_timeout(%d)", opt.busy().Milliseconds())
	q := url.Values{"_pragma": append([]string{busy}, pragmas...)}
	if !drop.Durable {
		q.Add("_pragma", "synchronous(OFF)") // the last one counts
	}
	if n == 1 {
		q.Set("_txlock", "immediate")
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") { // C:/…
		slashed = "/" + slashed
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}
	db, err := sql.Open(cmp.Or(opt.Driver, "sqlite"), u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// file is a ledger in an SQLite file.
type file struct {
	path           string
	opt            Options
	writer, reader *sql.DB
	found          string // its identity before it was opened; see restingIdentity
}

func (f *file) openHandles(ctx context.Context) (writer, reader *sql.DB, created bool, err error) {
	if created, err = createLedger(f.path); err != nil {
		return nil, nil, false, &Error{Op: "create", Path: f.path, Err: err, Advice: hintFor(err)}
	}
	f.found = f.restingIdentity()
	if f.writer, err = openDatabase(f.path, f.opt, 1, writerPragmas); err != nil {
		return nil, nil, created, err
	}
	if err := f.checkSchema(ctx); err != nil {
		return nil, nil, created, err
	}
	if err := migrateSchema(ctx, f.writer, f.path, f.opt); err != nil {
		return nil, nil, created, err
	}
	f.reader, err = openDatabase(f.path, f.opt, readers, readerPragmas)
	return f.writer, f.reader, created, err
}

// createLedger makes an empty file that only its owner may read, for a ledger knows buyers. SQLite gives its
// side files the same rights.
func createLedger(path string) (created bool, err error) {
	if info, err := os.Stat(path); err == nil {
		return info.Size() == 0, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

func (f *file) closeHandles() error {
	var errs []error
	for _, db := range []*sql.DB{f.reader, f.writer} { // the writer last: it tidies the log up
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func (f *file) checkDamage(ctx context.Context) error { return quickCheck(ctx, f.reader) }

func (f *file) backUp(ctx context.Context, _ *Ledger, path string) error {
	db, err := openDatabase(f.path, Options{}, 1, []string{"temp_store(MEMORY)", "trusted_schema(0)"})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

// wipeOldCopies moves the write-ahead log into the ledger and leaves nothing of it: it has older copies of what was
// overwritten.
func (f *file) wipeOldCopies(ctx context.Context) error {
	var busy, pages, moved int
	err := f.writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		return &Error{
			Op: "purge", Path: f.path, Err: errors.New("a read that goes on keeps the old log"),
			Advice: "purge once more when no other obmen command runs", temporary: true,
		}
	}
	return err
}

func (f *file) size(context.Context) (n int64, err error) {
	for _, path := range []string{f.path, f.path + "-wal"} {
		if info, err := os.Stat(path); err == nil { // no log: nothing was written since it was emptied
			n += info.Size()
		}
	}
	return n, nil
}

func (f *file) faultOf(err error) (fault, bool) {
	_, fromSQLite := errors.AsType[*sqlite.Error](err)
	return fault{isCorrupt(err), isTemporary(err), hintFor(err)}, fromSQLite || errors.Is(err, errCorrupt)
}

// sqliteCode is SQLite's primary result code, or 0.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

func isCorrupt(err error) bool {
	return errors.Is(err, errCorrupt) || sqliteCode(err) == sqlite3.SQLITE_CORRUPT || sqliteCode(err) == sqlite3.SQLITE_NOTADB
}

func isTemporary(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM:
		return true
	}
	return false
}

func hintFor(err error) string {
	switch {
	case isCorrupt(err):
		return "stop obmen, keep a copy of the file, and run: obmen ledger rebuild"
	case errors.Is(err, errForeign):
		return "give the ledger a file of its own in the state folder"
	case errors.Is(err, fs.ErrNotExist):
		return "check that the state folder exists and that its disk is connected"
	case errors.Is(err, fs.ErrPermission):
		return "give the account that obmen runs under the right to write in the state folder"
	}
	switch sqliteCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another obmen writes into the ledger: let it finish, or stop it"
	case sqlite3.SQLITE_FULL:
		return "free some space on the disk of the state folder; work goes on once there is room"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return "give the account that obmen runs under the right to write in the state folder"
	}
	return "check the disk of the state folder"
}

// CheckVolume refuses folders where SQLite's write-ahead log is not safe: it needs memory that all
// processes share, which a file system of another computer cannot give.
func CheckVolume(dir string, opt Options) error {
	v, err := drop.VolumeOf(dir)
	if err != nil {
		return &Error{Op: "open", Path: dir, Err: err, Advice: hintFor(err)}
	}
	return refuseVolume(dir, v, opt)
}

func refuseVolume(dir string, v drop.Volume, opt Options) error {
	if v.Network {
		return &VolumeError{dir, v.Name, "choose a state folder on a disk of this computer; inbox and outbox may stay on the share"}
	}
	if v.FUSE && !opt.AllowFUSE {
		return &VolumeError{dir, v.Name, "choose a state folder on a disk of this computer, or allow FUSE in the settings if this is one"}
	}
	return nil
}
