package tmpl

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"obmen/convert/money"
)

// Functions lists the functions of templates by name.
func Functions() []Function { return slices.Clone(functions) }

// The table's functions lead back to the table (a function within a function), so it is set here.
func init() {
	functions = []Function{
		{"add", "add A B", "the sum of two numbers", 2, 2, (*call).compileAdd},
		{"and", "and A B …", "all of them hold", 1, -1, (*call).compileAnd},
		{"date", "date LAYOUT DATE", `a date, written as 2 January 2006, 15:04:05 is to be written: "02.01.2006"`, 2, 2, (*call).compileDate},
		{"default", "default OTHER TEXT", "TEXT, or OTHER where it is empty", 2, 2, (*call).orElse},
		{"digest", "digest NAME VALUE", "SHA-256 of what {{template NAME VALUE}} writes, for a header that comes before it", 2, 2, (*call).compileDigest},
		{"digits", "digits LEAST MOST TEXT", "TEXT is LEAST to MOST digits and nothing else", 3, 3, (*call).compileDigits},
		{"eq", "eq A B …", "A equals B, or one of those that follow", 2, -1, (*call).compileEqual},
		{"ge", "ge A B", "number A is at least B", 2, 2, (*call).atLeast},
		{"gt", "gt A B", "number A is greater than B", 2, 2, (*call).compileGreater},
		{"index", "index CONSTANTS NAME", "the constant of that name, which may hold blanks", 2, 2, (*call).compileIndex},
		{"le", "le A B", "number A is at most B", 2, 2, (*call).atMost},
		{"len", "len LIST", "how many records a list holds", 1, 1, (*call).compileLength},
		{"lt", "lt A B", "number A is less than B", 2, 2, (*call).compileLess},
		{"money", "money AMOUNT", "with two decimal places, or more where the amount has them", 1, 1, (*call).compileMoney},
		{"ne", "ne A B", "A differs from B", 2, 2, (*call).compileDiffer},
		{"not", "not A", "A does not hold: it is empty, zero or false", 1, 1, (*call).compileNot},
		{"or", "or A B …", "the first text that is not empty; of other values: one of them holds", 1, -1, (*call).compileOr},
		{"percent", "percent RATE", "the percentage of a VAT rate as a number; 0 without VAT and where it is not known", 1, 1, (*call).compilePercent},
		{"qty", "qty NUMBER", "with as many decimal places as it needs", 1, 1, (*call).compileQuantity},
		{"rate", "rate RATE NOMINAL", "the rate of one unit of currency", 2, 2, (*call).compileRate},
		{"round", "round PLACES NUMBER", "with at most PLACES decimal places, rounded half up; not for amounts", 2, 2, (*call).compileRound},
		{"setting", "setting NAME [DEFAULT [OTHER …]]", "the layout's setting of that name, or DEFAULT; with OTHER it must be DEFAULT or one of them", 1, -1, (*call).compileSetting},
		{"short", "short NUMBER TEXT", "TEXT in at most NUMBER letters and digits: as it is, or shortened so that different texts stay different", 2, 2, (*call).compileShort},
		{"text", "text VALUE", "VALUE as text, for functions that take one", 1, 1, (*call).asText},
		{"translit", "translit TEXT", "TEXT in Latin letters; what has no such spelling is left out", 1, 1, (*call).compileTranslit},
		{"trunc", "trunc NUMBER TEXT", "the first NUMBER characters of TEXT", 2, 2, (*call).compileTrunc},
		{"uuid", "uuid TEXT …", "a UUID made of the texts: the same texts give the same one", 1, -1, (*call).compileUUID},
		{"vat", "vat [NONE] RATE", `the percentage alone, NONE (else "Без НДС") without VAT, nothing where it is not known`, 1, 2, (*call).compileVAT},
	}
}

// compileMoney and qty differ in the decimal places they add.
func (c *call) compileMoney() Expr { return c.compileDecimal(MoneyPlaces) }

func (c *call) compileQuantity() Expr { return c.compileDecimal(0) }

func (c *call) compileDecimal(places int) Expr {
	n := c.numericArgument(0)
	return c.madeText(func(b []byte, s *State) []byte { return s.Decimal(b, n.Number(s), places, n.Path) })
}

func (c *call) compileDate() Expr {
	layout, d := c.fixedText(0), c.argument(1, KindDate)
	if a, b := time.Unix(0, 0).UTC(), time.Unix(1e9+86399, 0).UTC(); !c.failed && a.Format(layout) == b.Format(layout) {
		c.addMistake(`write 2 January 2006, 15:04:05 as it shall look: "2006-01-02", "02.01.2006", "15:04:05"`, "date: %q is not a layout of a date", layout)
	}
	return c.madeText(func(b []byte, s *State) []byte { return d.Date(s).AppendFormat(b, layout) })
}

func (c *call) compileVAT() Expr {
	none := withoutVAT
	if len(c.args) == 2 {
		none = c.fixedText(0)
	}
	r := c.argument(len(c.args)-1, kindVAT)
	return c.madeText(func(b []byte, s *State) []byte { return appendVAT(b, s, r.vat(s), "", none, r.Path) })
}

// compileRate divides by the nominal, exactly: it is a power of ten, so only the point moves.
func (c *call) compileRate() Expr {
	rate, nominal := c.numericArgument(0), c.numericArgument(1)
	return c.madeText(func(b []byte, s *State) []byte {
		return appendRate(b, s, rate.Number(s), nominal.Number(s), rate.Path)
	})
}

func (c *call) compileTrunc() Expr {
	limit, t := c.fixedCount(0), c.argument(1, KindText)
	if t.Text != nil {
		return c.plainText(func(s *State) string {
			text := t.Text(s)
			return text[:prefixLength(text, limit)]
		})
	}
	return c.madeText(func(b []byte, s *State) []byte {
		start := len(b)
		b = t.append(b, s)
		return b[:start+prefixLength(b[start:], limit)]
	})
}

// prefixLength is the length in bytes of the first characters of text.
func prefixLength[S string | []byte](text S, characters int) int {
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

func (c *call) orElse() Expr {
	other, t := c.argument(0, KindText), c.argument(1, KindText)
	return c.firstText([]Expr{t, other})
}

func (c *call) asText() Expr {
	e := c.args[0]
	if !e.isPrintable() {
		c.addMistake(printHint(e), "text: %s is a %s", e.Path, e.Kind)
	}
	if e.Kind == KindText {
		return e
	}
	return c.madeText(func(b []byte, s *State) []byte { return e.append(b, s) })
}

func (c *call) compileDigits() Expr {
	least, most, t := c.fixedCount(0), c.fixedCount(1), c.argument(2, KindText)
	return flagExpr(func(s *State) bool {
		text := t.textValue(s)
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

func (c *call) compileIndex() Expr {
	return c.Compiler.compileConstant(c.argument(0, kindConstants), c.fixedText(1))
}

func (c *call) compileLength() Expr {
	l := c.argument(0, kindList)
	return Expr{Kind: kindNumber, Number: func(s *State) money.Decimal { return money.Int(int64(l.length(s))) }}
}

// compileSetting is known when the template is compiled, and so is whether it is one of the values that the
// template can do something with.
func (c *call) compileSetting() Expr {
	name := c.fixedText(0)
	value := c.Compiler.Settings.Get(name)
	var allowed []string
	for i := range c.args[1:] {
		allowed = append(allowed, c.fixedText(i+1))
	}
	if len(allowed) > 0 && value == "" {
		value = allowed[0]
	}
	if len(allowed) > 1 {
		c.Compiler.Settings.Choices[name] = allowed
	}
	if len(allowed) > 1 && !slices.Contains(allowed, value) {
		// The default stands in for it, so that one wrong setting is one mistake.
		c.AddMistake(c.offset, "write one of "+strings.Join(allowed, ", "), "the layout's setting %s is %q", name, value)
		value = allowed[0]
	}
	return fixedText(value)
}

// appendRate appends rate / nominal. A nominal of 1, 10, 100 … only moves the point and loses no
// digit; any other is divided as far as six decimal places reach.
func appendRate(b []byte, s *State, rate, nominal money.Decimal, path string) []byte {
	places, power := powerOfTen(nominal)
	switch {
	case nominal.IsZero():
		return s.Decimal(b, rate, 0, path)
	case !power || rate.Sign() < 0 || !rate.Valid():
		return s.Decimal(b, rate.MulDiv(money.One, nominal, money.Scale), 0, path)
	}
	units, _ := rate.Units(money.Scale)
	return appendShifted(b, uint64(units), money.Scale+places)
}

func powerOfTen(d money.Decimal) (n int, ok bool) {
	units, whole := d.Units(0)
	for units >= 10 && units%10 == 0 {
		units /= 10
		n++
	}
	return n, whole && units == 1
}

// appendShifted appends n / 10^places without zeros at the end.
func appendShifted(b []byte, n uint64, places int) []byte {
	var room [32]byte // 19 digits and a nominal of twelve zeros at most
	digits := strconv.AppendUint(room[:0], n, 10)
	if missing := places + 1 - len(digits); missing > 0 {
		copy(room[missing:], digits)
		for i := range missing {
			room[i] = '0'
		}
		digits = room[:missing+len(digits)]
	}
	point := len(digits) - places
	b = append(b, digits[:point]...)
	if frac := bytes.TrimRight(digits[point:], "0"); len(frac) > 0 {
		b = append(append(b, '.'), frac...)
	}
	return b
}
