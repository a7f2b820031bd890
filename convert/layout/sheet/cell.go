package sheet

import (
	"strconv"
	"time"
	"unicode/utf8"

	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
)

// longestCell is how many UTF-16 units a cell of Excel holds.
const longestCell = 32767

// column is one column of a workbook: what its cells hold and how they look. One of number, date and
// text is set where the template's cell is a single value of that kind; otherwise the steps make
// the text.
type column struct {
	name            string // "AB"
	styleID, fineID int    // of any cell, and of numbers with more than two decimal places
	look, fine      openings
	label           string // for messages
	ofLine          bool   // depends on the line; empty where a document has none

	holds  func(*tmpl.State) bool // nil: always
	number func(*tmpl.State) money.Decimal
	date   func(*tmpl.State) time.Time
	text   func(*tmpl.State) string
	steps  []tmpl.Step
}

// openings are what follows a cell's row number, by what the cell holds. An empty cell ends with it.
type openings struct{ nothing, number, text, spaced string }

func openingsOf(style int) openings {
	with := `"`
	if style != 0 {
		with = `" s="` + strconv.Itoa(style) + `"`
	}
	const text = ` t="inlineStr"><is><t`
	return openings{with + "/>", with + "><v>", with + text + ">", with + text + ` xml:space="preserve">`}
}

// putXML writes the cell of a row.
func (c *column) putXML(s *tmpl.State, row []byte, empty bool) {
	s.Out = append(append(append(s.Out, `<c r="`...), c.name...), row...)
	switch {
	case c.isBlank(s, empty):
		c.putNothing(s)
	case c.number != nil:
		c.putNumber(s)
	case c.date != nil:
		c.putDate(s)
	case c.text != nil:
		putText(c, s, c.text(s))
	default:
		s.Cell = c.runSteps(s)
		putText(c, s, s.Cell)
	}
}

// isBlank reports whether the cell has no value in this row.
func (c *column) isBlank(s *tmpl.State, empty bool) bool {
	return empty && c.ofLine || c.steps == nil || c.holds != nil && !c.holds(s)
}

// runSteps makes the text of a cell that is not a single value.
func (c *column) runSteps(s *tmpl.State) []byte {
	out := s.Out
	s.Out, s.Held = s.Cell[:0], true
	tmpl.Run(c.steps, s)
	text := s.Out
	s.Out, s.Held = out, false
	return text
}

func (c *column) putNothing(s *tmpl.State) {
	s.Out = append(s.Out, c.look.nothing...)
}

// putNumber writes the decimal's own digits: no float comes near them.
func (c *column) putNumber(s *tmpl.State) {
	c.putDecimal(s, c.number(s))
}

func (c *column) putDecimal(s *tmpl.State, d money.Decimal) {
	look := c.look.number
	if d.Places() > tmpl.MoneyPlaces {
		look = c.fine.number
	}
	s.Out = append(s.Out, look...)
	s.Out = append(s.Decimal(s.Out, d, 0, c.label), "</v></c>"...)
}

// putDate writes the cell's date.
func (c *column) putDate(s *tmpl.State) { c.putTime(s, c.date(s)) }

// putTime writes Excel's day number. Dates that it has none for are written as text, and no date is
// an empty cell.
func (c *column) putTime(s *tmpl.State, d time.Time) {
	switch {
	case d.IsZero():
		c.putNothing(s)
	case !hasSerial(d):
		s.Cell = d.AppendFormat(s.Cell[:0], tmpl.XmlTime)
		putText(c, s, s.Cell)
	default:
		s.Out = appendSerial(append(s.Out, c.look.number...), d)
		s.Out = append(s.Out, "</v></c>"...)
	}
}

// hasSerial reports whether Excel counts the day: it takes 1900 for a leap year.
func hasSerial(d time.Time) bool { return d.Year() > 1900 && d.Year() <= 9999 }

// appendSerial appends the days since 30 December 1899, with the time of day as a fraction: ten
// decimal places are a hundred-thousandth of a second.
func appendSerial(b []byte, d time.Time) []byte {
	const day, scale = 86400, 1e10
	const before1970 = 25569 // days since 30 December 1899
	_, ahead := d.Zone()     // of UTC: the cell shows what the clock on the wall shows
	seconds := d.Unix() + int64(ahead) + before1970*day
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
func putText[S string | []byte](c *column, s *tmpl.State, text S) {
	if len(text) == 0 {
		c.putNothing(s)
		return
	}
	fits := fittingLength(text)
	cut := fits < len(text)
	text = text[:fits]
	if isSpace(text[0]) || isSpace(text[len(text)-1]) {
		s.Out = append(s.Out, c.look.spaced...)
	} else {
		s.Out = append(s.Out, c.look.text...)
	}
	var lost int
	s.Out, lost = tmpl.Escape(s.Out, text, tmpl.InCell)
	s.Replaced(c.label, lost, cut)
	s.Out = append(s.Out, "</t></is></c>"...)
}

func isSpace(c byte) bool { return c <= ' ' }

// fittingLength is the length of as much of text as a cell holds.
func fittingLength[S string | []byte](text S) int {
	if len(text) <= longestCell {
		return len(text)
	}
	units, n := 0, 0
	for n < len(text) {
		r, size := utf8.DecodeRuneInString(string(text[n:min(len(text), n+utf8.UTFMax)]))
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
