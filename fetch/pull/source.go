package pull

import "time"

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
