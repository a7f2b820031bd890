package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Key is the business key of an order: the same order is the same key for ever, in whatever file it came.
type Key struct {
	Scope string // whose numbers they are: "amazon", or the account of a shop
	Order string // the marketplace's order id
}

// Revision is one content of an order.
type Revision struct {
	Updated     time.Time // the source's last change; zero when it states none
	Fingerprint [16]byte  // of everything a document can show
}

// Verdict is what a revision means against the one that was exported.
type Verdict int

// The verdicts.
const (
	Changed Verdict = iota // to be exported again
	Known                  // nothing a document can show has changed
	Older                  // overtaken by what was exported
)

// Against compares a revision with the one that the ledger knows.
func (r Revision) Against(known Revision) Verdict {
	switch {
	case r.Fingerprint == known.Fingerprint && r.Fingerprint != [16]byte{}:
		return Known
	case !r.Updated.IsZero() && toMillis(r.Updated) < toMillis(known.Updated):
		return Older
	}
	return Changed
}

// OrderState says as what an order was exported.
type OrderState string

// The states of an order.
const (
	Exported  OrderState = "exported"
	Cancelled OrderState = "cancelled" // exported before, and again as cancelled
)

// Order is the newest exported revision of an order.
type Order struct {
	Key
	Revision
	State    OrderState
	Account  string
	Document string    // the id of its document in 1C
	Facts    []byte    // what the document said, for a list of what was and is; nil after a purge
	Set      string    // stem of the set it is in
	Exported time.Time // when that set was finished
	Count    int       // how often it was exported; kept by the ledger
}

const orderColumns = `scope, order_id, updated, fingerprint, state, account, document, facts, set_stem, exported, times`

const selectOrder = `SELECT ` + orderColumns + ` FROM orders`

const keyCondition = ` WHERE order_id = ?1 AND scope = ?2`

func scanOrder(scan func(...any) error) (o Order, err error) {
	var updated, exported int64
	var fingerprint []byte
	err = scan(&o.Scope, &o.Order, &updated, &fingerprint, &o.State, &o.Account, &o.Document, &o.Facts, &o.Set, &exported, &o.Count)
	copy(o.Fingerprint[:], fingerprint)
	o.Updated, o.Exported = fromMillis(updated), fromMillis(exported)
	if len(o.Facts) == 0 {
		o.Facts = nil
	}
	return o, err
}

// Order looks an order up; false when it was never exported.
func (l *Ledger) Order(ctx context.Context, k Key) (o Order, found bool, err error) {
	if ctx, err = l.lookUpContext(ctx); err != nil {
		return Order{}, false, err
	}
	o, err = scanOrder(l.findOrder.QueryRowContext(ctx, k.Order, k.Scope).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, false, nil
	}
	return o, err == nil, l.wrapError("read", err)
}

var findOrder = registerStatement(selectOrder + keyCondition)

// Order is Ledger.Order in a group: it sees what the group has written so far.
func (t *Tx) Order(k Key) (o Order, found bool, err error) {
	o, err = scanOrder(func(to ...any) error {
		found, err = t.queryRow(findOrder, []any{k.Order, k.Scope}, to...)
		return err
	})
	return o, found, err
}

// OrderFilter chooses orders; zero fields choose all.
type OrderFilter struct {
	Scope, Order, Account, Set string
	Since, Before              time.Time // of the export
	Limit                      int
}

func (f *OrderFilter) conditions() (w where) {
	w.addEqual("scope", f.Scope)
	w.addEqual("order_id", f.Order)
	w.addEqual("account", f.Account)
	w.addEqual("set_stem", f.Set)
	w.addSince("exported", f.Since)
	w.addBefore("exported", f.Before)
	return w
}

// EachOrder hands on orders in the order of their export, one after the other: there may be more than fit
// into memory. take must not wait for the ledger to be written. An error of its own ends the reading.
func (l *Ledger) EachOrder(ctx context.Context, f OrderFilter, take func(*Order) error) error {
	w := f.conditions()
	var own error
	// Orders of one moment come as they were written: sorting them would take memory.
	err := eachRow(ctx, l.reader, selectOrder+w.String()+" ORDER BY exported, rowid"+limitClause(f.Limit), w.args, func(scan func(...any) error) error {
		o, err := scanOrder(scan)
		if err == nil {
			own = take(&o)
			err = own
		}
		return err
	})
	if own != nil {
		return own
	}
	return l.wrapError("read", err)
}

// CountOrders counts orders.
func (l *Ledger) CountOrders(ctx context.Context, f OrderFilter) (n int, err error) {
	w := f.conditions()
	err = l.reader.QueryRowContext(ctx, `SELECT count(*) FROM orders`+w.String(), w.args...).Scan(&n)
	return n, l.wrapError("read", err)
}

// Orders lists orders in the order of their export.
func (l *Ledger) Orders(ctx context.Context, f OrderFilter) ([]Order, error) {
	w := f.conditions()
	return listRows(ctx, l, selectOrder+w.String()+" ORDER BY exported, order_id, scope"+limitClause(f.Limit), w.args, scanOrder)
}

// A newer revision never gives way to an older one, and one without a time counts as the newest.
const notOlder = ` WHERE (excluded.updated = 0 OR excluded.updated >= orders.updated)`

var (
	putOrder = registerStatement(`INSERT INTO orders (` + orderColumns + `) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
		ON CONFLICT (order_id, scope) DO UPDATE SET updated = excluded.updated, fingerprint = excluded.fingerprint, state = excluded.state,
		account = excluded.account, document = excluded.document, facts = excluded.facts, set_stem = excluded.set_stem,
		exported = excluded.exported, times = max(excluded.times,
			orders.times + CASE WHEN orders.set_stem <> excluded.set_stem OR orders.fingerprint <> excluded.fingerprint THEN 1 ELSE 0 END)` + notOlder)
	// addOrder knows less: it leaves alone what is known of the same revision.
	addOrder = registerStatement(`INSERT INTO orders (` + orderColumns + `) VALUES (?1, ?2, ?3, ?4, 'exported', ?5, '', x'', ?6, ?7, 1)
		ON CONFLICT (order_id, scope) DO UPDATE SET updated = excluded.updated, fingerprint = excluded.fingerprint, state = excluded.state,
		account = excluded.account, document = '', facts = x'', set_stem = excluded.set_stem,
		exported = excluded.exported, times = orders.times + 1` + notOlder + ` AND orders.fingerprint <> excluded.fingerprint`)
	touchOrder = registerStatement(`UPDATE orders SET updated = max(updated, ?3)` + keyCondition + ` AND fingerprint = ?4`)
)

// putOrder notes an exported order, whose hold thereby goes.
func (t *Tx) putOrder(o *Order) error {
	facts, state := o.Facts, o.State
	if facts == nil {
		facts = []byte{}
	}
	if state == "" {
		state = Exported
	}
	_, err := t.execStatement(putOrder, o.Scope, o.Order, toMillis(o.Updated), o.Fingerprint[:], string(state), o.Account, o.Document,
		facts, o.Set, toMillis(o.Exported), max(o.Count, 1))
	if err != nil {
		return err
	}
	return t.releaseHold(o.Key, o.Revision)
}
