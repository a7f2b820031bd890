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
	// Mark is a file that keeps which ledger was found whole last; empty for none. Reading opens a ledger that nothing is
	// written into: where it is the very one of the mark, or Watched, it is not checked whole once more. What damage a
	// read comes upon is told all the same.
	Mark    string
	Reading bool
	// Watched reports whether a program that checked the ledger when it began has it open now; nil means that none has.
	Watched func() bool
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
	f, fromEngine := l.engine.faultOf(err)
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
	l.returnAside(context.Background())
	log := l.numbers.log
	log.stop()
	l.numbers.log = nil
	err := l.engine.closeHandles()
	if err == nil {
		l.markParted(log)
	}
	return l.wrapError("close", err)
}

// engine is the database that a ledger lies in. All understand the same SQL, which is SQLite's.
type engine interface {
	// openHandles brings the schema up to date and opens a handle that writes, one transaction at a time, and one that
	// only reads. Those that it has opened are returned with an error, too.
	openHandles(ctx context.Context) (writer, reader *sql.DB, created bool, err error)
	closeHandles() error
	// checkDamage looks for damage.
	checkDamage(ctx context.Context) error
	// backUp writes the ledger into a new SQLite file that is there already, and empty.
	backUp(ctx context.Context, l *Ledger, path string) error
	// wipeOldCopies leaves nothing of older copies of what was overwritten, as far as the engine can.
	wipeOldCopies(ctx context.Context) error
	// size is the bytes that the ledger takes.
	size(ctx context.Context) (int64, error)
	// faultOf tells what an error means; false when it is not the engine's.
	faultOf(err error) (fault, bool)
}

// fault is what an error means.
type fault struct {
	corrupt, temporary bool
	hint               string
}

// server is a ledger on a PostgreSQL server.
type server struct {
	address string
	opt     Options
	*postgres.Database
}

func (s *server) openHandles(ctx context.Context) (writer, reader *sql.DB, created bool, err error) {
	s.Database, err = postgres.Open(ctx, s.address, postgres.Options{Password: s.opt.Password, Busy: s.opt.busy(), Term: s.opt.Term, Readers: readers})
	if e, newer := errors.AsType[*postgres.NewerError](err); newer {
		return nil, nil, false, &NewerError{Path: postgres.Place(s.address), Schema: e.Schema, Known: e.Known, Advice: e.Hint()}
	}
	if err != nil {
		return nil, nil, false, err
	}
	return s.Writer, s.Reader, s.Created, nil
}

// LookAtServer looks whether there can be a ledger at an address. It makes nothing there.
func LookAtServer(ctx context.Context, address, password string) error {
	s := &server{address: address}
	l := &Ledger{path: postgres.Place(address), engine: s}
	return l.wrapError("open", postgres.Look(ctx, address, postgres.Options{Password: password}))
}

func (s *server) closeHandles() error {
	if s.Database == nil {
		return nil
	}
	return s.Close()
}

func (s *server) checkDamage(ctx context.Context) error { return s.Ping(ctx) }

func (s *server) backUp(ctx context.Context, l *Ledger, path string) error {
	to, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	_, err = l.CopyTo(ctx, to)
	return errors.Join(err, to.Close())
}

func (s *server) wipeOldCopies(ctx context.Context) error { return s.Tidy(ctx) }

func (s *server) size(ctx context.Context) (int64, error) { return s.Size(ctx) }

func (s *server) faultOf(err error) (fault, bool) {
	f, known := postgres.Judge(err)
	return fault{temporary: f.Temporary, hint: f.Hint}, known
}

// statement is the number of a prepared statement that writes.
type statement int

var texts []string

// registerStatement registers a statement; Open prepares them all.
func registerStatement(text string) statement {
	texts = append(texts, text)
	return statement(len(texts) - 1)
}

func prepareStatements(ctx context.Context, db *sql.DB) ([]*sql.Stmt, error) {
	list := make([]*sql.Stmt, len(texts))
	for i, text := range texts {
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		list[i] = stmt
	}
	return list, nil
}

// Tx is one transaction. It lives as long as the function that Group called, and belongs to its goroutine.
type Tx struct {
	l            *Ledger
	tx           *sql.Tx
	err          error   // the first failure of the database: nothing counts after it
	began, ended []*Work // in this transaction
	numbered     []NumberedOrder
}

// Group runs a function whose changes reach the disk together, or not at all when it returns an error.
// Two thousand small files in groups of a hundred cost 20 waits for the disk and not 2,000. Whatever fn
// did is durable only when Group returns nil, so nothing may become visible before. Refusals of single
// files (*DoneError, *PoisonError …) leave the group intact: fn decides.
func (l *Ledger) Group(ctx context.Context, fn func(*Tx) error) error {
	if f, local := l.engine.(*file); local && f.opt.Reading {
		return errReading
	}
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { l.turn <- struct{}{} }()
	// Not ctx: a transaction takes milliseconds, and one that a cancelled context ends half way
	// would leave its caller not knowing what became of it.
	tx, err := l.writer.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return l.wrapError("write", err)
	}
	t := &Tx{l: l, tx: tx}
	committed := false
	defer func() {
		tx.Rollback() // does nothing after a commit
		t.noteRunning(committed)
	}()
	if err := fn(t); err != nil {
		return l.wrapError("write", err)
	}
	if t.err != nil { // fn has overlooked it, SQLite may have rolled back half of its work
		return l.wrapError("write", t.err)
	}
	if err := tx.Commit(); err != nil {
		return l.wrapError("write", err)
	}
	committed = true
	return l.noteNumbers(t.numbered)
}

func (l *Ledger) takeTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.turn:
		return nil
	}
}

// execStatement runs a statement and tells how many rows it changed.
func (t *Tx) execStatement(s statement, args ...any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	result, err := t.tx.Stmt(t.l.stmts[s]).Exec(args...)
	if err != nil {
		t.err = err
		return 0, err
	}
	return result.RowsAffected()
}

// queryRow runs a statement that gives one row or none. Other failures than the lack of a row end the
// transaction.
func (t *Tx) queryRow(s statement, args []any, to ...any) (found bool, err error) {
	if t.err != nil {
		return false, t.err
	}
	switch err := t.tx.Stmt(t.l.stmts[s]).QueryRow(args...).Scan(to...); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		t.err = err
		return false, err
	}
	return true, nil
}

// toMillis is a time as the ledger keeps it.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is a time as the ledger kept it.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
