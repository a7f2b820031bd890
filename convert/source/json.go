package source

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
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

// jsonReader walks the bodies in a file and hands each order on as soon as it has been read whole, so
// that never more than a few orders are in memory and never a part of one gets out.
//
// Pointers into a file of several bodies start with the number of the body, as in an array, from the
// second body on: /orders/3 is in the first, /1/orders/3 in the second.
type jsonReader struct {
	in     input.Input
	shape  jsonShape
	decode func(jsontree.Value) order.Order
	yield  func(order.Order, error) bool

	raw    *input.CountedFile
	window *orderWindow
	scan   *jsontree.Scanner
	bodies int          // bodies begun
	place  string       // what is being read, for messages
	doc    jsontree.Doc // the value read last
	whole  bool         // a value was to be read whole when reading ended

	chunk jsonChunk // orders on their way to the decoders
	emit  func(jsonChunk) bool
}

// errStop unwinds a walk whose caller wants no more.
var errStop = errors.New("stopped")

// readJSON yields the orders of one shape. decode gets one order at a time; what it finds wrong it
// leaves in the value's document.
func readJSON(ctx context.Context, in input.Input, shape jsonShape, decode func(jsontree.Value) order.Order) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		r := &jsonReader{shape: shape, decode: decode, yield: yield, raw: &input.CountedFile{}}
		r.in = r.raw.Wrap(in)
		text, err := input.OpenUnicode(r.in)
		if err != nil {
			yield(order.Order{}, in.RefuseOpen(err))
			return
		}
		if err = r.readFile(ctx, text); err != nil && !errors.Is(err, errStop) {
			yield(order.Order{}, r.fileError(ctx, err))
		}
	}
}

// readFile yields the orders of an open file, and closes it.
func (r *jsonReader) readFile(ctx context.Context, text io.ReadCloser) error {
	defer text.Close()
	return r.decodeInParallel(ctx, func(ctx context.Context) error {
		r.window = &orderWindow{ctx: ctx, from: text, most: jsontree.MaxOrder}
		r.scan = jsontree.NewScanner(r.window)
		defer r.scan.Close()
		return r.readBodies()
	})
}

func (r *jsonReader) readBodies() error {
	for ; ; r.bodies++ {
		r.place = "the JSON"
		if _, err := r.nextByte(); err != nil {
			if errors.Is(err, io.EOF) && r.bodies > 0 {
				return nil
			}
			return err
		}
		if err := r.readBody("", 0); err != nil {
			return err
		}
	}
}

// nextByte tells the byte that what comes next begins with.
func (r *jsonReader) nextByte() (byte, error) {
	r.window.mark = r.scan.Taken()
	return r.scan.Peek()
}

// readValue reads a value whole, into r.doc.
func (r *jsonReader) readValue() error {
	r.window.mark, r.whole = r.scan.Taken(), true
	err := r.scan.ReadValue(&r.doc)
	r.whole = err != nil
	return err
}

// readBody reads a body, a list of bodies, an order or a wrapper.
func (r *jsonReader) readBody(account string, depth int) error {
	if depth > jsontree.MaxDepth {
		return jsontree.ErrTooDeep
	}
	switch first, err := r.nextByte(); {
	case err != nil:
		return err
	case first == '{':
		return r.readObject(account, depth)
	case first == '[':
		return r.readList(func() error { return r.readBody(account, depth+1) })
	}
	if err := r.readValue(); err != nil {
		return err
	}
	return r.addOrder(account, r.currentPointer())
}

// readList reads an array by its elements.
func (r *jsonReader) readList(element func() error) error {
	if err := r.scan.Enter(); err != nil {
		return err
	}
	for {
		first, err := r.nextByte()
		if err != nil {
			return err
		}
		if first == ']' {
			r.scan.Leave()
			return nil
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// readOrders reads the value of a list of orders: an array, or nothing.
func (r *jsonReader) readOrders(account string) error {
	back := r.enterPlace("the list of orders")
	first, err := r.nextByte()
	if err != nil {
		return err
	}
	if first != '[' {
		if err := r.readValue(); err != nil {
			return err
		}
		back()
		if v := r.doc.Root(); v.Kind() == 'n' || v.Kind() == '"' && v.IsEmpty() {
			return nil
		}
		return r.addOrder(account, r.currentPointer())
	}
	err = r.readList(func() error {
		back := r.enterPlace("an order")
		if err := r.readValue(); err != nil {
			return err
		}
		back()
		return r.addOrder(account, r.currentPointer())
	})
	if err == nil {
		back()
	}
	return err
}

// enterPlace names the place that is being read and gives a function that names the place before it again,
// to be called where nothing went wrong.
func (r *jsonReader) enterPlace(place string) func() {
	before := r.place
	r.place = place
	return func() { r.place = before }
}

// readObject reads an object that may be a wrapper or an order: only its names tell. Members that are no
// bodies are kept until the end of the object, where it turns out whether they make up an order.
func (r *jsonReader) readObject(account string, depth int) error {
	if err := r.scan.Enter(); err != nil {
		return err
	}
	back := r.enterPlace(r.place)
	pointer := r.currentPointer()
	members, wrapper, told := []byte{'{'}, false, false
	for {
		r.window.mark = r.scan.Taken()
		key, last, err := r.scan.NextMember()
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
			if err := r.readOrders(account); err != nil {
				return err
			}
			continue
		case isWrapperName(key):
			wrapper = true
			if err := r.readBody(account, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := r.readValue(); err != nil {
			return err
		}
		if v := r.doc.Root(); key == "account" && v.Kind() == '"' {
			account = jsontree.Unquote(v.Raw())
		}
		if members, err = jsontree.AppendMember(members, key, r.doc.Text()); err != nil {
			return err
		}
	}
	members = append(members, '}')
	back()
	if err := r.doc.Parse(members); err != nil {
		return err
	}
	return r.finishObject(pointer, account, wrapper && !told)
}

// finishObject passes on what the object in r.doc turned out to be. Of a wrapper only the errors matter that the
// API reports beside its orders.
func (r *jsonReader) finishObject(pointer, account string, wrapper bool) error {
	if !wrapper {
		return r.addOrder(account, pointer)
	}
	if errs := r.doc.Root().Get("errors"); !errs.IsEmpty() {
		return r.addRefusal(order.Origin{File: r.in.Name, Pointer: pointer}, &input.RowError{Err: apiError(errs), Advice: apiErrorHint})
	}
	return nil
}

// addOrder hands the value in r.doc on as an order.
func (r *jsonReader) addOrder(account, pointer string) error {
	return r.addItem(&r.doc, jsonItem{pointer: pointer, account: account})
}

func (r *jsonReader) addRefusal(at order.Origin, bad *input.RowError) error {
	bad.At = at
	return r.addItem(new(jsontree.Doc), jsonItem{refused: bad})
}

// currentPointer points to what was read last.
func (r *jsonReader) currentPointer() string {
	var room [64]byte
	p := room[:0]
	if r.bodies > 0 {
		p = strconv.AppendInt(append(p, '/'), int64(r.bodies), 10)
	}
	return string(r.scan.AppendPointer(p))
}
