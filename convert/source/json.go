package source

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"

	"obmen/convert/order"
)

// Bodies of orders come bare, in arrays, one after another, and wrapped. A wrapper is any object that
// holds orders or another wrapper under one of these names; whatever else it says is passed over, but
// for the account: a text under "account" that stands before the body names the seller account of the
// orders in it. (Once orders have left, it would come too late.)
func isWrapperName(name string) bool {
	switch name {
	case "order", "payload", "body", "bodies", "response", "responses", "page", "pages", "data",
		"result", "results", "content":
		return true
	}
	return false
}

// Names of the lists whose elements are orders and nothing else.
func isOrderList(name string) bool { return name == "orders" || name == "Orders" }

// Limits that no real file comes near: one order, and how deep anything may be nested.
const (
	jsonMaxOrder = 16 << 20 // bytes
	jsonMaxDepth = 64
)

// jsonReader walks the bodies in a file and hands each order on as soon as it has been read whole, so
// that never more than a few orders are in memory and never a part of one gets out.
//
// Pointers into a file of several bodies start with the number of the body, as in an array, from the
// second body on: /orders/3 is in the first, /1/orders/3 in the second.
type jsonReader struct {
	in     Input
	shape  jsonShape
	decode func(jsonValue) order.Order
	yield  func(order.Order, error) bool

	raw    *countedFile
	window *jsonWindow
	scan   *jsonScanner
	bodies int     // bodies begun
	place  string  // what is being read, for messages
	doc    jsonDoc // the value read last
	whole  bool    // a value was to be read whole when reading ended

	chunk jsonChunk // orders on their way to the decoders
	emit  func(jsonChunk) bool
}

// errStop unwinds a walk whose caller wants no more.
var errStop = errors.New("stopped")

// readJSON yields the orders of one shape. decode gets one order at a time; what it finds wrong it
// leaves in the value's document.
func readJSON(ctx context.Context, in Input, shape jsonShape, decode func(jsonValue) order.Order) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		r := &jsonReader{shape: shape, decode: decode, yield: yield, raw: &countedFile{}}
		r.in = r.raw.watch(in)
		text, err := openUnicode(r.in)
		if err != nil {
			yield(order.Order{}, &FileError{order.Origin{File: in.Name}, err, "check that the file is there and may be read"})
			return
		}
		if err = r.read(ctx, text); err != nil && !errors.Is(err, errStop) {
			yield(order.Order{}, r.fileError(ctx, err))
		}
	}
}

// read yields the orders of an open file, and closes it.
func (r *jsonReader) read(ctx context.Context, text io.ReadCloser) error {
	defer text.Close()
	return r.decodeJSON(ctx, func(ctx context.Context) error {
		r.window = &jsonWindow{ctx: ctx, from: text, most: jsonMaxOrder}
		r.scan = newJSONScanner(r.window)
		defer r.scan.close()
		return r.all()
	})
}

func (r *jsonReader) all() error {
	for ; ; r.bodies++ {
		r.place = "the JSON"
		if _, err := r.next(); err != nil {
			if errors.Is(err, io.EOF) && r.bodies > 0 {
				return nil
			}
			return err
		}
		if err := r.body("", 0); err != nil {
			return err
		}
	}
}

// next tells the byte that what comes next begins with.
func (r *jsonReader) next() (byte, error) {
	r.window.mark = r.scan.taken
	return r.scan.peek()
}

// value reads a value whole, into r.doc.
func (r *jsonReader) value() error {
	r.window.mark, r.whole = r.scan.taken, true
	err := r.scan.value(&r.doc)
	r.whole = err != nil
	return err
}

// body reads a body, a list of bodies, an order or a wrapper.
func (r *jsonReader) body(account string, depth int) error {
	if depth > jsonMaxDepth {
		return errTooDeep
	}
	switch first, err := r.next(); {
	case err != nil:
		return err
	case first == '{':
		return r.object(account, depth)
	case first == '[':
		return r.list(func() error { return r.body(account, depth+1) })
	}
	if err := r.value(); err != nil {
		return err
	}
	return r.order(account, r.pointer())
}

// list reads an array by its elements.
func (r *jsonReader) list(element func() error) error {
	if err := r.scan.open(); err != nil {
		return err
	}
	for {
		first, err := r.next()
		if err != nil {
			return err
		}
		if first == ']' {
			r.scan.shut()
			return nil
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// orders reads the value of a list of orders: an array, or nothing.
func (r *jsonReader) orders(account string) error {
	back := r.at("the list of orders")
	first, err := r.next()
	if err != nil {
		return err
	}
	if first != '[' {
		if err := r.value(); err != nil {
			return err
		}
		back()
		if v := r.doc.root(); v.kind() == 'n' || v.kind() == '"' && v.empty() {
			return nil
		}
		return r.order(account, r.pointer())
	}
	err = r.list(func() error {
		back := r.at("an order")
		if err := r.value(); err != nil {
			return err
		}
		back()
		return r.order(account, r.pointer())
	})
	if err == nil {
		back()
	}
	return err
}

// at names the place that is being read and gives a function that names the place before it again,
// to be called where nothing went wrong.
func (r *jsonReader) at(place string) func() {
	before := r.place
	r.place = place
	return func() { r.place = before }
}

// object reads an object that may be a wrapper or an order: only its names tell. Members that are no
// bodies are kept until the end of the object, where it turns out whether they make up an order.
func (r *jsonReader) object(account string, depth int) error {
	if err := r.scan.open(); err != nil {
		return err
	}
	back := r.at(r.place)
	pointer := r.pointer()
	members, wrapper, told := []byte{'{'}, false, false
	for {
		r.window.mark = r.scan.taken
		key, last, err := r.scan.member()
		if err != nil {
			return err
		}
		if last {
			break
		}
		told = told || isOrderName(key)
		switch {
		case told:
			r.place = "an order"
		case isOrderList(key):
			wrapper = true
			if err := r.orders(account); err != nil {
				return err
			}
			continue
		case isWrapperName(key):
			wrapper = true
			if err := r.body(account, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := r.value(); err != nil {
			return err
		}
		if v := r.doc.root(); key == "account" && v.kind() == '"' {
			account = unquote(v.raw())
		}
		if members, err = addMember(members, key, r.doc.text); err != nil {
			return err
		}
	}
	members = append(members, '}')
	back()
	if err := r.doc.parse(members); err != nil {
		return err
	}
	return r.told(pointer, account, wrapper && !told)
}

// told passes on what the object in r.doc turned out to be. Of a wrapper only the errors matter that the
// API reports beside its orders.
func (r *jsonReader) told(pointer, account string, wrapper bool) error {
	if !wrapper {
		return r.order(account, pointer)
	}
	if errs := r.doc.root().get("errors"); !errs.empty() {
		return r.refuse(order.Origin{File: r.in.Name, Pointer: pointer}, &RowError{Err: apiError(errs), Hint: apiErrorHint})
	}
	return nil
}

// order hands the value in r.doc on as an order.
func (r *jsonReader) order(account, pointer string) error {
	return r.add(&r.doc, jsonText{pointer: pointer, account: account})
}

func (r *jsonReader) refuse(at order.Origin, bad *RowError) error {
	bad.At = at
	return r.add(new(jsonDoc), jsonText{refused: bad})
}

// pointer points to what was read last.
func (r *jsonReader) pointer() string {
	var room [64]byte
	p := room[:0]
	if r.bodies > 0 {
		p = strconv.AppendInt(append(p, '/'), int64(r.bodies), 10)
	}
	return string(r.scan.pointer(p))
}
