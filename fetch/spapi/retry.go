package spapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// The pauses between attempts double from the first to the longest. Half of each is by chance, so that many
// programs that were refused together do not come back together.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// fewAttempts are made for an answer that ends too early, or that somebody else gave: it may be the line, and it
// may be what there is.
const fewAttempts = 3

// backoff is the pause after the nth attempt, from 1 on.
func backoff(n int) time.Duration {
	d := longestPause
	if n < 7 {
		d = min(firstPause<<(n-1), longestPause)
	}
	return d/2 + rand.N(d/2+1)
}

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
		if e.Permanent() && !e.few || e.Operation != op || attempt >= c.maxAttempts(e) || e.RetryAfter > orDefault(c.MaxWait, DefaultMaxWait) {
			return e
		}
		w := Wait{Operation: op, For: max(backoff(attempt), e.RetryAfter), Reason: WaitRetry, Attempt: attempt + 1, Err: e}
		if err := c.waitFor(ctx, w); err != nil {
			return err
		}
	}
}

// maxAttempts are those that an error is worth.
func (c *Client) maxAttempts(e *Error) int {
	most := orDefault(c.Attempts, DefaultAttempts)
	if e.few {
		return min(most, fewAttempts)
	}
	return most
}

// retryAfter reads the header, which Amazon does not document and may send all the same; 0 when it does not.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 && seconds < 1<<31 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
