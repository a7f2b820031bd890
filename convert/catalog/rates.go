package catalog

import (
	"cmp"
	"slices"
	"time"

	"obmen/convert/money"
)

type rateRow struct {
	Date     string  `csv:"date"`
	Currency string  `csv:"currency"`
	Rate     string  `csv:"rate"`
	Nominal  string  `csv:"nominal"`
	Surplus  *string `csv:"\x00"`
}

func (r *rateRow) cells() []*string { return []*string{&r.Date, &r.Currency, &r.Rate, &r.Nominal} }

func (r *rateRow) surplus() *string { return r.Surplus }

func (r *rateRow) setSurplus(cell *string) { r.Surplus = cell }

// rates is the loaded rates.csv: the rates of each currency by day.
type rates map[money.Currency][]dayRate

type dayRate struct {
	day           int // see dayNumber
	line          int
	rate, nominal money.Decimal
}

func (x rates) loadRows(s *csvFile) {
	type rateKey struct {
		currency money.Currency
		day      int
	}
	lines := make(map[rateKey]int)
	readRows(s, func(r *rateRow) {
		day, dated := s.parseDay("date", r.Date)
		currency := s.parseCurrency("currency", r.Currency)
		rate := s.parsePositive("rate", r.Rate, money.Scale)
		nominal := s.parsePositive("nominal", r.Nominal, money.Scale)
		if r.Nominal == "" {
			nominal = money.Known(money.One)
		}
		if !dated || currency == "" {
			return
		}
		key := rateKey{currency, day}
		if first, again := lines[key]; again {
			s.reportDoubled("date", r.Date, first, "day and currency are the same: keep one of the two lines")
			return
		}
		lines[key] = s.lineOfColumn("")
		x[currency] = append(x[currency], dayRate{day, s.lineOfColumn(""), rate.Value, nominal.Value})
	})
	for _, days := range x {
		slices.SortFunc(days, func(a, b dayRate) int { return cmp.Compare(a.day, b.day) })
	}
}

// parseCurrency reads ISO letters; empty for an empty cell and for one that was reported.
func (s *csvFile) parseCurrency(column, value string) money.Currency {
	if value == "" {
		return ""
	}
	c, err := money.ParseCurrency(value)
	if err != nil {
		s.reportCell(column, value, "unknown currency", "write its three ISO letters, USD")
	}
	return c
}

// HasRates reports whether rates.csv has any.
func (s *Snapshot) HasRates() bool { return len(s.rates) > 0 }

// Rate finds the newest rate of a currency on or before a day (as its own time zone dates it): nominal
// units of the currency cost rate units of 1C's own currency.
func (s *Snapshot) Rate(c money.Currency, day time.Time) (rate, nominal money.Decimal, ok bool) {
	days := s.rates[c]
	after, found := slices.BinarySearchFunc(days, dayNumber(day), func(d dayRate, day int) int {
		return cmp.Compare(d.day, day)
	})
	if found {
		after++
	}
	if after == 0 {
		return money.Zero, money.Zero, false
	}
	return days[after-1].rate, days[after-1].nominal, true
}
