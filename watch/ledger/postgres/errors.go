package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrForeign is a schema with tables of another program.
var ErrForeign = errors.New("a schema with other tables than those of obmen")

// AddressError is an address that is none.
type AddressError struct {
	Place string
	Err   error
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("address of the ledger %q: %v", e.Place, e.Err)
}

// Hint returns the next step, one line.
func (e *AddressError) Hint() string {
	return "write it like postgres://obmen@db.example.com:5432/obmen?sslmode=verify-full"
}

func (e *AddressError) Unwrap() error { return e.Err }

// NewerError refuses a schema that a newer program has written.
type NewerError struct{ Schema, Known int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("its schema has version %d, this program knows versions up to %d", e.Schema, e.Known)
}

// Hint returns the next step, one line.
func (e *NewerError) Hint() string { return "start the newer obmen that wrote it on this machine, too" }

// FencedError refuses a write of a process that is no node any more: others have taken over what it had.
type FencedError struct {
	Place string
	Node  int64
}

func (e *FencedError) Error() string {
	return fmt.Sprintf("write ledger %q: other nodes have taken over from this one (number %d)", e.Place, e.Node)
}

// Hint returns the next step, one line.
func (e *FencedError) Hint() string { return "nothing to do: this node joins the others once more" }

// Fault is what an error of the server means.
type Fault struct {
	Temporary bool // the same call may succeed later
	Hint      string
}

// The hints of faults.
const (
	hintBusy   = "another obmen writes into the ledger: let it finish, or stop it"
	hintServer = "check that the PostgreSQL server runs and can be reached; the work goes on when it does"
	hintFull   = "free some space on the disk of the PostgreSQL server; work goes on once there is room"
	hintLogin  = "check user, password (obmen secret set ledger-password) and database in url of [ledger]"
	hintTLS    = "set sslmode in url of [ledger] to what the server offers; verify-full needs the server's name and, beside public authorities, sslrootcert=FILE"
	hintRights = "give the user in url of [ledger] its own schema: CREATE SCHEMA obmen AUTHORIZATION the user"
	hintOwn    = "give the ledger a schema of its own: add ?search_path=NAME to url of [ledger]"
	hintOther  = "look into the log of the PostgreSQL server"
)

// Judge tells what an error means; false when it is not the server's.
func Judge(err error) (Fault, bool) {
	if errors.Is(err, ErrForeign) {
		return Fault{Hint: hintOwn}, true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return judgeCode(e.Code), true
	}
	if isTLS(err) {
		return Fault{Hint: hintTLS}, true
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	_, net := errors.AsType[*net.OpError](err)
	if refused || net || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || pgconn.Timeout(err) && !errors.Is(err, context.Canceled) ||
		err != nil && (strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "driver: bad connection")) {
		return Fault{Temporary: true, Hint: hintServer}, true
	}
	return Fault{}, false
}

// isTLS reports whether both sides did not agree on encryption.
func isTLS(err error) bool {
	_, failed := errors.AsType[*tls.CertificateVerificationError](err)
	_, other := errors.AsType[tls.RecordHeaderError](err)
	return failed || other || err != nil && strings.Contains(err.Error(), "refused TLS connection")
}

// judgeCode reads a code of the server, whose first two characters are its class.
func judgeCode(code string) Fault {
	switch class := code[:min(2, len(code))]; {
	case code == "55P03": // lock_not_available
		return Fault{Temporary: true, Hint: hintBusy}
	case class == "28", code == "3D000": // invalid authorization, no such database
		return Fault{Hint: hintLogin}
	case code == "42501": // insufficient_privilege
		return Fault{Hint: hintRights}
	case code == "53100": // disk_full
		return Fault{Temporary: true, Hint: hintFull}
	case class == "08", class == "53", class == "57", class == "40", class == "58", code == "25P03":
		return Fault{Temporary: true, Hint: hintServer}
	}
	return Fault{Hint: hintOther}
}
