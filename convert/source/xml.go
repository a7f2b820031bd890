package source

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/xmltoken"
)

// hintForeignXML is the cure of files that no shop and no marketplace writes.
const hintForeignXML = "this is no report of Amazon's; check where it comes from"

// envelope is what tells one XML report from another: an AmazonEnvelope holds messages, and each
// message one order. Elements are found by local name, whatever their namespace.
type envelope struct {
	format string
	unit   string          // the element that is an order
	skip   map[string]bool // elements that no order needs
	decode func(x *xmlOrder, e *xmltoken.Element)
}

// readOrders yields an order when its last tag has been read, so that a file that ends too early never gives
// half of one. Where the quick reader knows no further, be the file broken or only unusual, the standard
// one reads it again and goes on behind what was yielded.
func (v *envelope) readOrders(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		cs, err := input.FindXMLCharset(in)
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
	*xmltoken.Reader
	ctx   context.Context
	file  string
	yield func(order.Order, error) bool
	raw   input.CountedFile
}

// readFile reads a file from its beginning to its end.
func (r *xmlReader) readFile(in input.Input, cs input.Charset, quick bool) error {
	src, err := cs.Open(r.raw.Wrap(in))
	if err != nil {
		return in.RefuseOpen(err)
	}
	defer src.Close()
	r.Reader = xmltoken.NewReader(r.ctx, src, quick, r.envelope.skip)
	defer r.Close()
	if err := r.readEnvelopes(); err != nil && !errors.Is(err, errStopped) {
		return r.fileError(err)
	} else if err != nil {
		return err
	}
	return nil
}

// readEnvelopes reads to the end of the file; several envelopes may follow one another.
func (r *xmlReader) readEnvelopes() error {
	for seen := false; ; {
		t, err := r.Next()
		if err == io.EOF && seen && r.Depth() == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		switch t.Kind {
		case xmltoken.Start:
			seen = true
			if err := r.readElement(t); err != nil {
				return err
			}
		case xmltoken.Text:
			if r.Depth() == 0 && len(bytes.TrimSpace(t.Text)) > 0 {
				return fmt.Errorf("broken XML at byte %d: text outside the envelope", r.Offset()-int64(len(t.Text)))
			}
		}
	}
}

// readElement looks at an element outside of orders.
func (r *xmlReader) readElement(t xmltoken.Token) error {
	if r.Parent() != "Message" {
		return nil
	}
	switch t.Name {
	case "MessageID", "OperationType":
		return nil
	case r.unit:
		return r.readOrder(t)
	default:
		err := &input.RowError{
			At:  order.Origin{File: r.file, Line: r.Line()},
			Err: fmt.Errorf("the message holds %q instead of an order", input.Shorten(t.Name)), Advice: "drop that report as a file of its own",
		}
		if _, err := r.Tree(t, true); err != nil {
			return err
		}
		return r.yieldOrder(order.Order{}, err)
	}
}

func (r *xmlReader) readOrder(t xmltoken.Token) error {
	e, err := r.Tree(t, false)
	if err != nil {
		return err
	}
	x := &xmlOrder{file: r.file}
	x.order.Format = r.format
	x.order.Origin = order.Origin{File: r.file, Line: e.Line}
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
	case errors.Is(err, input.ErrHostile):
		return input.NewFileError(at, err, hintForeignXML)
	case r.ctx.Err() != nil:
		return input.NewFileError(at, context.Cause(r.ctx), "run it again")
	case r.raw.Err != nil:
		return input.NewFileError(at, r.raw.Err, "check the disk or share the file is on")
	case r.ReadToEnd():
		return input.NewFileError(at, &input.CutError{Place: r.currentPlace(), Size: r.raw.Size}, "download it again, or wait until it has been copied whole")
	case errors.As(err, &syntax):
		at.Line = syntax.Line
		err = fmt.Errorf("broken XML at byte %d: %s", r.raw.FileOffset(r.Offset()), syntax.Msg)
	}
	return input.NewFileError(at, err, "download it again; a file changed by hand must stay XML")
}

func (r *xmlReader) currentPlace() string {
	if r.Inside("Message") {
		return "an order"
	}
	return "the file"
}

// messageType tells what an AmazonEnvelope holds from the beginning of a file, "OrderReport", and
// whether it is one at all.
func messageType(head []byte) (kind string, ok bool) {
	if input.LooksLikeJSON(head) {
		return "", false
	}
	dec := xml.NewDecoder(bytes.NewReader(head))
	dec.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil }
	const most = 200 // tokens before the first message of any real report
	for range most {
		tok, err := dec.RawToken()
		if err != nil {
			return "", ok
		}
		start, isStart := tok.(xml.StartElement)
		switch {
		case !isStart:
		case !ok && start.Name.Local != "AmazonEnvelope":
			return "", false
		case start.Name.Local == "AmazonEnvelope":
			ok = true
		case start.Name.Local == "MessageType":
			if text, err := dec.RawToken(); err == nil {
				if t, isText := text.(xml.CharData); isText {
					return string(bytes.TrimSpace(t)), true
				}
			}
		}
	}
	return "", ok
}

func sniffMessage(head []byte, kind string) Confidence {
	if k, ok := messageType(head); ok && k == kind {
		return Sure
	}
	return No
}
