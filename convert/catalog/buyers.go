package catalog

import (
	"cmp"
	"math/bits"
	"slices"
)

// BuyerQuery describes an order whose buyer no one names.
type BuyerQuery struct {
	Marketplace string // country code or Amazon's domain
	Country     string // of delivery
	Channel     string // who ships: amazon or merchant
	Business    bool
}

type buyerRow struct {
	Marketplace string  `csv:"marketplace"`
	Country     string  `csv:"country"`
	Buyer       string  `csv:"buyer"`
	Channel     string  `csv:"channel"`
	Customer    string  `csv:"customer"`
	Surplus     *string `csv:"\x00"`
}

func (r *buyerRow) cells() []*string {
	return []*string{&r.Marketplace, &r.Country, &r.Buyer, &r.Channel, &r.Customer}
}

func (r *buyerRow) surplus() *string { return r.Surplus }

func (r *buyerRow) setSurplus(cell *string) { r.Surplus = cell }

// buyerRule is the conditions of a line in buyers.csv; an empty one means any.
type buyerRule struct{ marketplace, country, buyer, channel string }

// buyers is the loaded buyers.csv: the customer's row of each rule.
type buyers map[buyerRule]buyerLine

type buyerLine struct {
	customer uint32
	line     int
}

// loadRules reads buyers.csv; customer finds the row of a customer, or reports that there is none.
func (b buyers) loadRules(s *csvFile, customer func(ref string) (uint32, bool)) {
	readRows(s, func(r *buyerRow) {
		rule := buyerRule{
			marketplace: placeCode(r.Marketplace),
			country:     placeCode(r.Country),
			buyer:       s.parseChoice("buyer", r.Buyer, buyerKinds, "write b2b or b2c, or leave it empty for any"),
			channel:     s.parseChoice("channel", r.Channel, channels, "write amazon or merchant, or leave it empty for any"),
		}
		row, ok := customer(r.Customer)
		if (rule.buyer == "") != (r.Buyer == "") || (rule.channel == "") != (r.Channel == "") {
			return // a rule half understood is no rule; the word was reported
		}
		if first, again := b[rule]; again {
			s.reportDoubled("customer", r.Customer, first.line, "the rule is the same: keep one of the two lines")
			return
		}
		if ok {
			b[rule] = buyerLine{row, s.lineOfColumn("")}
		}
	})
}

// Conditions of a rule, the weightiest first.
const (
	anyChannel = 1 << iota
	anyBuyer
	anyCountry
	anyMarketplace
	conditions = iota
)

// bySpecificity is every set of conditions left open: those that leave fewest open first, and of two
// equally specific ones that which names the marketplace, then the country, then the kind of buyer.
var bySpecificity = func() []uint {
	open := make([]uint, 1<<conditions)
	for i := range open {
		open[i] = uint(i)
	}
	slices.SortFunc(open, func(a, b uint) int {
		return cmp.Or(cmp.Compare(bits.OnesCount(a), bits.OnesCount(b)), cmp.Compare(a, b))
	})
	return open
}()

// withoutConditions is the rule with the conditions of a set left open.
func (r buyerRule) withoutConditions(open uint) buyerRule {
	if open&anyMarketplace != 0 {
		r.marketplace = ""
	}
	if open&anyCountry != 0 {
		r.country = ""
	}
	if open&anyBuyer != 0 {
		r.buyer = ""
	}
	if open&anyChannel != 0 {
		r.channel = ""
	}
	return r
}

// Buyer finds the counterparty of the most specific rule in buyers.csv that fits: the one with most
// conditions; of two with equally many the one that names the marketplace, then the country, then the
// kind of buyer.
func (s *Snapshot) Buyer(q BuyerQuery) (Customer, bool) {
	if len(s.buyers) == 0 {
		return Customer{}, false
	}
	order := buyerRule{placeCode(q.Marketplace), placeCode(q.Country), "b2c", channels[headerKey(q.Channel)]}
	if q.Business {
		order.buyer = "b2b"
	}
	for _, open := range bySpecificity {
		if line, ok := s.buyers[order.withoutConditions(open)]; ok {
			return s.customers.customerAt(line.customer), true
		}
	}
	return Customer{}, false
}
