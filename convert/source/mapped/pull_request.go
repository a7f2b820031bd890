package mapped

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/source"
	"obmen/convert/source/jsontree"
)

// PullTurn is one request of a run.
type PullTurn struct {
	Since, Until time.Time
	Token        string // of the page, as PullPage gave it; empty for the first
	Settings     map[string]string
	Secrets      map[string]string
}

// PullRequest is sent to a shop. Only its headers have secrets in them.
type PullRequest struct {
	Method  string
	URL     string // with its query
	Headers []Header
	Body    string // JSON; empty for none
}

// Header is a line of a request.
type Header struct{ Name, Value string }

// PullPage is the content of an answer.
type PullPage struct {
	Orders int
	Next   string // token of the next page; empty when none follows
}

// Asks reports whether the request has a placeholder: "until" for instance.
func (p *Pull) Asks(holder string) bool {
	has := p.url.has(holder) || p.body.has(holder)
	for _, q := range append(p.query[:len(p.query):len(p.query)], p.headers...) {
		has = has || q.value.has(holder)
	}
	return has
}

// Request makes the request for a page.
func (p *Pull) Request(t PullTurn) PullRequest {
	h := turnHolders{p, &t}
	r := PullRequest{Method: p.method, URL: p.url.renderAddress(h), Body: string(p.body.render(h, escapeJSON))}
	separator := "?"
	for _, q := range p.query {
		r.URL += separator + escapeURL(q.name) + "=" + q.value.render(h, escapeURL)
		separator = "&"
	}
	for _, q := range p.headers {
		r.Headers = append(r.Headers, Header{q.name, q.value.render(h, func(s string) string { return s })})
	}
	return r
}

// valuesOf are the values that stand in the place of placeholders.
type valuesOf interface{ value(templatePart) string }

// turnHolders are those of a request.
type turnHolders struct {
	*Pull
	turn *PullTurn
}

func (h turnHolders) value(p templatePart) string {
	switch p.holder {
	case holderSince:
		return h.moment(h.turn.Since, p.less)
	case holderUntil:
		return h.moment(h.turn.Until, p.less)
	case holderPage:
		return cmp.Or(h.turn.Token, strconv.Itoa(h.page.first))
	case holderOffset:
		return cmp.Or(h.turn.Token, "0")
	case holderCursor:
		return h.turn.Token
	case holderSize:
		return strconv.Itoa(h.page.size)
	case holderSecret:
		return h.turn.Secrets[p.of[0]]
	case holderBasic:
		return base64.StdEncoding.EncodeToString([]byte(h.turn.Secrets[p.of[0]] + ":" + h.turn.Secrets[p.of[1]]))
	}
	return h.turn.Settings[p.holder]
}

func (h turnHolders) moment(t time.Time, less string) string {
	if d, ok := parseSpan(less); ok {
		t = t.Add(-d)
	}
	switch layout := h.time.layouts[0]; layout {
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	case "unix-ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	default:
		return t.In(h.time.zone).Format(layout)
	}
}

// sampleHolders stand for values that are not known yet: a number is right in texts of JSON and outside.
type sampleHolders struct{}

func (sampleHolders) value(templatePart) string { return "1" }

func (t template) has(holder string) bool {
	for _, p := range t {
		if p.holder == holder {
			return true
		}
	}
	return false
}

func (t template) render(of valuesOf, escape func(string) string) string {
	var b strings.Builder
	for _, p := range t {
		if p.holder == "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(escape(of.value(p)))
		}
	}
	return b.String()
}

// renderAddress leaves a setting at the beginning as the user wrote it: where the shop is.
func (t template) renderAddress(of valuesOf) string {
	if len(t) > 0 && t[0].holder != "" {
		return strings.TrimRight(of.value(t[0]), "/") + t[1:].render(of, escapeURL)
	}
	return t.render(of, escapeURL)
}

// escapeURL writes all but what RFC 3986 leaves free as bytes in hex.
func escapeURL(s string) string {
	const free = "-._~"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(free, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// escapeJSON writes what stands within quotes.
func escapeJSON(s string) string {
	quoted, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\ufffd"))
	if err != nil {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}

// LookAt counts the orders of an answer and finds the next page. Errors are of what the answer is.
func (p *Pull) LookAt(token string, body []byte) (PullPage, error) {
	if err := checkJSON(body); err != nil {
		return PullPage{}, err
	}
	tree, t := new(jsontree.Doc), new(doc)
	if err := tree.Parse(append(slices.Clip(bytes.TrimSpace(body)), '\n')); err != nil { // the blank ends a number
		return PullPage{}, err
	}
	t.takeJSON(tree, "")
	n, found := p.m.countOrders(t)
	if !found {
		return PullPage{}, errNoOrders
	}
	return PullPage{n, p.nextToken(t, token, n)}, nil
}

// checkJSON names the place of what makes a body no JSON.
func checkJSON(body []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	_, err := dec.ReadValue()
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it ends in the middle", source.ErrTruncated)
	case errors.As(err, &syntax):
		return fmt.Errorf("broken JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	case err != nil:
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the JSON")
	}
	return nil
}

// countOrders counts the list that the first of the ways leads to.
func (m *Mapping) countOrders(t *doc) (n int, found bool) {
	for _, way := range m.orders.at {
		at, whole := int32(0), true
		for i, name := range way {
			next := t.member(at, name)
			if whole = next != absent && (i == len(way)-1 || t.nodes[next].kind == '{'); !whole {
				break
			}
			at = next
		}
		switch {
		case !whole || at == 0 && t.nodes[0].kind == 'n':
		case t.nodes[at].kind == 'n':
			return 0, true
		case t.nodes[at].kind == '[':
			for c := t.first(at); c != absent; c = t.following(at, c) {
				n++
			}
			return n, true
		}
	}
	return 0, false
}

// nextToken is that of the page behind one with n orders.
func (p *Pull) nextToken(t *doc, token string, n int) string {
	r := &p.page
	switch {
	case r.by == pageByCursor:
		at := t.find(r.next, 0)
		if t.empty(at) || t.nodes[at].kind == 't' {
			return ""
		}
		return string(t.raw(at))
	case r.by == "" || n == 0 || p.isLast(t):
		return ""
	}
	here, _ := strconv.Atoi(token)
	if r.by == pageByNumber {
		if token == "" {
			here = r.first
		}
		return strconv.Itoa(here + 1)
	}
	if n < r.size { // most likely the last one: only what is behind it is asked for
		return strconv.Itoa(here + n)
	}
	return strconv.Itoa(here + n - r.overlap)
}

// isLast reports whether the answer says that no page follows. One that says nothing is followed by another
// request: a shop may give less than a full page although there is more.
func (p *Pull) isLast(t *doc) bool {
	if p.page.more == nil {
		return false
	}
	at := t.find(p.page.more, 0)
	return !t.empty(at) && string(t.raw(at)) == "false"
}
