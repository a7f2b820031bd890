package layout

import (
	"time"

	"obmen/convert/money"
)

// expr is a compiled expression. Of its functions the one that suits its kind is set; text is either
// there as a string or made into a buffer. None allocates.
//
// An expression names the loops it depends on by number, so it means the same wherever it is used:
// variables and {{with}} are other names for it and cost nothing.
type expr struct {
	kind   kind
	path   string  // "Line.Name", for messages
	of     *record // of a record, or of a list's elements
	fixed  bool    // known when the template is compiled
	inLine bool    // depends on the line of a workbook's row

	text   func(*state) string
	made   func([]byte, *state) []byte
	number func(*state) money.Decimal
	date   func(*state) time.Time
	flag   func(*state) bool
	vat    func(*state) money.VATRate
	record func(*state) any
	length func(*state) int
	at     func(*state, int) any
	table  func(*state) map[string]string
}

// accountName is the one name behind an account that is no constant.
const accountName = "Name"

// follow is a field of the record that e gives.
func (e expr) follow(f *field) expr {
	rec := e.record
	x := expr{kind: f.kind, path: e.of.name + "." + f.name, of: f.of, inLine: e.inLine}
	switch f.kind {
	case kindText:
		x.text = func(s *state) string { return f.text(rec(s)) }
		if f.table != nil {
			x.table = func(s *state) map[string]string { return f.table(rec(s)) }
		}
	case kindAmount, kindNumber:
		x.number = func(s *state) money.Decimal { return f.number(rec(s)) }
	case kindDate:
		x.date = func(s *state) time.Time { return f.date(rec(s)) }
	case kindFlag:
		x.flag = func(s *state) bool { return f.flag(rec(s)) }
	case kindVAT:
		x.vat = func(s *state) money.VATRate { return f.vat(rec(s)) }
	case kindRecord:
		x.record = func(s *state) any { return f.record(rec(s)) }
	case kindList:
		x.length = func(s *state) int { return f.length(rec(s)) }
		x.at = func(s *state, i int) any { return f.at(rec(s), i) }
	case kindConstants:
		x.table = func(s *state) map[string]string { return f.table(rec(s)) }
	}
	return x
}

// constant is the account's constant of that name; "" without one.
func (e expr) constant(name string) expr {
	table := e.table
	return expr{
		kind: kindText, path: e.path + "." + name, inLine: e.inLine,
		text: func(s *state) string { return table(s)[name] },
	}
}

// loop is the record that a {{range}} is at.
func loop(n int, of *record) expr {
	return expr{
		kind: kindRecord, path: of.name, of: of,
		record: func(s *state) any { return s.loops[n] },
	}
}

func fixedText(text string) expr {
	return expr{kind: kindText, path: "text", fixed: true, text: func(*state) string { return text }}
}

func fixedNumber(d money.Decimal) expr {
	return expr{kind: kindNumber, path: "number", fixed: true, number: func(*state) money.Decimal { return d }}
}

func flagExpr(flag func(*state) bool) expr {
	return expr{kind: kindFlag, path: "condition", flag: flag}
}

// append appends the text that e prints, not escaped.
func (e expr) append(b []byte, s *state) []byte {
	switch e.kind {
	case kindText:
		if e.made != nil {
			return e.made(b, s)
		}
		return append(b, e.text(s)...)
	case kindAmount:
		return s.decimal(b, e.number(s), moneyPlaces, e.path)
	case kindNumber:
		return s.decimal(b, e.number(s), 0, e.path)
	case kindDate:
		return e.date(s).AppendFormat(b, xmlTime)
	case kindFlag:
		if e.flag(s) {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case kindVAT:
		return appendVAT(b, s, e.vat(s), "%", withoutVAT, e.path)
	}
	return b
}

// value is e's text as a string; it allocates where the text is made.
func (e expr) value(s *state) string {
	if e.kind == kindText && e.text != nil {
		return e.text(s)
	}
	return string(e.append(nil, s))
}

// printable says whether e can be written into a file.
func (e expr) printable() bool {
	return e.kind != kindRecord && e.kind != kindList && e.kind != kindConstants
}

// truth is e as a condition: not empty, not zero, known. Records have none.
func (e expr) truth() (func(*state) bool, bool) {
	switch e.kind {
	case kindText:
		if e.made != nil {
			return func(s *state) bool { return e.value(s) != "" }, true
		}
		return func(s *state) bool { return e.text(s) != "" }, true
	case kindAmount, kindNumber:
		return func(s *state) bool { return !e.number(s).IsZero() }, true
	case kindDate:
		return func(s *state) bool { return !e.date(s).IsZero() }, true
	case kindFlag:
		return e.flag, true
	case kindVAT:
		return func(s *state) bool { return e.vat(s).Kind != money.RateUnknown }, true
	case kindList:
		return func(s *state) bool { return e.length(s) > 0 }, true
	case kindConstants:
		return func(s *state) bool { return len(e.table(s)) > 0 }, true
	}
	return nil, false
}
