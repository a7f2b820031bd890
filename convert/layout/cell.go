package layout

import (
	"strconv"
	"time"
	"unicode/utf8"

	"obmen/convert/money"
)

// longestCell is how many UTF-16 units a cell of Excel holds.
const longestCell = 32767

// column is one column of a workbook: what its cells hold and how they look. One of number, date and
// text is set where the template's cell is a single value of that kind; otherwise the steps make
// the text.
type column struct {
	name            string // "AB"
	style           string // ` s="3"`
	fine            string // style of numbers with more than two decimal places
	styleID, fineID int
	label           string // for messages
	ofLine          bool   // depends on the line; empty where a document has none

	holds  func(*state) bool // nil: always
	number func(*state) money.Decimal
	date   func(*state) time.Time
	text   func(*state) string
	steps  []step
}

func styleAttribute(id int) string {
	if id == 0 {
		return ""
	}
	return ` s="` + strconv.Itoa(id) + `"`
}

// put writes the cell of a row.
func (c *column) put(s *state, row []byte, empty bool) {
	s.out = append(append(append(s.out, `<c r="`...), c.name...), row...)
	s.out = append(s.out, '"')
	switch {
	case c.blank(s, empty):
		c.putNothing(s)
	case c.number != nil:
		c.putNumber(s)
	case c.date != nil:
		c.putDate(s)
	case c.text != nil:
		c.putText(s, append(s.cell[:0], c.text(s)...))
	default:
		c.putText(s, c.run(s))
	}
}

// blank says whether the cell has no value in this row.
func (c *column) blank(s *state, empty bool) bool {
	return empty && c.ofLine || c.steps == nil || c.holds != nil && !c.holds(s)
}

// run makes the text of a cell that is not a single value.
func (c *column) run(s *state) []byte {
	out := s.out
	s.out, s.held = s.cell[:0], true
	run(c.steps, s)
	text := s.out
	s.out, s.held = out, false
	return text
}

func (c *column) putNothing(s *state) {
	s.out = append(append(s.out, c.style...), "/>"...)
}

// putNumber writes the decimal's own digits: no float comes near them.
func (c *column) putNumber(s *state) {
	c.putDecimal(s, c.number(s))
}

func (c *column) putDecimal(s *state, d money.Decimal) {
	style := c.style
	if d.Places() > moneyPlaces {
		style = c.fine
	}
	s.out = append(append(s.out, style...), "><v>"...)
	s.out = append(s.decimal(s.out, d, 0, c.label), "</v></c>"...)
}

// putDate writes the cell's date.
func (c *column) putDate(s *state) { c.putTime(s, c.date(s)) }

// putTime writes Excel's day number. Dates that it has none for are written as text, and no date is
// an empty cell.
func (c *column) putTime(s *state, d time.Time) {
	switch {
	case d.IsZero():
		c.putNothing(s)
	case !hasSerial(d):
		c.putText(s, d.AppendFormat(s.cell[:0], xmlTime))
	default:
		s.out = append(append(s.out, c.style...), "><v>"...)
		s.out = append(appendSerial(s.out, d), "</v></c>"...)
	}
}

// hasSerial says whether Excel counts the day: it takes 1900 for a leap year.
func hasSerial(d time.Time) bool { return d.Year() > 1900 && d.Year() <= 9999 }

// appendSerial appends the days since 30 December 1899, with the time of day as a fraction: ten
// decimal places are a hundred-thousandth of a second.
func appendSerial(b []byte, d time.Time) []byte {
	const day, scale = 86400, 1e10
	wall := time.Date(d.Year(), d.Month(), d.Day(), d.Hour(), d.Minute(), d.Second(), 0, time.UTC)
	seconds := wall.Unix() - time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	b = strconv.AppendInt(b, seconds/day, 10)
	fraction := (seconds%day*scale + day/2) / day
	if fraction == 0 {
		return b
	}
	b = append(b, '.')
	for step := int64(scale / 10); step > 0 && fraction > 0; step /= 10 {
		b = append(b, byte('0'+fraction/step))
		fraction %= step
	}
	return b
}

// putText writes a text cell, which Excel never takes for a number or a formula.
func (c *column) putText(s *state, text []byte) {
	s.cell = text[:0]
	if len(text) == 0 {
		c.putNothing(s)
		return
	}
	fits := fitting(text)
	cut := fits < len(text)
	text = text[:fits]
	s.out = append(append(s.out, c.style...), ` t="inlineStr"><is><t`...)
	if space(text[0]) || space(text[len(text)-1]) {
		s.out = append(s.out, ` xml:space="preserve"`...)
	}
	s.out = append(s.out, '>')
	lost := 0
	for len(text) > 0 {
		n, guarded := codeLike(text)
		var replaced int
		s.out, replaced = escape(s.out, text[:n], inElement)
		if guarded {
			s.out = append(s.out, "_x005F_"...)
			n++
		}
		text = text[n:]
		lost += replaced
	}
	s.replaced(c.label, lost, cut)
	s.out = append(s.out, "</t></is></c>"...)
}

func space(c byte) bool { return c <= ' ' }

// fitting is the length of as much of text as a cell holds.
func fitting(text []byte) int {
	if len(text) <= longestCell {
		return len(text)
	}
	units, n := 0, 0
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r > 0xFFFF {
			units++
		}
		if units++; units > longestCell {
			break
		}
		n += size
	}
	return n
}

// codeLike finds the first "_x0041_" in text: Excel would read it as the character of that code, so
// its underscore is written as a code itself. n is how much comes before it.
func codeLike(text []byte) (n int, found bool) {
	for i := 0; i+7 <= len(text); i++ {
		if text[i] == '_' && text[i+1] == 'x' && text[i+6] == '_' && hexadecimal(text[i+2:i+6]) {
			return i, true
		}
	}
	return len(text), false
}

func hexadecimal(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
