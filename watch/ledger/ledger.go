package ledger

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// BusyTimeout is how long a write waits for a write of another process: far more than any transaction
// takes, far less than a person's patience.
const BusyTimeout = 5 * time.Second

// readers is how many reads run at once; more than a status page and a command need.
const readers = 4

// Options are what a ledger may be told. The zero value is good.
type Options struct {
	// AllowFUSE opens a ledger on a FUSE file system. It may be a local disk (NTFS, exFAT) or somebody
	// else's computer (sshfs, rclone): only a person knows.
	AllowFUSE bool
	// Busy is how long a write waits for another process; default BusyTimeout.
	Busy time.Duration
	// Driver is the name of another driver of SQLite, through which a test sees what is asked; empty means the usual one.
	Driver string
	// OldNumber returns the number under which an order went out before numbers were counted, from its facts,
	// which may be purged; nil means the marketplace's.
	OldNumber func(order string, facts []byte) string
}

// Ledger is an open ledger. Its methods may be called from many goroutines; writes take turns.
type Ledger struct {
	path           string
	created        bool
	writer, reader *sql.DB
	turn           chan struct{} // holds one token: whoever has it may write
	stmts          []*sql.Stmt   // of writer, by statement
	findOrder      *sql.Stmt     // of reader
	numbers        numbering

	mu      sync.Mutex
	running map[fileKey]bool // works that this process has begun and not ended
}

// Open opens the ledger in the file path, whose folder must exist, and brings its schema up to date. A
// file that is not there is made; see Created. Errors are *Error, *VolumeError or *NewerError.
func Open(ctx context.Context, path string, opt Options) (*Ledger, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := CheckVolume(filepath.Dir(path), opt); err != nil {
		return nil, err
	}
	l := &Ledger{path: path, turn: make(chan struct{}, 1), running: map[fileKey]bool{}, numbers: numbering{last: map[string]int{}, given: map[Key]int{}}}
	if l.created, err = createLedger(path); err != nil {
		return nil, l.wrapError("create", err)
	}
	if err := l.openHandles(ctx, opt); err != nil {
		l.closeAll()
		return nil, l.wrapError("open", err)
	}
	l.turn <- struct{}{}
	return l, nil
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

func (l *Ledger) openHandles(ctx context.Context, opt Options) (err error) {
	if l.writer, err = openDatabase(l.path, opt, 1, writerPragmas); err != nil {
		return err
	}
	if err := checkSchema(ctx, l.writer, l.path); err != nil {
		return err
	}
	if err := migrateSchema(ctx, l.writer, l.path, opt); err != nil {
		return err
	}
	if l.reader, err = openDatabase(l.path, opt, readers, readerPragmas); err != nil {
		return err
	}
	if l.findOrder, err = l.reader.PrepareContext(ctx, selectOrder+keyCondition); err != nil {
		return err
	}
	if l.numbers.find, err = l.reader.PrepareContext(ctx, selectNumber); err != nil {
		return err
	}
	if l.numbers.taken, err = l.reader.PrepareContext(ctx, numberTaken); err != nil {
		return err
	}
	l.stmts, err = prepareStatements(ctx, l.writer)
	return err
}

// Created says that Open found no ledger, or an empty file, and made a new one. Where archive or outbox
// already hold something, a ledger has been lost and must be rebuilt before anything is exported.
func (l *Ledger) Created() bool { return l.created }

// Close waits for the write that runs, and closes. Works that have not ended count as crashed.
func (l *Ledger) Close() error {
	<-l.turn
	defer func() { l.turn <- struct{}{} }()
	l.numbers.mu.Lock()
	defer l.numbers.mu.Unlock()
	l.numbers.log.stop()
	l.numbers.log = nil
	return l.wrapError("close", l.closeAll())
}

func (l *Ledger) closeAll() error {
	var errs []error
	for _, db := range []*sql.DB{l.reader, l.writer} { // the writer last: it tidies the log up
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
