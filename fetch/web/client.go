// Package web is what all clients of a web interface have in common: rates that outlive a run, pauses between
// attempts, and a look at what came instead of an answer.
package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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

// The pauses between attempts double from the first to the longest. Half of each is by chance, so that many
// programs that were refused together do not come back together.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// Backoff is the pause after the nth attempt, from 1 on.
func Backoff(n int) time.Duration {
	d := longestPause
	if n < 7 {
		d = min(firstPause<<(n-1), longestPause)
	}
	return d/2 + rand.N(d/2+1)
}

// RetryAfter reads the header Retry-After; 0 when it does not.
func RetryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 && seconds < 1<<31 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// IsPage reports whether a body is HTML or XML, and so no JSON.
func IsPage(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))), []byte("<"))
}

// UnwrapURL takes the address off an error of net/http: it may hold a secret.
func UnwrapURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// OneLine keeps the start of a text that others wrote, on one line.
func OneLine(s string) string {
	const most = 300 // bytes; messages are a sentence or two
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
