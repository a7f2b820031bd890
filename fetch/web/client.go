package web

import (
	"cmp"
	"context"
	"net/http"
	"time"
)

// NewClient never follows a redirect: it would carry tokens and secrets to wherever it points. A nil transport is
// http.DefaultTransport.
func NewClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     cmp.Or(transport, http.DefaultTransport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Sleep waits; the error is the context's cause when that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
