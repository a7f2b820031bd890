package layout

// kind is what a field or an expression gives.
type kind uint8

const (
	kindText kind = iota + 1
	kindAmount
	kindNumber
	kindDate
	kindFlag
	kindVAT
	kindRecord
	kindList
	kindConstants
	kindWrong // of an expression whose mistake is told already
)

var kindNames = [...]string{
	kindText: "text", kindAmount: "amount", kindNumber: "number", kindDate: "date", kindFlag: "true/false",
	kindVAT: "VAT rate", kindRecord: "record", kindList: "list", kindConstants: "constants", kindWrong: "mistake",
}

func (k kind) String() string { return kindNames[k] }

// numeric says whether a value of this kind is a decimal number.
func (k kind) numeric() bool { return k == kindAmount || k == kindNumber }
