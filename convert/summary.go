package convert

import (
	"slices"
	"strings"

	"obmen/convert/money"
)

// Summary counts outcomes so that they reconcile: in every currency, the orders that came in are those
// that were exported, held and skipped, and so are their totals.
type Summary struct {
	Exported, Held, Skipped int
	Codes                   map[Code]int
	Rules                   map[Rule]int
	Currencies              map[money.Currency]*Sums // "" for orders without one: unreadable, left out or held
}

// Sums are the orders and totals of one currency.
type Sums struct {
	Orders                        int
	Exported, Held, Skipped       int
	ExportedTotal                 money.Amount // proven totals
	Excluded                      money.Amount // of them not the seller's, and not in the documents
	HeldTotal, SkippedTotal       money.Amount // as far as the source states totals
	HeldUnstated, SkippedUnstated int          // orders without a stated total
}

// Documents is what the exported documents come to.
func (s *Sums) Documents() money.Amount { return s.ExportedTotal.Minus(s.Excluded) }

// Orders is how many orders came in.
func (s *Summary) Orders() int { return s.Exported + s.Held + s.Skipped }

// Add counts an outcome under exactly one heading.
func (s *Summary) Add(o *Outcome) {
	sums := s.sumsOf(o.Currency)
	sums.Orders++
	switch {
	case o.Document != nil:
		s.Exported++
		sums.Exported++
		sums.ExportedTotal = sums.ExportedTotal.Plus(o.Document.Proof.Total)
		sums.Excluded = sums.Excluded.Plus(o.Document.Proof.Excluded)
	case o.Hold != nil:
		s.Held++
		s.Codes[o.Hold.Code]++
		sums.Held++
		addTotal(&sums.HeldTotal, &sums.HeldUnstated, o.Total)
	default:
		s.Skipped++
		s.Rules[o.Rule]++
		sums.Skipped++
		addTotal(&sums.SkippedTotal, &sums.SkippedUnstated, o.Total)
	}
}

func addTotal(sum *money.Amount, unstated *int, total money.Optional) {
	if !total.Known {
		*unstated++
	}
	*sum = sum.Plus(total.Value)
}

func (s *Summary) sumsOf(c money.Currency) *Sums {
	if s.Currencies == nil {
		s.Codes, s.Rules, s.Currencies = map[Code]int{}, map[Rule]int{}, map[money.Currency]*Sums{}
	}
	if s.Currencies[c] == nil {
		s.Currencies[c] = &Sums{}
	}
	return s.Currencies[c]
}

// CurrencyList lists the currencies in order.
func (s *Summary) CurrencyList() []money.Currency {
	var list []money.Currency
	for c := range s.Currencies {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b money.Currency) int { return strings.Compare(string(a), string(b)) })
	return list
}
