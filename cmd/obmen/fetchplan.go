package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
)

// jsonPlan is what a run would ask for and how long Amazon's limits make it, in fetch --dry-run --json.
type jsonPlan struct {
	Asks      []jsonAsk `json:"asks"`                    // in their order; of a window with many pages the first
	Operation string    `json:"operation,omitempty"`     // whose limit counts
	Requests  int       `json:"requests,omitempty"`      // of the operation, as far as is known
	Orders    int       `json:"orders,omitempty"`        // that the requests are counted for
	Assumed   bool      `json:"assumed,omitempty"`       // nobody knows how many orders there are: read it as "for each 1000"
	Wait      int64     `json:"wait_seconds"`            // in all
	Burst     int       `json:"burst,omitempty"`         // requests that Amazon takes at once
	Every     float64   `json:"every_seconds,omitempty"` // when these are used up

	what string // that the requests are for, in words
}

type jsonAsk struct {
	Operation  string            `json:"operation"`
	Parameters map[string]string `json:"parameters,omitempty"`

	text string // the request in one line
}

// tellPlan says what a run would ask for and how long Amazon's limits make it. Nothing is asked.
func (j *fetchJob) tellPlan(ctx context.Context) (err error) {
	p := &jsonPlan{}
	op, n := spapi.OpSearchOrders, 0
	switch {
	case j.opt.Check:
		p.check()
	case len(j.opt.Orders) > 0:
		op, n = p.orders(j.opt.Orders)
	case j.opt.Report != "":
		op, n, err = p.reports(j)
	default:
		n, err = p.pages(ctx, j)
	}
	if err == nil && n > 0 {
		err = p.limit(ctx, j, op, n)
	}
	if err != nil {
		return err
	}
	j.plan = p
	return nil
}

func (p *jsonPlan) ask(op spapi.Operation, text string, parameters map[string]string) {
	p.Asks = append(p.Asks, jsonAsk{string(op), parameters, text})
}

func (p *jsonPlan) check() {
	p.ask(spapi.OpToken, "for a token", nil)
	p.ask(spapi.OpMarketplaceParticipations, "for the account's marketplaces", nil)
	p.ask(spapi.OpSearchOrders, "for one page of orders", nil)
}

func (p *jsonPlan) orders(ids []string) (spapi.Operation, int) {
	for _, id := range ids {
		p.ask(spapi.OpGetOrder, "getOrder "+id, map[string]string{"orderId": id})
	}
	p.Orders, p.what = len(ids), ui.Plural(len(ids), "order", "orders")
	return spapi.OpGetOrder, len(ids)
}

func (p *jsonPlan) reports(j *fetchJob) (spapi.Operation, int, error) {
	kind, _, err := j.reportType()
	if err != nil {
		return "", 0, err
	}
	list := j.fetcher.ReportPlan(kind, j.from, j.upToNow())
	for _, r := range list {
		from, to := spapi.Stamp(r.Start), spapi.Stamp(r.End)
		p.ask(spapi.OpCreateReport, fmt.Sprintf("createReport %s from %s to %s", kind, from, to), map[string]string{
			"reportType": kind, "dataStartTime": from, "dataEndTime": to, "marketplaceIds": strings.Join(r.MarketplaceIDs, ","),
		})
	}
	p.what = ui.Plural(len(list), "report", "reports")
	return spapi.OpCreateReport, len(list), nil
}

// pages estimates from what earlier runs found; without any, it says what a thousand orders take. No
// window takes less than one request.
func (p *jsonPlan) pages(ctx context.Context, j *fetchJob) (int, error) {
	plan, err := j.windows(ctx)
	if err != nil {
		return 0, err
	}
	windows := len(plan.Requests)
	for _, q := range plan.Requests {
		parameters := map[string]string{}
		for name, values := range q.Query() {
			parameters[name] = strings.Join(values, ",")
		}
		p.ask(spapi.OpSearchOrders, "searchOrders?"+q.Query().Encode(), parameters)
	}
	first := plan.Requests[0]
	from := first.LastUpdatedAfter
	if from.IsZero() {
		from = first.CreatedAfter
	}
	perDay, known := plan.Position.PerDay()
	switch {
	case known:
		p.Orders = int(perDay * j.upToNow().Sub(from).Hours() / 24)
		p.what = fmt.Sprintf("if there are as many as so far, about %s", ui.Plural(p.Orders, "order", "orders"))
	case windows*spapi.MaxPage > assumedOrders:
		p.what = fmt.Sprintf("one for each window, and more where one has over %d orders", spapi.MaxPage)
	default:
		p.Orders, p.Assumed, p.what = assumedOrders, true, fmt.Sprintf("for each %d orders", assumedOrders)
	}
	return max(windows, (p.Orders+spapi.MaxPage-1)/spapi.MaxPage), nil
}

// assumedOrders are those of a plan while nobody knows how many there are.
const assumedOrders = 1000

func (j *fetchJob) windows(ctx context.Context) (fetch.Plan, error) {
	if !j.changing() {
		return j.fetcher.Plan(ctx, j.from, j.until())
	}
	if j.first {
		j.fetcher.First = j.from
		if j.from.IsZero() {
			j.fetcher.First = time.Now().UTC().Truncate(time.Second).Add(-j.account.First)
		}
	}
	return j.fetcher.Plan(ctx, time.Time{}, time.Time{})
}

// limit counts by the documented rates and what earlier runs have left of them.
func (p *jsonPlan) limit(ctx context.Context, j *fetchJob, op spapi.Operation, n int) error {
	limits := spapi.Client{Account: j.account.Account, Region: spapi.Region(j.account.Region), Sandbox: j.account.Sandbox, Rates: ledgerRates{j.book}}
	wait, err := limits.WaitFor(ctx, op, n)
	if err != nil {
		return err
	}
	limit, _ := limits.Limit(op)
	p.Operation, p.Requests, p.Burst = string(op), n, limit.Burst
	p.Wait, p.Every = int64((wait+time.Second-1)/time.Second), 1/limit.Rate
	return nil
}

func (p *jsonPlan) text(out io.Writer, name string) {
	for _, a := range p.Asks {
		fmt.Fprintf(out, "%s: would ask %s\n", name, a.text)
	}
	if p.Requests == 0 {
		return
	}
	took := "no wait"
	if p.Wait > 0 {
		took = "waits of " + span(time.Duration(p.Wait)*time.Second) + " in all"
	}
	fmt.Fprintf(out, "%s: %s: %s, %s (Amazon allows %d at once, then one every %s)\n", name, p.what,
		ui.Plural(p.Requests, "request", "requests"), took, p.Burst, span(time.Duration(p.Every*float64(time.Second))))
}
