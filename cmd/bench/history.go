package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/watch/ledger"
)

// historyOptions are the size of a long history. Files and sets of five orders each are made with it.
type historyOptions struct {
	orders int
	file   string
}

func historyCommand(set *flag.FlagSet) func(context.Context) error {
	var o historyOptions
	set.IntVar(&o.orders, "orders", 1_000_000, "exported orders; a fifth as many files and sets")
	set.StringVar(&o.file, "out", "", "file of the ledger; what is in it stays")
	return func(ctx context.Context) error {
		if o.file == "" {
			return errors.New("--out: name the file of the ledger")
		}
		return makeHistory(ctx, o, time.Now())
	}
}

const (
	historyDays = 365 // over which the history is spread, up to now
	openSets    = 20  // that 1C has not taken yet; as many were refused
	factsDays   = 60  // whose orders still have their documents: one purge more is due
	kinds       = 500 // different documents
)

// makeHistory adds to a ledger what a year of work leaves in it. The schema is that of the program; the rows are written
// by SQL alone, hundreds of thousands a second.
func makeHistory(ctx context.Context, o historyOptions, now time.Time) error {
	file, err := filepath.Abs(o.file)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err != nil {
		return err
	}
	book, err := ledger.Open(ctx, file, ledger.Options{})
	if err != nil {
		return err
	}
	if err := book.Close(); err != nil {
		return err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: "_pragma=synchronous(OFF)&_pragma=journal_mode(MEMORY)&_pragma=cache_size(-1000000)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the documents are in a table of the connection
	if err := writeDocuments(ctx, db, now); err != nil {
		return err
	}
	var first firstRows
	err = db.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(id), 0) + 1 FROM files), (SELECT coalesce(max(id), 0) + 1 FROM sets), (SELECT coalesce(max(value), 0) + 1 FROM numbers)`).
		Scan(&first.file, &first.set, &first.number)
	if err != nil {
		return err
	}
	for _, script := range o.scripts(first, now) {
		if _, err := db.ExecContext(ctx, script); err != nil {
			return fmt.Errorf("%w in %s", err, script)
		}
	}
	return nil
}

// writeDocuments writes what the orders said into a table that goes with the connection.
func writeDocuments(ctx context.Context, db *sql.DB, now time.Time) error {
	if _, err := db.ExecContext(ctx, `CREATE TEMP TABLE documents (kind INTEGER PRIMARY KEY, facts BLOB NOT NULL)`); err != nil {
		return err
	}
	var pack ledger.Packer
	for i := range kinds {
		total := money.Int(int64(10 + i))
		facts, err := pack.Pack(&document.Document{
			Identity: document.Identity{Number: fmt.Sprintf("028-%07d-0000001", i)}, Dates: document.Dates{Date: now.AddDate(0, 0, -i%factsDays)}, Sale: document.Sale{Account: "example-eu"}, Amounts: document.Amounts{Currency: "EUR", Total: total},
			Customer: document.Customer{Name: fmt.Sprintf("Buyer %d", i), Email: fmt.Sprintf("buyer%d@example.com", i)},
			ShipTo:   document.Address{Full: fmt.Sprintf("Lange Straße %d, 10115 Berlin", i), Country: "DE"},
			Lines: []document.Line{
				{Number: 1, Kind: "goods", Product: document.Product{SKU: fmt.Sprintf("SKU-%06d", i), Name: "A thing of metal, blue, 30 cm"}, LineAmounts: document.LineAmounts{Quantity: money.Int(1), Price: total, Amount: total}},
			},
		})
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, `INSERT INTO documents VALUES (?, ?)`, i, facts); err != nil {
			return err
		}
	}
	return nil
}

// firstRows are the first free ids and the first free number of a ledger.
type firstRows struct{ file, set, number int }

// historyOrder is the number of order n of the history.
func historyOrder(n int) string { return fmt.Sprintf("928-%07d-%07d", n*7919%10_000_000, n) }

// scripts fill the tables. Row n of any table has the same time, the last one is of now; a set has five orders, which
// came in one file.
func (o *historyOptions) scripts(first firstRows, now time.Time) []string {
	files := max(o.orders/5, 1)
	count := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c LIMIT %d) ", n)
	}
	span := int64(historyDays * 24 * time.Hour / time.Millisecond)
	at := func(n string, of int) string {
		return fmt.Sprintf("(%d - (%d - 1 - %s) * %d / %d)", now.UnixMilli(), of, n, span, of)
	}
	const sum = `printf('%08x%048x%08x', n * 2654435761 & 4294967295, 0, n)`
	const order = `printf('928-%07d-%07d', n * 7919 % 10000000, n)`
	const print = `CAST(printf('%08x%08x', n, n * 2654435761 & 4294967295) AS BLOB)`
	purged := fmt.Sprintf("%s < %d", at("n", o.orders), now.AddDate(0, 0, -factsDays).UnixMilli())
	file, set, number := fmt.Sprint(first.file), fmt.Sprint(first.set), fmt.Sprint(first.number)
	return []string{
		count(files) + `INSERT INTO files (id, route, sha256, name, size, seen, state, attempts, outcome, reason, exported, ended)
			SELECT n + ` + file + `, 'main', ` + sum + `, printf('orders-%07d.json', n), 17000, ` + at("n", files) + `,
			CASE WHEN n % 5000 = 7 THEN 'refused' ELSE 'done' END, 1, 'exported', CASE WHEN n % 5000 = 7 THEN 'no orders in it' ELSE '' END,
			CASE WHEN n % 5000 = 7 THEN 0 ELSE 5 END, ` + at("n", files) + ` FROM c`,
		count(files) + fmt.Sprintf(`INSERT INTO sets (id, stem, route, account, state, created, published, changed)
			SELECT n + `+set+`, printf('orders_%%07d', n), 'main', 'example-eu', CASE WHEN n >= %[1]d - %[2]d THEN 'published' WHEN n < %[2]d THEN 'failed' WHEN n %% 2 = 0 THEN 'taken' ELSE 'loaded' END, `, files, openSets) +
			at("n", files) + `, ` + at("n", files) + `, ` + at("n", files) + ` FROM c`,
		count(files) + `INSERT INTO outputs (set_id, position, name, layout, sha256, size, template)
			SELECT n + ` + set + `, 0, printf('orders_%07d.xml', n), 'commerceml', ` + sum + `, 20000, 'aa' FROM c`,
		count(o.orders) + `INSERT INTO members (set_id, order_id, scope, updated, fingerprint, file_id, state)
			SELECT n / 5 + ` + set + `, ` + order + `, 'amazon', ` + at("n", o.orders) + `, ` + print + `, n / 5 + ` + file + `,
			CASE WHEN n / 5 < ` + fmt.Sprint(openSets) + ` THEN 'failed' WHEN n / 5 % 2 = 0 THEN '' ELSE 'loaded' END FROM c`,
		count(o.orders) + `INSERT INTO orders SELECT ` + order + `, 'amazon', ` + at("n", o.orders) + `, ` + print + `, 'exported', 'example-eu',
			` + order + `, CASE WHEN ` + purged + ` THEN x'' ELSE facts END, printf('orders_%07d', n / 5), ` + at("n", o.orders) + `, 1
			FROM c JOIN documents ON kind = n % ` + fmt.Sprint(kinds),
		count(o.orders) + `INSERT INTO numbers SELECT ` + order + `, 'amazon', printf('%06d', n + ` + number + `), n + ` + number + `, 1 FROM c`,
	}
}
