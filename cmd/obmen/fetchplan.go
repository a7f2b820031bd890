package main

import (
	"context"
	"fmt"
	"time"

	"obmen/fetch"
	"obmen/fetch/spapi"
)

// tellPlan says what a run would ask for and how long Amazon's limits make it. Nothing is asked.
func (j *fetchJob) tellPlan(ctx context.Context) error {
	limits := spapi.Client{Account: j.account.Account, Region: spapi.Region(j.account.Region), Sandbox: j.account.Sandbox, Rates: ledgerRates{j.book}}
	switch {
	case j.opt.Check:
		j.words.say(j.account.Account, "would ask for a token and for the account's marketplaces, and for one page of orders")
		return nil
	case len(j.opt.Orders) > 0:
		return j.tellLimit(ctx, &limits, spapi.OpGetOrder, len(j.opt.Orders), plural(len(j.opt.Orders), "order", "orders"))
	case j.opt.Report != "":
		n := int((j.until().Sub(j.from) + fetch.ReportSpan - 1) / fetch.ReportSpan)
		return j.tellLimit(ctx, &limits, spapi.OpCreateReport, n, plural(n, "report", "reports"))
	}
	plan, err := j.plan(ctx)
	if err != nil {
		return err
	}
	name := j.account.Account
	for _, q := range plan.Requests {
		fmt.Fprintf(j.s.Out, "%s: would ask searchOrders?%s\n", name, q.Query().Encode())
	}
	return j.tellPages(ctx, &limits, plan)
}

func (j *fetchJob) plan(ctx context.Context) (fetch.Plan, error) {
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

// tellPages estimates from what earlier runs found; without any, it says what a thousand orders take.
func (j *fetchJob) tellPages(ctx context.Context, limits *spapi.Client, plan fetch.Plan) error {
	first := plan.Requests[0]
	from := first.LastUpdatedAfter
	if from.IsZero() {
		from = first.CreatedAfter
	}
	orders, what := 1000, "for each 1000 orders"
	if perDay, ok := plan.Position.PerDay(); ok {
		orders = int(perDay * j.until().Sub(from).Hours() / 24)
		what = fmt.Sprintf("if there are as many as so far, about %s", plural(orders, "order", "orders"))
	}
	return j.tellLimit(ctx, limits, spapi.OpSearchOrders, max(len(plan.Requests), (orders+spapi.MaxPage-1)/spapi.MaxPage), what)
}

func (j *fetchJob) tellLimit(ctx context.Context, limits *spapi.Client, op spapi.Operation, n int, what string) error {
	wait, err := limits.WaitFor(ctx, op, n)
	if err != nil {
		return told(err)
	}
	took := "no wait"
	if wait > 0 {
		took = "waits of " + span(wait) + " in all"
	}
	limit, _ := limits.Limit(op)
	fmt.Fprintf(j.s.Out, "%s: %s: %s, %s (Amazon allows %d at once, then one every %s)\n", j.account.Account, what,
		plural(n, "request", "requests"), took, limit.Burst, span(time.Duration(float64(time.Second)/limit.Rate)))
	return nil
}
