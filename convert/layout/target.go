package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
)

// targetsFile of a layout's folder has, for each configuration that the layout is written for, the settings
// that hold where the user's say nothing. The first key, default, names the one for all of them.
const targetsFile = "targets.toml"

// currencyNames is the table of settings with what 1C calls currencies.
const currencyNames = "currency_names"

// targets is the shape of targets.toml.
type targets struct {
	Default string                       `toml:"default"`
	Target  map[string]map[string]string `toml:"target"`
	Misread []misread                    `toml:"misread"`
}

// misread is a choice of the user that some targets do not read as it is meant.
type misread struct {
	Code    string `toml:"code"`    // names the reason
	Setting string `toml:"setting"` // which is
	Is      string `toml:"is"`      //   one of these words,
	Not     string `toml:"not"`     //   or none of these
	Targets string `toml:"targets"`
}

// Misread is a setting that the target of a layout does not read as it is meant.
type Misread struct{ Code, Setting, Value, Target string }

// readTarget reads what the settings say of the configuration that reads the layout's files; nil for a layout
// without targets.
func (c *compiler) readTarget() *document.Reader {
	data, err := ReadTemplate(c.fsys, c.path(targetsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var t targets
	if err == nil {
		err = toml.Unmarshal(data, &t)
	}
	if err != nil || t.Target[t.Default] == nil {
		c.mistakes = append(c.mistakes, tmpl.Mistake{
			File: c.path(targetsFile), Text: fmt.Sprintf("cannot be read: %v", err),
			Advice: `it has default = "generic" and a section [target.generic] with settings as texts`,
		})
		return nil
	}
	fmt.Fprintf(c.hash, "%q %d\n", targetsFile, len(data))
	c.hash.Write(data)
	c.target(&t)
	for _, m := range t.Misread {
		value, target := c.settings.Get(m.Setting), c.settings.Get("target")
		is := m.Is != "" && slices.Contains(listOf(m.Is), value) || m.Not != "" && !slices.Contains(listOf(m.Not), value)
		if value != "" && is && slices.Contains(listOf(m.Targets), target) {
			c.misreads = append(c.misreads, Misread{m.Code, m.Setting, value, target})
		}
	}
	return c.readerOf()
}

// target fills in the settings that the chosen target has and the user has not.
func (c *compiler) target(t *targets) {
	name := c.settings.Get("target")
	c.settings.Choices["target"] = slices.Sorted(maps.Keys(t.Target))
	if name == "" {
		name = t.Default
		c.settings.Set("target", name)
	}
	if t.Target[name] == nil {
		c.addMistake("target", name, "write one of "+strings.Join(slices.Sorted(maps.Keys(t.Target)), ", "))
		name = t.Default
	}
	for _, key := range slices.Sorted(maps.Keys(t.Target[name])) {
		if c.settings.Get(key) == "" {
			c.settings.Set(key, t.Target[name][key])
		}
	}
}

func (c *compiler) readerOf() *document.Reader {
	s := c.settings
	r := &document.Reader{
		Layout: c.name, Rates: c.rates("vat_rates"), NewRates: c.rates("vat_rates_new"),
		Others: document.OtherRates(s.Get("other_rates")), Inside: c.choice("vat", "as-is", "inside") == "inside",
		ByName: c.choice("currency_by", "code", "name") == "name", ByID: c.choice("products_without_id", "create", "hold") == "hold",
		SixDigits: c.choice("digits", "any", "six") == "six", OnePath: c.choice("one_path", "false", "true") == "true", Needs: listOf(s.Get("needs")),
	}
	c.choice("other_rates", "", string(document.OthersNone), string(document.OthersHold), string(document.OthersWrite))
	if text := s.Get("name_length"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n != 0 && n < 20 {
			c.addMistake("name_length", text, "write how many characters a name has in 1C: 100; 0 leaves names as they are")
		}
		r.NameLength = n
	}
	r.Currencies = s.Under(currencyNames)
	return r
}

// choice reads a setting that is one of some words, the first where it is not given.
func (c *compiler) choice(key string, words ...string) string {
	value := c.settings.Get(key)
	if value == "" {
		return words[0]
	}
	if !slices.Contains(words, value) {
		c.addMistake(key, value, "write one of "+strings.Trim(strings.Join(words, ", "), ", "))
		return words[0]
	}
	return value
}

// rates reads a list of percentages; nil for none and for any.
func (c *compiler) rates(key string) (list []money.Decimal) {
	text := c.settings.Get(key)
	if text == "any" {
		return nil
	}
	for _, word := range listOf(text) {
		rate, err := money.ParseVATRate(word)
		if err != nil || rate.Kind != money.Rated {
			c.addMistake(key, text, `write percentages: "0 10 20"; or "any"`)
			return nil
		}
		list = append(list, rate.Percent)
	}
	return list
}

// listOf takes a list in one text apart at blanks and commas.
func listOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
}

// Reader is the configuration that the layout's files are written for; nil when the layout knows none.
func (l *Layout) Reader() *document.Reader { return l.reader }

// Misreads lists the settings that the layout's target does not read as they are meant.
func (l *Layout) Misreads() []Misread { return slices.Clone(l.misreads) }

// Readers are those of several layouts.
func Readers(list []*Layout) (readers []*document.Reader) {
	for _, l := range list {
		if l.reader != nil {
			readers = append(readers, l.reader)
		}
	}
	return readers
}

// fitted are the documents of a batch as the reader of the layout keeps them.
func fitted(r *document.Reader, b document.Batch) document.Batch {
	if r == nil {
		return b
	}
	list := make([]document.Document, len(b.Documents))
	for i := range b.Documents {
		list[i] = r.Fit(&b.Documents[i])
	}
	b.Documents = list
	return b
}
