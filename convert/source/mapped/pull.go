package mapped

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Pull is how the orders of a source are asked for over its web interface. It only says what to ask: who asks,
// and when, is others' business.
type Pull struct {
	Secrets  []string      // names of what the account must have, in the order to ask for them
	Settings []PullSetting // what the account must state
	Interval time.Duration // how often to ask; 0 leaves it to the settings
	Overlap  time.Duration // how far each run reaches back into the one before
	Depth    time.Duration // how far back a first run asks; 0 leaves it to the settings
	Requests int           // at once, and again within Within; 0 for no limit
	Within   time.Duration

	m *Mapping
	request
	time form
	page pageRule
}

// request is what is sent for each page.
type request struct {
	method  string
	url     template
	query   []namedTemplate
	headers []namedTemplate
	body    template
}

// PullSetting is a setting of an account that is pulled.
type PullSetting struct {
	Name    string
	About   string // what to write, in words
	Address bool   // it begins the URL
}

// pageRule is how one page leads to the next.
type pageRule struct {
	by      string // pageByNumber, pageByOffset, pageByCursor; empty where there is one page only
	first   int    // number of the first page
	size    int    // orders on a full page; 0 where that is not known
	overlap int    // orders that a page has in common with the one before, so that a list that shrinks loses none
	more    *path  // leads to true or to anything while pages follow, to false when none does
	next    *path  // leads to the cursor of the next page
}

const (
	pageByNumber = "number"
	pageByOffset = "offset"
	pageByCursor = "cursor"
)

// defaultPullOverlap covers what a shop shows late, and clocks that differ.
const defaultPullOverlap = time.Hour

// The names that stand in braces in a template, beside settings and secrets.
const (
	holderSince  = "since"
	holderUntil  = "until"
	holderPage   = "page"
	holderOffset = "offset"
	holderCursor = "cursor"
	holderSize   = "size"
)

var pullKeys = []string{
	"url", "method", "query", "headers", "body", "secrets", "settings", "page", "time", "interval", "overlap", "first_run", "limit",
}

func (c *compiler) pull(t *tomlValue) {
	if t = c.section(t, "pull", pullKeys); t == nil {
		return
	}
	p := &Pull{m: c.m, Overlap: defaultPullOverlap, Secrets: c.strings(t.get("secrets"), "pull.secrets")}
	c.m.Pull = p
	if c.m.Kind != JSON {
		c.mistake(t.at, `leave [pull] out, or write kind = "json"`, "only JSON can be pulled")
	}
	for _, name := range p.Secrets {
		if !validHolder(name) {
			c.mistake(placeOf(t, "secrets"), `write names such as "consumer_key"`, "pull: secret %q is no name", name)
		}
	}
	c.pullSettings(p, t.get("settings"))
	c.pullPage(p, t.get("page"))
	c.pullTimes(p, t)
	c.pullRequest(p, t)
}

func (c *compiler) pullSettings(p *Pull, t *tomlValue) {
	if t == nil {
		return
	}
	if t.kind != tomlTable {
		c.mistake(t.at, `write settings = { shop = "address of the shop, https://…" }`, "pull.settings is %s", t.kind)
		return
	}
	for _, name := range t.keys {
		reserved := []string{holderSince, holderUntil, holderPage, holderOffset, holderCursor, holderSize}
		if !validHolder(name) || slices.Contains(reserved, name) {
			c.mistake(t.key[name], "take another name, in small letters and _", "pull: setting %q is no name", name)
		}
		p.Settings = append(p.Settings, PullSetting{Name: name, About: c.text(t.get(name), "pull.settings."+name)})
	}
}

func validHolder(s string) bool {
	return s != "" && len(s) <= 64 && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (c *compiler) pullPage(p *Pull, t *tomlValue) {
	if t = c.section(t, "pull.page", []string{"by", "first", "size", "overlap", "more", "next"}); t == nil {
		return
	}
	r := pageRule{
		by: c.text(t.get("by"), "pull.page.by"), first: c.count(t.get("first"), "pull.page.first", 1),
		size: c.count(t.get("size"), "pull.page.size", 0), overlap: c.count(t.get("overlap"), "pull.page.overlap", 0),
	}
	if e := t.get("more"); e != nil {
		r.more = c.pathInBody(e, "pull.page.more")
	}
	if e := t.get("next"); e != nil {
		r.next = c.pathInBody(e, "pull.page.next")
	}
	switch {
	case !slices.Contains([]string{pageByNumber, pageByOffset, pageByCursor}, r.by):
		c.mistake(placeOf(t, "by"), `write by = "number", "offset" or "cursor"`, "pull.page.by %q is none", r.by)
	case (r.by == pageByCursor) != (r.next != nil):
		c.mistake(t.at, `write by = "cursor", next = "path to the cursor of the next page"`, "pull.page: a cursor and next go together")
	case r.overlap > 0 && (r.by != pageByOffset || r.overlap >= r.size):
		c.mistake(placeOf(t, "overlap"), `write by = "offset", size = 100, overlap = 5`, "pull.page.overlap needs an offset, and a larger size")
	}
	p.page = r
}

// pathInBody compiles a path of the answer, which is none of an order's.
func (c *compiler) pathInBody(t *tomlValue, field string) *path {
	text := c.text(t, field)
	p, err := parsePath(text, false)
	if err != nil {
		c.mistake(t.at, "write a path such as result.has_next", "path %q: %v", text, err)
		return nil
	}
	return p
}

func (c *compiler) pullTimes(p *Pull, t *tomlValue) {
	p.time = form{zone: time.UTC, layouts: []string{time.RFC3339}}
	if e := c.section(t.get("time"), "pull.time", []string{"zone", "format"}); e != nil {
		v := &value{field: "pull.time"}
		c.understanding(v, e)
		if v.form.zone != nil {
			p.time.zone = v.form.zone
		}
		if len(v.form.layouts) > 0 {
			p.time.layouts = v.form.layouts[:1]
		}
	}
	c.span(t.get("interval"), "pull.interval", &p.Interval)
	c.span(t.get("overlap"), "pull.overlap", &p.Overlap)
	c.span(t.get("first_run"), "pull.first_run", &p.Depth)
	if e := c.section(t.get("limit"), "pull.limit", []string{"requests", "within"}); e != nil {
		p.Requests = c.count(e.get("requests"), "pull.limit.requests", 0)
		c.span(e.get("within"), "pull.limit.within", &p.Within)
		if p.Requests == 0 || p.Within <= 0 || p.Within > time.Hour*time.Duration(p.Requests) {
			c.mistake(e.at, `write limit = { requests = 60, within = "1m" }`, "pull.limit states no rate")
			p.Requests = 0
		}
	}
}

// span reads a length of time such as "15m" or "30d" into target.
func (c *compiler) span(t *tomlValue, field string, target *time.Duration) {
	if t == nil {
		return
	}
	text := c.text(t, field)
	d, ok := parseSpan(text)
	if !ok || d <= 0 {
		c.mistake(t.at, `write "15m", "1h30m" or "30d"`, "%s %q is no length of time", field, text)
		return
	}
	*target = d
}

func parseSpan(text string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		text = days + "h"
		d, err := time.ParseDuration(text)
		return 24 * d, err == nil && d < 100_000*time.Hour
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// pullRequest compiles what is sent.
func (c *compiler) pullRequest(p *Pull, t *tomlValue) {
	h := &holders{compiler: c, pull: p, used: map[string]bool{}}
	p.method = "GET"
	if e := t.get("method"); e != nil {
		if p.method = c.text(e, "pull.method"); p.method != "GET" && p.method != "POST" {
			c.mistake(e.at, `write method = "GET" or "POST"`, "pull.method %q is none", p.method)
		}
	}
	h.address(t)
	p.query, p.headers = h.list(t.get("query"), "pull.query", false), h.list(t.get("headers"), "pull.headers", true)
	if e := t.get("body"); e != nil {
		p.body = h.template(c.text(e, "pull.body"), e.at, false)
		if p.method != "POST" {
			c.mistake(e.at, `write method = "POST"`, "pull.body needs the method POST")
		}
		if body := p.body.render(sampleHolders{}, escapeJSON); !jsontext.Value(body).IsValid() {
			c.mistake(e.at, `write JSON, with placeholders in texts or for numbers: {"since":"{since}","offset":{offset}}`, "pull.body is no JSON")
		}
	}
	h.checkUsed(t)
}
