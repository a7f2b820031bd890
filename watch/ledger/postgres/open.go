package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// DefaultSchema is the schema of a ledger where its address names none by search_path.
const DefaultSchema = "obmen"

// plainName matches names that need no quotes.
var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// connectTime is how long a server may take to answer a new connection, where the address sets no connect_timeout.
const connectTime = 5 * time.Second

// Options are what a ledger on a server may be told.
type Options struct {
	Password string        // "": in the address, or none
	Busy     time.Duration // how long a write waits for its turn
	Term     time.Duration // how long a node is one without renewing; 0 means DefaultTerm
	Readers  int           // how many reads run at once
}

// Database is an open ledger on a server.
type Database struct {
	Writer  *sql.DB // of one connection; its transactions take their turn when they begin
	Reader  *sql.DB // reads only; a transaction sees one state
	Created bool    // Open found no ledger there

	config  *pgconn.Config
	place   string
	opt     Options
	renewer *sql.DB      // of a node's place, for which no write has to wait
	node    atomic.Int64 // number of this process; 0: it is none of the nodes
	begun   atomic.Int64 // transactions
}

// IsAddress reports whether a place of a ledger is on a server, not a file.
func IsAddress(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// Place returns an address without what is secret in it, for messages.
func Place(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres://…"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Check looks for mistakes in an address without asking the server.
func Check(address string) error {
	_, err := parseAddress(address, Options{})
	return err
}

// parseAddress reads an address. Errors do not have the password.
func parseAddress(address string, opt Options) (*pgconn.Config, error) {
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, &AddressError{Place(address), err}
	}
	if opt.Password != "" {
		config.Password = opt.Password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	// The ledger reads and writes UTF-8, and bytes in one form.
	config.RuntimeParams["client_encoding"], config.RuntimeParams["bytea_output"] = "UTF8", "hex"
	schema := cmp.Or(config.RuntimeParams["search_path"], DefaultSchema)
	if !plainName.MatchString(schema) {
		return nil, &AddressError{Place(address), fmt.Errorf("search_path=%s is not the name of one schema in small letters", schema)}
	}
	config.RuntimeParams["search_path"] = schema
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "obmen"
	}
	return config, nil
}

// DefaultTerm is how long a process is a node without renewing.
const DefaultTerm = 10 * time.Second

// Open connects to a server and brings the schema of the ledger up to date. Errors are *AddressError, *NewerError,
// ErrForeign or the server's.
func Open(ctx context.Context, address string, opt Options) (*Database, error) {
	config, err := parseAddress(address, opt)
	if err != nil {
		return nil, err
	}
	d := &Database{config: config, place: Place(address), opt: opt}
	if d.opt.Term == 0 {
		d.opt.Term = DefaultTerm
	}
	d.Writer = d.connect(1, d.takeTurn, map[string]string{
		"lock_timeout": millis(opt.Busy),
		// The turn of a node that was frozen within a transaction ends.
		"idle_in_transaction_session_timeout": millis(d.opt.Term),
	})
	if d.Created, err = d.migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Writer.Close())
	}
	d.Reader = d.connect(opt.Readers, nil, map[string]string{
		"default_transaction_read_only": "on", "default_transaction_isolation": "repeatable read",
	})
	d.renewer = d.connect(1, nil, map[string]string{"lock_timeout": millis(d.opt.Term), "statement_timeout": millis(d.opt.Term)})
	return d, nil
}

// Look looks whether a ledger is there or can be made; it changes nothing.
func Look(ctx context.Context, address string, opt Options) error {
	config, err := parseAddress(address, opt)
	if err != nil {
		return err
	}
	d := &Database{config: config}
	db := d.connect(1, nil, nil)
	defer db.Close()
	_, err = schemaVersion(ctx, db)
	return err
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// connect opens a pool of at most n connections with settings of the server's.
func (d *Database) connect(n int, begun func(context.Context, *pgconn.PgConn) error, settings map[string]string) *sql.DB {
	config := d.config.Copy()
	for name, value := range settings {
		config.RuntimeParams[name] = value
	}
	db := sql.OpenDB(connector{config, begun})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db
}

// Close closes all connections.
func (d *Database) Close() error {
	for _, db := range []*sql.DB{d.renewer, d.Reader, d.Writer} {
		if db != nil {
			if err := db.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// compactEvery is the number of transactions after which the changes of the counts are summed up.
const compactEvery = 64

// takeTurn makes a transaction wait until no other writes, and refuses one of a process that is no node any more.
func (d *Database) takeTurn(ctx context.Context, c *pgconn.PgConn) error {
	mine := d.node.Load()
	results, err := c.Exec(ctx, `SELECT one FROM turn FOR UPDATE; SELECT count(*) FROM nodes WHERE number = `+strconv.FormatInt(mine, 10)).ReadAll()
	if err != nil {
		return err
	}
	if mine != 0 && string(results[1].Rows[0][0]) == "0" {
		return &FencedError{Place: d.place, Node: mine}
	}
	if d.begun.Add(1)%compactEvery != 1 {
		return nil
	}
	_, err = c.Exec(ctx, `WITH gone AS (DELETE FROM changes RETURNING *)
		INSERT INTO changes SELECT what, name, sum(n) FROM gone GROUP BY what, name`).ReadAll()
	return err
}

// Size returns the bytes of the ledger on the server.
func (d *Database) Size(ctx context.Context) (n int64, err error) {
	err = d.Reader.QueryRowContext(ctx, `SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
		WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`).Scan(&n)
	return n, err
}

// Tidy lets the server use the room of rows that were emptied; what was in them is overwritten in time.
func (d *Database) Tidy(ctx context.Context) error {
	_, err := d.Writer.ExecContext(ctx, `VACUUM orders, letters, holds, dismissals, sets, members, files`)
	return err
}

// Ping asks the server whether the ledger can be read.
func (d *Database) Ping(ctx context.Context) error {
	var n int
	if err := d.Reader.QueryRowContext(ctx, `SELECT count(*) FROM turn`).Scan(&n); err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("%w: the table turn has %d rows", ErrForeign, n)
	}
	return nil
}

// migrate brings the schema up to date, all steps in one transaction, and reports whether there was none.
func (d *Database) migrate(ctx context.Context) (created bool, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted, and numbered from 0001 without a gap
	if err != nil {
		return false, err
	}
	version, err := schemaVersion(ctx, d.Writer)
	switch {
	case err != nil:
		return false, err
	case version == len(names): // the usual case waits for nobody
		return false, nil
	case version > len(names):
		return false, &NewerError{Schema: version, Known: len(names)}
	}
	db := d.connect(1, nil, nil) // nobody's turn: there may be no table of turns
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	if created, err = migrateSteps(ctx, tx, names); err != nil {
		return false, err
	}
	return created, tx.Commit()
}
