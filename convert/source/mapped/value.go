package mapped

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/file"

	"obmen/convert/money"
)

// value is where a field comes from: a path, the first of several, several joined, a constant, or an
// expression; and how its text is to be understood.
type value struct {
	field    string // "order.total"
	at       position
	paths    []*path
	joined   bool
	sep      string
	constant string
	computed *expression
	sum      bool              // all that the path leads to are added up
	words    map[string]string // what other words stand for; "*" for all others
	form     form
}

// form is how a text is to be understood.
type form struct {
	trim     string // taken off the beginning
	zone     *time.Location
	layouts  []string
	minor    bool  // an amount in the smallest coins
	included bool  // a discount that the prices contain already
	stated   bool  // included was stated
	spread   bool  // a tax of the whole order, shared over its lines
	shareOf  *path // of an amount of the line, the part that falls to its quantity of the units that this leads to
	sign     bool  // a currency that is read off the amounts
}

var valueKeys = []string{
	"at", "first", "join", "sep", "const", "value", "sum", "map", "zone", "format", "trim", "minor", "included", "spread", "sign_of", "share_of",
}

// valueOf compiles the value of a field.
func (c *compiler) valueOf(field string, t *tomlValue, s scope, w want) *value {
	v := &value{field: field, at: t.at}
	switch t.kind {
	case tomlString:
		c.source(v, t, s, w)
		return v
	case tomlTable:
		c.form(v, t, s, w)
		return v
	}
	c.mistake(t.at, `write a path, or a table such as { at = "path" }`, "%s is %s", field, t.kind)
	return v
}

// source takes a text as a path or, behind "=", as an expression.
func (c *compiler) source(v *value, t *tomlValue, s scope, w want) {
	if strings.HasPrefix(t.text, "=") {
		v.computed = c.compile(t.text, t.at, s, w)
		return
	}
	v.paths = append(v.paths, c.pathOf(t.text, t.at))
}

// form compiles a value that is written as a table.
func (c *compiler) form(v *value, t *tomlValue, s scope, w want) {
	c.refuseUnknown(t, v.field, valueKeys)
	sources := 0
	for _, key := range []string{"at", "first", "join", "const", "value", "sum", "sign_of"} {
		e := t.get(key)
		if e == nil {
			continue
		}
		sources++
		switch key {
		case "const":
			v.constant = c.text(e, v.field+".const")
		case "value":
			c.computed(v, e, s, w)
		default:
			for _, p := range c.texts(e, v.field+"."+key) {
				v.paths = append(v.paths, c.pathOf(p.text, p.at))
			}
		}
		v.joined, v.sum, v.form.sign = v.joined || key == "join", v.sum || key == "sum", v.form.sign || key == "sign_of"
	}
	if sources != 1 {
		c.mistake(t.at, "write exactly one of at, first, join, sum, sign_of, const and value", "%s has %d sources", v.field, sources)
	}
	v.sep = " "
	if sep := t.get("sep"); sep != nil {
		v.sep = c.text(sep, v.field+".sep")
	}
	c.words(v, t.get("map"))
	c.understanding(v, t)
}

func (c *compiler) computed(v *value, e *tomlValue, s scope, w want) {
	text := c.text(e, v.field+".value")
	if !strings.HasPrefix(text, "=") {
		c.mistake(e.at, `write "= …", or at = "path"`, "%s.value is no expression", v.field)
		return
	}
	v.computed = c.compile(text, e.at, s, w)
}

func (c *compiler) words(v *value, t *tomlValue) {
	if t == nil {
		return
	}
	if t.kind != tomlTable {
		c.mistake(t.at, `write map = { word = "meaning", "*" = "of all others" }`, "%s.map is %s", v.field, t.kind)
		return
	}
	v.words = map[string]string{}
	for _, word := range t.keys {
		v.words[word] = c.text(t.get(word), v.field+".map."+word)
	}
}

func (c *compiler) understanding(v *value, t *tomlValue) {
	if e := t.get("trim"); e != nil {
		v.form.trim = c.text(e, v.field+".trim")
	}
	if e := t.get("share_of"); e != nil {
		v.form.shareOf = c.pathOf(c.text(e, v.field+".share_of"), e.at)
		if !strings.HasPrefix(v.field, "lines.") {
			c.mistake(e.at, "leave it out", "%s: only an amount of a line has a share", v.field)
		}
	}
	v.form.minor = c.flag(t.get("minor"), v.field+".minor")
	v.form.spread = c.flag(t.get("spread"), v.field+".spread")
	v.form.included, v.form.stated = c.flag(t.get("included"), v.field+".included"), t.get("included") != nil
	if e := t.get("zone"); e != nil {
		name := c.text(e, v.field+".zone")
		zone, err := time.LoadLocation(name)
		if err != nil || name == "Local" || name == "" {
			c.mistake(e.at, `write a zone such as "UTC" or "Europe/Moscow"`, "%s: there is no time zone %q", v.field, name)
		} else {
			v.form.zone = zone
		}
	}
	if e := t.get("format"); e != nil {
		for _, layout := range c.texts(e, v.field+".format") {
			if !slices.Contains(epochs, layout.text) && !strings.Contains(layout.text, "06") {
				c.mistake(layout.at, `write how 2 January 2006, 15:04:05 would stand there: "2006-01-02 15:04:05", or "unix", or "unix-ms"`,
					"%s: %q is no format of a date", v.field, layout.text)
			}
			v.form.layouts = append(v.form.layouts, layout.text)
		}
	}
}

// origin is the value's source in words, for whoever looks where a number comes from.
func (v *value) origin() string {
	switch {
	case v == nil:
		return ""
	case v.computed != nil:
		return "= " + v.computed.text
	case len(v.paths) == 0:
		return fmt.Sprintf("%q", v.constant)
	}
	names := make([]string, len(v.paths))
	for i, p := range v.paths {
		names[i] = p.text
	}
	return strings.Join(names, ", ")
}

// epochs are the formats of times that are counted instead of written.
var epochs = []string{"unix", "unix-ms"}

// usualLayouts are tried where a mapping states no format.
var usualLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

var errTime = errors.New("not a date and time in the format of the mapping")

// moment reads a time as UTC, and the offset that it was written with, nil for UTC.
func (f *form) moment(s string) (time.Time, *time.Location, error) {
	layouts, zone := f.layouts, f.zone
	if len(layouts) == 0 {
		layouts = usualLayouts
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range layouts {
		if t, ok := readTime(layout, s, zone); ok && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC(), offsetOf(t, zone), nil
		}
	}
	return time.Time{}, nil, errTime
}

func readTime(layout, s string, zone *time.Location) (time.Time, bool) {
	switch layout {
	case "unix", "unix-ms":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}, false
		}
		if layout == "unix" {
			return time.Unix(n, 0).In(zone), true
		}
		return time.UnixMilli(n).In(zone), true
	}
	t, err := time.ParseInLocation(layout, s, zone)
	if err != nil && strings.Contains(layout, "Jan") {
		t, err = time.ParseInLocation(layout, englishMonth(s), zone)
	}
	return t, err == nil
}

// offsetOf is the zone that an order's times are written in; nil for UTC.
func offsetOf(t time.Time, zone *time.Location) *time.Location {
	_, offset := t.Zone()
	switch {
	case zone != time.UTC:
		return zone
	case offset != 0:
		return time.FixedZone("", offset)
	}
	return nil
}

// months are short names of months in exports of other languages, without dots.
var months = map[string]string{
	"janv": "Jan", "févr": "Feb", "mars": "Mar", "avr": "Apr", "mai": "May", "juin": "Jun", "juil": "Jul", "août": "Aug",
	"sept": "Sep", "déc": "Dec", "mär": "Mar", "mrz": "Mar", "okt": "Oct", "dez": "Dec", "ene": "Jan", "abr": "Apr",
	"ago": "Aug", "dic": "Dec", "gen": "Jan", "mag": "May", "giu": "Jun", "lug": "Jul", "set": "Sep", "ott": "Oct",
	"янв": "Jan", "фев": "Feb", "мар": "Mar", "апр": "Apr", "май": "May", "мая": "May", "июн": "Jun", "июл": "Jul",
	"авг": "Aug", "сен": "Sep", "окт": "Oct", "ноя": "Nov", "дек": "Dec",
}

// englishMonth spells the month of a date as time.Parse reads it: "05-oct.-26" becomes "05-Oct-26".
func englishMonth(s string) string {
	isPart := func(r rune) bool { return r == '-' || r == ' ' || r == '/' }
	for word := range strings.FieldsFuncSeq(s, isPart) {
		plain := strings.ToLower(strings.Trim(word, ".,"))
		english, known := months[plain]
		if !known && len(plain) == 3 && plain[0] >= 'a' && plain[0] <= 'z' {
			english, known = strings.ToUpper(plain[:1])+plain[1:], true
		}
		if known {
			return strings.Replace(s, word, english, 1)
		}
	}
	return s
}

// expressionReason is what went wrong in an expression, without its picture.
func expressionReason(err error) error {
	var bad *file.Error
	if errors.As(err, &bad) {
		return errors.New(bad.Message)
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(text)
}

// textOf is what an expression came to as text.
func textOf(out any) string {
	switch x := out.(type) {
	case string:
		return x
	case bool:
		if x {
			return "true"
		}
		return "false"
	case money.Decimal:
		return x.String()
	}
	return ""
}
