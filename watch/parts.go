package watch

import (
	"cmp"
	"context"

	"obmen/watch/ledger"
)

// plan notes what is about to become visible, in as many transactions as that takes; the last one is left to the caller,
// who makes it one with those of others.
func (a *attempt) plan(ctx context.Context) (last []ledger.Set, err error) {
	orders := 0
	err = a.eachSet(func(s ledger.Set, _ []exportedOrder) error {
		if orders > 0 && orders+len(s.Orders) > a.atOnce() {
			a.beginPart()
			if err := a.work.Plan(ctx, last); err != nil {
				return err
			}
			last, orders = nil, 0
		}
		last, orders = append(last, s), orders+len(s.Orders)
		return nil
	})
	return last, err
}

func (a *attempt) atOnce() int { return cmp.Or(a.worker.handover.atOnce, ordersAtOnce) }

// beginPart comes before each transaction but the last.
func (a *attempt) beginPart() {
	a.worker.heartbeat.progress()
	if a.worker.handover.parted != nil {
		a.worker.handover.parted()
	}
}

// noteParts notes what became of the orders, in as many transactions as that takes; the last one, which ends the work, is
// left to the caller, who makes it one with those of others.
func (a *attempt) noteParts(ctx context.Context) (ledger.Result, error) {
	p := part{attempt: a, ctx: ctx}
	err := p.addPublished()
	if err == nil {
		err = a.eachSet(p.addSet)
	}
	f := &a.found
	for _, list := range []struct {
		from *pile[ledger.Member]
		to   *[]ledger.Member
	}{{&f.known, &p.result.Known}, {&f.released, &p.result.Released}} {
		if err == nil {
			err = list.from.each(&a.spill, func(m *ledger.Member) error {
				*list.to = append(*list.to, *m)
				return p.countOrders(1)
			})
		}
	}
	for _, list := range []struct {
		from *pile[ledger.Hold]
		to   *[]ledger.Hold
	}{{&f.holds, &p.result.Holds}, {&f.arrived, &p.result.Arrived}} {
		if err == nil {
			err = list.from.each(&a.spill, func(h *ledger.Hold) error {
				*list.to = append(*list.to, *h)
				return p.countOrders(1)
			})
		}
	}
	r := p.takeResult()
	r.Outcome, r.Counts, r.Again, r.Joined = "converted", f.counts, f.again, len(a.inputs) > 1
	return r, err
}

// part gathers what the ledger takes in one transaction.
type part struct {
	attempt *attempt
	ctx     context.Context
	result  ledger.Result
	orders  []exportedOrder
	size    int
}

// countOrders notes the part when it is large enough.
func (p *part) countOrders(orders int) error {
	if p.size += orders; p.size < p.attempt.atOnce() {
		return nil
	}
	p.attempt.beginPart()
	r := p.takeResult()
	return p.attempt.work.Note(p.ctx, r)
}

// takeResult returns the part and begins the next.
func (p *part) takeResult() ledger.Result {
	r, a, orders := p.result, p.attempt, p.orders
	r.At = a.now()
	for i := range orders {
		o := orders[i].Order
		o.Exported = r.At
		r.Orders = append(r.Orders, o)
		if a.republish[o.Key] != nil {
			r.Again++
		}
	}
	r.Counts.Exported = len(orders)
	r.Facts = func(i int) ([]byte, error) { return a.spill.ReadSpan(orders[i].Snapshot) }
	p.result, p.orders, p.size = ledger.Result{}, nil, 0
	return r
}

func (p *part) addSet(s ledger.Set, orders []exportedOrder) error {
	p.result.Sets, p.orders = append(p.result.Sets, s), append(p.orders, orders...)
	return p.countOrders(len(orders))
}

// addPublished adds the sets that an attempt before this one published, and their orders.
func (p *part) addPublished() error {
	a := p.attempt
	for _, set := range a.sets {
		orders := make([]exportedOrder, len(set.Orders))
		for i, m := range set.Orders {
			e, ok := a.earlier[m.Key]
			if !ok {
				e.Order = ledger.Order{Key: m.Key, Revision: m.Revision, State: ledger.Exported, Account: set.Account}
			}
			e.Order.Set = set.Stem
			orders[i] = e
		}
		if err := p.addSet(set, orders); err != nil {
			return err
		}
	}
	return nil
}
