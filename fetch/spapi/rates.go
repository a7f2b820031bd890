package spapi

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// RateStore keeps the buckets of all accounts, between runs and between programs.
type RateStore interface {
	// UpdateRate replaces the text under key ("" when there is none) by what change makes of it, as one
	// step that no other can come between. change has no side effects and may be called more than once.
	UpdateRate(ctx context.Context, key string, change func(old string) string) error
}

// MemoryRates is a RateStore for as long as the program runs. The zero value is ready.
type MemoryRates struct {
	mu   sync.Mutex
	text map[string]string
}

var _ RateStore = (*MemoryRates)(nil)

// UpdateRate is that of RateStore.
func (m *MemoryRates) UpdateRate(_ context.Context, key string, change func(string) string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.text == nil {
		m.text = map[string]string{}
	}
	m.text[key] = change(m.text[key])
	return nil
}

// rateKey names the bucket: limits are per account, region and operation (facts, amazon 2.5).
func (c *Client) rateKey(op Operation) string {
	region := string(orDefault(c.Region, "custom"))
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
		err := c.changeBucket(ctx, op, func(b bucket, now time.Time, l Limit) bucket {
			b, from, wait = b.takeRequest(now, l)
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
	return c.changeBucket(ctx, op, func(b bucket, now time.Time, _ Limit) bucket { return b.noteAnswer(from, now) })
}

// drainBucket notes that Amazon counted more requests than this Client has.
func (c *Client) drainBucket(ctx context.Context, op Operation) error {
	return c.changeBucket(ctx, op, func(b bucket, now time.Time, l Limit) bucket { return b.drain(now, l) })
}

// learnRate takes over the rate that Amazon tells, when it is a number.
func (c *Client) learnRate(ctx context.Context, op Operation, header string) error {
	every, ok := toldInterval(header)
	if !ok {
		return nil
	}
	return c.changeBucket(ctx, op, func(b bucket, now time.Time, l Limit) bucket {
		if b.refillStep(l) == every {
			return b
		}
		return b.learnRate(now, l, every)
	})
}

// changeBucket changes the bucket of an operation in the store; without a documented rate there is none.
func (c *Client) changeBucket(ctx context.Context, op Operation, f func(bucket, time.Time, Limit) bucket) error {
	l, ok := c.Limit(op)
	if !ok {
		return nil
	}
	err := c.rateStore().UpdateRate(ctx, c.rateKey(op), func(old string) string {
		now := time.Now().Round(0) // without the monotonic reading: the text outlives the process
		b, ok := parseBucket(old)
		if !ok && old != "" {
			b = bucket{}.drain(now, l) // the worst that an unreadable text can have meant
		}
		return f(b, now, l).String()
	})
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
	err := c.changeBucket(ctx, op, func(b bucket, now time.Time, l Limit) bucket {
		lacking := max(0, min(b.full.Sub(now), time.Duration(l.Burst)*b.refillStep(l)))
		last = max(0, lacking+time.Duration(n-l.Burst)*b.refillStep(l))
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
