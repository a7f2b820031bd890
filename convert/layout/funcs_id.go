package layout

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"obmen/convert/money"
)

// idSpace is the root of the ids that templates make. It never changes: 1C knows objects by them.
var idSpace = uuid.MustParse("0c7d5f0a-52f1-5c37-8a35-0b9a4e6d7f21")

// uuid is the UUIDv5 of the texts, made without a garbage of its own.
func (c *call) uuid() expr {
	for i := range c.args {
		c.arg(i, kindText)
	}
	return c.making(func(b []byte, s *state) []byte {
		start := len(b)
		b = append(b, idSpace[:]...)
		for i, a := range c.args {
			if i > 0 {
				b = append(b, '\x1f')
			}
			b = a.append(b, s)
		}
		sum := sha1.Sum(b[start:])
		id := uuid.UUID(sum[:16])
		id[6], id[8] = id[6]&0x0f|5<<4, id[8]&0x3f|0x80
		var text [36]byte
		hex.Encode(text[:], id[:4])
		for i, at := range []int{8, 13, 18, 23} {
			text[at] = '-'
			hex.Encode(text[at+1:], id[4+2*i:6+2*i])
		}
		hex.Encode(text[24:], id[10:])
		return append(b[:start], text[:]...)
	})
}

func (c *call) short() expr {
	most, t := c.fixedCount(0), c.arg(1, kindText)
	return c.making(func(b []byte, s *state) []byte { return appendShort(b, t.value(s), most) })
}

// appendShort fits a number into a field of 1C, which has 11 characters for a document's. An order id of
// Amazon, 17 digits as 3-7-7, is a number of 11 digits in base 36, from which it can be got back. Any
// other text that is too long becomes a hash.
func appendShort(b []byte, text string, most int) []byte {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= most {
		return append(b, text...)
	}
	if id := amazonID.FindStringSubmatch(text); id != nil {
		n, err := strconv.ParseUint(id[1]+id[2]+id[3], 10, 64)
		if short := strconv.FormatUint(n, 36); err == nil && len(short) <= most {
			return append(b, strings.ToUpper(short)...)
		}
	}
	sum := sha256.Sum256([]byte(text))
	short := strings.ToUpper(new(big.Int).SetBytes(sum[:]).Text(36))
	return append(b, short[:min(most, len(short))]...)
}

var amazonID = regexp.MustCompile(`^([0-9]{3})-([0-9]{7})-([0-9]{7})$`)

func (c *call) add() expr {
	a, b := c.numeric(0), c.numeric(1)
	return expr{kind: kindNumber, number: func(s *state) money.Decimal { return a.number(s).Plus(b.number(s)) }}
}

func (c *call) round() expr {
	places, n := c.fixedCount(0), c.numeric(1)
	if places > money.Scale {
		c.fail("write at most 6", "round: %d decimal places", places)
		places = money.Scale
	}
	return expr{kind: kindNumber, number: func(s *state) money.Decimal { return n.number(s).MulDiv(money.One, money.One, places) }}
}

func (c *call) percent() expr {
	r := c.arg(0, kindVAT)
	return expr{kind: kindNumber, number: func(s *state) money.Decimal {
		if rate := r.vat(s); rate.Kind == money.Rated {
			return rate.Percent
		}
		return money.Zero
	}}
}
