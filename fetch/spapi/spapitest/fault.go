package spapitest

import (
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong with one request.
type Fault struct {
	Travel time.Duration // before the request arrives
	Delay  time.Duration // before anything is answered
	Status int           // 0: the true answer, with what follows done to it
	Header http.Header
	Body   string
	Drop   bool                // the line breaks before the answer
	Break  int                 // the line breaks after this many bytes of the body
	Mangle func([]byte) []byte // changes the body, and it looks whole
}

// Quota says 429, as recorded.
func Quota() *Fault {
	return refused(http.StatusTooManyRequests, "QuotaExceeded", "You exceeded your quota for the requested resource.", "").
		with("X-Amzn-Errortype", "TooManyRequestsException")
}

// Internal says 500, 503 or 504.
func Internal(status int) *Fault {
	return refused(status, "InternalFailure", "We encountered an internal error. Please try again.", "")
}

const denied = "Access to requested resource is denied."

// Denied says 403 as for a missing role.
func Denied() *Fault { return refused(http.StatusForbidden, "Unauthorized", denied, "") }

// Expired says 403 as for a token that ended.
func Expired() *Fault {
	return refused(http.StatusForbidden, "Unauthorized", denied, "The access token you provided has expired.")
}

// Malformed says 403 as for a token that Amazon does not know.
func Malformed() *Fault {
	return refused(http.StatusForbidden, "Unauthorized", denied, "The access token you provided is revoked, malformed or invalid.")
}

// Invalid says 400 as for wrong parameters.
func Invalid() *Fault {
	return refused(http.StatusBadRequest, "InvalidInput", invalid, "")
}

const invalid = "The input you have submitted is not valid. Please check your input and try again."

// Login says what Login with Amazon says of an app or a grant: "invalid_grant" and its like.
func Login(status int, code, description string) *Fault {
	ans := loginError(status, code, description)
	return &Fault{Status: status, Header: ans.header, Body: string(ans.body)}
}

func refused(status int, code, message, details string) *Fault {
	ans := refusal(status, code, message, details)
	return &Fault{Status: status, Header: ans.header, Body: string(ans.body)}
}

func (f *Fault) with(name, value string) *Fault {
	f.Header.Set(name, value)
	return f
}

// After adds Retry-After.
func (f *Fault) After(d time.Duration) *Fault {
	return f.with("Retry-After", strconv.Itoa(int(d.Seconds())))
}

func (f *Fault) answer() answer {
	header := f.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return answer{f.Status, header, []byte(f.Body)}
}

// wait lets time pass; false when the client went away.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func (f *Fault) write(w http.ResponseWriter, ans answer) {
	body := ans.body
	if f.Mangle != nil {
		body = f.Mangle(body)
	}
	for name, values := range ans.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(ans.status)
	if f.Break > 0 && f.Break < len(body) {
		_, _ = w.Write(body[:f.Break])
		_ = http.NewResponseController(w).Flush() // or the client would not see even that
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}
