package document

import (
	"cmp"
	"crypto/sha256"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// NumberLength is how many characters the number of a document has in 1C, and so many of a site's number
// its readers look for.
const NumberLength = 11

// PrefixConstant is the constant of an account that stands before the numbers of its shop's orders, so that
// the orders 1001 of two shops are two documents in one base.
const PrefixConstant = "Префикс"

var amazonID = regexp.MustCompile(`^([0-9]{3})-([0-9]{7})-([0-9]{7})$`)

// ShortNumber fits a number into a field of 1C. An order id of Amazon, 17 digits as 3-7-7, is a number of 11
// digits in base 36, from which it can be got back. Any other text that is too long becomes a hash.
func ShortNumber(text string, most int) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	if id := amazonID.FindStringSubmatch(text); id != nil {
		n, err := strconv.ParseUint(id[1]+id[2]+id[3], 10, 64)
		if short := strconv.FormatUint(n, 36); err == nil && len(short) <= most {
			return strings.ToUpper(short)
		}
	}
	sum := sha256.Sum256([]byte(text))
	short := strings.ToUpper(new(big.Int).SetBytes(sum[:]).Text(36))
	return short[:min(most, len(short))]
}

// NumberOfSite is the number under which 1C finds the order again: Number1C where it is given, else the
// marketplace's in at most NumberLength characters.
func (d *Document) NumberOfSite() string {
	if d.Number1C != "" {
		return d.Number1C
	}
	return d.madeNumber()
}

func (d *Document) madeNumber() string {
	if amazonID.MatchString(d.Number) { // unique over all accounts
		return ShortNumber(d.Number, NumberLength)
	}
	return ShortNumber(d.Constants[PrefixConstant]+d.Number, NumberLength)
}

// KeepNumber gives a document that follows an earlier one the number of that one: one that went out before
// numbers were short keeps the marketplace's, for 1C would find it under no other.
func (d *Document) KeepNumber(before *Document) {
	d.Number1C = d.madeNumber()
	if before != nil {
		d.Number1C = cmp.Or(before.Number1C, before.Number)
	}
}

// inSixDigits reports whether a number is one to six digits.
func inSixDigits(number string) bool {
	return len(number) <= 6 && strings.Trim(number, "0123456789") == ""
}
