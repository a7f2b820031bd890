package postgres

import (
	"strconv"
	"strings"
)

// words are SQLite's that PostgreSQL has otherwise, and that no function of the schema can stand in for.
var words = strings.NewReplacer(
	"x''", "''::bytea",
	"char(31)", "chr(31)",
	"LIMIT -1", "LIMIT ALL",
	"CAST(number AS INTEGER)", "leading_number(number)",
)

// translate puts a statement of the ledger in PostgreSQL's way. Placeholders are ?1, ?2 …, or all of them ? alone.
func translate(query string) string {
	query = words.Replace(query)
	var b strings.Builder
	b.Grow(len(query) + 16)
	quoted, n := false, 0
	for i := range len(query) {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		if c != '?' || quoted {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('$')
		if i+1 == len(query) || query[i+1] < '0' || query[i+1] > '9' {
			n++
			b.WriteString(strconv.Itoa(n))
		}
	}
	return b.String()
}

// CleanText replaces what PostgreSQL cannot keep in a text: bytes that are no UTF-8, and the character zero, which may
// stand in a JSON string as an escape.
func CleanText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if !strings.Contains(s, `\u0000`) || !strings.ContainsAny(s[:1], "[{") {
		return s
	}
	return cleanEscapes(s)
}

// cleanEscapes replaces the escape of the character zero in JSON.
func cleanEscapes(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '\\')
		if at < 0 || at+1 == len(s) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at:]
		if rest, zero := strings.CutPrefix(s, `\u0000`); zero {
			b.WriteString(`\ufffd`)
			s = rest
			continue
		}
		b.WriteString(s[:2])
		s = s[2:]
	}
}
