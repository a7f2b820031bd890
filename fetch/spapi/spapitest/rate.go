package spapitest

import (
	"strconv"
	"time"
)

// Limit is a bucket of Burst requests that refills at Rate requests a second.
type Limit struct {
	Rate  float64
	Burst int
}

// Documented are the rates of Amazon's models.
func Documented() map[string]Limit {
	return map[string]Limit{
		"searchOrders":                 {0.0056, 20},
		"getOrder":                     {0.5, 30},
		"getMarketplaceParticipations": {0.016, 15},
		"createReport":                 {0.0167, 15},
		"getReport":                    {2, 15},
		"getReportDocument":            {0.0167, 15},
		"createRestrictedDataToken":    {1, 10},
	}
}

// bucket holds what is left.
type bucket struct {
	left float64
	at   time.Time
}

// rounding is the part of a request by which two ways of computing the same rate may differ.
const rounding = 1e-6

func (a *Amazon) limit(op string) Limit {
	if l, ok := a.Limits[op]; ok {
		return l
	}
	return Documented()[op]
}

func (a *Amazon) rateHeader(op string) string {
	if a.RateHeader != nil {
		return a.RateHeader(op)
	}
	rate := a.limit(op).Rate
	if rate == 0 {
		return ""
	}
	text := strconv.FormatFloat(rate, 'f', -1, 64)
	if rate == float64(int(rate)) {
		text += ".0"
	}
	return text
}

// within takes a request out of the bucket, if there is one.
func (a *Amazon) within(op string, now time.Time) bool {
	l := a.limit(op)
	if l.Rate == 0 {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.buckets == nil {
		a.buckets = map[string]*bucket{}
	}
	b := a.buckets[op]
	if b == nil {
		b = &bucket{float64(l.Burst), now}
		a.buckets[op] = b
	}
	b.left = min(float64(l.Burst), b.left+max(0, now.Sub(b.at).Seconds())*l.Rate)
	b.at = now
	if b.left < 1-rounding {
		return false
	}
	b.left = max(0, b.left-1)
	return true
}
