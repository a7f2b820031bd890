package pull

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind is the kind of a refusal.
type Kind string

// The kinds. The first three may pass by themselves.
const (
	KindNetwork  Kind = "network"  // no whole answer came
	KindQuota    Kind = "quota"    // more requests than the shop allows (429)
	KindServer   Kind = "server"   // the shop's own fault (5xx)
	KindAnswer   Kind = "answer"   // an answer that cannot be read; its bytes are returned beside the error
	KindForeign  Kind = "foreign"  // a web page instead of JSON
	KindDenied   Kind = "denied"   // the secrets are not taken (401, 403)
	KindNotFound Kind = "notfound" // nothing is there (404)
	KindRedirect Kind = "redirect" // the shop is elsewhere (3xx)
	KindRefused  Kind = "refused"  // any other refusal
)

// Error is everything that can go wrong with a shop. Its texts are short and without secrets.
type Error struct {
	Account    string
	Source     string
	Kind       Kind
	Status     int    // of HTTP; 0 when no answer came
	Message    string // the shop's own words
	Attempts   int
	RetryAfter time.Duration // when the shop said to come back, counted from the answer; 0 when it did not
	Advice     string        // one line: what the user does next
	Err        error         // the cause; never a *url.Error
}

// Permanent reports whether the same request would fail again, however often it is made.
func (e *Error) Permanent() bool {
	return e.Kind != KindNetwork && e.Kind != KindQuota && e.Kind != KindServer
}

func (e *Error) Unwrap() error { return e.Err }

// Hint returns the next step, one line.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for account %q: %s", e.Source, e.Account, sentences[e.Kind])
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	var more []string
	if e.Status != 0 {
		more = append(more, strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Message != "" {
		more = append(more, fmt.Sprintf("%q", e.Message))
	}
	if e.RetryAfter > 0 {
		more = append(more, fmt.Sprintf("to come back in %v", e.RetryAfter.Round(time.Second)))
	}
	if e.Attempts > 1 {
		more = append(more, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if len(more) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(more, "; "))
	}
	return b.String()
}

var sentences = map[Kind]string{
	KindNetwork:  "no whole answer came",
	KindQuota:    "more requests than the shop allows",
	KindServer:   "the shop has a fault of its own",
	KindAnswer:   "the answer cannot be read",
	KindForeign:  "a web page came instead of orders",
	KindDenied:   "the shop does not take the secrets",
	KindNotFound: "nothing is there",
	KindRedirect: "the shop sends the request elsewhere",
	KindRefused:  "the shop refuses the request",
}

// hints are the next steps; %store stands for a command.
var hints = map[Kind]string{
	KindNetwork:  "check the address of the shop, the connection of this computer, its firewall and its proxy (HTTPS_PROXY); the next run goes on where this one stopped",
	KindQuota:    "another program may use the same key, or obmen asks too often: a larger every in obmen.toml; the next run goes on where this one stopped",
	KindServer:   "wait and run again; nothing is lost",
	KindAnswer:   "look at the saved answer; a plugin of the shop may write into it, or the mapping looks for the orders elsewhere",
	KindForeign:  "look at the address in a browser: the shop may be closed for maintenance, or a firewall stands in between",
	KindDenied:   "store the secrets again with `%store`; look in the shop whether they are valid and may read orders",
	KindNotFound: "check the address of the shop in obmen.toml, and whether its interface is switched on",
	KindRedirect: "write the address that the shop answers at, with https:// and www. as it is; redirects are not followed, because the secrets would go along",
	KindRefused:  "look up the message in the documentation of the shop's interface",
}

func kindOf(status int) Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return KindDenied
	case status == http.StatusNotFound:
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindQuota
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return KindServer
	case status >= 300 && status < 400:
		return KindRedirect
	}
	return KindRefused
}

// ErrEndless ends a run whose pages do not end.
var ErrEndless = errors.New("the pages do not end")
