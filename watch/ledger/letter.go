package ledger

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"
)

// QueuedDocument is a document on its way to 1C in a message.
type QueuedDocument struct {
	Exchange string // name of the message's file
	Key
	ID       string // the document's in 1C; not kept
	Document []byte // the caller's form of it
}

// Message is the next file of an exchange.
type Message struct {
	Number   int
	Received int              // number of 1C's last message
	Letters  []QueuedDocument // one for each order, oldest sets first
}

var (
	putLetter = registerStatement(`INSERT INTO letters (set_id, exchange, order_id, scope, document, number, since)
		VALUES ((SELECT id FROM sets WHERE stem = ?1), ?2, ?3, ?4, ?5, -1, ?6)
		ON CONFLICT (set_id, exchange, order_id, scope) DO UPDATE SET document = excluded.document, number = -1, since = excluded.since, most = 0, tries = 0`)
	postLetters = registerStatement(`UPDATE letters SET number = 0 WHERE number = -1 AND set_id = (SELECT id FROM sets WHERE stem = ?1)`)
)

// queueDocuments notes the documents of a set that go out in messages.
func (t *Tx) queueDocuments(s *Set) error {
	for _, l := range s.Queued {
		if _, err := t.execStatement(putLetter, s.Stem, l.Exchange, l.Order, l.Scope, l.Document, toMillis(s.Created)); err != nil {
			return err
		}
	}
	return nil
}

var (
	findExchange = registerStatement(`SELECT sent, confirmed FROM exchanges WHERE name = ?1`)
	makeExchange = registerStatement(`INSERT INTO exchanges (name, sent, written) VALUES (?1, ?2, ?2) ON CONFLICT DO NOTHING`)
	countMessage = registerStatement(`UPDATE exchanges SET sent = sent + 1 WHERE name = ?1 RETURNING sent, received`)
	// Whole sets, first those that are in an earlier message already: they must stay in every later one.
	sendLetters = registerStatement(`UPDATE letters SET number = ?2 WHERE exchange = ?1 AND number = 0 AND set_id IN (
		SELECT set_id FROM (
			SELECT set_id, max(number) = 0 AS new, count(*) AS own, sum(count(*)) OVER (ORDER BY min(number) = 0, set_id) AS upto
			FROM letters WHERE exchange = ?1 AND number >= 0 GROUP BY set_id) AS waiting
		WHERE upto <= ?3 OR upto = own OR NOT new)`)
	writtenMessage = registerStatement(`UPDATE exchanges SET written = ?2, told = ?3 WHERE name = ?1`)
	expireLetters  = registerStatement(`DELETE FROM letters WHERE exchange = ?1 AND number > 0 AND since < ?2`)
	// Another file has to be written, though nothing waits for it. Only messages with numbers get real ones here.
	writeAgain = registerStatement(`UPDATE exchanges SET received = received + 1 WHERE name = ?1`)
)

// KnowExchange makes an exchange known whose messages have had numbers up to sent.
func (l *Ledger) KnowExchange(ctx context.Context, name string, sent int) error {
	return l.Group(ctx, func(t *Tx) error {
		_, err := t.execStatement(makeExchange, name, sent)
		return err
	})
}

// ExchangeKnown reports whether KnowExchange has ever been called for it.
func (l *Ledger) ExchangeKnown(ctx context.Context, name string) (bool, error) {
	list, err := listRows(ctx, l, `SELECT name FROM exchanges WHERE name = ?`, []any{name},
		func(scan func(...any) error) (s string, err error) { return s, scan(&s) })
	return len(list) > 0, err
}

// MessageDue reports whether the message that was written last does not say all any more.
func (l *Ledger) MessageDue(ctx context.Context, name string) (bool, error) {
	list, err := listRows(ctx, l, `SELECT sent <> written OR received <> told OR EXISTS (SELECT 1 FROM letters WHERE exchange = name AND number = 0)
		FROM exchanges WHERE name = ?`, []any{name}, func(scan func(...any) error) (due bool, err error) { return due, scan(&due) })
	return len(list) > 0 && list[0], err
}

// NextMessage is the message to be written now, with a number of its own. It has every document that was published and is not confirmed, at most
// about limit of them (0: all): what was in a message stays in all that follow, whole sets are added
// while there is room. Of two revisions of an order it has the newer one.
func (l *Ledger) NextMessage(ctx context.Context, name string, limit int) (*Message, error) {
	m := &Message{}
	err := l.Group(ctx, func(t *Tx) error {
		if found, err := t.queryRow(countMessage, []any{name}, &m.Number, &m.Received); err != nil || !found {
			return cmp.Or(err, error(&UnknownError{"exchange", name, "make it known first"}))
		}
		_, err := t.execStatement(sendLetters, name, m.Number, cmp.Or(limit, math.MaxInt32))
		return err
	})
	if err != nil {
		return nil, err
	}
	m.Letters, err = l.sentDocuments(ctx, name)
	return m, err
}

// sentDocuments are the letters that have a number, of each order the newest.
func (l *Ledger) sentDocuments(ctx context.Context, name string) (letters []QueuedDocument, err error) {
	all, err := listRows(ctx, l, `SELECT order_id, scope, document FROM letters AS one WHERE exchange = ? AND number > 0 AND NOT EXISTS (
			SELECT 1 FROM letters AS other WHERE other.exchange = one.exchange AND other.number > 0
			AND other.order_id = one.order_id AND other.scope = one.scope AND other.set_id > one.set_id)
		ORDER BY set_id, order_id, scope`, []any{name},
		func(scan func(...any) error) (x QueuedDocument, err error) {
			return x, scan(&x.Order, &x.Scope, &x.Document)
		})
	return all, err
}

// MessageWritten notes that a message is in the outbox.
func (l *Ledger) MessageWritten(ctx context.Context, name string, m *Message) error {
	return l.Group(ctx, func(t *Tx) error {
		_, err := t.execStatement(writtenMessage, name, m.Number, m.Received)
		return err
	})
}

// ExpireQueued forgets documents that have been in messages and were planned before a time: of an
// exchange that confirms nothing.
func (l *Ledger) ExpireQueued(ctx context.Context, name string, before time.Time) error {
	return l.Group(ctx, func(t *Tx) error {
		_, err := t.execStatement(expireLetters, name, toMillis(before))
		return err
	})
}

// WriteAgain makes a file due once more that was written before.
func (l *Ledger) WriteAgain(ctx context.Context, name string) error {
	written, err := listRows(ctx, l, `SELECT name FROM exchanges WHERE name = ? AND written > 0`, []any{name},
		func(scan func(...any) error) (s string, err error) { return s, scan(&s) })
	if err != nil || len(written) == 0 {
		return err
	}
	return l.Group(ctx, func(t *Tx) error {
		_, err := t.execStatement(writeAgain, name)
		return err
	})
}

// DropOld is ExpireQueued for a file that has to be written again when something left it. Most often it only
// looks.
func (l *Ledger) DropOld(ctx context.Context, name string, before time.Time) error {
	old, err := listRows(ctx, l, `SELECT EXISTS (SELECT 1 FROM letters WHERE exchange = ?1 AND number > 0 AND since < ?2)`, []any{name, toMillis(before)},
		func(scan func(...any) error) (old bool, err error) { return old, scan(&old) })
	if err != nil || !old[0] {
		return err
	}
	return l.Group(ctx, func(t *Tx) error {
		if _, err := t.execStatement(expireLetters, name, toMillis(before)); err != nil {
			return err
		}
		_, err := t.execStatement(writeAgain, name)
		return err
	})
}

var (
	queuedOrder = registerStatement(`SELECT count(*), coalesce(min(order_id), ''), coalesce(min(scope), '') FROM (
		SELECT DISTINCT order_id, scope FROM letters WHERE exchange = ?1 AND number > 0 AND (order_id = ?2 OR EXISTS (
			SELECT 1 FROM numbers WHERE numbers.order_id = letters.order_id AND numbers.scope = letters.scope AND numbers.number = ?2))) AS found`)
	queuedSet = registerStatement(`SELECT sets.id, stem, state FROM letters JOIN sets ON sets.id = set_id
		WHERE exchange = ?1 AND order_id = ?2 AND scope = ?3 AND number > 0 ORDER BY set_id LIMIT 1`)
)

// AcknowledgeQueued notes what 1C says of an order of a file that is replaced whole, by the marketplace's number
// or by the one that 1C finds it by. The order leaves the file, in its oldest revision: a newer one may have come
// into it after 1C has read it.
func (t *Tx) AcknowledgeQueued(name string, a Ack) error {
	var n int
	var k Key
	if _, err := t.queryRow(queuedOrder, []any{name, a.Order}, &n, &k.Order, &k.Scope); err != nil {
		return err
	}
	switch {
	case n == 0:
		return &UnknownError{"order", a.Order, name + " does not have it: it was answered before, or has left the file after keep_days"}
	case n > 1:
		return &UnknownError{"order", a.Order, "two accounts have an order of this number: answer with the number that the file gives 1C"}
	}
	var id int64
	var s Set
	if _, err := t.queryRow(queuedSet, []any{name, k.Order, k.Scope}, &id, &s.Stem, &s.State); err != nil {
		return err
	}
	to := Failed
	if a.OK {
		to = Loaded
	}
	a.Order = k.Order
	if err := t.answerOrder(id, &s, to, &a); err != nil {
		return err
	}
	if _, err := t.execStatement(dropLetter, id, name, k.Order, k.Scope); err != nil {
		return err
	}
	_, err := t.execStatement(writeAgain, name)
	return err
}

// ErrNotAsWritten is that a file of an exchange is about to be written again: what is in it is not certain.
var ErrNotAsWritten = errors.New("the file is about to be written again")

// AcknowledgeWritten notes that 1C has loaded all orders of a file that is replaced whole, as it was written last, and
// returns how many leave it.
func (l *Ledger) AcknowledgeWritten(ctx context.Context, name string, at time.Time) (orders int, err error) {
	err = l.Group(ctx, func(t *Tx) error {
		var sent, written int
		if _, err := t.queryRow(writtenFile, []any{name}, &sent, &written); err != nil || sent != written {
			return cmp.Or(err, ErrNotAsWritten)
		}
		for orders = 0; ; orders++ {
			var id int64
			var s Set
			a := Ack{OK: true, At: at}
			var scope string
			found, err := t.queryRow(firstLetter, []any{name}, &id, &s.Stem, &s.State, &a.Order, &scope)
			if err != nil || !found {
				return err
			}
			if err := t.answerOrder(id, &s, Loaded, &a); err != nil {
				return err
			}
			if _, err := t.execStatement(dropLetter, id, name, a.Order, scope); err != nil {
				return err
			}
			if orders == 0 {
				if _, err := t.execStatement(writeAgain, name); err != nil {
					return err
				}
			}
		}
	})
	return orders, err
}

var (
	writtenFile = registerStatement(`SELECT sent, written FROM exchanges WHERE name = ?1`)
	firstLetter = registerStatement(`SELECT sets.id, stem, state, order_id, scope FROM letters JOIN sets ON sets.id = set_id
		WHERE exchange = ?1 AND number > 0 ORDER BY number, set_id, order_id, scope LIMIT 1`)
	readMessage = registerStatement(`UPDATE exchanges SET received = ?2, confirmed = ?3 WHERE name = ?1`)
	skipTo      = registerStatement(`UPDATE exchanges SET sent = ?2 WHERE name = ?1`)
	sendAnew    = registerStatement(`UPDATE letters SET number = 0 WHERE exchange = ?1 AND number > 0`)
	confirmed   = registerStatement(`SELECT stem FROM sets WHERE id = (SELECT min(set_id) FROM letters WHERE exchange = ?1 AND number > 0 AND number <= ?2)`)
	dropLetters = registerStatement(`DELETE FROM letters WHERE set_id = (SELECT id FROM sets WHERE stem = ?2) AND exchange = ?1 AND number > 0 AND number <= ?3`)
)

// Confirmation is what a message of 1C means.
type Confirmation struct {
	Sets []string // stems of the sets that are loaded now
	// Ahead: 1C has read a number that we have never given; it comes from a ledger before this one. Nothing
	// counts as confirmed, and all goes out again with higher numbers, for 1C passes lower ones over.
	Ahead bool
	// Behind: 1C had confirmed a higher number before. It does not have any more what was confirmed since.
	Behind bool
}

// Confirm notes what 1C's message number says: it has read our messages up to received. The sets in them
// are loaded.
func (l *Ledger) Confirm(ctx context.Context, name string, number, received int, at time.Time) (c Confirmation, err error) {
	err = l.Group(ctx, func(t *Tx) error {
		c = Confirmation{}
		var sent, before int
		if _, err := t.queryRow(findExchange, []any{name}, &sent, &before); err != nil {
			return err
		}
		c.Ahead, c.Behind = received > sent, received < before
		if _, err := t.execStatement(readMessage, name, number, received); err != nil {
			return err
		}
		if c.Ahead {
			if _, err := t.execStatement(skipTo, name, received); err != nil {
				return err
			}
			_, err := t.execStatement(sendAnew, name)
			return err
		}
		return t.confirmSets(name, received, at, &c.Sets)
	})
	return c, err
}

// confirmSets ends the way of all sets that are in messages up to a number.
func (t *Tx) confirmSets(name string, received int, at time.Time, stems *[]string) error {
	for {
		var stem string
		found, err := t.queryRow(confirmed, []any{name, received}, &stem)
		if err != nil || !found {
			return err
		}
		if err := t.Acknowledge(Ack{Name: stem, OK: true, At: at}); err != nil {
			return err
		}
		n, err := t.execStatement(dropLetters, name, stem, received)
		if err != nil || n == 0 {
			return err
		}
		*stems = append(*stems, stem)
	}
}

// Exchange says how an exchange stands.
type Exchange struct {
	Name     string
	Number   int // of the message in the outbox
	Received int // of 1C's last message
	Waiting  int // orders that 1C has not confirmed
	Since    time.Time
}

// Exchanges lists all exchanges by name.
func (l *Ledger) Exchanges(ctx context.Context) ([]Exchange, error) {
	return listRows(ctx, l, `SELECT name, written, received, count(DISTINCT order_id || char(31) || scope), coalesce(min(since), 0)
		FROM exchanges LEFT JOIN letters ON exchange = name AND number >= 0 GROUP BY name ORDER BY name`, nil,
		func(scan func(...any) error) (e Exchange, err error) {
			var since int64
			err = scan(&e.Name, &e.Number, &e.Received, &e.Waiting, &since)
			e.Since = fromMillis(since)
			return e, err
		})
}
