package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"obmen/convert/order"
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
	Read(ctx context.Context, in Input) iter.Seq2[order.Order, error]
}

// Confidence is how sure a format is that a file is its own.
type Confidence int

// The confidences; the highest one reads the file.
const (
	No Confidence = iota
	Maybe
	Sure
)

// Input is a file to read. Open may be called more than once and gives the same bytes each time:
// a report is read twice, once to learn its encoding and where its orders end.
type Input struct {
	Name    string // for messages and origins
	Open    func() (io.ReadCloser, error)
	Charset string // declared charset of a text file ("Cp1252", "windows-31j"); empty when nobody said
}

// RowError refuses one order and lets the file go on.
type RowError struct {
	Order   string // id of the refused order, when it was found
	Account string // that the file names for it
	At      order.Origin
	Field   string // as the source spells it
	Value   string // as found, shortened to 80 bytes; never a buyer's name or address
	Err     error
	Advice  string // one line: what the user does next
}

func (e *RowError) Error() string { return e.At.String() + ": " + e.Text() }

// Hint returns the next step, one line; empty when there is none.
func (e *RowError) Hint() string { return e.Advice }

// Text is the error without its place.
func (e *RowError) Text() string {
	var b strings.Builder
	if e.Field != "" {
		fmt.Fprintf(&b, "%s %q: ", e.Field, Shorten(e.Value))
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

func (e *RowError) Unwrap() error { return e.Err }

// FileError refuses a whole file, or what is left of it.
type FileError struct {
	At     order.Origin
	Err    error
	Advice string // one line: what the user does next
}

func (e *FileError) Error() string { return e.At.String() + ": " + e.Err.Error() }

// Hint returns the next step, one line; empty when there is none.
func (e *FileError) Hint() string { return e.Advice }

func (e *FileError) Unwrap() error { return e.Err }

// Reasons to refuse a file, to be asked for with errors.Is.
var (
	ErrUnknown   = errors.New("not an order file that obmen knows")
	ErrNotOrders = errors.New("not orders")              // a known kind of file that holds no orders
	ErrTruncated = errors.New("ends in the middle")      // what was being copied may still grow
	ErrEmpty     = errors.New("the file is empty")       //
	ErrHostile   = errors.New("like no real order file") // a depth, length or entity limit was hit
)

// HeadSize is how much of a file the formats judge it by: a report's header line and a first row, or
// the first keys of a JSON or XML body.
const HeadSize = 64 << 10

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
func Detect(in Input, more Recognizer) (Format, error) {
	head, err := ReadHead(in)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, &FileError{order.Origin{File: in.Name}, ErrEmpty, "download it again"}
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

func ReadHead(in Input) ([]byte, error) {
	r, err := in.Open()
	if err != nil {
		return nil, &FileError{order.Origin{File: in.Name}, err, "check that the file is there and may be read"}
	}
	defer r.Close()
	head, err := io.ReadAll(io.LimitReader(r, HeadSize))
	if err != nil {
		return nil, &FileError{order.Origin{File: in.Name}, err, "check the disk or share the file is on"}
	}
	return DecodeHead(head), nil
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
	return &FileError{
		order.Origin{File: name},
		fmt.Errorf("%w: %s", ErrUnknown, looked),
		"known formats: " + strings.Join(known, ", "),
	}
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

// Shorten cuts a value for a message to 80 bytes at a character's edge.
func Shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
