package source

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"obmen/convert/order"
)

// Limits of XML reports; no real one comes near them.
const (
	xmlMaxDepth = 64
	xmlMaxToken = 1 << 20  // bytes of one tag or text
	xmlMaxOrder = 16 << 20 // bytes of one order
	xmlMaxNodes = 200_000  // elements of one order
)

// hintForeignXML is the cure of files that no shop and no marketplace writes.
const hintForeignXML = "this is no report of Amazon's; check where it comes from"

// envelope is what tells one XML report from another: an AmazonEnvelope holds messages, and each
// message one order. Elements are found by local name, whatever their namespace.
type envelope struct {
	format string
	unit   string          // the element that is an order
	skip   map[string]bool // elements that no order needs
	decode func(x *xmlOrder, e *Element)
}

// readOrders yields an order when its last tag has been read, so that a file that ends too early never gives
// half of one. Where the quick reader knows no further, be the file broken or only unusual, the standard
// one reads it again and goes on behind what was yielded.
func (v *envelope) readOrders(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		cs, err := FindXMLCharset(in)
		if err != nil {
			yield(order.Order{}, err)
			return
		}
		yielded := 0
		quick := &xmlReader{envelope: v, ctx: ctx, file: in.Name, yield: func(o order.Order, err error) bool {
			yielded++
			return yield(o, err)
		}}
		if err := quick.readFile(in, cs, true); err == nil || errors.Is(err, errStopped) {
			return
		}
		r := &xmlReader{envelope: v, ctx: ctx, file: in.Name, yield: func(o order.Order, err error) bool {
			yielded--
			return yielded >= 0 || yield(o, err)
		}}
		if err := r.readFile(in, cs, false); err != nil && !errors.Is(err, errStopped) {
			yield(order.Order{}, err)
		}
	}
}

// xmlReader walks through one file.
type xmlReader struct {
	*envelope
	ctx   context.Context
	file  string
	yield func(order.Order, error) bool
	raw   CountedFile
	text  *xmlWindow
	Tokens
	path  []string   // names of the open elements
	spare []*Element // of orders before, to be used again
}

// readFile reads a file from its beginning to its end.
func (r *xmlReader) readFile(in Input, cs Charset, quick bool) error {
	src, err := cs.Open(r.raw.Wrap(in))
	if err != nil {
		return ReadError(in, err)
	}
	defer src.Close()
	r.text = &xmlWindow{ctx: r.ctx, from: src}
	if quick {
		q := NewQuickReader(r.text)
		defer q.close()
		r.Tokens = q
	} else {
		dec := xml.NewDecoder(r.text)
		dec.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil } // decoded already
		r.Tokens = StandardReader{dec}
	}
	if err := r.readEnvelopes(); err != nil && !errors.Is(err, errStopped) {
		return r.fileError(err)
	} else if err != nil {
		return err
	}
	return nil
}

// nextToken reads the next token and keeps the path of open elements.
func (r *xmlReader) nextToken() (Token, error) {
	r.text.left = xmlMaxToken
	t, err := r.next()
	if err != nil {
		return t, err
	}
	switch t.kind {
	case Start:
		r.path = append(r.path, t.name)
		if len(r.path) > xmlMaxDepth {
			return t, fmt.Errorf("%w: nested more than %d deep", ErrHostile, xmlMaxDepth)
		}
	case End:
		r.path = r.path[:len(r.path)-1]
	}
	return t, nil
}

// readEnvelopes reads to the end of the file; several envelopes may follow one another.
func (r *xmlReader) readEnvelopes() error {
	for seen := false; ; {
		t, err := r.nextToken()
		if err == io.EOF && seen && len(r.path) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		switch t.kind {
		case Start:
			seen = true
			if err := r.readElement(t); err != nil {
				return err
			}
		case xmlText:
			if len(r.path) == 0 && len(bytes.TrimSpace(t.text)) > 0 {
				return fmt.Errorf("broken XML at byte %d: text outside the envelope", r.offset()-int64(len(t.text)))
			}
		}
	}
}

// readElement looks at an element outside of orders.
func (r *xmlReader) readElement(t Token) error {
	if len(r.path) < 2 || r.path[len(r.path)-2] != "Message" {
		return nil
	}
	switch t.name {
	case "MessageID", "OperationType":
		return nil
	case r.unit:
		return r.readOrder(t)
	default:
		err := &RowError{
			At:  order.Origin{File: r.file, Line: r.line()},
			Err: fmt.Errorf("the message holds %q instead of an order", Shorten(t.name)), Advice: "drop that report as a file of its own",
		}
		if _, err := r.tree(t, true); err != nil {
			return err
		}
		return r.yieldOrder(order.Order{}, err)
	}
}

func (r *xmlReader) readOrder(t Token) error {
	e, err := r.tree(t, false)
	if err != nil {
		return err
	}
	x := &xmlOrder{file: r.file}
	x.order.Format = r.format
	x.order.Origin = order.Origin{File: r.file, Line: e.line}
	r.decode(x, e)
	x.checkOrder(e)
	if x.refused != nil {
		x.refused.Order = x.order.ID
		return r.yieldOrder(order.Order{}, x.refused)
	}
	return r.yieldOrder(x.order, nil)
}

func (r *xmlReader) yieldOrder(o order.Order, err error) error {
	if !r.yield(o, err) {
		return errStopped
	}
	return nil
}

// fileError puts what ended a file into words.
func (r *xmlReader) fileError(err error) error {
	at := order.Origin{File: r.file}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, ErrHostile):
		return &FileError{at, err, hintForeignXML}
	case r.ctx.Err() != nil:
		return &FileError{at, context.Cause(r.ctx), "run it again"}
	case r.raw.err != nil:
		return &FileError{at, r.raw.err, "check the disk or share the file is on"}
	case r.text.ended && r.text.read-r.offset() <= 1:
		return &FileError{at, &CutError{r.currentPlace(), r.raw.size}, "download it again, or wait until it has been copied whole"}
	case errors.As(err, &syntax):
		at.Line = syntax.Line
		err = fmt.Errorf("broken XML at byte %d: %s", r.raw.FileOffset(r.offset()), syntax.Msg)
	}
	return &FileError{at, err, "download it again; a file changed by hand must stay XML"}
}

func (r *xmlReader) currentPlace() string {
	if strings.Contains("/"+strings.Join(r.path, "/")+"/", "/Message/") {
		return "an order"
	}
	return "the file"
}

// xmlWindow passes text on and stops at a tag or text without an end.
type xmlWindow struct {
	ctx   context.Context
	from  io.Reader
	left  int // bytes until the token being read is too long
	read  int64
	ended bool
}

func (w *xmlWindow) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, fmt.Errorf("%w: a tag or text of more than %d bytes", ErrHostile, xmlMaxToken)
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p)
	w.left -= n
	w.read += int64(n)
	w.ended = w.ended || err == io.EOF
	return n, err
}
