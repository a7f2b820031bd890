package tmpl

import (
	"slices"
	"time"

	"obmen/convert/money"
)

// Field describes one field that templates can name.
type Field struct {
	Record  string // "Document"
	Name    string // "Number"
	Type    string // "text", "amount", "date", …; the record's name for a record or a list of records
	Russian string
	Meaning string
	Example string
}

// Path is the field as messages name it: "Document.Number".
func (f Field) Path() string { return f.Record + "." + f.Name }

// Fields lists every field of every record, outer records first.
func Fields() []Field {
	var all []Field
	for _, r := range []*record{BatchRecord, DocumentRecord, LineRecord, customerRecord, addressRecord, proofRecord, changeRecord, sumRecord, constantRecord, messageRecord} {
		for i := range r.fields {
			all = append(all, r.fields[i].describeIn(r.name))
		}
	}
	return all
}

// record is one of the structs of a document, as templates see it. Its table of fields is the
// documentation, the check and the way to a value at once.
type record struct {
	name   string
	fields []field
}

// field is one entry of a record's table. Of its functions the one that suits its kind is set; each
// takes a pointer to the record's struct.
type field struct {
	words

	kind kind
	of   *record // of a record, or of a list's elements

	text   func(any) string
	number func(any) money.Decimal
	date   func(any) time.Time
	flag   func(any) bool
	vat    func(any) money.VATRate
	record func(any) any
	length func(any) int
	at     func(any, int) any
	table  func(any) map[string]string
}

// words describe a field.
type words struct {
	name, russian, meaning, example string
}

func (f *field) describeIn(in string) Field {
	d := Field{Record: in, Name: f.name, Type: f.kind.String(), Russian: f.russian, Meaning: f.meaning, Example: f.example}
	switch f.kind {
	case kindRecord:
		d.Type = f.of.name
	case kindList:
		d.Type = "list of " + f.of.name
	}
	return d
}

// findField finds a field by its exact name.
func (r *record) findField(name string) *field {
	i := slices.IndexFunc(r.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &r.fields[i]
}

func (r *record) fieldNames() []string {
	names := make([]string, len(r.fields))
	for i := range r.fields {
		names[i] = r.fields[i].name
	}
	return names
}

func textField[T any](name, russian, meaning, example string, get func(*T) string) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning, example: example}, kind: KindText,
		text: func(r any) string { return get(r.(*T)) },
	}
}

// accountField is a text with names behind it: .Account prints the account's name, .Account.contract its
// constant of that name.
func accountField[T any](name, russian, meaning, example string, get func(*T) string, table func(*T) map[string]string) field {
	f := textField(name, russian, meaning, example, get)
	f.table = func(r any) map[string]string { return table(r.(*T)) }
	return f
}

func numberField[T any](name, russian, meaning, example string, get func(*T) money.Decimal) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning, example: example}, kind: kindNumber,
		number: func(r any) money.Decimal { return get(r.(*T)) },
	}
}

func amountField[T any](name, russian, meaning, example string, get func(*T) money.Amount) field {
	f := numberField(name, russian, meaning, example, get)
	f.kind = kindAmount
	return f
}

func dateField[T any](name, russian, meaning, example string, get func(*T) time.Time) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning, example: example}, kind: KindDate,
		date: func(r any) time.Time { return get(r.(*T)) },
	}
}

func flagField[T any](name, russian, meaning string, get func(*T) bool) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning, example: "true"}, kind: kindFlag,
		flag: func(r any) bool { return get(r.(*T)) },
	}
}

func vatField[T any](name, russian, meaning, example string, get func(*T) money.VATRate) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning, example: example}, kind: kindVAT,
		vat: func(r any) money.VATRate { return get(r.(*T)) },
	}
}

func recordField[T, P any](name, russian, meaning string, of *record, get func(*T) *P) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning}, kind: kindRecord, of: of,
		record: func(r any) any { return get(r.(*T)) },
	}
}

func listField[T, E any](name, russian, meaning string, of *record, get func(*T) []E) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning}, kind: kindList, of: of,
		length: func(r any) int { return len(get(r.(*T))) },
		at:     func(r any, i int) any { return &get(r.(*T))[i] },
	}
}

// pointersField is a list of records that lie elsewhere.
func pointersField[T, E any](name, russian, meaning string, of *record, get func(*T) []*E) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning}, kind: kindList, of: of,
		length: func(r any) int { return len(get(r.(*T))) },
		at:     func(r any, i int) any { return get(r.(*T))[i] },
	}
}

func constantsField[T any](name, russian, meaning, example string, get func(*T) map[string]string) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning, example: example}, kind: kindConstants,
		table: func(r any) map[string]string { return get(r.(*T)) },
	}
}

// kind is what a field or an expression gives.
type kind uint8

const (
	KindText kind = iota + 1
	kindAmount
	kindNumber
	KindDate
	kindFlag
	kindVAT
	kindRecord
	kindList
	kindConstants
	kindWrong // of an expression whose mistake is told already
)

var kindNames = [...]string{
	KindText: "text", kindAmount: "amount", kindNumber: "number", KindDate: "date", kindFlag: "true/false",
	kindVAT: "VAT rate", kindRecord: "record", kindList: "list", kindConstants: "constants", kindWrong: "mistake",
}

func (k kind) String() string { return kindNames[k] }

// Numeric reports whether a value of this kind is a decimal number.
func (k kind) Numeric() bool { return k == kindAmount || k == kindNumber }
