package site

import (
	"time"
)

// Doubt is the suspicion that an order keeps its batch from being loaded. It follows from how often the
// batches that it was in were not confirmed. Its zero value is that of a new order.
type Doubt struct {
	Limit int // most orders to offer together; 0 is no limit
	Tries int // times not confirmed with this limit
}

const (
	// patience is how often a whole batch may stay unconfirmed before it is halved: once is a connection
	// that broke.
	patience = 2
	// patienceAlone is how often an order may stay unconfirmed alone before it is refused. More than with
	// batches: a false halving costs nothing, a false refusal costs somebody's time.
	patienceAlone = 5
)

// after returns the doubt when a batch of n orders was not confirmed.
func (d Doubt) after(n int) Doubt {
	d.Tries++
	switch {
	case n > 1 && (d.Limit > 0 || d.Tries >= patience):
		return Doubt{Limit: (n + 1) / 2}
	case n == 1 && d.Limit != 1:
		return Doubt{Limit: 1, Tries: 1}
	}
	return d
}

// refused reports whether the order is the culprit.
func (d Doubt) refused() bool { return d.Limit == 1 && d.Tries >= patienceAlone }

// breather is how long 1C must have had an offer before asking again in the same session counts as a failure to load
// it: a person who asks several times in a browser, or a client that repeats itself, proves nothing.
const breather = 30 * time.Second

// offer is what a user was given last, and has not confirmed yet.
type offer struct {
	orders []Order
	by     *session  // that it was given to
	since  time.Time // when it, or one before it that did not count, was given
	// whole: the last byte went out. A query that broke in its middle proves nothing.
	whole bool
	doubt bool // the orders were in doubt before
}

// counts reports whether it tells of the orders that a session asks again without having confirmed them.
func (o *offer) counts(by *session, now time.Time) bool {
	return o.whole && len(o.orders) > 0 && (o.by != by || now.Sub(o.since) >= breather)
}

// judge sorts the orders of an unconfirmed offer: those to suspect further, and the culprit.
func (o *offer) judge() (suspects, culprits []Order) {
	for _, one := range o.orders {
		if one.Doubt = one.Doubt.after(len(o.orders)); one.Doubt.refused() {
			culprits = append(culprits, one)
		} else {
			suspects = append(suspects, one)
		}
	}
	return suspects, culprits
}

// turn returns what to offer next: suspects and the others take turns, so that new orders pass while a
// culprit is looked for.
func (o *offer) turn(batch int) [2]Want {
	doubted, fresh := Want{Doubted: true, Most: batch}, Want{Most: batch}
	if o != nil && o.doubt {
		return [2]Want{fresh, doubted}
	}
	return [2]Want{doubted, fresh}
}

// DefaultBatch is how many orders a query gets: enough for a small shop's day, and few enough that 1C
// writes them in one transaction of seconds.
const DefaultBatch = 50
