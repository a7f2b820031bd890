package spapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/fetch/web"
)

// call is one request of an operation.
type call struct {
	op       Operation
	method   string
	path     string // escaped
	query    url.Values
	body     []byte // JSON; nil with GET: Amazon refuses a GET with a body
	token    string // a restricted data token instead of the access token
	role     string // what a refusal most likely lacks
	readBody func(body []byte) error
}

func (q call) pathAndQuery() string {
	if len(q.query) == 0 {
		return q.path
	}
	return q.path + "?" + q.query.Encode()
}

// call makes the call with all that belongs to it: the rate, the token, repetitions. The answer is returned
// beside the error when there was one that could not be read.
func (c *Client) call(ctx context.Context, q call) (*Answer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var last *Answer
	renewed := false
	err := c.retryCall(ctx, q.op, func(ctx context.Context, attempt int) error {
		ans, err := c.attemptOnce(ctx, q, attempt, &renewed)
		if ans != nil {
			ans.Attempts = attempt
			last = ans
		}
		return err
	})
	if err != nil && KindOf(err) != KindAnswer {
		last = nil
	}
	return last, err
}

// attemptOnce waits for the rate and asks, once more when Amazon says that the token expired.
func (c *Client) attemptOnce(ctx context.Context, q call, attempt int, renewed *bool) (*Answer, error) {
	for {
		from, err := c.takeTurn(ctx, q.op, attempt)
		if err != nil {
			return nil, err
		}
		token := accessToken{text: q.token}
		if q.token == "" {
			if token, err = c.accessToken(ctx); err != nil {
				return nil, err
			}
		}
		ans, err := c.exchangeOnce(ctx, q, token, attempt)
		if err := c.noteAnswer(context.WithoutCancel(ctx), q.op, from); err != nil {
			return nil, err
		}
		e, refused := errors.AsType[*Error](err)
		if !refused || e.Kind != KindToken || q.token != "" || *renewed {
			return ans, err
		}
		*renewed = true
		c.forgetToken(token)
	}
}

// exchangeOnce is one request and its answer.
func (c *Client) exchangeOnce(ctx context.Context, q call, token accessToken, attempt int) (ans *Answer, err error) {
	started := time.Now()
	defer func() {
		x := Exchange{Operation: q.op, Attempt: attempt, Took: time.Since(started)}
		if ans != nil {
			x.Status, x.RequestID, x.RateLimit, x.Bytes = ans.Status, ans.RequestID, ans.RateLimit, len(ans.Body)
		}
		c.reportExchange(x, err)
	}()
	ans, header, err := c.sendRequest(ctx, q, token)
	if err != nil {
		return nil, err
	}
	if ans.Status < 200 || ans.Status > 299 {
		return ans, c.readRefusal(ctx, q, ans, header)
	}
	if err := c.learnRate(ctx, q.op, ans.RateLimit); err != nil {
		return nil, err
	}
	if err := q.readBody(ans.Body); err != nil {
		if web.IsPage(ans.Body) {
			err = errWebPage
		}
		e := c.newError(q.op, KindAnswer, err)
		e.Status, e.RequestID = ans.Status, ans.RequestID
		e.few = errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
		if web.IsPage(ans.Body) {
			e.Advice = hints[KindForeign]
		}
		return ans, e
	}
	return ans, nil
}

// sendRequest does what goes over the wire.
func (c *Client) sendRequest(ctx context.Context, q call, token accessToken) (*Answer, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, DefaultTimeout))
	defer cancel()
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, c.endpoint()+q.pathAndQuery(), body)
	if err != nil {
		return nil, nil, c.newError(q.op, KindSettings, web.UnwrapURL(err))
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", c.userAgent())
	r.Header.Set("X-Amz-Access-Token", token.text)
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := web.NewClient(c.Transport).Do(r)
	if err != nil {
		return nil, nil, c.newError(q.op, KindNetwork, c.lateError(ctx, web.UnwrapURL(err)))
	}
	defer resp.Body.Close()
	most := cmp.Or(c.MaxBody, DefaultMaxBody)
	text, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	ans := &Answer{
		Operation: q.op, Request: q.pathAndQuery(), Status: resp.StatusCode, Body: text,
		ContentType: resp.Header.Get("Content-Type"), RequestID: c.redactText(requestID(resp.Header)),
		RateLimit: c.redactText(resp.Header.Get("X-Amzn-RateLimit-Limit")), Received: time.Now(),
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ans.Date = at
	}
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("the answer has more than %d bytes", most)
	}
	if err != nil {
		e := c.newError(q.op, KindNetwork, c.lateError(ctx, web.UnwrapURL(err)))
		e.Status, e.RequestID = ans.Status, ans.RequestID
		return nil, nil, e
	}
	return ans, resp.Header, nil
}

// readRefusal is the error of an answer that is none.
func (c *Client) readRefusal(ctx context.Context, q call, ans *Answer, header http.Header) error {
	e := &Error{Account: c.Account, Operation: q.op, Status: ans.Status, RequestID: ans.RequestID, RetryAfter: web.RetryAfter(header)}
	e.Code, e.Message, e.Details = c.firstError(ans.Body)
	e.Kind = kindOf(e)
	if isForeign(ans.Status, ans.Body) {
		e.Kind, e.few = KindForeign, true
	}
	switch e.Kind {
	case KindRole:
		e.Role = q.role
	case KindQuota:
		if err := c.drainBucket(ctx, q.op); err != nil {
			return err
		}
	case KindInput, KindNotFound:
		if err := c.learnRate(ctx, q.op, ans.RateLimit); err != nil {
			return err
		}
	}
	return c.complete(e)
}

// firstError reads {"errors":[{"code","message","details"}]}; what is something else tells nothing.
func (c *Client) firstError(body []byte) (code, message, details string) {
	var list, v1, v2, v3 jsontext.Value
	if readMembers(body, map[string]*jsontext.Value{"errors": &list}) != nil {
		return "", "", ""
	}
	for _, first := range readElements(list) {
		if readMembers(first, map[string]*jsontext.Value{"code": &v1, "message": &v2, "details": &v3}) == nil {
			return scalarText(v1), scalarText(v2), scalarText(v3)
		}
	}
	return "", "", ""
}

// errWebPage is an answer that whoever stands between this computer and Amazon gave.
var errWebPage = errors.New("it is a web page, as a proxy or the login page of a network sends")

// isForeign reports whether a refusal is not Amazon's, whose own come as JSON. Its gateways send web pages when they
// have a fault or too much to do.
func isForeign(status int, body []byte) bool {
	return web.IsPage(body) && status >= 200 && status < 500 && status/100 != 3 && status != http.StatusTooManyRequests
}

// kindOf reads status and words of a refusal. That a token expired is told in words only, in either of the
// two sentences.
func kindOf(e *Error) Kind {
	words := strings.ToLower(e.Message + " " + e.Details)
	switch {
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		if strings.Contains(words, "expired") || strings.Contains(words, "malformed") {
			return KindToken
		}
		return KindRole
	case e.Status == http.StatusBadRequest && e.Code == "Unauthorized":
		return KindToken
	case e.Status == http.StatusBadRequest:
		return KindInput
	case e.Status == http.StatusNotFound:
		return KindNotFound
	case e.Status == http.StatusTooManyRequests:
		return KindQuota
	case e.Status >= 500:
		return KindServer
	}
	return KindRefused
}

// requestID is Amazon's number of a request.
func requestID(h http.Header) string { return h.Get("X-Amzn-RequestId") }

// errStalled is the cause when nothing came for too long.
var errStalled = errors.New("stalled")

// lateError says that the time of one request ran out, which is no end of the caller's context.
func (c *Client) lateError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, errStalled) {
		return fmt.Errorf("nothing for %v", cmp.Or(c.Timeout, DefaultTimeout))
	}
	return err
}

// redactText makes a text that others wrote fit to be shown: short, and without a secret of any kind.
func (c *Client) redactText(s string) string { return web.OneLine(c.redact(s)) }

// reportExchange passes an exchange on.
func (c *Client) reportExchange(x Exchange, err error) {
	if c.OnAnswer == nil {
		return
	}
	x.Account, x.Err = c.Account, err
	if e, ok := errors.AsType[*Error](err); ok && x.Status == 0 {
		x.Status, x.RequestID = e.Status, e.RequestID
	}
	c.OnAnswer(x)
}

// redact takes every secret out of a text that others wrote.
func (c *Client) redact(s string) string {
	for _, secret := range append(c.given.all(), c.Credentials.ClientSecret, c.Credentials.RefreshToken) {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, hidden)
		}
	}
	return secretShapes.ReplaceAllLiteralString(s, hidden)
}

// redactError takes the secrets out of everything that an error shows. A cause with a secret in it is known by
// its text only afterwards.
func (c *Client) redactError(e *Error) {
	e.Code, e.Message, e.Details, e.RequestID = c.redactText(e.Code), c.redactText(e.Message), c.redactText(e.Details), c.redactText(e.RequestID)
	if e.Err != nil {
		if text := e.Err.Error(); c.redact(text) != text {
			e.Err = errors.New(c.redact(text))
		}
	}
}
