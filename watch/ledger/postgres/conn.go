package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Dial and HangUp open and close connections. Tests that open very many ledgers put theirs in the place.
var (
	Dial   = pgconn.ConnectConfig
	HangUp = func(ctx context.Context, c *pgconn.PgConn) error { return c.Close(ctx) }
)

// connector makes connections that understand the ledger's SQL.
type connector struct {
	config *pgconn.Config
	// begun, if set, is what follows the begin of every transaction.
	begun func(ctx context.Context, c *pgconn.PgConn) error
}

// Connect opens a connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := Dial(ctx, c.config)
	if err != nil {
		return nil, err
	}
	return &conn{PgConn: inner, begun: c.begun, taken: time.Now()}, nil
}

// Driver is only asked for its type.
func (c connector) Driver() driver.Driver { return noDriver{} }

type noDriver struct{}

// Open is not used: connections come from a connector.
func (noDriver) Open(string) (driver.Conn, error) { return nil, errors.ErrUnsupported }

// conn is a connection that understands the ledger's SQL. It prepares nothing on the server, so that proxies like
// PgBouncer have nothing to keep apart; the types of parameters follow from the values.
type conn struct {
	*pgconn.PgConn
	begun func(ctx context.Context, c *pgconn.PgConn) error
	taken time.Time // out of the pool, last
}

// Prepare only translates.
func (c *conn) Prepare(query string) (driver.Stmt, error) { return &stmt{c, translate(query)}, nil }

// Close closes the connection.
func (c *conn) Close() error { return HangUp(context.Background(), c.PgConn) }

// IsValid reports whether the connection can be used once more.
func (c *conn) IsValid() bool { return !c.IsClosed() && c.TxStatus() == 'I' }

// ExecContext runs a statement, or several without arguments.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.exec(ctx, translate(query), args)
}

// QueryContext runs a query.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(ctx, translate(query), args)
}

func (c *conn) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.IsClosed() {
		return nil, driver.ErrBadConn
	}
	if len(args) == 0 {
		_, err := c.PgConn.Exec(ctx, query).ReadAll()
		return driver.RowsAffected(0), orBad(err)
	}
	tag, err := c.send(ctx, query, args).Close()
	return driver.RowsAffected(tag.RowsAffected()), orBad(err)
}

// orBad lets database/sql take another connection when the server has not heard of the statement.
func orBad(err error) error {
	if err != nil && pgconn.SafeToRetry(err) {
		return driver.ErrBadConn
	}
	return err
}

// idleTime is how long a connection may be unused before the server is asked whether it still has it.
const idleTime = time.Second

// ResetSession looks whether the server has closed the connection meanwhile.
func (c *conn) ResetSession(ctx context.Context) error {
	idle := time.Since(c.taken) > idleTime
	c.taken = time.Now()
	if c.IsClosed() || idle && c.Ping(ctx) != nil {
		return driver.ErrBadConn
	}
	return nil
}

func (c *conn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.IsClosed() {
		return nil, driver.ErrBadConn
	}
	r := &rows{reader: c.send(ctx, query, args)}
	if r.reader.NextRow() { // an error of the query comes now
		r.ahead = true
		return r, nil
	}
	r.ended = true
	_, err := r.reader.Close()
	return r, orBad(err)
}

// BeginTx begins a transaction; which one, the settings of the connection say.
func (c *conn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if _, err := c.exec(ctx, "BEGIN", nil); err != nil {
		return nil, err
	}
	if c.begun != nil {
		if err := c.begun(ctx, c.PgConn); err != nil {
			return nil, errors.Join(err, tx{c}.Rollback())
		}
	}
	return tx{c}, nil
}

// Begin is BeginTx.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// CheckNamedValue gives an argument one of the types that the ledger's columns have.
func (c *conn) CheckNamedValue(v *driver.NamedValue) (err error) {
	if v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value); err != nil {
		return err
	}
	switch value := v.Value.(type) {
	case bool: // SQLite keeps it as a number
		v.Value = int64(0)
		if value {
			v.Value = int64(1)
		}
	case string:
		v.Value = CleanText(value)
	case int64, []byte, nil:
	default:
		return fmt.Errorf("argument %d is a %T, of which the ledger has no column", v.Ordinal, value)
	}
	return nil
}

// send sends a statement with its arguments.
func (c *conn) send(ctx context.Context, query string, args []driver.NamedValue) *pgconn.ResultReader {
	values, types, forms := make([][]byte, len(args)), make([]uint32, len(args)), make([]int16, len(args))
	for i := range args {
		switch value := args[i].Value.(type) {
		case int64:
			values[i], types[i] = strconv.AppendInt(nil, value, 10), typeInt8
		case string:
			values[i], types[i] = []byte(value), typeText
		case []byte:
			values[i], types[i], forms[i] = value, typeBytes, asBinary
			if value == nil {
				values[i] = []byte{} // null is the untyped nil
			}
		}
	}
	return c.ExecParams(ctx, query, values, types, forms, nil)
}

// tx is a transaction.
type tx struct{ c *conn }

// errUndone is a commit that the server has made a rollback of, because of an error before.
var errUndone = errors.New("the transaction had failed before, and was undone")

// Commit makes the transaction count.
func (t tx) Commit() error {
	results, err := t.c.PgConn.Exec(context.Background(), "COMMIT").ReadAll()
	if err == nil && (len(results) != 1 || results[0].CommandTag.String() != "COMMIT") {
		return errUndone
	}
	return err
}

// Rollback undoes the transaction; the server does so itself when the connection is gone.
func (t tx) Rollback() error {
	if t.c.IsClosed() {
		return nil
	}
	_, err := t.c.exec(context.Background(), "ROLLBACK", nil)
	return err
}

// stmt is a translated statement.
type stmt struct {
	c    *conn
	text string
}

// Close does nothing.
func (s *stmt) Close() error { return nil }

// NumInput leaves the counting to the server.
func (s *stmt) NumInput() int { return -1 }

// Exec is not used.
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }

// Query is not used.
func (s *stmt) Query([]driver.Value) (driver.Rows, error) { return nil, errors.ErrUnsupported }

// ExecContext runs the statement.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.c.exec(ctx, s.text, args)
}

// QueryContext runs the query.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.c.query(ctx, s.text, args)
}
