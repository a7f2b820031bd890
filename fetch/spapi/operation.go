package spapi

// Operation is one of Amazon's, spelled as in its models; it names a rate and stands in every error.
type Operation string

// The operations that the Client knows. The last two have no documented rate.
const (
	OpSearchOrders              Operation = "searchOrders"
	OpGetOrder                  Operation = "getOrder"
	OpMarketplaceParticipations Operation = "getMarketplaceParticipations"
	OpCreateReport              Operation = "createReport"
	OpGetReport                 Operation = "getReport"
	OpGetReportDocument         Operation = "getReportDocument"
	OpCreateRestrictedDataToken Operation = "createRestrictedDataToken"
	OpToken                     Operation = "token"
	OpDownload                  Operation = "download"
)

// Limit is a rate as Amazon documents it: a bucket that holds Burst requests and refills at Rate.
type Limit struct {
	Rate  float64 // requests per second
	Burst int     // requests at once after a rest
}

// DefaultLimits are the rates of Amazon's models (facts, amazon 2.5), for operations that have one.
func DefaultLimits() map[Operation]Limit {
	return map[Operation]Limit{
		OpSearchOrders:              {0.0056, 20},
		OpGetOrder:                  {0.5, 30},
		OpMarketplaceParticipations: {0.016, 15},
		OpCreateReport:              {0.0167, 15},
		OpGetReport:                 {2, 15},
		OpGetReportDocument:         {0.0167, 15},
		OpCreateRestrictedDataToken: {1, 10},
	}
}

// sandboxLimit holds for every operation of the sandbox (facts, amazon 2.3).
var sandboxLimit = Limit{5, 15}
