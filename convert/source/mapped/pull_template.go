package mapped

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// template is a text with placeholders in braces: {since}, {since-90d}, {page}, {shop}, {secret:api_key},
// {basic:user:password}.
type template []templatePart

type templatePart struct {
	text   string // as it is; empty for a placeholder
	holder string
	less   string   // a length of time that is taken off {since} or {until}
	of     []string // names behind "secret:" or "basic:"
}

// The placeholders that take secrets.
const (
	holderSecret = "secret"
	holderBasic  = "basic"
)

type namedTemplate struct {
	name  string
	value template
}

var holderPattern = regexp.MustCompile(`\{([a-z][a-z0-9_]*)((?::[a-z][a-z0-9_]*)+)?(?:-([0-9]+[a-z0-9]*))?\}`)

// holders compiles the templates of a [pull].
type holders struct {
	*compiler
	pull *Pull
	used map[string]bool
}

// address compiles the URL: https, or a setting that states where the shop is.
func (h *holders) address(t *tomlValue) {
	e := t.get("url")
	if e == nil {
		h.mistake(t.at, `write url = "https://api.example.com/orders", or "{shop}/orders"`, "pull.url is missing")
		return
	}
	u := h.template(h.text(e, "pull.url"), e.at, false)
	h.pull.url = u
	if len(u) == 0 {
		h.mistake(e.at, `write url = "https://api.example.com/orders"`, "pull.url is empty")
		return
	}
	i := slices.IndexFunc(h.pull.Settings, func(s PullSetting) bool { return s.Name == u[0].holder })
	switch {
	case u[0].holder != "" && i >= 0:
		h.pull.Settings[i].Address = true
	case !strings.HasPrefix(u[0].text, "https://") || strings.ContainsAny(u[0].text, "@ ") || !strings.Contains(u[0].text[len("https://"):], "/"):
		h.mistake(e.at, `write url = "https://api.example.com/orders", or begin with a setting: "{shop}/orders"`, "pull.url is no address of https")
	}
}

// list compiles the templates of a table, in its order.
func (h *holders) list(t *tomlValue, field string, header bool) (list []namedTemplate) {
	if t == nil {
		return nil
	}
	if t.kind != tomlTable {
		h.mistake(t.at, "write "+strings.TrimPrefix(field, "pull.")+` = { name = "value" }`, "%s is %s", field, t.kind)
		return nil
	}
	for _, name := range t.keys {
		e := t.get(name)
		if header && !validHeader(name) {
			h.mistake(t.key[name], `write a name such as Authorization or "Api-Key"`, "pull.headers: %q is none that can be sent", name)
		}
		value := h.template(h.text(e, field+"."+name), e.at, header)
		for _, part := range value {
			if header && strings.ContainsFunc(part.text, func(r rune) bool { return r < ' ' || r > '~' }) {
				h.mistake(e.at, "write plain letters and signs", "pull.headers.%s has letters that no header carries", name)
			}
		}
		list = append(list, namedTemplate{name, value})
	}
	return list
}

// validHeader refuses what is not the mapping's to state, too.
func validHeader(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	lower := strings.ToLower(name)
	fixed := []string{"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "cookie"}
	return lower != "" && strings.Trim(lower, letters) == "" && !slices.Contains(fixed, lower)
}

// template compiles a text; only a header may have secrets in it.
func (h *holders) template(text string, at position, header bool) (list template) {
	last := 0
	for _, m := range holderPattern.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > last {
			list = append(list, templatePart{text: text[last:m[0]]})
		}
		part := templatePart{holder: text[m[2]:m[3]]}
		if m[4] >= 0 {
			part.of = strings.Split(text[m[4]+1:m[5]], ":")
		}
		if m[6] >= 0 {
			part.less = text[m[6]:m[7]]
		}
		if wrong := h.check(part, header); wrong != "" {
			place := position{at.line + strings.Count(text[:m[0]], "\n"), at.column + m[0]}
			if i := strings.LastIndexByte(text[:m[0]], '\n'); i >= 0 {
				place.column = m[0] - i
			}
			h.mistake(place, "known here: "+strings.Join(h.knownNames(header), ", "), "%s: %s", text[m[0]:m[1]], wrong)
		}
		h.used[part.holder] = true
		for _, name := range part.of {
			h.used[holderSecret+":"+name] = true
		}
		list, last = append(list, part), m[1]
	}
	if last < len(text) {
		list = append(list, templatePart{text: text[last:]})
	}
	return list
}

// check returns what is wrong with a placeholder.
func (h *holders) check(p templatePart, header bool) string {
	isTime := p.holder == holderSince || p.holder == holderUntil
	if p.less != "" {
		if _, ok := parseSpan(p.less); !ok || !isTime {
			return "only times have a length taken off, as in {since-90d}"
		}
	}
	switch p.holder {
	case holderSecret, holderBasic:
		switch {
		case !header:
			return "secrets stand in headers only: an address is logged on its way"
		case len(p.of) != map[string]int{holderSecret: 1, holderBasic: 2}[p.holder]:
			return "write {secret:name} or {basic:user:password}"
		}
		for _, name := range p.of {
			if !slices.Contains(h.pull.Secrets, name) {
				return fmt.Sprintf("%s is not among the secrets", name)
			}
		}
		return ""
	}
	if len(p.of) > 0 || !slices.Contains(h.names(), p.holder) {
		return "no such placeholder"
	}
	return ""
}

// names are the placeholders without secrets.
func (h *holders) names() []string {
	list := []string{holderSince, holderUntil}
	switch h.pull.page.by {
	case pageByNumber:
		list = append(list, holderPage)
	case pageByOffset:
		list = append(list, holderOffset)
	case pageByCursor:
		list = append(list, holderCursor)
	}
	if h.pull.page.size > 0 {
		list = append(list, holderSize)
	}
	for _, s := range h.pull.Settings {
		list = append(list, s.Name)
	}
	return list
}

func (h *holders) knownNames(header bool) (list []string) {
	for _, name := range h.names() {
		list = append(list, "{"+name+"}")
	}
	if header {
		for _, name := range h.pull.Secrets {
			list = append(list, "{secret:"+name+"}")
		}
	}
	return list
}

// checkUsed names what is stated and stands nowhere in the request.
func (h *holders) checkUsed(t *tomlValue) {
	for _, s := range h.pull.Settings {
		if !h.used[s.Name] {
			h.mistake(placeOf(t, "settings"), "write {"+s.Name+"} where it belongs, or take it out", "pull: the setting %s is not used", s.Name)
		}
	}
	for _, name := range h.pull.Secrets {
		if !h.used[holderSecret+":"+name] {
			h.mistake(placeOf(t, "secrets"), "write {secret:"+name+"} in a header, or take it out", "pull: the secret %s is not used", name)
		}
	}
	holder := map[string]string{pageByNumber: holderPage, pageByOffset: holderOffset, pageByCursor: holderCursor}[h.pull.page.by]
	if holder != "" && !h.used[holder] {
		h.mistake(placeOf(t, "page"), "write {"+holder+"} in query or body: without it every page is the first", "pull: nothing asks for the next page")
	}
}
