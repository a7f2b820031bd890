// Package spapitest plays Amazon's Selling Partner API for tests.
//
// Amazon is an http.Handler, and through Transport an http.RoundTripper without sockets, which works on the
// virtual clock of testing/synctest. It holds orders, hands out tokens, keeps to the documented rates and
// refuses what Amazon refuses, with Amazon's words. It knows nothing of the client that it tests: what it
// demands is written down from the facts (amazon 2.1 to 2.10) and Amazon's models, and tests hold its answers
// against those models.
//
// All that it tells of people and shops is invented.
package spapitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What the fake takes as an app and a seller's grant unless it is told otherwise.
const (
	ClientID     = "amzn1.application-oa2-client.0123456789abcdef0123456789abcdef"
	ClientSecret = "amzn1.oa2-cs.v1.invented-secret-of-an-invented-app"
	RefreshToken = "Atzr|invented-grant-of-an-invented-seller"
)

// TokenPath is where the fake plays Login with Amazon, beside the API itself.
const TokenPath = "/auth/o2/token"

// Amazon is the fake. Set the fields before the first request; the zero value is an empty shop in Germany
// that keeps to all documented rules.
type Amazon struct {
	// Now is Amazon's clock, time.Now when nil: inside testing/synctest that is the virtual one.
	Now func() time.Time

	Grant
	Rates
	Faults

	// Marketplaces take part, Germany alone when empty.
	Marketplaces []Marketplace

	Reports
	memory
}

// Grant is the app and its permission; the constants when empty.
type Grant struct {
	// The app and the grant; the constants when empty.
	ClientID, ClientSecret, RefreshToken string
	// TokenLife is an hour when 0.
	TokenLife time.Duration
}

// Rates are how often each operation may be asked for.
type Rates struct {
	// Limits replace the documented rates by operation; a rate of 0 is none.
	Limits map[string]Limit
	// RateHeader makes x-amzn-RateLimit-Limit, the rate when nil; "" sends none.
	RateHeader func(operation string) string
}

// Faults are what goes wrong, when a test wants it.
type Faults struct {
	// Fault is asked before each request is answered; nil for none, or a nil Fault, lets it pass.
	Fault func(Request) *Fault

	// Refused are datasets that answer 403, Withheld those that are left out of every order.
	Refused, Withheld []string
	// RepeatToken gives back the page token that came, for ever.
	RepeatToken bool
	// Drift writes numbers as texts, texts as numbers, and empty texts for times, as was seen live.
	Drift bool
}

// Reports are how reports are made.
type Reports struct {
	// ReportDelay is how long a report takes, a minute when 0.
	ReportDelay time.Duration
	// ReportCharset is UTF-8, or Cp1252 when so named. ReportPlain leaves the GZIP out.
	ReportCharset string
	ReportPlain   bool
	// ReportStatus overrides how a report ends: "CANCELLED", "FATAL".
	ReportStatus string
	// Base is the address in links to reports; the one that was asked when empty.
	Base string
}

// memory is what Amazon remembers between requests.
type memory struct {
	mu      sync.Mutex
	calls   []Call
	counts  map[string]int
	buckets map[string]*bucket
	tokens  map[string]*token
	issued  int
	store   store
	reports map[string]*report
	broken  []string
}

// Marketplace is one where the invented seller sells.
type Marketplace struct{ ID, Country, Name, Domain, Currency, Language string }

// Germany is the marketplace of all that is not told otherwise.
var Germany = Marketplace{"A1PA6795UKMFR9", "DE", "Amazon.de", "www.amazon.de", "EUR", "de_DE"}

// Request is what a Fault can be made to depend on.
type Request struct {
	Operation string // as in Amazon's models; "token" and "download" besides
	N         int    // the how manyth of the operation, from 1 on
	HTTP      *http.Request
	Now       time.Time
}

// Call is a request that came.
type Call struct {
	Operation string
	At        time.Time
	Request   string // path and query as they came
	UserAgent string
	Status    int
	RequestID string
}

// Calls lists what was asked so far.
func (a *Amazon) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Call(nil), a.calls...)
}

// Count is how many requests of an operation came.
func (a *Amazon) Count(operation string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts[operation]
}

// Broken lists what no client may do: a token sent to a storage, a password in a header.
func (a *Amazon) Broken() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.broken...)
}

func (a *Amazon) violation(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken = append(a.broken, fmt.Sprintf(format, args...))
}

func (a *Amazon) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

// answer is what an operation says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// operation is one of the API's, or of what stands around it.
type operation struct {
	name   string
	open   bool // needs no access token, has no rate
	answer func(*http.Request, time.Time) answer
}

// ServeHTTP answers as Amazon would.
func (a *Amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := a.route(r)
	n := a.count(op.name)
	f := &Fault{}
	if a.Fault != nil {
		if wanted := a.Fault(Request{op.name, n, r, a.now()}); wanted != nil {
			f = wanted
		}
	}
	here := wait(r, f.Travel)
	now := a.now()
	id := fmt.Sprintf("%08x-0000-4000-8000-%012x", n, now.UnixMilli())
	call := Call{Operation: op.name, At: now, Request: r.URL.RequestURI(), UserAgent: r.UserAgent(), RequestID: id}
	if !here || !wait(r, f.Delay) || f.Drop {
		a.note(call)
		panic(http.ErrAbortHandler)
	}
	ans := a.answered(op, r, now, f)
	ans.header.Set("X-Amzn-RequestId", id)
	ans.header.Set("Date", now.UTC().Format(http.TimeFormat))
	call.Status = ans.status
	a.note(call)
	f.write(w, ans)
}

func (a *Amazon) count(op string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts == nil {
		a.counts = map[string]int{}
	}
	a.counts[op]++
	return a.counts[op]
}

func (a *Amazon) note(c Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, c)
}

// answered goes through the gates in Amazon's order: form of the request, token, rate, operation.
func (a *Amazon) answered(op operation, r *http.Request, now time.Time, f *Fault) answer {
	if f.Status != 0 {
		return f.answer()
	}
	if op.open {
		return op.answer(r, now)
	}
	if wrong := form(r); wrong != "" {
		return refusal(http.StatusBadRequest, "InvalidInput", wrong, "")
	}
	if op.answer == nil {
		return refusal(http.StatusNotFound, "NotFound", "The resource you requested does not exist.", "")
	}
	if ans, ok := a.authorised(op.name, r, now); !ok {
		return ans
	}
	if !a.within(op.name, now) {
		return Quota().answer()
	}
	ans := op.answer(r, now)
	if text := a.rateHeader(op.name); text != "" {
		ans.header.Set("X-Amzn-RateLimit-Limit", text)
	}
	return ans
}

// form finds what Amazon refuses before it looks at the request. The attribute Language
// is asked for in its documents, but Amazon's own client does not send it.
func form(r *http.Request) string {
	agent := r.UserAgent()
	switch {
	case r.Method == http.MethodGet && (r.ContentLength != 0 || r.Header.Get("Content-Length") != ""):
		return "A GET request must not have a body."
	case agent == "" || len(agent) > 500:
		return "The User-Agent is missing or malformed."
	}
	return ""
}

func (a *Amazon) route(r *http.Request) operation {
	path := r.URL.Path
	get, post := r.Method == http.MethodGet, r.Method == http.MethodPost
	rest := func(prefix string) bool {
		return strings.HasPrefix(path, prefix) && len(path) > len(prefix) && !strings.Contains(path[len(prefix):], "/")
	}
	switch {
	case post && path == TokenPath:
		return operation{"token", true, a.login}
	case get && strings.HasPrefix(path, documentPath):
		return operation{"download", true, a.download}
	case get && path == "/orders/2026-01-01/orders":
		return operation{"searchOrders", false, a.searchOrders}
	case get && rest("/orders/2026-01-01/orders/"):
		return operation{"getOrder", false, a.getOrder}
	case get && path == "/sellers/v1/marketplaceParticipations":
		return operation{"getMarketplaceParticipations", false, a.participations}
	case post && path == "/reports/2021-06-30/reports":
		return operation{"createReport", false, a.createReport}
	case get && rest("/reports/2021-06-30/reports/"):
		return operation{"getReport", false, a.getReport}
	case get && rest("/reports/2021-06-30/documents/"):
		return operation{"getReportDocument", false, a.getReportDocument}
	case post && path == "/tokens/2021-03-01/restrictedDataToken":
		return operation{"createRestrictedDataToken", false, a.restrictedToken}
	}
	return operation{"unknown", false, nil}
}

func says(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // the values are ours
	}
	return answer{status, http.Header{"Content-Type": {"application/json"}}, body}
}

func refusal(status int, code, message, details string) answer {
	return says(status, map[string]any{"errors": []any{map[string]any{"code": code, "message": message, "details": details}}})
}

func (a *Amazon) marketplaces() []Marketplace {
	if len(a.Marketplaces) == 0 {
		return []Marketplace{Germany}
	}
	return a.Marketplaces
}

func (a *Amazon) participations(*http.Request, time.Time) answer {
	var payload []any
	for _, m := range a.marketplaces() {
		payload = append(payload, map[string]any{
			"marketplace": map[string]any{
				"id": m.ID, "countryCode": m.Country, "name": m.Name, "defaultCurrencyCode": m.Currency,
				"defaultLanguageCode": m.Language, "domainName": m.Domain,
			},
			"storeName":     "Example Store",
			"participation": map[string]any{"isParticipating": true, "hasSuspendedListings": false},
		})
	}
	return says(http.StatusOK, map[string]any{"payload": payload})
}

// authorised looks at the token; false with what Amazon says of it.
func (a *Amazon) authorised(op string, r *http.Request, now time.Time) (answer, bool) {
	text := r.Header.Get("X-Amz-Access-Token")
	if text == "" {
		ans := refusal(400, "Unauthorized", denied, "Access token is missing in the request header.")
		ans.header.Set("X-Amzn-Errortype", "ValidationException")
		return ans, false
	}
	if r.Header.Get("Authorization") != "" {
		a.violation("%s with an Authorization header", op)
	}
	a.mu.Lock()
	t := a.tokens[text]
	a.mu.Unlock()
	switch {
	case t == nil:
		return Malformed().answer(), false
	case !now.Before(t.ends):
		return Expired().answer(), false
	case t.path != "" && t.path != r.URL.Path, t.path == "" && a.needsRestricted(op, r):
		return Denied().answer(), false
	}
	return answer{}, true
}
