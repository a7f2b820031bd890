package spapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Error is everything that can go wrong with Amazon. Texts of Amazon's are shortened, and without secrets.
type Error struct {
	Account   string
	Operation Operation
	Kind      Kind
	Status    int    // of HTTP; 0 when no answer came
	Code      string // Amazon's word, "QuotaExceeded"
	Message   string // Amazon's sentence
	Details   string // Amazon's second sentence, often empty
	RequestID string // Amazon's number of the request, for its support
	Attempts  int
	// RetryAfter is when Amazon said to come back, counted from the answer; 0 when it did not.
	RetryAfter time.Duration
	Role       string // KindRole: the roles any of which would do, as Amazon spells them
	Advice     string // one line: what the user does next
	Err        error  // the cause, where it is not Amazon; never a *url.Error

	few bool // what came ends too early or is none of Amazon's, and may be right the next time: worth a few attempts
}

// Kind says what kind of refusal an Error is.
type Kind string

// The kinds. The first five may pass by themselves.
const (
	KindNetwork  Kind = "network"  // no whole answer came
	KindQuota    Kind = "quota"    // more requests than the rate allows (429)
	KindServer   Kind = "server"   // Amazon's own fault (5xx)
	KindPending  Kind = "pending"  // a report is not ready in the time given
	KindLink     Kind = "link"     // the link of a report expired, five minutes after it was given
	KindAnswer   Kind = "answer"   // an answer that cannot be read; its bytes are returned beside the error
	KindInput    Kind = "input"    // Amazon refuses the parameters (400)
	KindNotFound Kind = "notfound" // no such order or report (404)
	KindRole     Kind = "role"     // the app lacks a role, or the account the marketplace (403)
	KindToken    Kind = "token"    // the access token is refused, and a new one as well
	KindGrant    Kind = "grant"    // the seller's authorisation is revoked or expired
	KindSecret   Kind = "secret"   // client id or secret are wrong, or the secret is past its 180 days
	KindSettings Kind = "settings" // the Client itself cannot work
	KindForeign  Kind = "foreign"  // a web page came, as a proxy or a network's login sends: Amazon was not reached
	KindRefused  Kind = "refused"  // any other refusal
	KindEmpty    Kind = "empty"    // the report was cancelled, which is what Amazon does when it has no rows
	KindFatal    Kind = "fatal"    // Amazon could not make the report
)

// Permanent reports whether the same request would fail again, however often it is made.
func (e *Error) Permanent() bool {
	switch e.Kind {
	case KindNetwork, KindQuota, KindServer, KindPending, KindLink:
		return false
	}
	return true
}

// IsPermanent reports whether err is an *Error that no repetition cures.
func IsPermanent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Permanent()
}

// KindOf is the kind of an *Error, "" of any other.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for account %q: %s", e.Operation, e.Account, e.sentence())
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if facts := e.listFacts(); len(facts) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(facts, "; "))
	}
	return b.String()
}

// Hint returns the next step, one line; empty when there is none.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) sentence() string {
	if e.Kind == KindRole && e.Role != "" {
		return "Amazon denies access: the app lacks the role " + e.Role + ", or the account has no part in a marketplace asked for"
	}
	if s, ok := sentences[e.Kind]; ok {
		return s
	}
	return "Amazon refuses the request"
}

// sentences are what each kind says to people.
var sentences = map[Kind]string{
	KindNetwork:  "no whole answer came",
	KindQuota:    "more requests than Amazon allows",
	KindServer:   "Amazon has a fault of its own",
	KindPending:  "the report is not ready yet",
	KindLink:     "the link to the report expired before it was used",
	KindAnswer:   "the answer cannot be read",
	KindInput:    "Amazon does not take the parameters",
	KindNotFound: "Amazon knows nothing under this number",
	KindRole:     "Amazon denies access",
	KindToken:    "Amazon does not take its own access token",
	KindGrant:    "Amazon no longer takes the refresh token: the seller revoked the app, or the grant expired",
	KindSecret:   "Amazon does not take client id and secret: one of them is wrong, or the secret is older than 180 days",
	KindForeign:  "a web page came instead of Amazon's answer: a proxy, a firewall or the login page of a network stands in between",
	KindSettings: "the settings do not work",
	KindEmpty:    "Amazon cancelled the report, as it does when there is nothing to report",
	KindFatal:    "Amazon could not make the report",
}

// listFacts are what Amazon said, and how to find the request again.
func (e *Error) listFacts() []string {
	var all []string
	if e.Status != 0 {
		all = append(all, strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.Status, e.Code)))
	} else if e.Code != "" {
		all = append(all, e.Code)
	}
	for _, text := range []string{e.Message, e.Details} {
		if text != "" {
			all = append(all, fmt.Sprintf("%q", text))
		}
	}
	if e.RequestID != "" {
		all = append(all, "request id "+e.RequestID)
	}
	if e.RetryAfter > 0 {
		all = append(all, fmt.Sprintf("to come back in %v", e.RetryAfter.Round(time.Second)))
	}
	if e.Attempts > 1 {
		all = append(all, fmt.Sprintf("%d attempts", e.Attempts))
	}
	return all
}

// hints say what to do about each kind; %store and %check stand for commands.
var hints = map[Kind]string{
	KindNetwork:  "check the connection of this computer, its firewall and its proxy (HTTPS_PROXY); the next run goes on where this one stopped",
	KindQuota:    "another program may use the same app and account; the next run goes on where this one stopped",
	KindServer:   "wait and run again; nothing is lost",
	KindPending:  "run again later; the report is still being made",
	KindLink:     "run again: every run asks for a new link",
	KindAnswer:   "keep the saved answer and look at it; it may be a new kind of answer of Amazon's",
	KindInput:    "check the dates, marketplaces and data asked for; a page token lives 24 hours",
	KindNotFound: "check the number, and that it belongs to this account and region",
	KindRole:     "%check says which of them; a role is added to the app in Seller Central, Develop Apps, then authorise the app again",
	KindToken:    "store the secrets again with %store; if it stays so, authorise the app again in Seller Central",
	KindGrant:    "authorise the app again in Seller Central, Develop Apps, and store the new refresh token with %store",
	KindSecret:   "rotate the secret in Seller Central, Develop Apps, LWA credentials, and store the new one with %store",
	KindForeign:  "log in to the network, or let the proxy or firewall pass *.amazon.com; the next run goes on where this one stopped",
	KindSettings: "correct the settings of the account",
	KindRefused:  "look up the message in Amazon's documentation of the operation",
	KindEmpty:    "check the dates and marketplaces; if there were no orders, this is as it should be",
	KindFatal:    "ask for the report again, with a shorter time",
}

// stoppedError is the error of a context that ended, told with what it stopped.
func stoppedError(op Operation, ctx context.Context) error {
	return fmt.Errorf("%s: %w", op, context.Cause(ctx))
}
