package site

import (
	"context"
	"io"
	"time"

	"obmen/watch/site/cml"
)

// Order is one revision of an order that waits for 1C.
type Order struct {
	Key    string // names the revision in its Queue; opaque to this package
	Number string // what 1C finds the order by; for messages
	Doubt  Doubt
}

// Want selects what Queue.Next returns.
type Want struct {
	Doubted bool // orders in doubt, those with the smallest Doubt.Limit; else those without any doubt
	Most    int  // orders; of those in doubt never more than their Limit
}

// Queue holds the orders that wait for a user. Users never share orders. Each call is durable when it
// returns nil.
type Queue interface {
	// Next returns waiting orders, the oldest first, each in its newest revision alone, and neither
	// confirmed nor refused ones. Calling it changes nothing.
	Next(ctx context.Context, user string, want Want) ([]Order, error)
	// Write writes the exchange file of orders, with none of them as well. An *OrderError names one that
	// cannot be written.
	Write(ctx context.Context, to io.Writer, user string, orders []Order) error
	// Confirm notes that 1C has these revisions, and all before them.
	Confirm(ctx context.Context, user string, orders []Order) error
	// Suspect notes the Doubt of orders.
	Suspect(ctx context.Context, user string, orders []Order) error
	// Refuse takes an order out of the queue that 1C does not accept, with all revisions before it and the
	// reason for a person.
	Refuse(ctx context.Context, user string, order Order, why string) error
}

// OrderError refuses one order while others can be written.
type OrderError struct {
	Key string
	Err error
}

func (e *OrderError) Error() string { return e.Err.Error() }

func (e *OrderError) Unwrap() error { return e.Err }

// Answers takes what 1C sends back about orders. A call is durable when it returns nil, and the same
// orders may come again. Orders of a number that it does not know are its to report, never an error.
type Answers interface {
	Answer(ctx context.Context, user string, orders []cml.Order) error
}

// Products takes 1C's products, a whole file in one call: each may be run several times.
type Products interface {
	Take(ctx context.Context, user string, file ProductFile) error
}

// ProductFile is a file of products or of offers that has been checked to be readable.
type ProductFile struct {
	Name string
	List cml.Catalog // what Read returns at its end
	Read func(each func(cml.Product) error) (cml.Catalog, error)
}

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

// doubtAfter returns the doubt when a batch of n orders was not confirmed.
func (d Doubt) doubtAfter(n int) Doubt {
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

// sortSuspects sorts the orders of an unconfirmed offer: those to suspect further, and the culprit.
func (o *offer) sortSuspects() (suspects, culprits []Order) {
	for _, one := range o.orders {
		if one.Doubt = one.Doubt.doubtAfter(len(o.orders)); one.Doubt.refused() {
			culprits = append(culprits, one)
		} else {
			suspects = append(suspects, one)
		}
	}
	return suspects, culprits
}

// nextWants returns what to offer next: suspects and the others take turns, so that new orders pass while a
// culprit is looked for.
func (o *offer) nextWants(batch int) [2]Want {
	doubted, fresh := Want{Doubted: true, Most: batch}, Want{Most: batch}
	if o != nil && o.doubt {
		return [2]Want{fresh, doubted}
	}
	return [2]Want{doubted, fresh}
}

// DefaultBatch is how many orders a query gets: enough for a small shop's day, and few enough that 1C
// writes them in one transaction of seconds.
const DefaultBatch = 50
