package ledger

import (
	"context"
	"slices"
	"time"
)

// SitePrefix begins the names of exchanges whose documents 1C fetches itself; the account follows.
const SitePrefix = "site/"

// SiteExchange is the exchange of an account's documents.
func SiteExchange(account string) string { return SitePrefix + account }

// SiteDocument is a revision of an order that waits until 1C fetches it.
type SiteDocument struct {
	Exchange string
	Key
	Set      int64  // of the revision; higher ones are newer
	Document []byte // the caller's form of it; only from SiteWaiting and SiteDocumentOf
	Most     int    // how many to offer together; 0 is no limit
	Tries    int    // how often it was not confirmed with this limit
}

// newestLetter leaves revisions out that a newer one has overtaken which waits as well.
const newestLetter = ` NOT EXISTS (SELECT 1 FROM letters AS other WHERE other.order_id = one.order_id AND other.scope = one.scope
	AND other.exchange = one.exchange AND other.number = 0 AND other.set_id > one.set_id)`

// SiteExchanges lists the exchanges that have documents which wait. It leaps from one to the next: a search
// of each takes the same time however many documents wait.
func (l *Ledger) SiteExchanges(ctx context.Context) ([]string, error) {
	return listRows(ctx, l, `WITH RECURSIVE each(exchange) AS (
			SELECT min(exchange) FROM letters WHERE exchange >= ?1 AND exchange < ?2
			UNION ALL SELECT (SELECT min(letters.exchange) FROM letters WHERE letters.exchange > each.exchange AND letters.exchange < ?2)
			FROM each WHERE each.exchange IS NOT NULL)
		SELECT exchange FROM each WHERE exchange IS NOT NULL`,
		[]any{SitePrefix, prefixEnd(SitePrefix)}, func(scan func(...any) error) (s string, err error) { return s, scan(&s) })
}

// prefixEnd is the first text behind all those that begin with the prefix.
func prefixEnd(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string(prefix[last]+1)
}

// SiteWaiting lists documents that wait in exchanges, the oldest first and at most as many as most, each order in
// its newest revision. With limited they are those with the smallest Most, and no more than it says; else
// those without.
func (l *Ledger) SiteWaiting(ctx context.Context, exchanges []string, limited bool, most int) ([]SiteDocument, error) {
	limit := 0
	if limited {
		var err error
		if limit, err = l.smallestLimit(ctx, exchanges); err != nil || limit == 0 {
			return nil, err
		}
		most = min(most, limit)
	}
	var all []SiteDocument
	for _, exchange := range exchanges {
		part, err := listRows(ctx, l, `SELECT exchange, order_id, scope, set_id, document, most, tries FROM letters AS one
			WHERE exchange = ?1 AND number = 0 AND most = ?2 AND`+newestLetter+` ORDER BY set_id, order_id, scope LIMIT ?3`,
			[]any{exchange, limit, most}, scanSiteDocument)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	slices.SortStableFunc(all, func(a, b SiteDocument) int { return int(a.Set - b.Set) })
	return all[:min(most, len(all))], nil
}

func scanSiteDocument(scan func(...any) error) (d SiteDocument, err error) {
	return d, scan(&d.Exchange, &d.Order, &d.Scope, &d.Set, &d.Document, &d.Most, &d.Tries)
}

func (l *Ledger) smallestLimit(ctx context.Context, exchanges []string) (smallest int, err error) {
	for _, exchange := range exchanges {
		found, err := listRows(ctx, l, `SELECT most FROM letters AS one WHERE exchange = ?1 AND number = 0 AND most > 0 AND`+newestLetter+` ORDER BY most LIMIT 1`,
			[]any{exchange}, func(scan func(...any) error) (n int, err error) { return n, scan(&n) })
		if err != nil {
			return 0, err
		}
		if len(found) > 0 && (smallest == 0 || found[0] < smallest) {
			smallest = found[0]
		}
	}
	return smallest, nil
}

// SiteDocumentOf reads the document of a revision; false when it does not wait any more.
func (l *Ledger) SiteDocumentOf(ctx context.Context, d SiteDocument) (SiteDocument, bool, error) {
	found, err := listRows(ctx, l, `SELECT exchange, order_id, scope, set_id, document, most, tries FROM letters
		WHERE set_id = ?1 AND exchange = ?2 AND order_id = ?3 AND scope = ?4`, []any{d.Set, d.Exchange, d.Order, d.Scope}, scanSiteDocument)
	if err != nil || len(found) == 0 {
		return d, false, err
	}
	return found[0], true, nil
}

var (
	suspectLetter = registerStatement(`UPDATE letters SET most = ?5, tries = ?6 WHERE set_id = ?1 AND exchange = ?2 AND order_id = ?3 AND scope = ?4 AND number = 0`)
	letterSet     = registerStatement(`SELECT sets.id, stem, state FROM letters JOIN sets ON sets.id = set_id
		WHERE order_id = ?1 AND scope = ?2 AND exchange = ?3 AND set_id <= ?4 AND number IN (0, -2) ORDER BY set_id LIMIT 1`)
	refusableSet = registerStatement(`SELECT sets.id, stem, state FROM letters JOIN sets ON sets.id = set_id
		WHERE order_id = ?1 AND scope = ?2 AND exchange = ?3 AND set_id <= ?4 AND number = 0 ORDER BY set_id LIMIT 1`)
	dropLetter   = registerStatement(`DELETE FROM letters WHERE set_id = ?1 AND exchange = ?2 AND order_id = ?3 AND scope = ?4`)
	refuseLetter = registerStatement(`UPDATE letters SET number = -2 WHERE set_id = ?1 AND exchange = ?2 AND order_id = ?3 AND scope = ?4`)
)

// SiteSuspect notes the limits of documents.
func (l *Ledger) SiteSuspect(ctx context.Context, documents []SiteDocument) error {
	if len(documents) == 0 {
		return nil
	}
	return l.Group(ctx, func(t *Tx) error {
		for _, d := range documents {
			if _, err := t.execStatement(suspectLetter, d.Set, d.Exchange, d.Order, d.Scope, d.Most, d.Tries); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	siteNumber   = registerStatement(`SELECT number FROM site_orders WHERE exchange = ?1 AND order_id = ?2 AND scope = ?3`)
	addSiteOrder = registerStatement(`INSERT INTO site_orders (number, exchange, order_id, scope) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (number) DO UPDATE SET exchange = excluded.exchange -- the order has another account now
		WHERE site_orders.order_id = excluded.order_id AND site_orders.scope = excluded.scope`)
	deliveredSite = registerStatement(`UPDATE site_orders SET delivered = ?4 WHERE exchange = ?1 AND order_id = ?2 AND scope = ?3`)
)

// SiteNumbers returns the numbers under which 1C finds the orders of documents, in their order, see
// Number.
func (l *Ledger) SiteNumbers(ctx context.Context, documents []SiteDocument) (numbers []string, err error) {
	known, complete, err := l.siteNumbersKnown(ctx, documents)
	if err != nil || complete {
		return known, err
	}
	err = l.Group(ctx, func(t *Tx) error {
		numbers = nil
		for i := range documents {
			number, err := t.siteNumber(ctx, &documents[i])
			if err != nil {
				return err
			}
			numbers = append(numbers, number)
		}
		return nil
	})
	return numbers, err
}

func (l *Ledger) siteNumbersKnown(ctx context.Context, documents []SiteDocument) (numbers []string, complete bool, err error) {
	for i := range documents {
		d := &documents[i]
		found, err := listRows(ctx, l, texts[siteNumber], []any{d.Exchange, d.Order, d.Scope},
			func(scan func(...any) error) (s string, err error) { return s, scan(&s) })
		if err != nil || len(found) == 0 {
			return nil, false, err
		}
		numbers = append(numbers, found[0])
	}
	return numbers, true, nil
}

func (t *Tx) siteNumber(ctx context.Context, d *SiteDocument) (number string, err error) {
	key := []any{d.Exchange, d.Order, d.Scope}
	if found, err := t.queryRow(siteNumber, key, &number); found || err != nil {
		return number, err
	}
	for {
		if number, err = t.number(ctx, d.Key, d.Exchange); err != nil {
			return "", err
		}
		if n, err := t.execStatement(addSiteOrder, append([]any{number}, key...)...); err != nil || n > 0 {
			return number, err
		}
		// An older rule gave it to the orders of two shops, and 1C has fetched the other one.
		if err := t.dropNumber(d.Key); err != nil {
			return "", err
		}
	}
}

// SiteDelivered notes that 1C has documents, and with each all earlier revisions of its order.
func (l *Ledger) SiteDelivered(ctx context.Context, documents []SiteDocument, at time.Time) error {
	return l.Group(ctx, func(t *Tx) error {
		for i := range documents {
			if err := t.siteDelivered(&documents[i], at); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Tx) siteDelivered(d *SiteDocument, at time.Time) error {
	ack := Ack{Order: d.Order, OK: true, At: at}
	answer, err := t.siteAnswerOf(d)
	if err != nil {
		return err
	}
	ack.Number1C, ack.Text = answer.Number1C, answer.Words()
	err = t.eachLetter(letterSet, dropLetter, d, func(id int64, s *Set) error { return t.answerOrder(id, s, Loaded, &ack) })
	if err != nil {
		return err
	}
	if _, err := t.execStatement(dropRefused, d.Order, d.Scope); err != nil {
		return err
	}
	_, err = t.execStatement(deliveredSite, d.Exchange, d.Order, d.Scope, toMillis(at))
	return err
}

// eachLetter calls fn for the sets of a document and of all earlier revisions of its order, and then lets
// change take the letter out of what find finds.
func (t *Tx) eachLetter(find, change statement, d *SiteDocument, fn func(id int64, s *Set) error) error {
	for {
		var id int64
		var s Set
		found, err := t.queryRow(find, []any{d.Order, d.Scope, d.Exchange, d.Set}, &id, &s.Stem, &s.State)
		if err != nil || !found {
			return err
		}
		if err := fn(id, &s); err != nil {
			return err
		}
		if n, err := t.execStatement(change, id, d.Exchange, d.Order, d.Scope); err != nil || n == 0 {
			return err
		}
	}
}

// RefusedBy1C is the code of the hold of an order that 1C does not accept.
const RefusedBy1C = "refused-by-1c"

var (
	dropRefused = registerStatement(`DELETE FROM holds` + keyCondition + ` AND code = '` + RefusedBy1C + `'`)
	holdRefused = registerStatement(`INSERT INTO holds (` + holdColumns + `)
		SELECT scope, order_id, members.updated, fingerprint, account, sets.route, coalesce(sha256, ''), coalesce(name, ''),
			'` + RefusedBy1C + `', ?4, ?5, '', '[]', '', '', ?6, '{}'
		FROM members JOIN sets ON sets.id = set_id LEFT JOIN files ON files.id = file_id
		WHERE order_id = ?1 AND scope = ?2 AND set_id = ?3
		ON CONFLICT (order_id, scope) DO UPDATE SET code = excluded.code, sentence = excluded.sentence, cure = excluded.cure, since = excluded.since`)
)

// SiteRefused notes that 1C does not accept a document: it is offered no more, and its order is held.
func (l *Ledger) SiteRefused(ctx context.Context, d SiteDocument, why, cure string, at time.Time) error {
	return l.Group(ctx, func(t *Tx) error {
		ack := Ack{Order: d.Order, Text: why, At: at}
		err := t.eachLetter(refusableSet, refuseLetter, &d, func(id int64, s *Set) error {
			if s.State == Loaded {
				return nil // sent once more; 1C has it
			}
			return t.answerOrder(id, s, Failed, &ack)
		})
		if err != nil {
			return err
		}
		_, err = t.execStatement(holdRefused, d.Order, d.Scope, d.Set, why, cure, toMillis(at))
		return err
	})
}
