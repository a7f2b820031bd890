// Package mapped reads sources of orders that a mapping describes instead of Go: a TOML file says where
// the orders stand in a JSON, CSV or XML file, where each field of an order is, and which readings of the
// money may be tried. The proof of the amounts is the same as for every other source.
//
// A mapping is compiled by Parse, which names every mistake with its line and column: unknown keys, paths
// that are none, expressions that do not compile. A Set is the mappings in force; it recognises a file by
// its content and reads it in a stream, with the same bounds as the native formats.
//
// Numbers are never floats: paths keep the text of a number, and computed fields work on exact decimals.
package mapped

import (
	"fmt"
	"slices"
	"strings"

	"obmen/convert/order"
)

// Kind is the kind of file that a mapping reads.
type Kind string

// The kinds of files.
const (
	JSON  Kind = "json"  // one or more bodies, one behind the other
	JSONL Kind = "jsonl" // a body on each line
	CSV   Kind = "csv"   // a table with a header line
	XML   Kind = "xml"
)

// MaxSize bounds a mapping, in bytes.
const MaxSize = 64 << 10

// Mapping describes one source of orders. Parse makes it; it does not change afterwards and may be used
// by several readers at a time.
type Mapping struct {
	Name  string // of the format, in messages and in order.Order.Format
	Title string // one line about the source
	Sure  string // what the mapping was made from: a body that was seen, or documentation only
	Kind  Kind
	File  string // where the mapping stands
	Own   bool   // the user's own, not a built-in one

	Text     []byte
	Examples []Example
	Pull     *Pull // nil where the orders cannot be pulled
	rules
}

// rules are the compiled parts of a mapping.
type rules struct {
	detect   detection
	orders   ordersAt
	table    tableRules
	order    []orderField
	lines    linesAt
	services []service
	skips    []skipRule
	money    moneyRules
	paths    []*path
	byText   map[string]*path
}

// Example is a small file with what must come of it. The mapping's text holds it, or names a file beside
// the mapping.
type Example struct {
	In       string   // name of a file beside the mapping; empty where Content is stated
	Content  string   //
	Orders   int      // orders in it
	Exported int      // of them, those that go to 1C when every product is known; -1 where that is not stated
	Held     []string // codes of the orders that are held, sorted
}

// detection is what a file must have to be the mapping's own.
type detection struct {
	has, lacks []*path
	insteadOf  []string // native formats that the mapping takes files from
}

// ordersAt says where the orders stand in a file.
type ordersAt struct {
	at       [][]string // ways from the root of a body, by names
	whole    bool       // a body is read whole: its orders need other parts of it
	fragment bool       // the orders hold lines only, of orders that other files state
}

type linesAt struct {
	at        *path // nil: the order is its only line; of a table: its rows
	elsewhere bool  // other files have the lines of an order that has none
	fields    []lineField
}

// moneyRules say how the amounts are to be read.
type moneyRules struct {
	readings order.Readings
	mark     decimalMark // empty: numbers as JSON has them
}

// service is a charge of an order beside its goods.
type service struct {
	code                  string
	at                    *path // nil: the order itself
	amount, tax, discount *value
}

// skipRule leaves an order out, with a word for it.
type skipRule struct {
	when *expression
	as   string
}

type orderField struct {
	*value
	set orderSetter
}

type lineField struct {
	*value
	set lineSetter
}

// Parse compiles a mapping; file is its name in messages. The error is of type Mistakes.
func Parse(file string, text []byte) (*Mapping, error) {
	if len(text) > MaxSize {
		return nil, Mistakes{{File: file, Text: fmt.Sprintf("a mapping of more than %d KiB", MaxSize>>10), Advice: "describe one source in one file"}}
	}
	root, mistakes := readTOML(file, text)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	c := &compiler{m: &Mapping{File: file, Text: text, rules: rules{byText: map[string]*path{}}}}
	c.mapping(root)
	if len(c.mistakes) > 0 {
		return nil, c.mistakes.sorted()
	}
	return c.m, nil
}

var mappingKeys = []string{
	"name", "title", "sure", "kind", "detect", "orders", "order", "lines", "service", "money", "skip", "example", "table", "pull",
}

func (c *compiler) mapping(root *tomlValue) {
	c.refuseUnknown(root, "", mappingKeys)
	m := c.m
	m.Name, m.Title, m.Sure = c.text(root.get("name"), "name"), c.text(root.get("title"), "title"), c.text(root.get("sure"), "sure")
	m.Kind = Kind(c.text(root.get("kind"), "kind"))
	if !validName(m.Name) {
		c.mistake(placeOf(root, "name"), `write name = "my-shop", in small letters, digits and hyphens`, "name %q is none", m.Name)
	}
	if !slices.Contains([]Kind{JSON, JSONL, CSV, XML}, m.Kind) {
		c.mistake(placeOf(root, "kind"), `write kind = "json", "jsonl", "csv" or "xml"`, "kind %q is none", m.Kind)
	}
	c.money(root.get("money"))
	c.tableRules(root.get("table"))
	c.detection(root.get("detect"))
	c.ordersAt(root.get("orders"))
	c.orderFields(root)
	c.lineFields(root)
	c.pull(root.get("pull"))
	for i, t := range c.tables(root.get("service"), "service") {
		c.service(fmt.Sprintf("service %d", i+1), t)
	}
	for _, t := range c.tables(root.get("skip"), "skip") {
		c.skip(t)
	}
	for _, t := range c.tables(root.get("example"), "example") {
		c.example(t)
	}
}

func (c *compiler) money(t *tomlValue) {
	if c.m.Kind == CSV {
		c.m.money.mark = markAuto
	}
	if t = c.section(t, "money", []string{"readings", "decimal"}); t == nil {
		return
	}
	if e := t.get("decimal"); e != nil {
		c.m.money.mark = decimalMark(c.text(e, "money.decimal"))
		if !slices.Contains([]decimalMark{markPoint, markComma, markAuto}, c.m.money.mark) {
			c.mistake(e.at, `write ".", "," or "auto"`, "money.decimal %q is none", e.text)
		}
	}
	seen := map[string]bool{}
	for _, r := range c.texts(t.get("readings"), "money.readings") {
		if !slices.Contains(order.ReadingNames, r.text) {
			c.mistake(r.at, "known here: "+strings.Join(order.ReadingNames, ", "), "unknown reading %q", r.text)
		}
		seen[r.text] = true
	}
	c.m.money.readings = order.OnlyReadings(seen)
}

func (c *compiler) detection(t *tomlValue) {
	if t = c.section(t, "detect", []string{"has", "lacks", "instead_of"}); t == nil || len(c.texts(t.get("has"), "detect.has")) == 0 {
		at := position{1, 1}
		if t != nil {
			at = t.at
		}
		c.mistake(at, `write has = ["…"] with paths that every order of this source has, and orders of others do not`, "[detect] names nothing to know a file by")
		return
	}
	for _, p := range c.texts(t.get("has"), "detect.has") {
		c.m.detect.has = append(c.m.detect.has, c.pathOf(p.text, p.at))
	}
	for _, p := range c.texts(t.get("lacks"), "detect.lacks") {
		c.m.detect.lacks = append(c.m.detect.lacks, c.pathOf(p.text, p.at))
	}
	c.m.detect.insteadOf = c.strings(t.get("instead_of"), "detect.instead_of")
}

func (c *compiler) ordersAt(t *tomlValue) {
	o := &c.m.orders
	if t = c.section(t, "orders", []string{"at", "one_of", "whole", "fragment"}); t == nil {
		o.at = [][]string{nil}
		if c.m.Kind == XML {
			c.mistake(position{1, 1}, `write [orders] at = "Envelope.Orders.Order"`, "where are the orders?")
		}
		return
	}
	o.whole, o.fragment = c.flag(t.get("whole"), "orders.whole"), c.flag(t.get("fragment"), "orders.fragment")
	for _, p := range append(c.texts(t.get("at"), "orders.at"), c.texts(t.get("one_of"), "orders.one_of")...) {
		o.at = append(o.at, c.namesOnly(p))
	}
	if len(o.at) == 0 {
		o.at = [][]string{nil}
	}
	if c.m.Kind == CSV && (t.get("at") != nil || t.get("one_of") != nil) {
		c.mistake(t.at, "leave it out: the orders of a table are its rows", "a table has no path to its orders")
	}
}

// namesOnly is a path of names only; "@" is the body itself.
func (c *compiler) namesOnly(p placed) (names []string) {
	if p.text == "@" {
		return nil
	}
	parsed, err := parsePath(p.text, false)
	if err != nil {
		c.mistake(p.at, `write a path of names such as result.postings, or "@"`, "orders: %v", err)
		return nil
	}
	for _, s := range parsed.steps {
		if s.kind != stepName {
			c.mistake(p.at, `write a path of names such as result.postings, or "@"`, "orders: %q has more than names", p.text)
			return nil
		}
		names = append(names, s.name)
	}
	return names
}

// serviceCodes are the charges beside goods that an order may have.
var serviceCodes = []string{"ORDER_DELIVERY", "ORDER_GIFT_WRAP", "ORDER_COD_FEE", "ORDER_OTHER"}

func (c *compiler) service(field string, t *tomlValue) {
	c.refuseUnknown(t, field, []string{"code", "at", "amount", "tax", "discount"})
	s := service{code: c.text(t.get("code"), field+".code")}
	if !slices.Contains(serviceCodes, s.code) {
		c.mistake(placeOf(t, "code"), "write one of "+strings.Join(serviceCodes, ", "), "%s: code %q is none", field, s.code)
	}
	in := scopeOrder
	if at := t.get("at"); at != nil && c.m.Kind != CSV {
		s.at, in = c.pathOf(c.text(at, field+".at"), at.at), scopeLine
	} else if at != nil {
		c.mistake(at.at, "leave it out: amount names the column", "%s: a table has no path to its charges", field)
	}
	optional := func(key string) *value {
		if e := t.get(key); e != nil {
			return c.valueOf(field+"."+key, e, in, wantAmount)
		}
		return nil
	}
	s.amount, s.tax, s.discount = optional("amount"), optional("tax"), optional("discount")
	if s.amount == nil {
		c.mistake(t.at, `write amount = "path"`, "%s has no amount", field)
	}
	c.m.services = append(c.m.services, s)
}

func (c *compiler) skip(t *tomlValue) {
	c.refuseUnknown(t, "skip", []string{"when", "as"})
	when := t.get("when")
	if when == nil {
		c.mistake(t.at, `write when = 'order.text("status") == "trash"'`, "skip names no orders")
		return
	}
	rule := skipRule{as: c.text(t.get("as"), "skip.as")}
	if rule.as == "" {
		c.mistake(t.at, `write as = "deleted": the word that stands in the report`, "skip has no word for the orders")
	}
	rule.when = c.compile(c.text(when, "skip.when"), when.at, scopeOrder, wantFlag)
	c.m.skips = append(c.m.skips, rule)
}

func (c *compiler) example(t *tomlValue) {
	c.refuseUnknown(t, "example", []string{"in", "text", "orders", "exported", "held"})
	e := Example{
		In: c.text(t.get("in"), "example.in"), Content: c.text(t.get("text"), "example.text"),
		Orders: c.count(t.get("orders"), "example.orders", 0), Exported: c.count(t.get("exported"), "example.exported", -1),
		Held: c.strings(t.get("held"), "example.held"),
	}
	if (e.In == "") == (e.Content == "") {
		c.mistake(t.at, "name a file beside the mapping, or write the text here", "an example has either in or text")
	}
	slices.Sort(e.Held)
	c.m.Examples = append(c.m.Examples, e)
}

// placeholder stands in a guessed mapping where a person must write a path.
const placeholder = `"FILL-IN"`

// Unfilled returns a mistake for each line of a mapping's text that still waits for a person.
func Unfilled(file string, text []byte) (list Mistakes) {
	for i, line := range strings.Split(string(text), "\n") {
		code, _, _ := strings.Cut(line, "#")
		if at := strings.Index(code, placeholder); at >= 0 {
			list = append(list, Mistake{file, i + 1, at + 1, "FILL-IN is still to be replaced", "write the path of the value, as the file calls it; take the line out if the file has none"})
		}
	}
	return list
}
