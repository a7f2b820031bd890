package layout

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"obmen/convert/money"
)

const (
	moneyPlaces = 2                     // amounts are written with at least so many decimal places
	xmlTime     = "2006-01-02T15:04:05" // 1C's XML has no zone
	withoutVAT  = "Без НДС"
)

// Function describes one function that templates can call.
type Function struct {
	Name    string
	Usage   string // "trunc NUMBER TEXT"
	Meaning string

	least, most int // arguments; most < 0: any number
	build       func(*call) expr
}

// Functions lists the functions of templates by name.
func Functions() []Function { return slices.Clone(functions) }

var functions []Function

// The table's functions lead back to the table (a function within a function), so it is set here.
func init() {
	functions = []Function{
		{"add", "add A B", "the sum of two numbers", 2, 2, (*call).add},
		{"and", "and A B …", "all of them hold", 1, -1, (*call).and},
		{"date", "date LAYOUT DATE", `a date, written as 2 January 2006, 15:04:05 is to be written: "02.01.2006"`, 2, 2, (*call).date},
		{"default", "default OTHER TEXT", "TEXT, or OTHER where it is empty", 2, 2, (*call).orElse},
		{"digest", "digest NAME VALUE", "SHA-256 of what {{template NAME VALUE}} writes, for a header that comes before it", 2, 2, (*call).digest},
		{"digits", "digits LEAST MOST TEXT", "TEXT is LEAST to MOST digits and nothing else", 3, 3, (*call).digits},
		{"eq", "eq A B …", "A equals B, or one of those that follow", 2, -1, (*call).equal},
		{"ge", "ge A B", "number A is at least B", 2, 2, (*call).atLeast},
		{"gt", "gt A B", "number A is greater than B", 2, 2, (*call).greater},
		{"index", "index CONSTANTS NAME", "the constant of that name, which may hold blanks", 2, 2, (*call).index},
		{"le", "le A B", "number A is at most B", 2, 2, (*call).atMost},
		{"len", "len LIST", "how many records a list holds", 1, 1, (*call).length},
		{"lt", "lt A B", "number A is less than B", 2, 2, (*call).less},
		{"money", "money AMOUNT", "with two decimal places, or more where the amount has them", 1, 1, (*call).money},
		{"ne", "ne A B", "A differs from B", 2, 2, (*call).differ},
		{"not", "not A", "A does not hold: it is empty, zero or false", 1, 1, (*call).not},
		{"or", "or A B …", "the first text that is not empty; of other values: one of them holds", 1, -1, (*call).or},
		{"percent", "percent RATE", "the percentage of a VAT rate as a number; 0 without VAT and where it is not known", 1, 1, (*call).percent},
		{"qty", "qty NUMBER", "with as many decimal places as it needs", 1, 1, (*call).qty},
		{"rate", "rate RATE NOMINAL", "the rate of one unit of currency", 2, 2, (*call).rate},
		{"round", "round PLACES NUMBER", "with at most PLACES decimal places, rounded half up; not for amounts", 2, 2, (*call).round},
		{"setting", "setting NAME [DEFAULT [OTHER …]]", "the layout's setting of that name, or DEFAULT; with OTHER it must be DEFAULT or one of them", 1, -1, (*call).setting},
		{"short", "short NUMBER TEXT", "TEXT in at most NUMBER letters and digits: as it is, or shortened so that different texts stay different", 2, 2, (*call).short},
		{"text", "text VALUE", "VALUE as text, for functions that take one", 1, 1, (*call).asText},
		{"translit", "translit TEXT", "TEXT in Latin letters; what has no such spelling is left out", 1, 1, (*call).translit},
		{"trunc", "trunc NUMBER TEXT", "the first NUMBER characters of TEXT", 2, 2, (*call).trunc},
		{"uuid", "uuid TEXT …", "a UUID made of the texts: the same texts give the same one", 1, -1, (*call).uuid},
		{"vat", "vat [NONE] RATE", `the percentage alone, NONE (else "Без НДС") without VAT, nothing where it is not known`, 1, 2, (*call).vat},
	}
}

func functionNames() string {
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// money and qty differ in the decimal places they add.
func (c *call) money() expr { return c.decimal(moneyPlaces) }

func (c *call) qty() expr { return c.decimal(0) }

func (c *call) decimal(places int) expr {
	n := c.numeric(0)
	return c.making(func(b []byte, s *state) []byte { return s.decimal(b, n.number(s), places, n.path) })
}

func (c *call) date() expr {
	layout, d := c.fixedText(0), c.arg(1, kindDate)
	if a, b := time.Unix(0, 0).UTC(), time.Unix(1e9+86399, 0).UTC(); !c.failed && a.Format(layout) == b.Format(layout) {
		c.fail(`write 2 January 2006, 15:04:05 as it shall look: "2006-01-02", "02.01.2006", "15:04:05"`, "date: %q is not a layout of a date", layout)
	}
	return c.making(func(b []byte, s *state) []byte { return d.date(s).AppendFormat(b, layout) })
}

func (c *call) vat() expr {
	none := withoutVAT
	if len(c.args) == 2 {
		none = c.fixedText(0)
	}
	r := c.arg(len(c.args)-1, kindVAT)
	return c.making(func(b []byte, s *state) []byte { return appendVAT(b, s, r.vat(s), "", none, r.path) })
}

func appendVAT(b []byte, s *state, r money.VATRate, unit, none, path string) []byte {
	switch r.Kind {
	case money.WithoutVAT:
		return append(b, none...)
	case money.Rated:
		return append(s.decimal(b, r.Percent, 0, path), unit...)
	}
	return b
}

// rate divides by the nominal, exactly: it is a power of ten, so only the point moves.
func (c *call) rate() expr {
	rate, nominal := c.numeric(0), c.numeric(1)
	return c.making(func(b []byte, s *state) []byte {
		return appendRate(b, s, rate.number(s), nominal.number(s), rate.path)
	})
}

func (c *call) trunc() expr {
	limit, t := c.fixedCount(0), c.arg(1, kindText)
	if t.text != nil {
		return c.texting(func(s *state) string {
			text := t.text(s)
			return text[:prefix(text, limit)]
		})
	}
	return c.making(func(b []byte, s *state) []byte {
		start := len(b)
		b = t.append(b, s)
		return b[:start+prefix(b[start:], limit)]
	})
}

// prefix is the length in bytes of the first characters of text.
func prefix[S string | []byte](text S, characters int) int {
	if len(text) <= characters {
		return len(text)
	}
	n := 0
	for ; characters > 0 && n < len(text); characters-- {
		_, size := utf8.DecodeRuneInString(string(text[n:min(len(text), n+utf8.UTFMax)]))
		n += size
	}
	return n
}

func (c *call) orElse() expr {
	other, t := c.arg(0, kindText), c.arg(1, kindText)
	return c.firstText([]expr{t, other})
}

func (c *call) asText() expr {
	e := c.args[0]
	if !e.printable() {
		c.fail(printHint(e), "text: %s is a %s", e.path, e.kind)
	}
	if e.kind == kindText {
		return e
	}
	return c.making(func(b []byte, s *state) []byte { return e.append(b, s) })
}

func (c *call) digits() expr {
	least, most, t := c.fixedCount(0), c.fixedCount(1), c.arg(2, kindText)
	return flagExpr(func(s *state) bool {
		text := t.value(s)
		if len(text) < least || len(text) > most {
			return false
		}
		for i := range len(text) {
			if text[i] < '0' || text[i] > '9' {
				return false
			}
		}
		return true
	})
}

func (c *call) index() expr { return c.compiler.constant(c.arg(0, kindConstants), c.fixedText(1)) }

func (c *call) length() expr {
	l := c.arg(0, kindList)
	return expr{kind: kindNumber, number: func(s *state) money.Decimal { return money.Int(int64(l.length(s))) }}
}
