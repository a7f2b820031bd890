package ledger

import (
	"cmp"
	"context"
	"time"
)

// Ack is what 1C says of a set, or of one order in it.
type Ack struct {
	Name     string // stem of the set, or name of one of its files, with or without the extension
	Order    string // id of the order; empty means the whole set
	OK       bool
	Number1C string // number of the document in 1C
	Text     string // 1C's words
	At       time.Time
}

var (
	findSet     = registerStatement(`SELECT id, stem, state FROM sets WHERE stem = ?1`)
	findByName  = registerStatement(`SELECT sets.id, stem, state FROM outputs JOIN sets ON sets.id = set_id WHERE name IN (?1, ?1 || '.xml', ?1 || '.xlsx', ?1 || '.xls', ?1 || '.csv') ORDER BY sets.id DESC LIMIT 1`)
	changeSet   = registerStatement(`UPDATE sets SET state = ?2, changed = ?3 WHERE id = ?1 AND state <> ?2`)
	wordSet     = registerStatement(`UPDATE sets SET text = ?2 WHERE id = ?1`)
	memberState = registerStatement(`SELECT max(state), count(*) FROM members WHERE set_id = ?1 AND order_id = ?2`)
	answerOrder = registerStatement(`UPDATE members SET state = ?3, number_1c = ?4, text = ?5 WHERE set_id = ?1 AND order_id = ?2`)
	answerAll   = registerStatement(`UPDATE members SET state = ?2, text = ?4, number_1c = CASE ?3 WHEN '' THEN number_1c ELSE ?3 END
		WHERE set_id = ?1 AND state <> ?2 AND state <> 'loaded'`)
	// Whoever reads the exchange file may answer with the number that it has for 1C.
	orderOfNumber = registerStatement(`SELECT members.order_id FROM members JOIN numbers ON numbers.order_id = members.order_id AND numbers.scope = members.scope
		WHERE set_id = ?1 AND number = ?2 AND NOT EXISTS (SELECT 1 FROM members AS other WHERE other.set_id = ?1 AND other.order_id = ?2)`)
	answers = registerStatement(`SELECT count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = '') FROM members WHERE set_id = ?1`)
)

// updateSet looks a set up by its stem, or by the name of one of its files.
func (t *Tx) updateSet(name string) (id int64, s Set, err error) {
	for _, statement := range []statement{findSet, findByName} {
		if found, err := t.queryRow(statement, []any{name}, &id, &s.Stem, &s.State); found || err != nil {
			return id, s, err
		}
	}
	return 0, s, &UnknownError{"set", name, "compare the name with those that obmen status lists"}
}

// Acknowledge notes what 1C says; saying it twice changes nothing. A set is loaded when all its orders
// are, and failed as soon as one is. What failed may be loaded later, what is loaded cannot fail
// (*StateError). An answer to a set that is only planned proves that it is out.
func (l *Ledger) Acknowledge(ctx context.Context, a Ack) error {
	return l.Group(ctx, func(t *Tx) error { return t.Acknowledge(a) })
}

// Acknowledge is Ledger.Acknowledge in a group: the answers of one file belong together.
func (t *Tx) Acknowledge(a Ack) error {
	id, s, err := t.updateSet(a.Name)
	if err != nil {
		return err
	}
	to := Failed
	if a.OK {
		to = Loaded
	}
	if a.Order != "" {
		if _, err := t.queryRow(orderOfNumber, []any{id, a.Order}, &a.Order); err != nil {
			return err
		}
		return t.answerOrder(id, &s, to, &a)
	}
	if s.State == Loaded && to == Failed {
		return isBackwards(s.Stem, s.State, to)
	}
	if _, err := t.execStatement(answerAll, id, string(to), a.Number1C, a.Text); err != nil {
		return err
	}
	if _, err := t.execStatement(wordSet, id, a.Text); err != nil {
		return err
	}
	_, err = t.execStatement(changeSet, id, string(to), toMillis(a.At))
	return err
}

func isBackwards(stem string, from, to SetState) error {
	return &StateError{stem, from, to, "compare with 1C: it said before that it has it"}
}

func (t *Tx) answerOrder(id int64, s *Set, to SetState, a *Ack) error {
	var was *SetState
	var n int
	if _, err := t.queryRow(memberState, []any{id, a.Order}, &was, &n); err != nil {
		return err
	}
	if n == 0 {
		return &UnknownError{"order", a.Order, "the set " + s.Stem + " does not have it: compare the file 1C answered with"}
	}
	if *was == Loaded && to == Failed {
		return isBackwards(s.Stem, Loaded, to)
	}
	if _, err := t.execStatement(answerOrder, id, a.Order, string(to), a.Number1C, a.Text); err != nil {
		return err
	}
	var failed, open int
	if _, err := t.queryRow(answers, []any{id}, &failed, &open); err != nil || failed == 0 && open > 0 {
		return err
	}
	state := Loaded
	if failed > 0 {
		state = Failed
	}
	_, err := t.execStatement(changeSet, id, string(state), toMillis(a.At))
	return err
}

// Taken notes that 1C has taken the files away. What is further already stays as it is.
func (l *Ledger) Taken(ctx context.Context, stem string, at time.Time) error {
	return l.Group(ctx, func(t *Tx) error {
		id, s, err := t.updateSet(stem)
		if err != nil || cmp.Compare(s.State.stateRank(), Taken.stateRank()) >= 0 {
			return err
		}
		_, err = t.execStatement(changeSet, id, string(Taken), toMillis(at))
		return err
	})
}

// stateRank counts how far a set has come.
func (s SetState) stateRank() int {
	for i, state := range []SetState{Planned, Published, Taken, Failed, Loaded} {
		if s == state {
			return i
		}
	}
	return -1
}

var (
	resendSet    = registerStatement(`UPDATE sets SET state = 'published', published = ?2, changed = ?2, text = '' WHERE id = ?1`)
	resendOrders = registerStatement(`UPDATE members SET state = '', text = '' WHERE set_id = ?1 AND state = 'failed'`)
)

// Resend notes that a failed set is in the outbox once more, and waits for 1C's answer again.
func (l *Ledger) Resend(ctx context.Context, stem string, at time.Time) error {
	return l.Group(ctx, func(t *Tx) error {
		id, s, err := t.updateSet(stem)
		if err != nil {
			return err
		}
		if s.State != Failed {
			return &StateError{s.Stem, s.State, Published, "only a set that 1C refused can be sent again"}
		}
		if _, err := t.execStatement(resendOrders, id); err != nil {
			return err
		}
		_, err = t.execStatement(resendSet, id, toMillis(at))
		return err
	})
}
