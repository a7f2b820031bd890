package ledger

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rowsOf are the statements that fill a ledger as an obmen of that schema left it.
var rowsOf = []struct {
	schema int // the first that has the tables
	script string
}{
	{1, `INSERT INTO files (id, route, sha256, name, size, seen, state, outcome, exported) VALUES
		(1, 'main', 'aa', 'july.txt', 10, 1700000000000, 'done', 'read', 2), (2, 'main', 'bb', 'august.txt', 10, 1700000001000, 'refused', '', 0)`},
	{2, `INSERT INTO orders VALUES ('A1', 'amazon', 0, x'00112233445566778899aabbccddeeff', 'exported', 'eu', 'doc-1', x'7b7d', 'set-1', 1700000002000, 1)`},
	{2, `INSERT INTO holds (order_id, scope, updated, fingerprint, account, route, sha256, origin, code, sentence, cure, file, added, currency, total, since)
		VALUES ('A2', 'amazon', 0, x'00112233445566778899aabbccddeeff', 'eu', 'main', 'aa', 'july.txt:3', 'unknown-sku', 's', 'c', 'skus.csv', '[]', 'EUR', '1', 1700000002000)`},
	{3, `INSERT INTO sets (id, stem, route, account, state, created, published, changed) VALUES (1, 'set-1', 'main', 'eu', 'published', 1700000002000, 1700000002000, 0)`},
	{3, `INSERT INTO outputs (set_id, position, name, layout, sha256, size) VALUES (1, 0, 'set-1.xml', 'commerceml', 'cc', 100)`},
	{3, `INSERT INTO members (set_id, order_id, scope, updated, fingerprint, file_id) VALUES (1, 'A1', 'amazon', 0, x'00112233445566778899aabbccddeeff', 1)`},
	{4, `INSERT INTO cursors VALUES ('folder main inbox', 'MARKER')`},
	{5, `INSERT INTO exchanges (name, sent) VALUES ('message', 3)`},
	{5, `INSERT INTO letters (set_id, exchange, order_id, scope, document, number, since) VALUES (1, 'message', 'A1', 'amazon', x'7b7d', 0, 1700000002000)`},
	{7, `INSERT INTO parts VALUES ('A3', 'amazon', 'main', 'aa', 'july.txt')`},
	{8, `INSERT INTO dismissals (order_id, scope, updated, fingerprint, account, route, sha256, origin, code, sentence, cure, file, added, currency, total, since, dismissed, why)
		VALUES ('A4', 'amazon', 0, x'00112233445566778899aabbccddeeff', 'eu', 'main', 'aa', 'july.txt:4', 'unknown-sku', 's', 'c', 'skus.csv', '[]', 'EUR', '1', 1, 2, 'by hand')`},
}

// A ledger of every obmen before this one opens with everything in it.
func TestEveryEarlierSchemaIsBroughtUpToDate(t *testing.T) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for schema := 1; schema <= len(names); schema++ {
		t.Run(fmt.Sprint(schema), func(t *testing.T) { upgradeFrom(t, schema, names) })
	}
}

func upgradeFrom(t *testing.T, schema int, names []string) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	oldLedger(t, path, schema, names)
	before := countRows(t, path)
	l, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	files, err := l.Files(t.Context(), FileFilter{})
	if err != nil || len(files) != 2 || files[0].Name != "july.txt" {
		t.Errorf("files %+v, %v", files, err)
	}
	if schema >= 2 {
		if holds, err := l.Holds(t.Context(), HoldFilter{}); err != nil || len(holds) != 1 || holds[0].Code != "unknown-sku" {
			t.Errorf("holds %+v, %v", holds, err)
		}
		if o, found, err := l.Order(t.Context(), Key{Order: "A1", Scope: "amazon"}); err != nil || !found || o.Set != "set-1" {
			t.Errorf("order %+v, %v, %v", o, found, err)
		}
	}
	if schema >= 3 {
		if sets, err := l.Sets(t.Context(), SetFilter{}); err != nil || len(sets) != 1 || len(sets[0].Orders) != 1 || len(sets[0].Outputs) != 1 {
			t.Errorf("sets %+v, %v", sets, err)
		}
	}
	if schema >= 8 {
		if list, err := l.Dismissals(t.Context(), HoldFilter{}); err != nil || len(list) != 1 || list[0].Why != "by hand" {
			t.Errorf("dismissals %+v, %v", list, err)
		}
	}
	checkStats(t, l, schema)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	after := countRows(t, path)
	for table, n := range before {
		if after[table] != n {
			t.Errorf("%s had %d rows and has %d", table, n, after[table])
		}
	}
}

// checkStats looks whether the counts that the ledger keeps are those of its rows.
func checkStats(t *testing.T, l *Ledger, schema int) {
	t.Helper()
	stats, err := l.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(stats.Files, stats.Orders, stats.Holds, stats.Sets)
	want := "map[done:1 refused:1]"
	for _, count := range []struct {
		schema int
		text   string
	}{{2, " map[exported:1]"}, {2, " map[unknown-sku:1]"}, {3, " map[published:1]"}} {
		if schema >= count.schema {
			want += count.text
		} else {
			want += " map[]"
		}
	}
	if got != want {
		t.Errorf("counts %s, want %s", got, want)
	}
	overdue, err := l.CountOverdue(t.Context(), "main", time.Now())
	if err != nil || (overdue == 1) != (schema >= 3) {
		t.Errorf("%d sets are overdue, %v", overdue, err)
	}
}

// oldLedger makes a ledger as the obmen of a schema left it.
func oldLedger(t *testing.T, path string, schema int, names []string) {
	t.Helper()
	db := plainDatabase(t, path)
	run := func(script string) {
		if _, err := db.ExecContext(t.Context(), script); err != nil {
			t.Fatalf("%v in %s", err, script)
		}
	}
	run("PRAGMA journal_mode = WAL")
	for _, name := range names[:schema] {
		script, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		run(string(script))
	}
	for _, rows := range rowsOf {
		if rows.schema <= schema {
			run(rows.script)
		}
	}
	run(fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d;", schema, applicationID))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func countRows(t *testing.T, path string) map[string]int {
	t.Helper()
	db := plainDatabase(t, path)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, table := range tables {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(table, "sqlite_") && table != "counts" { // which is made of the others
			counts[table] = n
		}
	}
	return counts
}

func plainDatabase(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// A copy made while the ledger is open has everything, and opens.
func TestBackup(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), filepath.Join(dir, "ledger.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.SetCursor(t.Context(), "a", "1"); err != nil {
		t.Fatal(err)
	}
	if err := l.Backup(t.Context(), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	if l.Backup(t.Context(), filepath.Join(dir, "copy.db")) == nil {
		t.Error("a file that is there was overwritten")
	}
	restored, err := Open(t.Context(), filepath.Join(dir, "copy.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if value, found, err := restored.Cursor(t.Context(), "a"); err != nil || !found || value != "1" {
		t.Errorf("%q, %v, %v", value, found, err)
	}
}
