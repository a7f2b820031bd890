package ledger

import (
	"cmp"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite": pure Go, so that one binary runs everywhere

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
	busy := fmt.Sprintf("busy_timeout(%d)", cmp.Or(opt.Busy, BusyTimeout).Milliseconds())
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
