// Package words turns messages into sentences, in English or Russian. A message is a value: a code and the
// values that stand in it. Commands, alerts and pages hand such values around; they become words here, at the end,
// where they are read.
//
// active.en.toml and active.ru.toml, and page.en.toml and page.ru.toml for the page in the browser, have one entry for
// each code, in the format of go-i18n. Both languages use
// the same values; numbers choose their plural form by the rules of Unicode CLDR.
package words

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed active.*.toml page.*.toml
var catalogs embed.FS

// parts are the catalogs of a language: what commands and lists say, and what the page says beside it.
var parts = []string{"active", "page"}

// The languages that there are.
const (
	English = "en"
	Russian = "ru"
)

// Languages lists the languages that there are.
func Languages() []string { return []string{English, Russian} }

// Text is a message: its code and its values.
type Text struct {
	Code  string
	Args  map[string]any // values may be texts themselves
	Count any            // the number that chooses the plural form, also the value N; nil when there is none
}

// New makes a message. Values follow as pairs of a name and a value.
func New(code string, pairs ...any) Text {
	t := Text{Code: code, Args: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		t.Args[pairs[i].(string)] = pairs[i+1]
	}
	return t
}

// Count makes a message with a number, which is its value N.
func Count(code string, n int, pairs ...any) Text {
	t := New(code, pairs...)
	t.Args["N"], t.Count = n, n
	return t
}

// Plain is text without a code: a name, another program's words, or a sentence that the book of phrases may have.
func Plain(text string) Text { return Text{Args: map[string]any{"Text": text}} }

// IsZero reports whether there is no message.
func (t Text) IsZero() bool { return t.Code == "" && t.Args == nil }

// String is the message in English.
func (t Text) String() string { return In(English).Text(t) }

// Words are the words of one language.
type Words struct {
	Language string
	local    *i18n.Localizer
	plain    map[string]plainText // by code
}

// byLanguage has the words of each language: a program reads those that it speaks.
var byLanguage = map[string]func() *Words{
	English: sync.OnceValue(func() *Words { return load(English) }),
	Russian: sync.OnceValue(func() *Words { return load(Russian) }),
}

func load(lang string) *Words {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	plain := map[string]plainText{}
	for _, part := range parts {
		file, err := b.LoadMessageFileFS(catalogs, part+"."+lang+".toml")
		if err != nil {
			panic(err) // the catalogs are a part of the program, and a test reads them
		}
		for _, m := range file.Messages {
			if text, ok := parsePlain(m.Other); ok && m.One+m.Few+m.Many == "" {
				plain[m.ID] = text
			}
		}
	}
	return &Words{lang, i18n.NewLocalizer(b, lang), plain}
}

// In returns the words of a language; English where the language is another.
func In(lang string) *Words {
	if lang != Russian {
		lang = English
	}
	return byLanguage[lang]()
}

// Has reports whether there is a message of this code.
func (w *Words) Has(code string) bool {
	_, err := w.local.Localize(&i18n.LocalizeConfig{MessageID: code})
	return err == nil
}

// Say turns a code and its values into words.
func (w *Words) Say(code string, pairs ...any) string { return w.Text(New(code, pairs...)) }

// Text turns a message into words. One that the catalogs lack is shown by its code and values: that is a
// mistake of the program, which its tests look for.
func (w *Words) Text(t Text) string {
	if t.Code == "" {
		text, _ := t.Args["Text"].(string)
		return w.Phrase(text)
	}
	if plain, ok := w.plain[t.Code]; ok && t.Count == nil {
		if text, ok := plain.fill(w, t.Args); ok {
			return text
		}
	}
	config := i18n.LocalizeConfig{MessageID: t.Code, TemplateData: w.values(t.Args), PluralCount: t.Count}
	text, err := w.local.Localize(&config)
	if err != nil {
		return strings.TrimSpace(fmt.Sprint(t.Code, " ", t.Args))
	}
	return text
}

// values are the values of a message in words: texts, times and lists.
func (w *Words) values(args map[string]any) map[string]any {
	values := make(map[string]any, len(args))
	for name, v := range args {
		values[name] = w.value(v)
	}
	return values
}

// value puts a value in the reader's words where it has some.
func (w *Words) value(v any) any {
	switch v := v.(type) {
	case Text:
		return w.Text(v)
	case time.Time:
		return w.Moment(v)
	case []string:
		return strings.Join(v, ", ")
	case error:
		return w.Error(v)
	default:
		return v
	}
}

// Moment is a time of day in the reader's own zone; empty when it is not known.
func (w *Words) Moment(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case w.Language == Russian:
		return t.Local().Format("02.01.2006 15:04:05")
	}
	return t.Local().Format(time.DateTime)
}

// Phrase is a sentence that was made in English, in the language; unchanged where the book does not have it. What
// stands before a colon may be a place: the sentence behind it is looked up, too, and so is each of several that
// semicolons part.
func (w *Words) Phrase(english string) string {
	if w.Language == English || english == "" {
		return english
	}
	lines := strings.Split(english, "\n")
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		lines[i] = line[:len(line)-len(text)] + russianPhrase(text)
	}
	return strings.Join(lines, "\n")
}

// Error is an error in words: its own, where it has them, else its English text.
func (w *Words) Error(err error) string {
	if e, ok := err.(interface{ What() Text }); ok {
		return w.Text(e.What())
	}
	return w.Phrase(err.Error())
}

// Source returns the catalogs of a language as they are in the program, one after the other.
func Source(lang string) []byte {
	var all bytes.Buffer
	for _, part := range parts {
		text, err := catalogs.ReadFile(part + "." + lang + ".toml")
		if err != nil {
			return nil
		}
		all.Write(text)
		all.WriteByte('\n')
	}
	return all.Bytes()
}

// Error is an error whose text and next step are messages. Error and Hint are English: what programs compare
// stays the same in every language.
type Error struct {
	Text Text
	Next Text  // what to do next; zero when nothing is to be done
	Err  error // the cause; nil when there is none
}

// Refuse makes an error of a message and a next step.
func Refuse(text, next Text) error { return &Error{Text: text, Next: next} }

func (e *Error) Error() string { return e.Text.String() }

func (e *Error) Unwrap() error { return e.Err }

// Hint returns the next step in English; empty when there is none.
func (e *Error) Hint() string {
	if e.Next.IsZero() {
		return ""
	}
	return e.Next.String()
}

// What returns the text as a message.
func (e *Error) What() Text { return e.Text }

// NextStep returns the next step as a message.
func (e *Error) NextStep() Text { return e.Next }

// codeNoSKU is that of a hold whose item has no SKU, so that no catalog can name it.
const codeNoSKU = "unknown-sku"

// HoldCode is why an order is held and what to do, by the code of its hold alone: the values stand in its sentence.
// File is the catalog to mend, empty where there is none.
func (w *Words) HoldCode(code, file string) (why, cure string) {
	switch {
	case !w.Has("hold." + code + ".why"):
		return code, ""
	case code == codeNoSKU && file == "":
		return w.Say("hold." + code + ".why"), w.Say("hold.no-sku.cure")
	}
	return w.Say("hold." + code + ".why"), w.Say("hold." + code + ".cure")
}

// Hold is why an order is held and what to do: in English the engine's own sentences, in another language the words
// of its code with that sentence behind them.
func (w *Words) Hold(code, sentence, cure, file string) (string, string) {
	if w.Language == English {
		return sentence, cure
	}
	why, do := w.HoldCode(code, file)
	if sentence != "" {
		why += " (" + w.Phrase(sentence) + ")"
	}
	return why, cmp.Or(do, w.Phrase(cure))
}

// plainText is the text of a message in which nothing but values stands: most have no more. Lists of ten thousand lines
// are made of them, each far faster than by a template.
type plainText struct {
	texts []string // before each value, and behind the last
	names []string // of the values
}

var plainValue = regexp.MustCompile(`\{\{ *\.(\w+) *\}\}`)

// parsePlain takes a text apart; false when it has more than values in it.
func parsePlain(text string) (p plainText, ok bool) {
	at := 0
	for _, m := range plainValue.FindAllStringSubmatchIndex(text, -1) {
		p.texts, p.names = append(p.texts, text[at:m[0]]), append(p.names, text[m[2]:m[3]])
		at = m[1]
	}
	p.texts = append(p.texts, text[at:])
	for _, t := range p.texts {
		if strings.Contains(t, "{{") {
			return plainText{}, false
		}
	}
	return p, text != ""
}

// fill puts the values in; false when one of them is missing, or no text.
func (p *plainText) fill(w *Words, args map[string]any) (text string, ok bool) {
	var b strings.Builder
	b.WriteString(p.texts[0])
	for i, name := range p.names {
		value, ok := w.value(args[name]).(string)
		if !ok {
			return "", false
		}
		b.WriteString(value)
		b.WriteString(p.texts[i+1])
	}
	return b.String(), true
}
