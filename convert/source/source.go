// Package source reads orders in every format they arrive in. A format is one file here that
// registers itself; it is recognised by content, never by file name, and yields an order at a time,
// so that memory does not grow with the input.
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// Format is one way in which orders arrive.
type Format interface {
	// Name is the format's name in messages and in order.Order.Format: "amazon-all-orders".
	Name() string
	// Sniff judges the beginning of a file, already in UTF-8 where a byte order mark told the encoding.
	// It never fails and never looks at more than it is given; name is a hint at best.
	Sniff(name string, head []byte) Confidence
	// Read yields the orders of a file in its own order. A *RowError refuses one order and the file
	// goes on; any other error is a *FileError and ends the file. Read keeps nothing of what it yielded.
	Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error]
}

// Confidence is how sure a format is that a file is its own.
type Confidence int

// The confidences; the highest one reads the file.
const (
	No Confidence = iota
	Maybe
	Sure
)

// PathNoter is a Format that finds its values by paths which a user wrote, and may have mistyped.
type PathNoter interface {
	// ReadNoting is Read, and notes after a whole file with orders which paths led somewhere in it, each in words
	// that say where it is written.
	ReadNoting(ctx context.Context, in input.Input, note func(path string, met bool)) iter.Seq2[order.Order, error]
}

// Lacker is a Format whose files never state something that an order needs.
type Lacker interface {
	// Lacks returns what that is, as a half-sentence: "the unshipped orders report never has any".
	Lacks() string
}

// LackOf returns what the files of a format never state; empty where they may state everything.
func LackOf(format string) string {
	for _, f := range formats {
		if l, ok := f.(Lacker); ok && f.Name() == format {
			return l.Lacks()
		}
	}
	return ""
}

var formats []Format

// registerFormat adds a format; a name given twice is a mistake in the program.
func registerFormat(f Format) {
	if slices.ContainsFunc(formats, func(g Format) bool { return g.Name() == f.Name() }) {
		panic("source format registered twice: " + f.Name())
	}
	formats = append(formats, f)
	slices.SortFunc(formats, func(a, b Format) int { return strings.Compare(a.Name(), b.Name()) })
}

// Formats lists the registered formats by name.
func Formats() []Format { return slices.Clone(formats) }

// Detect finds the format of a file by its content, also among those of a recognizer; nil for none. The
// error is a *FileError that says what was looked for.
func Detect(in input.Input, more Recognizer) (Format, error) {
	head, err := in.ReadHead()
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, in.Refuse(input.ErrEmpty, "download it again")
	}
	var best Format
	sure := No
	for _, f := range formats {
		if c := f.Sniff(in.Name, head); c > sure {
			best, sure = f, c
		}
		if sure == Sure {
			break // nothing is surer
		}
	}
	known := formatNames()
	if more != nil {
		var err error
		if best, err = decide(in.Name, best, sure, more.Claims(head)); err != nil {
			return nil, err
		}
		for _, f := range more.Formats() {
			known = append(known, f.Name())
		}
	}
	if best == nil {
		return nil, unknownFormat(in.Name, head, known)
	}
	return best, nil
}

// unknownFormat refuses a file that no format claims, and says what was looked for.
func unknownFormat(name string, head []byte, known []string) error {
	looked := "neither order JSON, nor an Amazon order report with its header line, nor order XML"
	switch start := bytes.TrimSpace(head); {
	case bytes.IndexByte(head, 0) >= 0:
		looked = "it holds binary data"
	case start[0] == '{' || start[0] == '[':
		looked = "it is JSON, but its beginning has no orders as Amazon or a shop writes them"
	case start[0] == '<':
		looked = "it is XML, but no order report of Amazon"
	}
	return input.NewFileError(
		order.Origin{File: name},
		fmt.Errorf("%w: %s", input.ErrUnknown, looked),
		"known formats: "+strings.Join(known, ", "),
	)
}

func formatNames() []string {
	var list []string
	for _, f := range formats {
		if _, foreign := f.(interface{ isForeign() }); !foreign {
			list = append(list, f.Name())
		}
	}
	return list
}

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

// What formats read and what they refuse, as package input has them.
type (
	Input     = input.Input
	RowError  = input.RowError
	FileError = input.FileError
)

// Reasons to refuse a file, for errors.Is.
var (
	ErrUnknown   = input.ErrUnknown
	ErrNotOrders = input.ErrNotOrders
	ErrTruncated = input.ErrTruncated
	ErrEmpty     = input.ErrEmpty
	ErrHostile   = input.ErrHostile
)

// HeadSize is how much of a file the formats judge it by, in bytes.
const HeadSize = input.HeadSize
