package postgres

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the number of the lock under which one process at a time brings schemas up to date: "obmn".
const migrationLock = 0x6f626d6e

// migrateSteps takes the steps that are missing. It looks once more which: another process may have been at the same work.
func migrateSteps(ctx context.Context, tx *sql.Tx, names []string) (created bool, err error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(?1)`, migrationLock); err != nil {
		return false, err
	}
	version, err := schemaVersion(ctx, tx)
	if err != nil {
		return false, err
	}
	created = version == 0
	if created {
		if err := makeSchema(ctx, tx); err != nil {
			return false, err
		}
	}
	for ; version < len(names); version++ {
		script, err := migrations.ReadFile(names[version])
		if err != nil {
			return false, err
		}
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return false, fmt.Errorf("%s: %w", names[version], err)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE about SET version = ?1`, len(names))
	return created, err
}

// asker is a connection or a transaction.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion is how many migrations the schema has seen. One with tables of another program is refused.
func schemaVersion(ctx context.Context, q asker) (version int, err error) {
	var ours bool
	var tables int
	// There is a table without its description, to the eyes of this query, while another process makes the schema.
	err = q.QueryRowContext(ctx, `SELECT coalesce(obj_description(to_regclass('about'), 'pg_class'), '') = 'obmen',
		(SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace(current_setting('search_path')) AND relkind = 'r')`).Scan(&ours, &tables)
	if err != nil {
		return 0, err
	}
	if !ours {
		if tables > 0 {
			err = ErrForeign
		}
		return 0, err
	}
	err = q.QueryRowContext(ctx, `SELECT version FROM about`).Scan(&version)
	return version, err
}

// makeSchema makes the schema unless it is there: an administrator may have made it, and given no right to make others.
func makeSchema(ctx context.Context, tx *sql.Tx) error {
	var name string
	var there bool
	if err := tx.QueryRowContext(ctx, `SELECT current_setting('search_path'), to_regnamespace(current_setting('search_path')) IS NOT NULL`).Scan(&name, &there); err != nil || there {
		return err
	}
	_, err := tx.ExecContext(ctx, `CREATE SCHEMA `+name)
	return err
}
