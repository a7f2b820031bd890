package spapitest

import (
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
