package convert

import (
	"obmen/convert/catalog"
	"obmen/convert/order"
)

// matchers are the matchers of a run's accounts. They belong to one goroutine.
type matchers struct {
	cat *catalog.Snapshot
	opt *Options
	of  map[seller]*matcher
}

// seller is what of an order tells its account.
type seller struct {
	account, marketplace string
	amazon               bool
}

func newMatchers(cat *catalog.Snapshot, opt *Options) *matchers {
	return &matchers{cat, opt, map[seller]*matcher{}}
}

func (ms *matchers) matcher(o *order.Order) *matcher {
	key := seller{o.Account, o.Marketplace, fromAmazon(o)}
	m, ok := ms.of[key]
	if !ok {
		m = &matcher{cat: ms.cat, opt: ms.opt, account: ms.opt.accountOf(o)}
		ms.of[key] = m
	}
	return m
}

// scope is where the order's number is unique.
func (ms *matchers) scope(o *order.Order) string { return scope(o, ms.matcher(o).account.Name) }

// known asks the caller's memory for an order that no rule of this run leaves out.
func (ms *matchers) known(it gathered) (*Known, error) {
	if ms.opt.Known == nil || it.bad != nil || it.rule != "" || it.hold != nil {
		return nil, nil
	}
	return ms.opt.Known(Key{ms.scope(it.order), it.order.ID})
}

func (ms *matchers) outcome(it *asked) matched {
	if it.bad != nil {
		return matched{unreadable(it.bad), nil}
	}
	m := ms.matcher(it.order)
	return matched{m.outcome(it.gathered, it.known), &m.account}
}
