package document

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// NumberLength is how many characters the number of a document has in 1C, and so many of a site's number
// its readers look for.
const NumberLength = 11

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
	return ShortNumber(d.Number, NumberLength)
}

// defaultWidth is how many digits УНФ makes its own number of.
const defaultWidth = 6

// Numbering says how numbers are counted. The zero value counts from 000001.
type Numbering struct {
	Start    int                    // the first number; 0 means 1
	Width    int                    // digits at least, with zeros before; 0 means 6
	Accounts map[string]NumberRange // accounts with a range of their own, which the others leave out
}

// NumberRange is the numbers from First to Last.
type NumberRange struct{ First, Last int }

// Has reports whether the range has a number.
func (r NumberRange) Has(value int) bool { return r.First <= value && value <= r.Last }

// NumbersUsedUpError is an account whose range has no number left.
type NumbersUsedUpError struct {
	Account string
	Range   NumberRange
}

func (e *NumbersUsedUpError) Error() string {
	return fmt.Sprintf("the account %s has used up its numbers %d-%d", e.Account, e.Range.First, e.Range.Last)
}

// Hint says what to do.
func (e *NumbersUsedUpError) Hint() string {
	return "widen numbers of the account in obmen.toml, or take the line out: then it counts with all others"
}

// CounterOf names the counter of an account: its own name where it has a range, else the empty one of all others.
func (n Numbering) CounterOf(account string) string {
	if _, own := n.Accounts[account]; own {
		return account
	}
	return ""
}

// OwnerOf names the counter that a number belongs to.
func (n Numbering) OwnerOf(value int) string {
	for account, r := range n.Accounts {
		if r.Has(value) {
			return account
		}
	}
	return ""
}

// Next returns the number after the last one of a counter; 0 or less where it has none yet.
func (n Numbering) Next(counter string, last int) (int, error) {
	if r, own := n.Accounts[counter]; own {
		next := max(last+1, r.First)
		if next > r.Last {
			return 0, &NumbersUsedUpError{counter, r}
		}
		return next, nil
	}
	next := max(last+1, n.First())
	for owner := n.OwnerOf(next); owner != ""; owner = n.OwnerOf(next) {
		next = n.Accounts[owner].Last + 1
	}
	return next, nil
}

// Ranges lists the numbers of a counter, the highest first.
func (n Numbering) Ranges(counter string) []NumberRange {
	if r, own := n.Accounts[counter]; own {
		return []NumberRange{r}
	}
	list := []NumberRange{{0, math.MaxInt}}
	for _, r := range slices.SortedFunc(maps.Values(n.Accounts), func(a, b NumberRange) int { return b.First - a.First }) {
		lowest := &list[len(list)-1]
		below := NumberRange{0, r.First - 1}
		lowest.First = r.Last + 1
		list = append(list, below)
	}
	return list
}

// First is the first number.
func (n Numbering) First() int { return max(n.Start, 1) }

// Text is a number as 1C gets it.
func (n Numbering) Text(value int) string {
	return fmt.Sprintf("%0*d", cmp.Or(n.Width, defaultWidth), value)
}

// NumberValue returns the count at which a number was given, 0 for a number of another kind.
func NumberValue(number string) int {
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// FirstDigits returns the number that УНФ makes of a site's: its first six digits, 0 where it has none.
func FirstDigits(number string) (n int) {
	digits := 0
	for _, c := range number {
		if c >= '0' && c <= '9' && digits < defaultWidth {
			n, digits = n*10+int(c-'0'), digits+1
		}
	}
	return n
}

// inSixDigits reports whether a number is one to six digits.
func inSixDigits(number string) bool {
	return len(number) <= 6 && strings.Trim(number, "0123456789") == ""
}
