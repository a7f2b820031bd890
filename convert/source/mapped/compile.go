package mapped

import (
	"fmt"
	"slices"
	"strings"
)

// compiler makes a mapping out of its text and collects the mistakes.
type compiler struct {
	m           *Mapping
	mistakes    Mistakes
	expressions int
}

func (c *compiler) mistake(at position, cure, format string, args ...any) {
	c.mistakes.add(c.m.File, at, cure, format, args...)
}

func validName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-'
}

func placeOf(t *tomlValue, key string) position {
	if v := t.get(key); v != nil {
		return v.at
	}
	return t.at
}

// refuseUnknown names the keys of a table that are none.
func (c *compiler) refuseUnknown(t *tomlValue, where string, keys []string) {
	for _, key := range t.keys {
		if !slices.Contains(keys, key) {
			name := strings.TrimPrefix(where+"."+key, ".")
			c.mistake(t.key[key], knownHere(key, keys), "unknown key %s", name)
		}
	}
}

// knownHere is the cure of an unknown key: the one that was probably meant, or all there are.
func knownHere(key string, keys []string) string {
	best, least := "", 3
	for _, k := range keys {
		if d := distance(key, k); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(keys, ", ")
}

// distance is how many letters must be changed, added or taken away to make one word of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, before+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func (c *compiler) text(t *tomlValue, field string) string {
	if t == nil {
		return ""
	}
	if t.kind != tomlString {
		c.mistake(t.at, "write it in quotes", "%s is %s and not a text", field, t.kind)
	}
	return t.text
}

func (c *compiler) flag(t *tomlValue, field string) bool {
	if t == nil {
		return false
	}
	if t.kind != tomlBool {
		c.mistake(t.at, "write true or false", "%s is %s", field, t.kind)
	}
	return t.text == "true"
}

func (c *compiler) count(t *tomlValue, field string, otherwise int) int {
	if t == nil {
		return otherwise
	}
	n := 0
	if _, err := fmt.Sscanf(t.text, "%d", &n); err != nil || t.kind != tomlInteger || n < 0 || n > 1_000_000 {
		c.mistake(t.at, "write a whole number", "%s is %s", field, t.kind)
	}
	return n
}

// placed is a text with its place.
type placed struct {
	text string
	at   position
}

// texts are a list of texts, or a single one.
func (c *compiler) texts(t *tomlValue, field string) (list []placed) {
	switch {
	case t == nil:
		return nil
	case t.kind == tomlString:
		return []placed{{t.text, t.at}}
	case t.kind != tomlList:
		c.mistake(t.at, `write ["one", "two"]`, "%s is %s", field, t.kind)
		return nil
	}
	for _, e := range t.list {
		if e.kind != tomlString {
			c.mistake(e.at, "write it in quotes", "%s has %s", field, e.kind)
			continue
		}
		list = append(list, placed{e.text, e.at})
	}
	return list
}

func (c *compiler) strings(t *tomlValue, field string) (list []string) {
	for _, p := range c.texts(t, field) {
		list = append(list, p.text)
	}
	return list
}

// tables are those of [[name]].
func (c *compiler) tables(t *tomlValue, field string) []*tomlValue {
	if t == nil {
		return nil
	}
	if t.kind != tomlList {
		c.mistake(t.at, "write [["+field+"]]", "%s is %s", field, t.kind)
		return nil
	}
	for _, e := range t.list {
		if e.kind != tomlTable {
			c.mistake(e.at, "write [["+field+"]]", "%s has %s", field, e.kind)
			return nil
		}
	}
	return t.list
}

// section is a table of the mapping, nil where it is none.
func (c *compiler) section(t *tomlValue, field string, keys []string) *tomlValue {
	switch {
	case t == nil:
		return nil
	case t.kind != tomlTable:
		c.mistake(t.at, "write ["+field+"]", "%s is %s", field, t.kind)
		return nil
	}
	c.refuseUnknown(t, field, keys)
	return t
}

// pathOf compiles a path, the same text once.
func (c *compiler) pathOf(text string, at position) *path {
	if p := c.m.byText[text]; p != nil {
		return p
	}
	p, err := parsePath(text, c.m.Kind == CSV)
	if err != nil {
		c.mistake(at, "write a path such as billing.email or line_items.0.sku", "path %q: %v", text, err)
		p = &path{text: text}
	}
	p.at, p.used = at, len(c.m.paths)
	c.m.paths = append(c.m.paths, p)
	c.m.byText[text] = p
	return p
}
