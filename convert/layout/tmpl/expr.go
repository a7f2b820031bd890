package tmpl

import (
	"time"

	"obmen/convert/money"
)

// Expr is a compiled expression. Of its functions the one that suits its kind is set; text is either
// there as a string or made into a buffer. None allocates.
//
// An expression names the loops it depends on by number, so it means the same wherever it is used:
// variables and {{with}} are other names for it and cost nothing.
type Expr struct {
	Kind   kind
	Path   string  // "Line.Name", for messages
	of     *record // of a record, or of a list's elements
	fixed  bool    // known when the template is compiled
	InLine bool    // depends on the line of a workbook's row

	Text   func(*State) string
	made   func([]byte, *State) []byte
	Number func(*State) money.Decimal
	Date   func(*State) time.Time
	flag   func(*State) bool
	vat    func(*State) money.VATRate
	record func(*State) any
	listing
	table func(*State) map[string]string
}

// listing is how a list is walked.
type listing struct {
	length func(*State) int
	at     func(*State, int) any
}

// accountName is the one name behind an account that is no constant.
const accountName = "Name"

// followField is a field of the record that e gives.
func (e Expr) followField(f *field) Expr {
	rec := e.record
	x := Expr{Kind: f.kind, Path: e.of.name + "." + f.name, of: f.of, InLine: e.InLine}
	switch f.kind {
	case KindText:
		x.Text = func(s *State) string { return f.text(rec(s)) }
		if f.table != nil {
			x.table = func(s *State) map[string]string { return f.table(rec(s)) }
		}
	case kindAmount, kindNumber:
		x.Number = func(s *State) money.Decimal { return f.number(rec(s)) }
	case KindDate:
		x.Date = func(s *State) time.Time { return f.date(rec(s)) }
	case kindFlag:
		x.flag = func(s *State) bool { return f.flag(rec(s)) }
	case kindVAT:
		x.vat = func(s *State) money.VATRate { return f.vat(rec(s)) }
	case kindRecord:
		x.record = func(s *State) any { return f.record(rec(s)) }
	case kindList:
		x.length = func(s *State) int { return f.length(rec(s)) }
		x.at = func(s *State, i int) any { return f.at(rec(s), i) }
	case kindConstants:
		x.table = func(s *State) map[string]string { return f.table(rec(s)) }
	}
	return x
}

// constantOf is the account's constant of that name; "" without one.
func (e Expr) constantOf(name string) Expr {
	table := e.table
	return Expr{
		Kind: KindText, Path: e.Path + "." + name, InLine: e.InLine,
		Text: func(s *State) string { return table(s)[name] },
	}
}

// Loop is the record that a {{range}} is at.
func Loop(n int, of *record) Expr {
	return Expr{
		Kind: kindRecord, Path: of.name, of: of,
		record: func(s *State) any { return s.loops[n] },
	}
}

func fixedText(text string) Expr {
	return Expr{Kind: KindText, Path: "text", fixed: true, Text: func(*State) string { return text }}
}

func fixedNumber(d money.Decimal) Expr {
	return Expr{Kind: kindNumber, Path: "number", fixed: true, Number: func(*State) money.Decimal { return d }}
}

func flagExpr(flag func(*State) bool) Expr {
	return Expr{Kind: kindFlag, Path: "condition", flag: flag}
}

const (
	MoneyPlaces = 2                     // amounts are written with at least so many decimal places
	XmlTime     = "2006-01-02T15:04:05" // 1C's XML has no zone
	withoutVAT  = "Без НДС"
)

// append appends the text that e prints, not escaped.
func (e Expr) append(b []byte, s *State) []byte {
	switch e.Kind {
	case KindText:
		if e.made != nil {
			return e.made(b, s)
		}
		return append(b, e.Text(s)...)
	case kindAmount:
		return s.Decimal(b, e.Number(s), MoneyPlaces, e.Path)
	case kindNumber:
		return s.Decimal(b, e.Number(s), 0, e.Path)
	case KindDate:
		return e.Date(s).AppendFormat(b, XmlTime)
	case kindFlag:
		if e.flag(s) {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case kindVAT:
		return appendVAT(b, s, e.vat(s), "%", withoutVAT, e.Path)
	}
	return b
}

func appendVAT(b []byte, s *State, r money.VATRate, unit, none, path string) []byte {
	switch r.Kind {
	case money.WithoutVAT:
		return append(b, none...)
	case money.Rated:
		return append(s.Decimal(b, r.Percent, 0, path), unit...)
	}
	return b
}

// textValue is e's text as a string; it allocates where the text is made.
func (e Expr) textValue(s *State) string {
	if e.Kind == KindText && e.Text != nil {
		return e.Text(s)
	}
	return string(e.append(nil, s))
}

// isPrintable reports whether e can be written into a file.
func (e Expr) isPrintable() bool {
	return e.Kind != kindRecord && e.Kind != kindList && e.Kind != kindConstants
}

// truthOf is e as a condition: not empty, not zero, known. Records have none.
func (e Expr) truthOf() (func(*State) bool, bool) {
	switch e.Kind {
	case KindText:
		if e.made != nil {
			return func(s *State) bool { return e.textValue(s) != "" }, true
		}
		return func(s *State) bool { return e.Text(s) != "" }, true
	case kindAmount, kindNumber:
		return func(s *State) bool { return !e.Number(s).IsZero() }, true
	case KindDate:
		return func(s *State) bool { return !e.Date(s).IsZero() }, true
	case kindFlag:
		return e.flag, true
	case kindVAT:
		return func(s *State) bool { return e.vat(s).Kind != money.RateUnknown }, true
	case kindList:
		return func(s *State) bool { return e.length(s) > 0 }, true
	case kindConstants:
		return func(s *State) bool { return len(e.table(s)) > 0 }, true
	}
	return nil, false
}
