package spapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"obmen/fetch/web"
)

const (
	// tokenEarly is how long before its end a token is replaced: a request on its way must not outlive it.
	tokenEarly = time.Minute
	// tokenLife is Amazon's, for an answer that does not tell.
	tokenLife = time.Hour
)

// TokenCache keeps the access token of an account between runs. What it is given is a secret: it is kept
// encrypted, or readable by its owner alone.
type TokenCache interface {
	// LoadToken is what StoreToken was last given, nil when there is nothing.
	LoadToken(ctx context.Context) ([]byte, error)
	StoreToken(ctx context.Context, text []byte) error
}

// accessToken is a token and where it came from.
type accessToken struct {
	text string
	ends time.Time
	kept bool // it is of an earlier run, and may have been revoked since
}

func (t accessToken) isFresh() bool { return t.text != "" && time.Now().Add(tokenEarly).Before(t.ends) }

// accessToken is an access token that is good for a minute at least.
func (c *Client) accessToken(ctx context.Context) (accessToken, error) {
	turn := c.tokenTurn()
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return accessToken{}, stoppedError(OpToken, ctx)
	}
	if !c.asked && c.Tokens != nil {
		text, err := c.Tokens.LoadToken(ctx)
		if err != nil {
			return accessToken{}, fmt.Errorf("keep the access token: %w", err)
		}
		c.now, c.asked = c.parseToken(text), true
		c.given.add(c.now.text)
	}
	if c.now.isFresh() {
		return c.now, nil
	}
	fresh, err := c.freshToken(ctx)
	if err != nil {
		return accessToken{}, err
	}
	c.now, c.asked = fresh, true
	c.given.add(fresh.text)
	if c.Tokens != nil {
		if err := c.Tokens.StoreToken(ctx, c.tokenText(fresh)); err != nil {
			return accessToken{}, fmt.Errorf("keep the access token: %w", err)
		}
	}
	return fresh, nil
}

// tokenTurn lets one goroutine at a time see to the token. It is no mutex, because who waits must be able
// to give up.
func (c *Client) tokenTurn() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn == nil {
		c.turn = make(chan struct{}, 1)
	}
	return c.turn
}

// forgetToken makes the next call of token ask for a new one, unless somebody has done so already.
func (c *Client) forgetToken(t accessToken) {
	turn := c.tokenTurn()
	turn <- struct{}{} // who holds the turn gives it back: no answer of Amazon's takes for ever
	defer func() { <-turn }()
	if c.now.text == t.text {
		c.now = accessToken{}
	}
}

// tokenOwner ties a kept token to the credentials that it was made for, without telling them.
func (c *Client) tokenOwner() string {
	sum := sha256.Sum256([]byte(c.Credentials.ClientID + "\n" + c.Credentials.RefreshToken))
	return hex.EncodeToString(sum[:8])
}

func (c *Client) tokenText(t accessToken) []byte {
	return jsonObject("owner", jsonString(c.tokenOwner()), "ends", jsonString(t.ends.UTC().Format(time.RFC3339)), "token", jsonString(t.text))
}

// parseToken reads what tokenText wrote. Anything else is no token, which costs one request.
func (c *Client) parseToken(text []byte) accessToken {
	var owner, ends, token jsontext.Value
	err := readMembers(text, map[string]*jsontext.Value{"owner": &owner, "ends": &ends, "token": &token})
	at, bad := time.Parse(time.RFC3339, scalarText(ends))
	if err != nil || bad != nil || scalarText(owner) != c.tokenOwner() {
		return accessToken{}
	}
	return accessToken{text: scalarText(token), ends: at, kept: true}
}

// freshToken asks Amazon for one, again and again while it has a fault.
func (c *Client) freshToken(ctx context.Context) (t accessToken, err error) {
	err = c.retryCall(ctx, OpToken, func(ctx context.Context, attempt int) error {
		started := time.Now()
		t, err = c.askToken(ctx)
		c.reportExchange(Exchange{Operation: OpToken, Attempt: attempt, Took: time.Since(started), Err: err}, err)
		return err
	})
	return t, err
}

func (c *Client) askToken(ctx context.Context) (accessToken, error) {
	conf := oauth2.Config{
		ClientID:     c.Credentials.ClientID,
		ClientSecret: c.Credentials.ClientSecret,
		// AutoDetect would try HTTP Basic first, which Amazon counts as a failed login.
		Endpoint: oauth2.Endpoint{TokenURL: cmp.Or(c.TokenURL, DefaultTokenURL), AuthStyle: oauth2.AuthStyleInParams},
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, DefaultTimeout))
	defer cancel()
	client := web.NewClient(c.Transport)
	client.Transport = agent{client.Transport, c.userAgent()}
	with := context.WithValue(ctx, oauth2.HTTPClient, client)
	got, err := conf.TokenSource(with, &oauth2.Token{RefreshToken: c.Credentials.RefreshToken}).Token()
	if err != nil {
		return accessToken{}, c.tokenError(ctx, err)
	}
	ends := got.Expiry
	if ends.IsZero() {
		ends = time.Now().Add(tokenLife)
	}
	return accessToken{text: got.AccessToken, ends: ends.Round(0)}, nil
}

// complete makes an error fit to be shown: every error of this package that may hold words of Amazon's passes
// here. It takes secrets out and adds the hint.
func (c *Client) complete(e *Error) *Error {
	c.redactError(e)
	return c.withHint(e)
}

// tokenError turns an answer of Login with Amazon into words. The original error may
// hold the whole answer and is dropped.
func (c *Client) tokenError(ctx context.Context, err error) error {
	if page, ok := errors.AsType[*pageError](err); ok {
		e := &Error{Account: c.Account, Operation: OpToken, Kind: KindForeign, Status: page.status, few: true}
		return c.complete(e)
	}
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return c.newError(OpToken, KindNetwork, c.lateError(ctx, web.UnwrapURL(err)))
	}
	e := &Error{Account: c.Account, Operation: OpToken, Code: answer.ErrorCode, Message: answer.ErrorDescription}
	if answer.Response != nil {
		e.Status = answer.Response.StatusCode
		e.RequestID = requestID(answer.Response.Header)
		e.RetryAfter = web.RetryAfter(answer.Response.Header)
	}
	var id jsontext.Value
	if readMembers(answer.Body, map[string]*jsontext.Value{"request_id": &id}) == nil && e.RequestID == "" {
		e.RequestID = scalarText(id)
	}
	e.Kind = tokenKind(answer.ErrorCode, e.Status)
	return c.complete(e)
}

// withHint adds the hint of the error's kind where there is none yet.
func (c *Client) withHint(e *Error) *Error {
	if _, unknown := errors.AsType[*tls.CertificateVerificationError](e.Err); e.Advice == "" {
		switch {
		case unknown:
			e.Advice = "check this computer's clock; else a proxy or virus scanner reads along: let it pass *.amazon.com, or install its certificate"
		case e.Status/100 == 3:
			e.Advice = "check the endpoint, and whether the network wants a login first: redirects are not followed, because the access token would go along"
		case e.Status == http.StatusProxyAuthRequired:
			e.Advice = "the proxy wants a login: set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT for the account that runs obmen"
		}
	}
	if e.Advice == "" {
		e.Advice = strings.NewReplacer("%store", c.storeCommand(), "%check", cmp.Or(c.Commands.Check, "obmen fetch --check")).
			Replace(cmp.Or(hints[e.Kind], hints[KindRefused]))
	}
	return e
}

func tokenKind(code string, status int) Kind {
	switch code {
	case "invalid_grant", "access_denied":
		return KindGrant
	case "invalid_client", "unauthorized_client":
		return KindSecret
	case "server_error", "temporarily_unavailable":
		return KindServer
	}
	switch {
	case status == http.StatusUnauthorized:
		return KindSecret
	case status == http.StatusTooManyRequests:
		return KindQuota
	case status >= 500, status < 300: // a 200 that holds no token is a fault of whoever sent it
		return KindServer
	}
	return KindRefused
}

// pageError is a web page that came instead of a token.
type pageError struct{ status int }

func (e *pageError) Error() string { return errWebPage.Error() }

// agent sets the User-Agent where others build the request, and keeps web pages from those who read JSON.
type agent struct {
	next http.RoundTripper
	name string
}

func (a agent) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", a.name)
	resp, err := a.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	const enough = 1 << 20 // what oauth2 reads
	text, err := io.ReadAll(io.LimitReader(resp.Body, enough))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if isForeign(resp.StatusCode, text) {
		return nil, &pageError{resp.StatusCode}
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}
