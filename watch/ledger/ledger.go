package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"obmen/watch/ledger/postgres"
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
	// Password is that of a PostgreSQL server, unless the address has one.
	Password string
	// Term is how long a node leads without renewing, on a PostgreSQL server; default postgres.DefaultTerm.
	Term time.Duration
	// Driver is the name of another driver of SQLite, through which a test sees what is asked; empty means the usual one.
	Driver string
	// OldNumber returns the number under which an order went out before numbers were counted, from its facts,
	// which may be purged; nil means the marketplace's.
	OldNumber func(order string, facts []byte) string
}

func (opt *Options) busy() time.Duration { return cmp.Or(opt.Busy, BusyTimeout) }

// Ledger is an open ledger. Its methods may be called from many goroutines; writes take turns.
type Ledger struct {
	path           string // for messages
	engine         engine
	created        bool
	writer, reader *sql.DB
	turn           chan struct{} // holds one token: whoever has it may write
	stmts          []*sql.Stmt   // of writer, by statement
	findOrder      *sql.Stmt     // of reader
	numbers        numbering

	mu      sync.Mutex
	running map[fileKey]bool // works that this process has begun and not ended
	givenUp map[fileKey]bool // whose end it could not write once: it lives, so that was no crash
}

// Open opens a ledger and brings its schema up to date. The place is a file, whose folder must exist, or the address of
// a PostgreSQL server. A file or schema that is not there is made; see Created. Errors are *Error, *VolumeError or
// *NewerError.
func Open(ctx context.Context, place string, opt Options) (l *Ledger, err error) {
	l = &Ledger{turn: make(chan struct{}, 1), running: map[fileKey]bool{}, givenUp: map[fileKey]bool{}, numbers: numbering{last: map[string]int{}, given: map[Key]int{}}}
	if postgres.IsAddress(place) {
		l.path, l.engine = postgres.Place(place), &server{address: place, opt: opt}
	} else {
		if l.path, err = filepath.Abs(place); err != nil {
			return nil, err
		}
		if err := CheckVolume(filepath.Dir(l.path), opt); err != nil {
			return nil, err
		}
		l.engine = &file{path: l.path, opt: opt}
	}
	if err := l.openHandles(ctx); err != nil {
		l.engine.closeHandles()
		return nil, l.wrapError("open", err)
	}
	l.turn <- struct{}{}
	return l, nil
}

func (l *Ledger) openHandles(ctx context.Context) (err error) {
	if l.writer, l.reader, l.created, err = l.engine.openHandles(ctx); err != nil {
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

// wrapError wraps an error of the database or the disk, once; the errors of this package and those of a
// context go as they are.
func (l *Ledger) wrapError(op string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	f, fromEngine := l.engine.judge(err)
	_, fromDisk := errors.AsType[*fs.PathError](err)
	if done := isOwn(err); done || !fromEngine && !fromDisk && op != "open" {
		return err
	}
	return &Error{Op: op, Path: l.path, Err: err, Advice: f.hint, corrupt: f.corrupt, temporary: f.temporary}
}

// Close waits for the write that runs, and closes. Works that have not ended count as crashed.
func (l *Ledger) Close() error {
	<-l.turn
	defer func() { l.turn <- struct{}{} }()
	l.numbers.mu.Lock()
	defer l.numbers.mu.Unlock()
	l.numbers.log.stop()
	l.numbers.log = nil
	return l.wrapError("close", l.engine.closeHandles())
}
