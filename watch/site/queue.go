package site

import (
	"context"
	"io"

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
