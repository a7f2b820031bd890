package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"obmen/convert/document"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a SQLite file as a ledger: "obmn".
const applicationID = 0x6f626d6e

// checkWhole is the size up to which a ledger is checked whole when it is opened: about a second's work.
// A larger one is checked by Check.
const checkWhole = 256 << 20

var (
	errCorrupt = errors.New("the ledger is damaged")
	errForeign = errors.New("a database, but not a ledger of obmen")
	errReading = errors.New("the ledger was opened for reading alone")
)

// checkSchema looks for damage before anything is written.
func (f *file) checkSchema(ctx context.Context) error {
	var mode string
	if err := f.writer.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system gives no write-ahead log (journal mode %q)", mode)
	}
	if info, err := os.Stat(f.path); err != nil || info.Size() > checkWhole {
		return err
	}
	before := identityOf(f.path)
	if f.opt.Reading && (f.isMarked(before) || f.opt.Watched != nil && f.opt.Watched()) {
		return nil
	}
	if err := quickCheck(ctx, f.writer); err != nil {
		return err
	}
	f.markWhole(before)
	return nil
}

func quickCheck(ctx context.Context, db *sql.DB) error {
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errCorrupt, found)
	}
	return nil
}

// Check reads the whole ledger and looks for damage, at some 300 MB a second. Damage is an *Error.
func (l *Ledger) Check(ctx context.Context) error {
	return l.wrapError("check", l.engine.checkDamage(ctx))
}

// migrateSchema brings the schema up to date, one transaction a step.
func migrateSchema(ctx context.Context, db *sql.DB, path string, opt Options) error {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted, and numbered from 0001 without a gap
	if err != nil {
		return err
	}
	for {
		done, err := migrateStep(ctx, db, path, names, opt)
		if err != nil || done {
			return err
		}
	}
}

// migrateStep does the next migration. It looks at the version inside its transaction: another process may be
// at the same work.
func migrateStep(ctx context.Context, db *sql.DB, path string, names []string, opt Options) (done bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	version, err := schemaVersion(ctx, tx)
	switch {
	case err != nil:
		return false, err
	case version == len(names):
		return true, nil
	case version > len(names):
		return false, &NewerError{
			Path: path, Schema: version, Known: len(names),
			Advice: "start the newer obmen that wrote it, or restore the state folder from the backup made before the update",
		}
	}
	script, err := migrations.ReadFile(names[version])
	if err != nil {
		return false, err
	}
	mark := fmt.Sprintf("\nPRAGMA user_version = %d; PRAGMA application_id = %d;", version+1, applicationID)
	if _, err := tx.ExecContext(ctx, string(script)+mark); err != nil {
		return false, fmt.Errorf("%s: %w", names[version], err)
	}
	if names[version] == numbersMigration {
		if err := keepOldNumbers(ctx, tx, opt.OldNumber); err != nil {
			return false, fmt.Errorf("%s: %w", names[version], err)
		}
	}
	return false, tx.Commit()
}

// numbersMigration is the step that SQL alone cannot do: what an order went out under stands in its packed facts.
const numbersMigration = "migrations/0012_numbers.sql"

// keepOldNumbers notes the numbers of orders that went out before numbers were counted. One that only waits
// for 1C to fetch it gets a counted one when that happens.
func keepOldNumbers(ctx context.Context, tx *sql.Tx, numberOf func(order string, facts []byte) string) error {
	if numberOf == nil {
		numberOf = func(order string, _ []byte) string { return order }
	}
	type row struct {
		Key
		number string
	}
	for after := (Key{}); ; {
		rows, err := collectRows(ctx, tx, `SELECT order_id, scope, facts FROM orders WHERE (order_id, scope) > (?1, ?2) ORDER BY order_id, scope LIMIT ?3`,
			[]any{after.Order, after.Scope, restoreAtOnce}, func(scan func(...any) error) (r row, err error) {
				var facts []byte
				err = scan(&r.Order, &r.Scope, &facts)
				r.number = numberOf(r.Order, facts)
				return r, err
			})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if _, err := tx.ExecContext(ctx, `INSERT INTO numbers SELECT ?1, ?2, ?3, ?4, 0 WHERE NOT EXISTS
				(SELECT 1 FROM letters WHERE order_id = ?1 AND scope = ?2 AND exchange >= ?5 AND exchange < ?6) ON CONFLICT DO NOTHING`,
				r.Order, r.Scope, r.number, document.FirstDigits(r.number), SitePrefix, prefixEnd(SitePrefix)); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].Key
	}
}

// schemaVersion is how many migrations the ledger has seen. A database of another program is refused.
func schemaVersion(ctx context.Context, tx *sql.Tx) (version int, err error) {
	var id, tables int
	for pragma, to := range map[string]*int{
		"PRAGMA user_version": &version, "PRAGMA application_id": &id, "SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := tx.QueryRowContext(ctx, pragma).Scan(to); err != nil {
			return 0, err
		}
	}
	if id != applicationID && (id != 0 || tables > 0 || version > 0) {
		return 0, errForeign
	}
	return version, nil
}
