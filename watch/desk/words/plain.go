package words

import (
	"regexp"
	"strings"
	"time"
)

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
		switch v := args[name].(type) {
		case string:
			b.WriteString(v)
		case Text:
			b.WriteString(w.Text(v))
		case time.Time:
			b.WriteString(w.Moment(v))
		default:
			return "", false
		}
		b.WriteString(p.texts[i+1])
	}
	return b.String(), true
}
