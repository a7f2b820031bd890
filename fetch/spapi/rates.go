package spapi

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"obmen/fetch/web"
)

// RateStore keeps the buckets of all accounts, between runs and between programs.
type RateStore = web.RateStore

// MemoryRates is a RateStore for as long as the program runs.
type MemoryRates = web.MemoryRates

// rateKey names the bucket: limits are per account, region and operation.
func (c *Client) rateKey(op Operation) string {
	region := string(cmp.Or(c.Region, "custom"))
	if c.Sandbox {
		region += "-sandbox"
	}
	return c.Account + "/" + region + "/" + string(op)
}

// Limit is the documented rate of an operation for this Client; false where there is none.
func (c *Client) Limit(op Operation) (Limit, bool) {
	if l, ok := c.Limits[op]; ok {
		return l, true
	}
	l, ok := DefaultLimits()[op]
	if ok && c.Sandbox {
		l = sandboxLimit
	}
	return l, ok
}

// takeTurn waits until the rate allows one more request, and returns the instant from which it is counted.
func (c *Client) takeTurn(ctx context.Context, op Operation, attempt int) (from time.Time, err error) {
	for {
		var wait time.Duration
		err := c.changeBucket(ctx, op, func(b web.Bucket, now time.Time, l Limit) web.Bucket {
			b, from, wait = b.TakeRequest(now, l)
			return b
		})
		if err != nil || wait == 0 {
			return from, err
		}
		if err := c.waitFor(ctx, Wait{Operation: op, For: wait, Reason: WaitRate, Attempt: attempt}); err != nil {
			return from, err
		}
	}
}

// noteAnswer corrects what take took, now that an answer came or will not come any more.
func (c *Client) noteAnswer(ctx context.Context, op Operation, from time.Time) error {
	if from.IsZero() || !time.Now().After(from) {
		return nil
	}
	return c.changeBucket(ctx, op, func(b web.Bucket, now time.Time, _ Limit) web.Bucket { return b.NoteAnswer(from, now) })
}

// drainBucket notes that Amazon counted more requests than this Client has.
func (c *Client) drainBucket(ctx context.Context, op Operation) error {
	return c.changeBucket(ctx, op, func(b web.Bucket, now time.Time, l Limit) web.Bucket { return b.Drain(now, l) })
}

// learnRate takes over the rate that Amazon tells, when it is a number.
func (c *Client) learnRate(ctx context.Context, op Operation, header string) error {
	every, ok := web.StatedInterval(header)
	if !ok {
		return nil
	}
	return c.changeBucket(ctx, op, func(b web.Bucket, now time.Time, l Limit) web.Bucket {
		if b.RefillStep(l) == every {
			return b
		}
		return b.LearnRate(now, l, every)
	})
}

// changeBucket changes the bucket of an operation in the store; without a documented rate there is none.
func (c *Client) changeBucket(ctx context.Context, op Operation, f func(web.Bucket, time.Time, Limit) web.Bucket) error {
	l, ok := c.Limit(op)
	if !ok {
		return nil
	}
	err := web.ChangeBucket(ctx, c.rateStore(), c.rateKey(op), l, func(b web.Bucket, now time.Time) web.Bucket { return f(b, now, l) })
	if err != nil {
		return fmt.Errorf("keep the rate of %s: %w", op, err)
	}
	return nil
}

func (c *Client) rateStore() RateStore {
	if c.Rates != nil {
		return c.Rates
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil {
		c.own = &MemoryRates{}
	}
	return c.own
}

// WaitFor is how long the rates make n requests of an operation wait in all, from now on; nothing is
// taken. It is 0 for an operation without a rate.
func (c *Client) WaitFor(ctx context.Context, op Operation, n int) (time.Duration, error) {
	var last time.Duration
	err := c.changeBucket(ctx, op, func(b web.Bucket, now time.Time, l Limit) web.Bucket {
		last = b.WaitFor(n, now, l)
		return b
	})
	return last, err
}

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

// Limit is a rate as Amazon documents it.
type Limit = web.Limit

// DefaultLimits are the rates of Amazon's models, for operations that have one.
func DefaultLimits() map[Operation]Limit {
	return map[Operation]Limit{
		OpSearchOrders:              {Rate: 0.0056, Burst: 20},
		OpGetOrder:                  {Rate: 0.5, Burst: 30},
		OpMarketplaceParticipations: {Rate: 0.016, Burst: 15},
		OpCreateReport:              {Rate: 0.0167, Burst: 15},
		OpGetReport:                 {Rate: 2, Burst: 15},
		OpGetReportDocument:         {Rate: 0.0167, Burst: 15},
		OpCreateRestrictedDataToken: {Rate: 1, Burst: 10},
	}
}

// sandboxLimit holds for every operation of the sandbox.
var sandboxLimit = Limit{Rate: 5, Burst: 15}
