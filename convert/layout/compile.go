package layout

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"obmen/convert/layout/sheet"
	"obmen/convert/layout/tmpl"
)

// compiler is a layout being compiled.
type compiler struct {
	fsys     fs.FS
	name     string
	settings *tmpl.Settings
	hash     hash.Hash
	mistakes tmpl.Mistakes
	misreads []Misread
	fixed    string // name of the one file that is replaced whole; empty for files of their own
	numbered bool   // the template has Number1C
}

// Compile reads the layout's folder in fsys. Every mistake of its templates and settings is found
// here; the error is then of type Mistakes.
func Compile(fsys fs.FS, name string, values map[string]string) (*Layout, error) {
	if name == "" {
		return nil, tmpl.Mistakes{{File: "layout", Text: "its name is empty", Advice: "name a layout: --layout commerceml; `obmen template list` names those there are"}}
	}
	c := &compiler{fsys: fsys, name: name, hash: sha256.New(), settings: tmpl.NewSettings(values)}
	l := &Layout{name: name, reader: c.readTarget(), files: c.readFileName()}
	for _, read := range []func() (Part, bool){c.compileSheet, c.compileDocument} { // the XML last: it completes a set
		if p, ok := read(); ok {
			l.parts = append(l.parts, p)
		}
	}
	if len(l.parts) == 0 && len(c.mistakes) == 0 {
		c.mistakes = append(c.mistakes, tmpl.Mistake{
			File: name, Text: "there is no such layout",
			Advice: "a layout is a folder that holds " + documentFile + " or " + sheetFile + "; `obmen template list` names those there are",
		})
	}
	if len(c.mistakes) == 0 {
		l.exchange = c.readExchange()
		c.mistakes = append(c.mistakes, c.settings.Unused(name)...)
	}
	l.misreads = c.misreads
	l.numbered = c.numbered && c.settings.Get("number") != "full"
	l.constants, l.choices = slices.Sorted(maps.Keys(c.settings.Constants)), c.settings.Choices
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(c.hash, "%q=%q\n", key, values[key])
	}
	l.hash = hex.EncodeToString(c.hash.Sum(nil))
	for i := range l.parts {
		l.parts[i].template, l.parts[i].reader = l.hash, l.reader
	}
	return l, c.mistakes.Err()
}

func (c *compiler) path(file string) string { return path.Join(c.name, file) }

// has reports whether the folder has a template.
func (c *compiler) has(file string) bool {
	_, err := fs.Stat(c.fsys, c.path(file))
	return err == nil
}

// mostTemplate is more than a template has, in bytes.
const mostTemplate = 64 << 20

var (
	errTooLarge = fmt.Errorf("larger than %d MB", mostTemplate>>20)
	errNotFile  = errors.New("not a file: a folder, a pipe or a device")
)

// ReadTemplate returns a file of a folder of templates; one that is too large, or none, is refused unread.
func ReadTemplate(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a FIFO would be waited for, a device read without end
		return nil, errNotFile
	case info.Size() > mostTemplate:
		return nil, errTooLarge
	}
	return fs.ReadFile(fsys, name)
}

// read returns a template's bytes; ok is false when there is no such file.
func (c *compiler) read(file string) ([]byte, bool) {
	data, err := ReadTemplate(c.fsys, c.path(file))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false
	case err != nil:
		c.mistakes = append(c.mistakes, tmpl.Mistake{File: c.path(file), Text: err.Error(), Advice: "check that the file may be read"})
		return nil, false
	}
	fmt.Fprintf(c.hash, "%q %d\n", file, len(data))
	c.hash.Write(data)
	return data, true
}

func (c *compiler) compileDocument() (Part, bool) {
	text, ok := c.read(documentFile)
	if !ok {
		return Part{}, false
	}
	c.numbered = bytes.Contains(text, []byte(".Number1C"))
	enc := c.readEncoding()
	steps := tmpl.CompileXML(tmpl.Place{File: c.path(documentFile), Text: enc.Declare(string(text)), Found: &c.mistakes}, c.settings, enc)
	return Part{ext: ".xml", writer: &tmpl.XMLWriter{Steps: steps, Encoding: enc}}, true
}

func (c *compiler) compileSheet() (Part, bool) {
	file, data, ok := c.readWorkbook()
	if !ok {
		return Part{}, false
	}
	at := tmpl.Place{File: c.path(file), Found: &c.mistakes}
	switch format := c.settings.Get("format"); format {
	case "", "xlsx":
		return Part{ext: ".xlsx", writer: sheet.NewXLSX(at, data, c.settings)}, true
	case "xls":
		return Part{ext: ".xls", writer: sheet.NewXLS(at, data, c.settings)}, true
	case "csv":
		w := sheet.NewCSV(at, data, c.settings)
		if raw := c.choice("csv", "safe", "raw") == "raw"; w != nil {
			w.Raw = raw
		}
		return Part{ext: ".csv", writer: w}, true
	default:
		c.mistakes = append(c.mistakes, tmpl.Mistake{
			File: c.path(file), Text: fmt.Sprintf("there is no format %q for workbooks", format), Advice: `format is "xlsx", "xls" or "csv"`,
		})
		return Part{}, false
	}
}

// ownLanguage is the language of sheet.xlsx; another one has a workbook of its own,
// sheet.LANGUAGE.xlsx.
const ownLanguage = "ru"

// readWorkbook reads the workbook template of the language that the settings name.
func (c *compiler) readWorkbook() (file string, data []byte, ok bool) {
	all, _ := fs.Glob(c.fsys, c.path("sheet*.xlsx"))
	if len(all) == 0 {
		return "", nil, false
	}
	file = sheetFile
	language := c.settings.Get("language")
	if language != "" && language != ownLanguage {
		file = "sheet." + language + ".xlsx"
	}
	if data, ok = c.read(file); !ok && !c.has(file) {
		c.mistakes = append(c.mistakes, tmpl.Mistake{
			File: c.path(file), Text: fmt.Sprintf("there is no workbook for the language %q", language),
			Advice: "there is " + strings.Join(all, ", "),
		})
	}
	return file, data, ok
}

// readEncoding returns the one that the setting of that name chooses; nil is UTF-8.
func (c *compiler) readEncoding() *tmpl.Encoding {
	name := c.settings.Get("encoding")
	e, ok := tmpl.FindEncoding(name)
	if !ok {
		c.mistakes = append(c.mistakes, tmpl.Mistake{
			File: c.name, Text: "the layout's setting encoding is " + strconv.Quote(strings.ToLower(name)),
			Advice: "write one of " + strings.Join(tmpl.EncodingNames(), ", "),
		})
	}
	return e
}

// readExchange reads the settings of the exchange, if the template knows such a thing.
func (c *compiler) readExchange() *Exchange {
	s := c.settings
	if !s.Asked["from"] || !s.Asked["to"] {
		if c.fixed == "" {
			return nil
		}
		return &Exchange{File: c.fixed, Keep: c.keepDays()}
	}
	e := &Exchange{From: s.Get("from"), To: s.Get("to"), Numbered: s.Get("numbered") != "false", Keep: c.keepDays()}
	for _, key := range []string{"from", "to"} {
		if value := s.Get(key); strings.ContainsAny(value, `/\:*?"<>|`) || strings.TrimSpace(value) != value {
			c.addMistake(key, value, "write the node's code as 1C's settings of the synchronisation show it; it stands in a file name")
		}
	}
	switch {
	case e.From == "" && e.To == "" && c.fixed != "":
		return &Exchange{File: c.fixed, Keep: e.Keep}
	case e.From == "" && e.To == "":
		return nil
	case c.fixed != "":
		c.addMistake("file_name", c.fixed, "a message of a synchronisation has its name from from and to: leave file_name out")
	case e.From == "" || e.To == "":
		missing := []string{"from", "to"}[slices.Index([]string{e.From, e.To}, "")]
		c.addMistake(missing, "", "from and to go together: the codes of both nodes, as 1C's settings of the synchronisation show them")
	case e.From == e.To:
		c.addMistake("to", e.To, "each side has a code of its own")
	}
	return e
}

// keepDays reads for how long documents stay that 1C does not confirm.
func (c *compiler) keepDays() time.Duration {
	days := c.settings.Get("keep_days")
	if days == "" {
		return DefaultKeep
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 1 || n > 3650 {
		c.addMistake("keep_days", days, "write a number of days: 14")
	}
	return time.Duration(n) * 24 * time.Hour
}

// readFileName reads the setting of that name. Every layout has it.
func (c *compiler) readFileName() FileName {
	pattern := c.settings.Get("file_name")
	if pattern == "" {
		return FileName{}
	}
	wrong := func(text, hint string) FileName {
		c.mistakes = append(c.mistakes, tmpl.Mistake{File: c.name, Text: "the layout's setting file_name is " + strconv.Quote(pattern) + ": " + text, Advice: hint})
		return FileName{}
	}
	for _, m := range braced.FindAllStringSubmatch(pattern, -1) {
		if slices.Contains(fileWords, m[1]) {
			continue
		}
		hint := "the words are {" + strings.Join(fileWords, "}, {") + "}"
		if near := tmpl.Nearest(m[1], fileWords); near != "" {
			hint = "did you mean {" + near + "}?"
		}
		return wrong("there is no word "+m[0], hint)
	}
	n, literal := FileName{pattern}, braced.ReplaceAllString(pattern, "")
	switch {
	case !safeName.MatchString(literal) || strings.HasPrefix(pattern, ".") || strings.HasPrefix(pattern, "-"):
		return wrong("not every share and system can hold such a name", "use letters and digits of ASCII, point, hyphen and underscore")
	case slices.Contains([]string{".xml", ".xlsx", ".xls", ".csv"}, strings.ToLower(path.Ext(literal))):
		return wrong("the extension is added by itself", "leave it out")
	case len(pattern) > longestPattern:
		return wrong("more than "+strconv.Itoa(longestPattern)+" characters", "shorten it")
	case literal == pattern && c.has(documentFile):
		c.fixed = pattern
		return FileName{}
	case !n.Names("hash") && !n.Names("set"):
		return wrong("two files of other contents would have one name", "add {hash}: orders-{hash}")
	}
	return n
}

func (c *compiler) addMistake(key, value, hint string) {
	c.mistakes = append(c.mistakes, tmpl.Mistake{File: c.name, Text: fmt.Sprintf("the layout's setting %s is %q", key, value), Advice: hint})
}
