// Package spapi asks Amazon's Selling Partner API for orders and reports.
//
// A Client belongs to one seller account in one region. It sees to the access token, keeps to the rates
// that Amazon documents, repeats what is worth repeating, and returns bodies byte for byte as they came:
// what an order means is not its business. Every error is an *Error that says what Amazon refused, why,
// whether it is permanent, and what to do next; no error, event or format verb ever shows a secret.
//
// The package keeps nothing on disk. Who wants tokens and rates to survive a run hands in a TokenCache
// and a RateStore.
//
// Rules: facts, amazon 2.1 to 2.10, and Amazon's models of the four APIs used (orders 2026-01-01, reports
// 2021-06-30, tokens 2021-03-01, sellers v1).
package spapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"obmen/fetch/web"
)

// Defaults of a Client.
const (
	DefaultTokenURL  = "https://api.amazon.com/auth/o2/token" // one for all regions and the sandbox
	DefaultTimeout   = time.Minute                            // of one request; pages of 100 orders take seconds
	DefaultAttempts  = 8                                      // with the pauses between them about two minutes
	DefaultMaxBody   = 64 << 20                               // bytes; a page of 100 orders has about one million
	DefaultMaxReport = 1 << 30                                // bytes, unpacked; a month of 20,000 orders a day has about 400 million
	DefaultMaxWait   = 12 * time.Hour                         // a longer wait that Amazon asks for is left to the next run
)

// Client asks for one account in one region. Set the fields before the first call and leave them; a
// Client is safe for many goroutines and must not be copied.
type Client struct {
	Account     string // names the account in errors, events and rates
	Region      Region
	Sandbox     bool
	Credentials Credentials

	Connection
	Stores
	Listeners

	// Commands stand in hints.
	Commands Commands

	session
}

// Connection is how Amazon is reached, and what is too long or too much.
type Connection struct {
	// Endpoint and TokenURL are Amazon's when empty. Plain http is taken to this computer only.
	Endpoint string
	TokenURL string

	// UserAgent is UserAgent("obmen", "dev") when empty.
	UserAgent string
	// Transport is http.DefaultTransport when nil. Redirects are never followed.
	Transport http.RoundTripper
	// Timeout is that of one request, DefaultTimeout when 0. A download may take any time, as long as
	// something comes within it.
	Timeout time.Duration
	// Attempts are made before a fault is given up, DefaultAttempts when 0.
	Attempts int
	// MaxWait bounds a wait that Amazon asks for by Retry-After, DefaultMaxWait when 0.
	MaxWait time.Duration
	// MaxBody bounds an answer in bytes, DefaultMaxBody when 0; MaxReport a report, unpacked.
	MaxBody, MaxReport int64
}

// Stores keep what must outlive a run.
type Stores struct {
	// Limits replace DefaultLimits for the operations they name.
	Limits map[Operation]Limit
	// Rates keep the buckets; with nil they live as long as the Client. Hand the same store to all.
	Rates RateStore
	// Tokens keep the access token between runs; with nil it lives as long as the Client.
	Tokens TokenCache
}

// Listeners are told of what goes on.
type Listeners struct {
	// OnWait is told before each pause, OnAnswer after each exchange with Amazon; both may be nil. They
	// are called from the goroutine that made the call, and must not call the Client.
	OnWait   func(Wait)
	OnAnswer func(Exchange)
}

// session is what a client learns while it works.
type session struct {
	mu    sync.Mutex // guards these four
	ready error      // of the settings, once known
	known bool
	own   *MemoryRates
	turn  chan struct{} // holds one value while a goroutine sees to the two below
	now   accessToken
	asked bool // Tokens have been asked for what they keep
	given secrets
}

// Commands are what a user types about this account. Empty ones are those of a program that is set up by
// default.
type Commands struct {
	Store string // asks for the secrets and stores them: "obmen secret set ACCOUNT"
	Check string // looks what the app may do: "obmen fetch --check"
}

func (c *Client) storeCommand() string {
	return cmp.Or(c.Commands.Store, "obmen secret set "+c.Account)
}

// Wait is a pause before a request.
type Wait struct {
	Account   string
	Operation Operation
	For       time.Duration
	Until     time.Time
	Reason    WaitReason
	Attempt   int   // the number of the attempt that comes after the pause
	Err       error // WaitRetry: what the last attempt met
}

// WaitReason says why there is a pause.
type WaitReason string

// The reasons.
const (
	WaitRate   WaitReason = "rate"   // Amazon's limit for the operation
	WaitRetry  WaitReason = "retry"  // the attempt before failed
	WaitReport WaitReason = "report" // Amazon is making the report
)

// Exchange is a request and what became of it, for a log line.
type Exchange struct {
	Account   string
	Operation Operation
	Attempt   int
	Status    int // 0 when no answer came
	RequestID string
	RateLimit string // x-amzn-RateLimit-Limit as it came
	Bytes     int
	Took      time.Duration
	Err       error
}

// Answer is what Amazon said, byte for byte.
type Answer struct {
	Operation   Operation
	Request     string // path and query as they were sent
	Status      int
	Body        []byte
	ContentType string
	RequestID   string
	RateLimit   string // x-amzn-RateLimit-Limit as it came, "" when it did not
	Received    time.Time
	Date        time.Time // by the clock of who answered, to the second; zero when it does not tell
	Attempts    int
}

// waitFor tells of a wait and waits.
func (c *Client) waitFor(ctx context.Context, w Wait) error {
	w.Account = c.Account
	w.Until = time.Now().Add(w.For)
	if c.OnWait != nil {
		c.OnWait(w)
	}
	if web.Sleep(ctx, w.For) != nil {
		return stoppedError(w.Operation, ctx)
	}
	return nil
}

// newError completes an error of this Client.
func (c *Client) newError(op Operation, kind Kind, err error) *Error {
	e := &Error{Account: c.Account, Operation: op, Kind: kind, Err: err}
	return c.complete(e)
}

// maxUserAgent is what Amazon takes; anything longer is refused.
const maxUserAgent = 500

// UserAgent is the header that Amazon asks of every client: the app's name and version, the language, the
// platform. What has a meaning in the header is escaped.
func UserAgent(app, version string) string {
	return escapeHeader(app, `/`) + "/" + escapeHeader(version, `(`) +
		" (Language=Go/" + escapeHeader(strings.TrimPrefix(runtime.Version(), "go"), `);`) +
		"; Platform=" + escapeHeader(runtime.GOOS, `);`) + ")"
}

// escapeHeader puts a backslash before each of the special bytes, and before a backslash. What a header cannot
// carry becomes "_".
func escapeHeader(s, special string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < ' ' || r > '~':
			r = '_'
		case r == '\\' || strings.ContainsRune(special, r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fewAttempts are made for an answer that ends too early, or that comes from a proxy: it may be the line, and it
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
