package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"obmen/convert/document"
	"obmen/watch/ledger/postgres"
)

// numbering gives numbers. Those that no plan has noted yet are in memory only: nothing has gone out under
// them, and after a crash they are given to others.
type numbering struct {
	mu    sync.Mutex
	how   document.Numbering
	last  map[string]int // the highest that each counter has given, once the ledger was asked
	given map[Key]int    // and in no plan yet
	find  *sql.Stmt      // of the reader, like taken
	taken *sql.Stmt
	log   *numberLog // nil without one
	// aside are numbers that this process has set aside for itself, by counter: others may count, too.
	aside map[string][]int
}

// NumberedOrder is an order with its number.
type NumberedOrder struct {
	Key
	Number   string
	Value    int    // of the counter; of an older number its first six digits
	Counted  bool   // false for an order that went out under an older rule
	Exchange string // in which 1C fetches the order itself; may be empty
}

// CountFrom sets how numbers are counted. What is given stays.
func (l *Ledger) CountFrom(how document.Numbering) {
	l.numbers.mu.Lock()
	defer l.numbers.mu.Unlock()
	l.numbers.how, l.numbers.last, l.numbers.aside = how, map[string]int{}, map[string][]int{}
}

// Number returns the number under which 1C finds an order of an account: the one that it has, or a new one. A new
// one is kept from the plan of a set with the order on. An account with a range of its own that has none left gets
// a *document.NumbersUsedUpError.
func (l *Ledger) Number(ctx context.Context, account string, k Key) (string, error) {
	ctx, err := l.lookUpContext(ctx)
	if err != nil {
		return "", err
	}
	n := &l.numbers
	n.mu.Lock()
	defer n.mu.Unlock()
	if value, ok := n.given[k]; ok {
		return n.how.Text(value), nil
	}
	var number string
	err = n.find.QueryRowContext(ctx, k.Order, k.Scope).Scan(&number)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return number, l.wrapError("read", err)
	}
	value, err := l.nextNumber(ctx, n.how.CounterOf(account))
	if err != nil {
		return "", l.wrapError("read", err)
	}
	n.given[k] = value
	return n.how.Text(value), nil
}

// GivenNumber returns the number under which 1C finds an order; empty for one without.
func (l *Ledger) GivenNumber(ctx context.Context, k Key) (string, error) {
	list, err := listRows(ctx, l, selectNumber, []any{k.Order, k.Scope}, func(scan func(...any) error) (number string, err error) {
		return number, scan(&number)
	})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// OrdersOfNumber lists the orders that 1C finds by a number.
func (l *Ledger) OrdersOfNumber(ctx context.Context, number string) ([]Key, error) {
	return listRows(ctx, l, `SELECT order_id, scope FROM numbers WHERE value IN (?1, ?2) AND number = ?3 ORDER BY order_id, scope`,
		[]any{document.NumberValue(number), document.FirstDigits(number), number},
		func(scan func(...any) error) (k Key, err error) { return k, scan(&k.Order, &k.Scope) })
}

const (
	selectNumber = `SELECT number FROM numbers` + keyCondition
	// A site's orders that changed accounts may have two numbers, of which numbers has one.
	highestNumber = `SELECT max(coalesce((SELECT max(value) FROM numbers WHERE counted = 1 AND value BETWEEN ?1 AND ?2), 0),
		coalesce((SELECT max(CAST(number AS INTEGER)) FROM site_orders WHERE length(number) <= 6 AND CAST(number AS INTEGER) BETWEEN ?1 AND ?2), 0))`
	numberTaken = `SELECT EXISTS (SELECT 1 FROM numbers WHERE value = ?1)`
)

// nextNumber counts a counter on. The caller holds the lock of the numbering.
func (l *Ledger) nextNumber(ctx context.Context, counter string) (last int, err error) {
	n := &l.numbers
	if s := l.Server(); s != nil {
		return l.nextAside(ctx, s, counter)
	}
	last, asked := n.last[counter]
	if !asked {
		if last, err = l.highestNumber(ctx, counter); err != nil {
			return 0, err
		}
	}
	if last, err = l.countOn(ctx, counter, last); err != nil {
		return 0, err
	}
	n.last[counter] = last
	return last, nil
}

// countOn returns the next number of a counter that no order has.
func (l *Ledger) countOn(ctx context.Context, counter string, last int) (int, error) {
	for taken := true; taken; {
		next, err := l.numbers.how.Next(counter, last)
		if err != nil {
			return 0, err
		}
		if err = l.numbers.taken.QueryRowContext(ctx, next).Scan(&taken); err != nil {
			return 0, err
		}
		last = next
	}
	return last, nil
}

// setAside is how many numbers a node takes at once, since others count, too. Those that it has not used when it is
// killed are left out.
const setAside = 20

// nextAside returns a number that was set aside for this process. The caller holds the lock of the numbering.
func (l *Ledger) nextAside(ctx context.Context, s *postgres.Database, counter string) (int, error) {
	n := &l.numbers
	for len(n.aside[counter]) == 0 {
		list, err := l.takeAside(ctx, s, counter)
		if err != nil {
			return 0, err
		}
		if n.aside == nil {
			n.aside = map[string][]int{}
		}
		n.aside[counter] = list
	}
	next := n.aside[counter][0]
	n.aside[counter] = n.aside[counter][1:]
	return next, nil
}

// counterName is the name of a counter on the server: with other ranges it is another.
func (l *Ledger) counterName(counter string) string {
	return fmt.Sprint(counter, l.numbers.how.Ranges(counter))
}

// returnAside gives back what was set aside and not used, as far as no other process has counted on.
func (l *Ledger) returnAside(ctx context.Context) {
	s := l.Server()
	for counter, left := range l.numbers.aside {
		if len(left) > 0 {
			_, _ = s.MoveCounter(ctx, l.counterName(counter), left[len(left)-1], left[0]-1) // else they are left out
		}
	}
	clear(l.numbers.aside)
}

// takeAside sets numbers aside; none when another process was faster.
func (l *Ledger) takeAside(ctx context.Context, s *postgres.Database, counter string) (list []int, err error) {
	name, most := l.counterName(counter), 1
	if s.IsNode() {
		most = setAside
	}
	from, found, err := s.Counter(ctx, name)
	if err != nil {
		return nil, err
	}
	last, err := l.highestNumber(ctx, counter)
	if err != nil {
		return nil, err
	}
	if last = max(last, from); !found {
		from = last
	}
	for len(list) < most {
		if last, err = l.countOn(ctx, counter, last); err != nil {
			break
		}
		list = append(list, last)
	}
	if len(list) == 0 {
		return nil, err
	}
	if moved, err := s.MoveCounter(ctx, name, from, list[len(list)-1]); err != nil || !moved {
		return nil, err
	}
	return list, nil
}

// highestNumber is the highest number that a counter has given, 0 for none. The caller holds the lock of the
// numbering.
func (l *Ledger) highestNumber(ctx context.Context, counter string) (last int, err error) {
	n := &l.numbers
	for _, value := range n.given {
		if n.how.OwnerOf(value) == counter {
			last = max(last, value)
		}
	}
	for _, r := range n.how.Ranges(counter) {
		var kept int
		if err := l.reader.QueryRowContext(ctx, highestNumber, r.First, r.Last).Scan(&kept); err != nil || kept > 0 {
			return max(last, kept), err
		}
	}
	return last, nil
}

var (
	findNumber = registerStatement(selectNumber)
	addNumber  = registerStatement(`INSERT INTO numbers VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (order_id, scope) DO NOTHING`)
	dropNumber = registerStatement(`DELETE FROM numbers` + keyCondition)
)

// keepNumbers notes the numbers that orders of a set were given.
func (t *Tx) keepNumbers(s *Set) error {
	n := &t.l.numbers
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.given) == 0 {
		return nil
	}
	fetched := map[Key]string{}
	for i := range s.Queued {
		if q := &s.Queued[i]; isSiteExchange(q.Exchange) {
			fetched[q.Key] = q.Exchange
		}
	}
	for i := range s.Orders {
		k := s.Orders[i].Key
		if value, ok := n.given[k]; ok {
			if err := t.addNumber(k, value, fetched[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// KeepNumbers notes the numbers that orders of sets were given before the sets are planned: of a large file they would
// be in memory until then. An order that does not go out after all keeps its number.
func (l *Ledger) KeepNumbers(ctx context.Context, sets []Set) error {
	return l.Group(ctx, func(t *Tx) error {
		for i := range sets {
			if err := t.keepNumbers(&sets[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// addNumber notes a number. The caller holds the lock of the numbering.
func (t *Tx) addNumber(k Key, value int, exchange string) error {
	number := t.l.numbers.how.Text(value)
	if _, err := t.execStatement(addNumber, k.Order, k.Scope, number, value, true); err != nil {
		return err
	}
	t.numbered = append(t.numbered, NumberedOrder{k, number, value, true, exchange})
	return nil
}

// number is Ledger.Number for an order that is not planned any more: the number is noted at once.
func (t *Tx) number(ctx context.Context, k Key, exchange string) (number string, err error) {
	if found, err := t.queryRow(findNumber, []any{k.Order, k.Scope}, &number); found || err != nil {
		return number, err
	}
	n := &t.l.numbers
	n.mu.Lock()
	defer n.mu.Unlock()
	value, ok := n.given[k]
	if !ok {
		if value, err = t.l.nextNumber(ctx, ""); err != nil {
			return "", err
		}
		n.given[k] = value
	}
	return n.how.Text(value), t.addNumber(k, value, exchange)
}

// dropNumber forgets the number of an order, which the log still has.
func (t *Tx) dropNumber(k Key) error {
	_, err := t.execStatement(dropNumber, k.Order, k.Scope)
	n := &t.l.numbers
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.log != nil {
		n.log.joined = false
	}
	return err
}

// noteNumbers lets go of numbers that are in the ledger now, and writes them into the log.
func (l *Ledger) noteNumbers(list []NumberedOrder) error {
	if len(list) == 0 {
		return nil
	}
	n := &l.numbers
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range list {
		delete(n.given, list[i].Key)
	}
	if n.log == nil {
		return nil
	}
	return n.log.append(list)
}
