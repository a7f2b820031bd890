package spapi

import (
	"cmp"
	"context"
	"errors"

	"obmen/fetch/web"
)

// fewAttempts are made for an answer that ends too early, or that somebody else gave: it may be the line, and it
// may be what there is.
const fewAttempts = 3

// retryCall calls ask until it succeeds, meets a permanent error, or the attempts are used up.
func (c *Client) retryCall(ctx context.Context, op Operation, ask func(ctx context.Context, attempt int) error) error {
	for attempt := 1; ; attempt++ {
		err := ask(ctx, attempt)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return stoppedError(op, ctx)
		}
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return err
		}
		if e.Operation == op {
			e.Attempts = attempt
		}
		if e.Permanent() && !e.few || e.Operation != op || attempt >= c.maxAttempts(e) || e.RetryAfter > cmp.Or(c.MaxWait, DefaultMaxWait) {
			return e
		}
		w := Wait{Operation: op, For: max(web.Backoff(attempt), e.RetryAfter), Reason: WaitRetry, Attempt: attempt + 1, Err: e}
		if err := c.waitFor(ctx, w); err != nil {
			return err
		}
	}
}

// maxAttempts are those that an error is worth.
func (c *Client) maxAttempts(e *Error) int {
	most := cmp.Or(c.Attempts, DefaultAttempts)
	if e.few {
		return min(most, fewAttempts)
	}
	return most
}
