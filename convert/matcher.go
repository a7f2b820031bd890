package convert

import (
	"cmp"
	"time"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/order"
)

// matcher makes documents of orders, against one snapshot and for one account.
type matcher struct {
	cat     *catalog.Snapshot
	opt     *Options
	account Account
	zones   map[string]*time.Location // known so far, by name
	certain bool                      // no other account can have sold these orders

	retailBuyer document.Customer // who stood last for buyers that no one names
}

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

func (ms *matchers) matcherOf(o *order.Order) *matcher {
	key := seller{o.Account, o.Marketplace, fromAmazon(o)}
	m, ok := ms.of[key]
	if !ok {
		m = &matcher{cat: ms.cat, opt: ms.opt, account: ms.opt.accountOf(o), certain: ms.opt.doubtfulSeller(o) == nil}
		ms.of[key] = m
	}
	return m
}

// scopeOf is where the order's number is unique.
func (ms *matchers) scopeOf(o *order.Order) string { return scopeOf(o, ms.matcherOf(o).account.Name) }

// lookUpKnown asks the caller's memory for an order that no rule of this run leaves out.
func (ms *matchers) lookUpKnown(it readOrder) (*Known, error) {
	if ms.opt.Known == nil || it.bad != nil || it.rule != "" || it.hold != nil {
		return nil, nil
	}
	return ms.opt.Known(Key{ms.scopeOf(it.order), it.order.ID})
}

func (ms *matchers) outcomeOf(it *lookedUp) matched {
	if it.bad != nil {
		return matched{ms.unreadableOutcome(it.readOrder), nil}
	}
	m := ms.matcherOf(it.order)
	return matched{m.decideOutcome(it.readOrder, it.known), &m.account}
}

// doubtfulSeller holds an order that another account may have sold.
func (m *matcher) doubtfulSeller(o *order.Order) *Hold {
	if m.certain {
		return nil
	}
	return m.opt.doubtfulSeller(o)
}

// unreadableOutcome is the outcome of an order that its reader refused. Its scope is the one that it will have when
// it is mended: so its hold ends then.
func (ms *matchers) unreadableOutcome(it readOrder) Outcome {
	out := Outcome{
		Order: it.bad.Order, Origin: it.bad.At,
		Hold: &Hold{Code: Unreadable, Sentence: it.bad.Text(), Cure: it.bad.Advice},
	}
	if out.Order != "" {
		out.Scope = ms.scopeOf(it.order)
	}
	return out
}

// zoneOf is the time zone of the account's documents: its own, else the marketplace's, else the one that
// the source writes its times in.
func (m *matcher) zoneOf(market order.Marketplace, o *order.Order) *time.Location {
	if m.account.Zone != nil {
		return m.account.Zone
	}
	if zone := m.loadZone(market.Zone); zone != nil {
		return zone
	}
	return cmp.Or(o.Zone, time.UTC)
}

// loadZone is a time zone by its name; nil for none, and for one that the system does not know.
func (m *matcher) loadZone(name string) *time.Location {
	if name == "" {
		return nil
	}
	zone, ok := m.zones[name]
	if !ok {
		if m.zones == nil {
			m.zones = map[string]*time.Location{}
		}
		zone, _ = time.LoadLocation(name)
		m.zones[name] = zone
	}
	return zone
}
