package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/watch/store"
)

// checker turns the file's values into settings and gathers what is wrong with them.
type checker struct {
	path     string
	lines    []string
	problems Problems
}

// problemsOf gives a function that adds problems of a section.
func (c *checker) problemsOf(name string) func(key, value, text, hint string) {
	return func(key, value, text, hint string) {
		c.problems = append(c.problems, Problem{c.path, c.findKey(name, 0, key), key, value, text, hint})
	}
}

// decode reads the file. A value of the wrong type is noted and read as if its line were not there, so that one
// run names all of them, and unknown settings too. Where nothing more can be read it returns what was found.
func (c *checker) decode() (*file, error) {
	lines := withHeartbeat(c.lines)
	for {
		var f file
		dec := toml.NewDecoder(strings.NewReader(strings.Join(lines, "\n")))
		dec.DisallowUnknownFields()
		err := dec.Decode(&f)
		if strict := new(toml.StrictMissingError); errors.As(err, &strict) {
			c.addUnknown(strict)
			return &f, nil
		}
		if err == nil {
			return &f, nil
		}
		row := c.addSyntax(err)
		if row == 0 || strings.TrimSpace(lines[row-1]) == "" || !wrongType.MatchString(err.Error()) {
			return nil, c.problems
		}
		lines[row-1] = ""
	}
}

// addUnknown names settings that obmen does not know.
func (c *checker) addUnknown(strict *toml.StrictMissingError) {
	for _, e := range strict.Errors {
		row, _ := e.Position()
		text, hint, secret := misplacedSecret(c.path, e.Key())
		if !secret {
			text, hint = "obmen knows no such setting", "check its spelling and its section against the comments that `obmen init` writes"
		}
		c.problems = append(c.problems, Problem{File: c.path, Line: row, Key: strings.Join(e.Key(), "."), Text: text, Advice: hint})
	}
}

// wrongType is go-toml's text of a value of another type than the setting has.
var wrongType = regexp.MustCompile(`cannot decode TOML (\w+) into (?:a Go value of type |struct field \S+ of type )?(\S+)`)

// addSyntax notes an error of go-toml with the position that its own text leaves out, and returns its line.
func (c *checker) addSyntax(err error) (row int) {
	decode := new(toml.DecodeError)
	if !errors.As(err, &decode) {
		c.problems = append(c.problems, Problem{File: c.path, Text: err.Error()})
		return 0
	}
	row, col := decode.Position()
	p := Problem{
		File: c.path, Line: row, Key: strings.Join(decode.Key(), "."),
		Text:   fmt.Sprintf("column %d: %s", col, strings.TrimPrefix(decode.Error(), "toml: ")),
		Advice: `texts stand in "quotes", lists in [brackets]; Windows paths in 'single quotes'`,
	}
	if m := wrongType.FindStringSubmatch(err.Error()); m != nil {
		p.Text = fmt.Sprintf("it is %s, and must be %s", tomlKinds[m[1]], goKind(m[2]))
	}
	c.problems = append(c.problems, p)
	return row
}

// tomlKinds are the types of TOML by go-toml's names.
var tomlKinds = map[string]string{
	"string": "a text", "integer": "a number", "float": "a number with a point", "boolean": "true or false", "array": "a list", "table": "a section",
	"datetime": "a time", "date": "a date", "time": "a time",
}

// goKind is a type of Go as a person writes its values.
func goKind(name string) string {
	switch {
	case strings.HasPrefix(name, "[]"):
		return `a list: ["…"]`
	case name == "string":
		return `a text in quotes: "…"`
	case name == "bool":
		return "true or false"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "*int"):
		return "a whole number"
	case strings.HasPrefix(name, "map["):
		return "a section"
	}
	return "another kind of value"
}

// findKey is the line of a key in the n-th section of that name, or 0; without a key that of its head.
func (c *checker) findKey(section string, n int, key string) int {
	inside := section == ""
	for i, line := range c.lines {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inside = strings.Trim(line, "[] \t") == section
			if inside && n > 0 {
				n, inside = n-1, false
			}
			if inside && key == "" {
				return i + 1
			}
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		if inside && ok && strings.TrimSpace(name) == key {
			return i + 1
		}
	}
	return 0
}

func (c *checker) checkFolders(cfg *Config, given map[string]string) {
	base, add := filepath.Dir(c.path), c.problemsOf("folders")
	known := map[string]*string{
		"inbox": &cfg.Folders.Inbox, "outbox": &cfg.Folders.Outbox, "archive": &cfg.Folders.Archive,
		"quarantine": &cfg.Folders.Quarantine, "catalogs": &cfg.Folders.Catalogs, "ack": &cfg.Folders.Ack,
		"state": &cfg.Folders.State, "templates": &cfg.Folders.Templates, "sources": &cfg.Folders.Sources,
	}
	for name, target := range known {
		if name != "templates" && name != "sources" {
			*target = filepath.Join(base, name)
		}
	}
	for name, path := range given {
		target, ok := known[name]
		switch {
		case !ok:
			add(name, path, "obmen knows no such folder", "the folders are inbox, outbox, archive, quarantine, catalogs, ack, state, templates and sources")
		case path == "":
			add(name, path, "the path is empty", "leave the line out to use the folder of that name beside obmen.toml")
		default:
			*target = c.makeAbsolute(path)
		}
	}
	if beside := filepath.Join(base, SourcesFolder); cfg.Folders.Sources == "" && isFolder(beside) {
		cfg.Folders.Sources = beside
	}
}

// makeAbsolute is a path of the file as seen from the current folder.
func (c *checker) makeAbsolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(filepath.Dir(c.path), path)
}

func (c *checker) checkSettings(cfg *Config, f *file) {
	c.checkChoice(c.problemsOf(""), "language", f.Language, "", "en", "ru")
	c.checkWatch(&cfg.Watch, &f.Watch)
	c.checkEncryption(&cfg.Encryption, &f.Watch)
	c.checkLayouts(cfg, f)
	c.checkNumbers(cfg, f)
	c.checkMatch(cfg, f)
}

// The bounds of numbers: 1C finds an order by a number of at most 11 characters.
const (
	widestNumber = 11
	lastNumber   = 999_999
)

func (c *checker) checkNumbers(cfg *Config, f *file) {
	add := c.problemsOf("numbers")
	cfg.Numbers = document.Numbering{Start: cmp.Or(f.Numbers.Start, cfg.Numbers.Start), Width: cmp.Or(f.Numbers.Width, cfg.Numbers.Width)}
	if n := f.Numbers.Start; n < 0 || n > lastNumber {
		add("start", fmt.Sprint(n), "not a number of one to six digits", "leave the line out for 1; a second obmen for the same base of 1C counts from 500000 on, say")
	}
	if n := f.Numbers.Width; n < 0 || n > widestNumber {
		add("width", fmt.Sprint(n), "not the width of a number of 1C", "leave the line out for 6; УНФ wants no more")
	}
}

func (c *checker) checkLayouts(cfg *Config, f *file) {
	add := c.problemsOf("layouts")
	if f.Layouts.Use != nil {
		cfg.Layouts = f.Layouts.Use
	}
	if len(cfg.Layouts) == 0 {
		add("use", "", "no layout is chosen", `write use = ["commerceml", "sheet"]`)
	}
	if f.Layouts.Orders < 0 {
		add("orders_per_file", fmt.Sprint(f.Layouts.Orders), "not a positive number", "leave the line out for 500")
	}
	cfg.Options.BatchSize = f.Layouts.Orders
	cfg.Layout = c.layoutSettings(f.Layout)
}

func (c *checker) checkMatch(cfg *Config, f *file) {
	add, m := c.problemsOf("match"), &cfg.Options.Match
	if f.Match.Customer != nil { // an empty list is a choice too: no key at all
		m.Customer = []catalog.CustomerKey{}
	}
	for _, key := range f.Match.Customer {
		c.checkChoice(add, "customer", key, "tax_id", "email", "phone", "name", "first_name")
		m.Customer = append(m.Customer, catalog.CustomerKey(key))
	}
	c.checkChoice(add, "unknown_customer", f.Match.UnknownCustomer, "", "hold", "default", "create")
	c.checkChoice(add, "unknown_product", f.Match.UnknownProduct, "", "hold", "create")
	m.UnknownCustomer, m.UnknownProduct = convert.Policy(f.Match.UnknownCustomer), convert.Policy(f.Match.UnknownProduct)
	m.DefaultCustomer = f.Match.DefaultCustomer
	if m.UnknownCustomer == convert.Default && m.DefaultCustomer == "" {
		add("unknown_customer", "default", "no default customer is named", `add default_customer = "CODE" with a code of customers.csv`)
	}
}

// layoutSettings gives the settings of layouts as text. A number with a point is none that can be told:
// version = 2.10 would be 2.1.
func (c *checker) layoutSettings(layouts map[string]map[string]any) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(layouts)) {
		out[name] = map[string]string{}
		for _, key := range slices.Sorted(maps.Keys(layouts[name])) {
			add, quoted := c.problemsOf("layout."+name), "write its value in quotes: "+key+` = "…"`
			switch value := layouts[name][key].(type) {
			case string, int64, bool:
				out[name][key] = fmt.Sprint(value)
			case map[string]any: // a table is settings of one kind: currency_names.EUR
				for _, part := range slices.Sorted(maps.Keys(value)) {
					text, isText := value[part].(string)
					if !isText {
						add(key, fmt.Sprint(value[part]), "not a text", "write "+part+` = "…"`)
					}
					out[name][key+"."+part] = text
				}
			case float64:
				add(key, fmt.Sprint(value), "a number with a point loses its last zeros", quoted)
			default:
				add(key, fmt.Sprint(value), "not a text, a whole number, true or false", quoted)
			}
		}
	}
	return out
}

// checkChoice checks a value that must be one of a few; "" among them is the default.
func (c *checker) checkChoice(add func(key, value, text, hint string), key, value string, allowed ...string) {
	if slices.Contains(allowed, value) {
		return
	}
	var named []string
	for _, a := range allowed {
		if a != "" {
			named = append(named, fmt.Sprintf("%q", a))
		}
	}
	add(key, value, "not one of the choices", "write "+strings.Join(named, ", or "))
}

func (c *checker) checkAccount(cfg *Config, a *account, n int) {
	ac := &accountChecker{checker: c, n: n, out: convert.Account{
		Name: strings.TrimSpace(a.Name), Marketplaces: a.Marketplaces, Organisation: a.Organisation,
		TaxRules: convert.TaxRules{VCS: a.VCS}, Customer: a.Customer,
	}}
	ac.out.Pulled = a.Pull != ""
	ac.checkName(cfg)
	ac.checkPlaces(a)
	ac.checkWarehouses(a)
	ac.checkChoices(a)
	ac.checkConstants(a.Constants)
	ac.checkFetch(cfg, a)
	ac.checkNumbers(cfg, a.Numbers)
	cfg.Options.Accounts = append(cfg.Options.Accounts, ac.out)
}

func (c *checker) checkWatch(w *Watch, s *watchSection) {
	add := c.problemsOf("watch")
	c.checkSpan(add, "settle", s.Settle, &w.Settle, time.Nanosecond)
	c.checkSpan(add, "poll", s.Poll, &w.Poll, time.Nanosecond)
	c.checkSpan(add, "patience", s.Patience, &w.Patience, time.Nanosecond)
	c.checkSpan(add, "outbox_age", s.OutboxAge, &w.OutboxAge, 0)
	c.checkSpan(add, "ack_within", s.AckWithin, &w.AckWithin, 0)
	const days, count = 36500, 1 << 30 // more is a slip of the keyboard
	w.OutboxFiles = int(c.checkNumber(add, "outbox_files", s.OutboxFiles, int64(w.OutboxFiles), count))
	w.Keep.ArchiveDays = int(c.checkNumber(add, "archive_days", s.ArchiveDays, int64(w.Keep.ArchiveDays), days))
	w.Keep.QuarantineDays = int(c.checkNumber(add, "quarantine_days", s.QuarantineDays, int64(w.Keep.QuarantineDays), days))
	w.Keep.PersonalDays = int(c.checkNumber(add, "personal_data_days", s.PersonalDays, int64(w.Keep.PersonalDays), days))
	w.FreeBytes = max(1, c.checkNumber(add, "free_space_mb", s.FreeMB, w.FreeBytes>>20, count)<<20) // 0 would be the default
	w.OutboxBytes = c.checkNumber(add, "outbox_mb", s.OutboxMB, w.OutboxBytes>>20, count) << 20
	w.Keep.ArchiveBytes = c.checkNumber(add, "archive_mb", s.ArchiveMB, w.Keep.ArchiveBytes>>20, count) << 20
}

// checkEncryption checks what needs no look at the disk. A key that is no public one is not repeated: it may
// be the secret one.
func (c *checker) checkEncryption(e *Encryption, s *watchSection) {
	add := c.problemsOf("watch")
	for _, key := range s.EncryptTo {
		if refused, ok := errors.AsType[*store.KeyError](store.CheckRecipient(key)); ok {
			add("encrypt_to", "", refused.Text, refused.Advice)
		}
	}
	if len(s.EncryptTo) > 0 && s.Identity == "" {
		add("encrypt_to", "", "no identity is named that reads what is encrypted", `add identity = "obmen.key" with the file that age-keygen wrote: held orders are read again`)
	}
	e.To = s.EncryptTo
	if s.Identity != "" {
		e.Identity = c.makeAbsolute(s.Identity)
	}
}

// checkSpan reads a time span into target; an empty one leaves it as it is.
func (c *checker) checkSpan(add func(key, value, text, hint string), key, text string, target *time.Duration, least time.Duration) {
	if text == "" {
		return
	}
	d, err := parseSpan(text)
	if err != nil || d < least {
		add(key, text, "not a time span", `write "2s", "1m30s", "36h" or "30d"`)
		return
	}
	*target = d
}

func (c *checker) checkNumber(add func(key, value, text, hint string), key string, n *int64, byDefault, most int64) int64 {
	if n == nil {
		return byDefault
	}
	if *n < 0 || *n > most {
		add(key, fmt.Sprint(*n), fmt.Sprintf("not a number between 0 and %d", most), "leave the line out for the default")
	}
	return *n
}

// Problem is one mistake in obmen.toml.
type Problem struct {
	File   string
	Line   int // 1-based; 0 when it belongs to no line
	Key    string
	Value  string
	Text   string
	Advice string
}

func (p Problem) Error() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	switch {
	case p.Key == "":
		return at + ": " + p.Text
	case p.Value == "":
		return fmt.Sprintf("%s: %s: %s", at, p.Key, p.Text)
	}
	return fmt.Sprintf("%s: %s = %q: %s", at, p.Key, p.Value, p.Text)
}

// Hint returns the next step, one line; empty when there is none.
func (p Problem) Hint() string { return p.Advice }

// Problems is every mistake of a configuration, at least one.
type Problems []Problem

// Each returns the mistakes one by one.
func (ps Problems) Each() []error {
	list := make([]error, len(ps))
	for i := range ps {
		list[i] = ps[i]
	}
	return list
}

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
