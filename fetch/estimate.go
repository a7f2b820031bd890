package fetch

import (
	"context"
	"strings"
	"time"

	"obmen/fetch/spapi"
)

// Estimate is what a run would ask for and how long Amazon's limits make it. Its JSON is a promise.
type Estimate struct {
	Asks      []PlannedRequest `json:"asks"`                    // in their order; of a window with many pages the first
	Operation string           `json:"operation,omitempty"`     // whose limit counts
	Requests  int              `json:"requests,omitempty"`      // of the operation, as far as is known
	Orders    int              `json:"orders,omitempty"`        // that the requests are counted for
	Assumed   bool             `json:"assumed,omitempty"`       // how many orders there are is not known: read it as "for each 1000"
	Wait      int64            `json:"wait_seconds"`            // in all
	Burst     int              `json:"burst,omitempty"`         // requests that Amazon takes at once
	Every     float64          `json:"every_seconds,omitempty"` // when these are used up

	Basis Basis `json:"-"`
}

// Basis is what an Estimate counts by.
type Basis int

// The bases of an Estimate.
const (
	ByNumber  Basis = iota // of orders or reports: it is exact
	ByHistory              // as many orders a day as earlier runs found
	ByWindow               // one request for each window, more where one has many orders
	ByAssumed              // for each assumedOrders orders
)

// PlannedRequest is a request that a run would make.
type PlannedRequest struct {
	Operation  string            `json:"operation"`
	Parameters map[string]string `json:"parameters,omitempty"`

	Query string `json:"-"` // of a search, as it would be sent
}

// assumedOrders are those of an Estimate while there is no history.
const assumedOrders = 1000

// CheckEstimate is the Estimate of the requests that look whether an account can be fetched.
func CheckEstimate() *Estimate {
	return &Estimate{Asks: []PlannedRequest{
		{Operation: string(spapi.OpToken)}, {Operation: string(spapi.OpMarketplaceParticipations)}, {Operation: string(spapi.OpSearchOrders)},
	}}
}

// Estimate returns what Run would ask for. Nothing is asked or changed.
func (j *Job) Estimate(ctx context.Context) (*Estimate, error) {
	e := &Estimate{}
	op, n := spapi.OpSearchOrders, 0
	var err error
	switch {
	case len(j.Ask.Orders) > 0:
		op, n = e.addOrders(j.Ask.Orders)
	case j.Ask.Report != "":
		op, n = e.addReports(j.ReportPlan(j.Ask.Report, j.Ask.From, j.upToNow()))
	default:
		n, err = e.addPages(ctx, j)
	}
	if err == nil && n > 0 {
		err = e.addLimit(ctx, j.Client, op, n)
	}
	return e, err
}

func (e *Estimate) addOrders(ids []string) (spapi.Operation, int) {
	for _, id := range ids {
		e.Asks = append(e.Asks, PlannedRequest{Operation: string(spapi.OpGetOrder), Parameters: map[string]string{"orderId": id}})
	}
	e.Orders = len(ids)
	return spapi.OpGetOrder, len(ids)
}

func (e *Estimate) addReports(list []spapi.ReportRequest) (spapi.Operation, int) {
	for _, r := range list {
		e.Asks = append(e.Asks, PlannedRequest{Operation: string(spapi.OpCreateReport), Parameters: map[string]string{
			"reportType": r.Type, "dataStartTime": spapi.Stamp(r.Start), "dataEndTime": spapi.Stamp(r.End),
			"marketplaceIds": strings.Join(r.MarketplaceIDs, ","),
		}})
	}
	return spapi.OpCreateReport, len(list)
}

// addPages counts by what earlier runs found; without any, by what a thousand orders take. No window takes
// less than one request.
func (e *Estimate) addPages(ctx context.Context, j *Job) (int, error) {
	plan, err := j.planWindows(ctx)
	if err != nil {
		return 0, err
	}
	for _, q := range plan.Requests {
		parameters := map[string]string{}
		for name, values := range q.Query() {
			parameters[name] = strings.Join(values, ",")
		}
		e.Asks = append(e.Asks, PlannedRequest{string(spapi.OpSearchOrders), parameters, q.Query().Encode()})
	}
	first, windows := plan.Requests[0], len(plan.Requests)
	from := laterOf(first.LastUpdatedAfter, first.CreatedAfter) // one of them is zero
	perDay, known := plan.Position.PerDay()
	switch {
	case known:
		e.Orders, e.Basis = int(perDay*j.upToNow().Sub(from).Hours()/24), ByHistory
	case windows*spapi.MaxPage > assumedOrders:
		e.Basis = ByWindow
	default:
		e.Orders, e.Assumed, e.Basis = assumedOrders, true, ByAssumed
	}
	return max(windows, (e.Orders+spapi.MaxPage-1)/spapi.MaxPage), nil
}

func (j *Job) planWindows(ctx context.Context) (Plan, error) {
	if !j.FollowsChanges() {
		return j.Plan(ctx, j.Ask.From, j.endOfBackfill())
	}
	if j.first {
		j.First = j.Ask.From
		if j.First.IsZero() {
			j.First = j.Now().UTC().Truncate(time.Second).Add(-j.Depth)
		}
	}
	return j.Plan(ctx, time.Time{}, time.Time{})
}

// addLimit counts by the documented rates and what earlier runs have left of them.
func (e *Estimate) addLimit(ctx context.Context, c *spapi.Client, op spapi.Operation, n int) error {
	wait, err := c.WaitFor(ctx, op, n)
	if err != nil {
		return err
	}
	limit, _ := c.Limit(op)
	e.Operation, e.Requests, e.Burst = string(op), n, limit.Burst
	e.Wait, e.Every = int64((wait+time.Second-1)/time.Second), 1/limit.Rate
	return nil
}
