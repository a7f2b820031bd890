package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"time"
)

// Hold is an order that waits.
type Hold struct {
	Key
	Revision
	Account, Route string
	SHA256         string // of the file it came in: what is read again when the hold may be cured
	Origin         string // place of the order in that file
	Remedy
	Currency string
	Total    string    // as the source states it, empty when it does not
	Since    time.Time // when the order was first held
	Details  HoldDetails

	// Part is the name of the file where it has only a part of the order. Such files are remembered until
	// the order waits no more, see Parts. It is written and never read back.
	Part string
}

// Remedy is why an order is held, and what cures it.
type Remedy struct {
	Code           string
	Sentence, Cure string   // in words; emptied by a purge
	File           string   // the catalog to mend
	Add            []string // lines to add to File; emptied by a purge
}

// HoldDetails holds what a person must know of a held order to decide. A purge empties it.
type HoldDetails struct {
	Ordered time.Time  `json:"ordered,omitzero"`
	Country string     `json:"country,omitempty"` // of delivery
	Title   string     `json:"title,omitempty"`   // of its items
	Lines   []HoldLine `json:"lines,omitempty"`   // those of Hold.Add, in the same order
}

// HoldLine is a line to add to a catalog.
type HoldLine struct {
	Cells map[string]string `json:"cells"`           // by canonical column
	Title string            `json:"title,omitempty"` // the marketplace's name of the item
}

const holdColumns = `scope, order_id, updated, fingerprint, account, route, sha256, origin, code, sentence, cure, file,
	added, currency, total, since, details`

// scanHold reads holdColumns.
func scanHold(scan func(...any) error) (Hold, error) { return scanHoldOf(scan, true) }

// scanBriefHold is scanHold without the details, which take more time than all the rest.
func scanBriefHold(scan func(...any) error) (Hold, error) { return scanHoldOf(scan, false) }

func scanHoldOf(scan func(...any) error, detailed bool) (h Hold, err error) {
	var updated, since int64
	var fingerprint, added, details []byte
	err = scan(&h.Scope, &h.Order, &updated, &fingerprint, &h.Account, &h.Route, &h.SHA256, &h.Origin, &h.Code,
		&h.Sentence, &h.Cure, &h.File, &added, &h.Currency, &h.Total, &since, &details)
	if err == nil && detailed {
		err = json.Unmarshal(details, &h.Details)
	}
	if err != nil {
		return h, err
	}
	copy(h.Fingerprint[:], fingerprint)
	h.Updated, h.Since = fromMillis(updated), fromMillis(since)
	h.Add, err = decodeLines(added)
	return h, err
}

// decodeLines reads a JSON array of strings. Most have one, and nothing in it that is escaped.
func decodeLines(text []byte) (lines []string, err error) {
	inner, begins := bytes.CutPrefix(text, []byte(`["`))
	inner, ends := bytes.CutSuffix(inner, []byte(`"]`))
	if begins && ends && !bytes.ContainsAny(inner, `"\\`) {
		return []string{string(inner)}, nil
	}
	return lines, json.Unmarshal(text, &lines)
}

// HoldFilter chooses holds; zero fields choose all.
type HoldFilter struct {
	Code, Account, Order, Route, SHA256 string
	File                                string // the catalog to mend
	Line                                string // one of Hold.Add
	Limit, Offset                       int
	NoDetails                           bool // EachHold leaves Details empty
}

func (f *HoldFilter) conditions() (w where) {
	w.addEqual("code", f.Code)
	w.addEqual("account", f.Account)
	w.addEqual("order_id", f.Order)
	w.addEqual("route", f.Route)
	w.addEqual("sha256", f.SHA256)
	w.addEqual("file", f.File)
	if f.Line != "" {
		text, _ := json.Marshal(f.Line) // a string always has a JSON form
		w.addCondition("instr(added, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(added) WHERE value = ?)", string(text), f.Line)
	}
	return w
}

func (f *HoldFilter) query() (query string, args []any) {
	w := f.conditions()
	return `SELECT ` + holdColumns + ` FROM holds` + w.String() + " ORDER BY since, order_id, scope" + pageClause(f.Limit, f.Offset), w.args
}

// Holds lists the orders that wait, oldest first.
func (l *Ledger) Holds(ctx context.Context, f HoldFilter) ([]Hold, error) {
	query, args := f.query()
	return listRows(ctx, l, query, args, scanHold)
}

// EachHold is Holds for a caller that keeps something smaller.
func (l *Ledger) EachHold(ctx context.Context, f HoldFilter, take func(*Hold)) error {
	query, args := f.query()
	read := scanHold
	if f.NoDetails {
		read = scanBriefHold
	}
	return l.wrapError("read", eachRow(ctx, l.reader, query, args, func(scan func(...any) error) error {
		h, err := read(scan)
		if err == nil {
			take(&h)
		}
		return err
	}))
}

// HeldOrigins hands on where the orders of a route that wait come from, oldest first: what of their holds takes no time to
// read. A file that the program was killed over is left out, for the work on it goes on.
func (l *Ledger) HeldOrigins(ctx context.Context, route string, take func(sha256, origin, code string)) error {
	return l.wrapError("read", eachRow(ctx, l.reader, `SELECT sha256, origin, code FROM holds WHERE route = ? AND NOT EXISTS (SELECT 1 FROM files
		WHERE files.route = holds.route AND files.sha256 = holds.sha256 AND files.state = 'waiting' AND files.running = 1)
		ORDER BY since, order_id, scope`, []any{route}, func(scan func(...any) error) error {
		var sha256, origin, code string
		err := scan(&sha256, &origin, &code)
		if err == nil {
			take(sha256, origin, code)
		}
		return err
	}))
}

var (
	// A hold of a revision that is exported, or overtaken by an exported one, is none; nor is one of an order
	// that was dismissed while its file was read.
	putHold = registerStatement(`INSERT INTO holds (` + holdColumns + `)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17
		WHERE NOT EXISTS (SELECT 1 FROM orders WHERE order_id = ?2 AND scope = ?1
			AND (?3 <> 0 AND updated > ?3 OR fingerprint = ?4 AND ?4 <> zeroblob(16)))
		AND NOT EXISTS (SELECT 1 FROM dismissals WHERE order_id = ?2 AND scope IN (?1, ''))
		ON CONFLICT (order_id, scope) DO UPDATE SET updated = excluded.updated, fingerprint = excluded.fingerprint, account = excluded.account,
			route = excluded.route, sha256 = excluded.sha256, origin = excluded.origin, code = excluded.code,
			sentence = excluded.sentence, cure = excluded.cure, file = excluded.file, added = excluded.added,
			currency = excluded.currency, total = excluded.total, details = excluded.details, since = min(holds.since, excluded.since)
			WHERE excluded.updated = 0 OR excluded.updated >= holds.updated`)
	anyHold       = registerStatement(`SELECT 1 FROM holds LIMIT 1`)
	dropOvertaken = registerStatement(`DELETE FROM holds` + keyCondition + ` AND updated <> 0 AND updated < ?3`)

	dropHold = registerStatement(`DELETE FROM holds` + keyCondition + ` AND (updated <= ?3 OR ?3 = 0)`)

	// A dismissed order keeps its parts: it may wait for the rest of them again.
	inParts   = `EXISTS (SELECT 1 FROM holds` + keyCondition + ` UNION ALL SELECT 1 FROM dismissals` + keyCondition + `)`
	putPart   = registerStatement(`INSERT INTO parts SELECT ?1, ?2, ?3, ?4, ?5 WHERE ` + inParts + ` ON CONFLICT DO NOTHING`)
	dropParts = registerStatement(`DELETE FROM parts` + keyCondition + ` AND NOT ` + inParts)
)

// marshalTexts returns what the ledger keeps as JSON.
func (h *Hold) marshalTexts() (added, details string, err error) {
	a, err := json.Marshal(h.Add)
	if err != nil {
		return "", "", err
	}
	d, err := json.Marshal(&h.Details)
	return string(a), string(d), err
}

func (t *Tx) putHold(h *Hold) error {
	added, details, err := h.marshalTexts()
	if err != nil {
		return err
	}
	_, err = t.execStatement(putHold, h.Scope, h.Order, toMillis(h.Updated), h.Fingerprint[:], h.Account, h.Route, h.SHA256, h.Origin,
		h.Code, h.Sentence, h.Cure, h.File, added, h.Currency, h.Total, toMillis(h.Since), details)
	if err == nil && h.Part != "" {
		_, err = t.execStatement(putPart, h.Order, h.Scope, h.Route, h.SHA256, h.Part)
	}
	return err
}

// releaseHold ends the hold of an order, unless it is one of a newer revision.
func (t *Tx) releaseHold(k Key, r Revision) error {
	_, err := t.execStatement(dropHold, k.Order, k.Scope, toMillis(r.Updated))
	if err == nil {
		_, err = t.execStatement(dropParts, k.Order, k.Scope)
	}
	return err
}

// releaseOvertaken ends the holds of orders that have since come as they were exported: what was held is no more.
func (t *Tx) releaseOvertaken(known []Member) error {
	var one int
	if some, err := t.queryRow(anyHold, nil, &one); err != nil || !some {
		return err
	}
	for i := range known {
		m := &known[i]
		n, err := t.execStatement(dropOvertaken, m.Order, m.Scope, toMillis(m.Updated))
		if err == nil && n > 0 {
			_, err = t.execStatement(dropParts, m.Order, m.Scope)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Parts are the files of a route that have a part of the held order.
func (l *Ledger) Parts(ctx context.Context, route string, k Key) ([]File, error) {
	return listRows(ctx, l, `SELECT route, sha256, name FROM parts WHERE route = ? AND order_id = ? AND scope = ? ORDER BY sha256`,
		[]any{route, k.Order, k.Scope}, scanPart)
}

// Beside are the files of a route that have parts of held orders of which this file has one; it is among
// them. There are none when no order of the file waits for the rest of it.
func (l *Ledger) Beside(ctx context.Context, route, sha256 string) ([]File, error) {
	return listRows(ctx, l, `SELECT DISTINCT others.route, others.sha256, others.name FROM parts own JOIN parts others
		ON others.order_id = own.order_id AND others.scope = own.scope AND others.route = own.route
		WHERE own.route = ? AND own.sha256 = ? ORDER BY others.sha256`,
		[]any{route, sha256}, scanPart)
}

// AllParts are the files that have a part of any held order.
func (l *Ledger) AllParts(ctx context.Context) ([]File, error) {
	return listRows(ctx, l, `SELECT DISTINCT parts.route, parts.sha256, parts.name FROM parts JOIN holds USING (order_id, scope)
		ORDER BY parts.sha256`, nil, scanPart)
}

func scanPart(scan func(...any) error) (f File, err error) {
	return f, scan(&f.Route, &f.SHA256, &f.Name)
}

// Cause holds what orders wait for: a line that a catalog lacks, or what their code means. An order that waits for two
// lines is of two causes. One cause is several values where its orders differ in currency and total.
type Cause struct {
	Code, File string
	Line       string // one of Hold.Add; empty where no line cures it
	Missing    HoldLine
	Currency   string
	Total      string // of each of its orders, as the source states it
	Orders     int
	Since      time.Time // the oldest of them
}

const selectCauses = `SELECT code, file, coalesce(j.value, ''), currency, total, count(*), min(since),
	max(coalesce(json_extract(details, '$.lines[' || j.key || ']'), '{}'))
	FROM holds LEFT JOIN json_each(CASE added WHEN 'null' THEN '[]' ELSE added END) j ON true`

// Causes counts held orders by what they wait for, in no order. Its memory grows with the different totals.
func (l *Ledger) Causes(ctx context.Context, f HoldFilter) ([]Cause, error) {
	w := f.conditions()
	return listRows(ctx, l, selectCauses+w.String()+` GROUP BY 1, 2, 3, 4, 5`, w.args, func(scan func(...any) error) (c Cause, err error) {
		var since int64
		var missing []byte
		if err = scan(&c.Code, &c.File, &c.Line, &c.Currency, &c.Total, &c.Orders, &since, &missing); err != nil {
			return c, err
		}
		c.Since = fromMillis(since)
		return c, json.Unmarshal(missing, &c.Missing)
	})
}

// HoldChanges returns how often held orders have been added, changed or taken away: while it stays, so do all lists of
// them.
func (l *Ledger) HoldChanges(ctx context.Context) (n int, err error) {
	err = l.reader.QueryRowContext(ctx, `SELECT coalesce(sum(n), 0) FROM counts WHERE what = 'changes' AND name = 'holds'`).Scan(&n)
	return n, l.wrapError("read", err)
}

// CountHolds counts the orders that wait.
func (l *Ledger) CountHolds(ctx context.Context, f HoldFilter) (int, error) {
	return l.countRows(ctx, "holds", f)
}

// CountDismissals counts the orders that people have dismissed.
func (l *Ledger) CountDismissals(ctx context.Context, f HoldFilter) (int, error) {
	return l.countRows(ctx, "dismissals", f)
}

func (l *Ledger) countRows(ctx context.Context, table string, f HoldFilter) (n int, err error) {
	w := f.conditions()
	err = l.reader.QueryRowContext(ctx, `SELECT count(*) FROM `+table+w.String(), w.args...).Scan(&n)
	return n, l.wrapError("read", err)
}

// HeldAmount holds what a figure needs of a hold.
type HeldAmount struct {
	Code, Account, Currency string
	Total                   string // as the source states it, empty when it does not
	Since                   time.Time
}

// EachHeldAmount hands on the amounts of all orders that wait, in no order.
func (l *Ledger) EachHeldAmount(ctx context.Context, take func(*HeldAmount)) error {
	return l.wrapError("read", eachRow(ctx, l.reader, `SELECT code, account, currency, total, since FROM holds`, nil, func(scan func(...any) error) error {
		var h HeldAmount
		var since int64
		if err := scan(&h.Code, &h.Account, &h.Currency, &h.Total, &since); err != nil {
			return err
		}
		h.Since = fromMillis(since)
		take(&h)
		return nil
	}))
}

// FileCounts are the orders in the files that were done in a time, and the files.
type FileCounts struct {
	Counts
	Files, Refused int
}

// CountFiles counts the files whose last attempt ended in a time, and the orders in them.
func (l *Ledger) CountFiles(ctx context.Context, since, before time.Time) (c FileCounts, err error) {
	var w where
	w.addSince("ended", since)
	w.addBefore("ended", before)
	err = eachRow(ctx, l.reader, `SELECT count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'refused'),
		coalesce(sum(exported), 0), coalesce(sum(held), 0), coalesce(sum(known), 0), coalesce(sum(older), 0), coalesce(sum(skipped), 0)
		FROM files`+w.String(), w.args, func(scan func(...any) error) error {
		return scan(&c.Files, &c.Refused, &c.Exported, &c.Held, &c.Known, &c.Older, &c.Skipped)
	})
	return c, l.wrapError("read", err)
}
