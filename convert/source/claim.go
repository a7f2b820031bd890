package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// Recognizer knows further formats: those that mappings describe.
type Recognizer interface {
	// Claims are the formats that a file belongs to by its beginning, in UTF-8.
	Claims(head []byte) []Claim
	// Formats lists all of them by name.
	Formats() []Format
}

// Claim is a format that a file belongs to beyond doubt.
type Claim struct {
	Format    Format
	InsteadOf []string // native formats that the file looks like, too, and does not belong to
}

// ErrSeveral is a file that several formats claim.
var ErrSeveral = errors.New("several sources claim the file")

// decide chooses between the native format of a file, if any, and the claims to it. Where two claim it there
// is no choice: a wrong reading would give wrong amounts.
func decide(file string, native Format, sure Confidence, claims []Claim) (Format, error) {
	if native != nil && slices.ContainsFunc(claims, func(c Claim) bool { return slices.Contains(c.InsteadOf, native.Name()) }) {
		native, sure = nil, No
	}
	if sure < Sure && len(claims) == 1 {
		return claims[0].Format, nil
	}
	if len(claims) == 0 {
		return native, nil
	}
	var names []string
	for _, c := range claims {
		names = append(names, c.Format.Name())
	}
	if sure == Sure {
		names = append(names, native.Name())
	}
	return nil, input.NewFileError(
		order.Origin{File: file},
		fmt.Errorf("%w: %s", ErrSeveral, strings.Join(names, ", ")),
		"make [detect] of one's own mapping stricter: has, lacks, or instead_of for a native format",
	)
}
