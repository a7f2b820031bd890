package desk

import (
	"cmp"
	"slices"

	"obmen/convert/money"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// Sum holds what orders of an account in a currency come to.
type Sum struct {
	Account  string
	Currency string // empty where the source names none
	Orders   int
	Total    money.Decimal // of those that state one
	Unstated int           // orders without a total
}

// Text is the total with the places of its currency.
func (s Sum) Text() string { return s.Total.Text(money.Currency(s.Currency).Places()) }

// sums gather amounts by account and currency.
type sums struct{ list []Sum }

func (s *sums) of(account, currency string) *Sum {
	i := slices.IndexFunc(s.list, func(x Sum) bool { return x.Account == account && x.Currency == currency })
	if i < 0 {
		i = len(s.list)
		s.list = append(s.list, Sum{Account: account, Currency: currency})
	}
	return &s.list[i]
}

// add adds an order, whose total may be unknown.
func (s *sums) add(account, currency, total string) {
	x := s.of(account, currency)
	x.Orders++
	if amount, err := money.Parse(total); err == nil && total != "" {
		x.Total = x.Total.Plus(amount)
		return
	}
	x.Unstated++
}

// addOrder adds an order that went out. One whose document a purge has emptied, or a rebuild did not find, counts
// under no currency and without a total.
func (s *sums) addOrder(o *ledger.Order) {
	f, known := outbox.ReadFigures(o.Facts)
	if !known {
		s.add(o.Account, "", "")
		return
	}
	s.addFigures(o.Account, &f)
}

func (s *sums) addFigures(account string, f *outbox.Figures) {
	x := s.of(account, f.Currency)
	x.Orders++
	x.Total = x.Total.Plus(f.Total)
}

// merge adds other sums.
func (s *sums) merge(list []Sum) {
	for _, one := range list {
		x := s.of(one.Account, one.Currency)
		x.Orders, x.Unstated, x.Total = x.Orders+one.Orders, x.Unstated+one.Unstated, x.Total.Plus(one.Total)
	}
}

// sorted are the sums by account and currency.
func (s *sums) sorted() []Sum {
	list := slices.Clone(s.list)
	slices.SortFunc(list, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}
