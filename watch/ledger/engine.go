package ledger

import (
	"context"
	"database/sql"
	"errors"

	"obmen/watch/ledger/postgres"
)

// engine is the database that a ledger lies in. All understand the same SQL, which is SQLite's.
type engine interface {
	// openHandles brings the schema up to date and opens a handle that writes, one transaction at a time, and one that
	// only reads. Those that it has opened are returned with an error, too.
	openHandles(ctx context.Context) (writer, reader *sql.DB, created bool, err error)
	closeHandles() error
	// check looks for damage.
	check(ctx context.Context) error
	// backUp writes the ledger into a new SQLite file that is there already, and empty.
	backUp(ctx context.Context, l *Ledger, path string) error
	// wipe leaves nothing of older copies of what was overwritten, as far as the engine can.
	wipe(ctx context.Context) error
	// size is the bytes that the ledger takes.
	size(ctx context.Context) (int64, error)
	// judge tells what an error means; false when it is not the engine's.
	judge(err error) (fault, bool)
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

func (s *server) check(ctx context.Context) error { return s.Ping(ctx) }

func (s *server) backUp(ctx context.Context, l *Ledger, path string) error {
	to, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	_, err = l.CopyTo(ctx, to)
	return errors.Join(err, to.Close())
}

func (s *server) wipe(ctx context.Context) error { return s.Tidy(ctx) }

func (s *server) size(ctx context.Context) (int64, error) { return s.Size(ctx) }

func (s *server) judge(err error) (fault, bool) {
	f, known := postgres.Judge(err)
	return fault{temporary: f.Temporary, hint: f.Hint}, known
}
