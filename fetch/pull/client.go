package pull

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"obmen/fetch/web"
)

// Defaults of a Client.
const (
	DefaultTimeout  = time.Minute      // of one request
	DefaultAttempts = 6                // with the pauses between them about half a minute
	DefaultMaxBody  = 64 << 20         // bytes of one answer
	DefaultMaxWait  = 15 * time.Minute // a longer wait that the shop asks for is left to the next run
	fewAttempts     = 3                // for an answer that cannot be read: it may be the line, or what there is
)

// Client asks one shop for one account. Set its fields before the first call and leave them.
type Client struct {
	Account, Source string
	UserAgent       string
	Hide            []string          // secrets, taken out of every text that others wrote
	Transport       http.RoundTripper // http.DefaultTransport when nil; redirects are never followed
	Timeout         time.Duration
	Attempts        int
	MaxWait         time.Duration
	MaxBody         int64
	Limit           web.Limit // no limit when Burst is 0
	Rates           web.RateStore
	OnWait          func(Wait)
	StoreCommand    string // what a user types to store the secrets; stands in hints
}

// Wait is a pause before a request.
type Wait struct {
	For   time.Duration
	Until time.Time
	Err   error // what the last attempt met; nil for the shop's limit
}

// Answer holds what the shop said, byte for byte but for a byte order mark.
type Answer struct {
	Request  Request
	Body     []byte
	Received time.Time
	Date     time.Time // by the shop's clock; zero when it does not tell
}

// ask makes a request with all that belongs to it: the rate and repetitions. look reports whether the answer can
// be read; one that cannot be is returned beside the error.
func (c *Client) ask(ctx context.Context, q Request, look func([]byte) error) (*Answer, error) {
	for attempt := 1; ; attempt++ {
		if err := c.takeTurn(ctx); err != nil {
			return nil, err
		}
		ans, e := c.askOnce(ctx, q, look)
		if e == nil {
			return ans, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", c.Source, context.Cause(ctx))
		}
		e.Attempts = attempt
		if attempt >= c.maxAttempts(e) || e.RetryAfter > cmp.Or(c.MaxWait, DefaultMaxWait) {
			return ans, e
		}
		if err := c.pause(ctx, Wait{For: max(web.Backoff(attempt), e.RetryAfter), Err: e}); err != nil {
			return nil, err
		}
	}
}

func (c *Client) maxAttempts(e *Error) int {
	most := cmp.Or(c.Attempts, DefaultAttempts)
	switch {
	case e.Kind == KindAnswer, e.Kind == KindForeign:
		return min(most, fewAttempts)
	case e.Permanent():
		return 1
	}
	return most
}

func (c *Client) pause(ctx context.Context, w Wait) error {
	w.Until = time.Now().Add(w.For)
	if c.OnWait != nil {
		c.OnWait(w)
	}
	if err := web.Sleep(ctx, w.For); err != nil {
		return fmt.Errorf("%s: %w", c.Source, err)
	}
	return nil
}

// takeTurn waits until the rate allows one more request.
func (c *Client) takeTurn(ctx context.Context) error {
	for c.Limit.Burst > 0 {
		var wait time.Duration
		err := c.changeBucket(ctx, func(b web.Bucket, now time.Time) web.Bucket {
			b, _, wait = b.TakeRequest(now, c.Limit)
			return b
		})
		if err != nil || wait == 0 {
			return err
		}
		if err := c.pause(ctx, Wait{For: wait}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) changeBucket(ctx context.Context, change func(web.Bucket, time.Time) web.Bucket) error {
	if err := web.ChangeBucket(ctx, c.Rates, c.Account+"/"+c.Source, c.Limit, change); err != nil {
		return fmt.Errorf("keep the rate of %s: %w", c.Source, err)
	}
	return nil
}

// askOnce is one request and its answer.
func (c *Client) askOnce(ctx context.Context, q Request, look func([]byte) error) (*Answer, *Error) {
	ans, status, header, err := c.send(ctx, q)
	switch {
	case err != nil:
		kind := KindNetwork
		if errors.Is(err, errTooLarge) {
			kind = KindRefused
		}
		return nil, c.newError(kind, status, err)
	case status < 200 || status > 299:
		e := c.newError(kindOf(status), status, nil)
		e.RetryAfter, e.Message = web.RetryAfter(header), c.redact(messageOf(ans.Body))
		if e.Kind == KindQuota && c.Limit.Burst > 0 {
			if err := c.changeBucket(context.WithoutCancel(ctx), func(b web.Bucket, now time.Time) web.Bucket { return b.Drain(now, c.Limit) }); err != nil {
				e.Err = err
			}
		}
		return nil, e
	case web.IsPage(ans.Body):
		return nil, c.newError(KindForeign, status, nil)
	}
	if err := look(ans.Body); err != nil {
		return ans, c.newError(KindAnswer, status, err)
	}
	return ans, nil
}

var errTooLarge = errors.New("the answer is too large")

// send does what goes over the wire.
func (c *Client) send(ctx context.Context, q Request) (*Answer, int, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, DefaultTimeout))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, q.Method, q.URL, strings.NewReader(q.Body))
	if err != nil {
		return nil, 0, nil, web.UnwrapURL(err)
	}
	if q.Body == "" {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", c.UserAgent)
	for _, h := range q.Headers {
		r.Header.Set(h[0], h[1])
	}
	resp, err := web.NewClient(c.Transport).Do(r)
	if err != nil {
		return nil, 0, nil, c.lateError(ctx, web.UnwrapURL(err))
	}
	defer resp.Body.Close()
	most := cmp.Or(c.MaxBody, DefaultMaxBody)
	text, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%w: more than %d bytes", errTooLarge, most)
	}
	if err != nil {
		return nil, resp.StatusCode, nil, c.lateError(ctx, web.UnwrapURL(err))
	}
	// A mark before the JSON is what a plugin wrote; within a larger file it would be no JSON.
	ans := &Answer{Request: q, Body: bytes.TrimPrefix(text, []byte("\ufeff")), Received: time.Now()}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ans.Date = at
	}
	return ans, resp.StatusCode, resp.Header, nil
}

// lateError says that the time of one request ran out, which is no end of the caller's context.
func (c *Client) lateError(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return fmt.Errorf("nothing for %v", cmp.Or(c.Timeout, DefaultTimeout))
	}
	return err
}

func (c *Client) newError(kind Kind, status int, err error) *Error {
	e := &Error{Account: c.Account, Source: c.Source, Kind: kind, Status: status, Err: err}
	if err != nil && c.hide(err.Error()) != err.Error() { // a cause with a secret in it is known by its text only
		e.Err = errors.New(c.redact(err.Error()))
	}
	e.Advice = strings.ReplaceAll(hints[kind], "%store", cmp.Or(c.StoreCommand, "obmen secret set "+c.Account))
	return e
}

// redact makes a text that others wrote fit to be shown: short, and without a secret.
func (c *Client) redact(s string) string { return web.OneLine(c.hide(s)) }

func (c *Client) hide(s string) string {
	for _, secret := range c.Hide {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "[secret]")
		}
	}
	return s
}

// messageOf finds the sentence in a refusal, under the names that are usual for it.
func messageOf(body []byte) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return ""
	}
	for _, name := range []string{"message", "error_description", "detail", "hydra:description", "title", "error"} {
		var text string
		if json.Unmarshal(members[name], &text) == nil && text != "" {
			return text
		}
	}
	return ""
}

// Source is how one shop is asked, with the settings and secrets of an account.
type Source interface {
	// Name names the source in files and messages.
	Name() string
	// Request makes the request for a page.
	Request(Turn) Request
	// LookAt counts the orders of a page and finds the next one.
	LookAt(token string, body []byte) (Found, error)
}

// Turn is one page of what changed between two moments.
type Turn struct {
	Since, Until time.Time
	Token        string // of the page; empty for the first
}

// Request is sent to a shop. Secrets stand in its headers only.
type Request struct {
	Method, URL string
	Headers     [][2]string
	Body        string // JSON; empty for none
}

// Found is the content of a page.
type Found struct {
	Orders int
	Next   string // token of the next page; empty when none follows
}
