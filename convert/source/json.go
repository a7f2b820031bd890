package source

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

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
	dec    *jsontext.Decoder
	bodies int     // bodies begun
	place  string  // what is being read, for messages
	doc    jsonDoc // of wrappers

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
		defer text.Close()
		err = r.decodeJSON(ctx, func(ctx context.Context) error {
			r.window = &jsonWindow{ctx: ctx, from: text}
			r.dec = jsontext.NewDecoder(r.window)
			return r.all()
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(order.Order{}, r.fileError(ctx, err))
		}
	}
}

func (r *jsonReader) all() error {
	for ; ; r.bodies++ {
		r.place = "the JSON"
		if r.next() == 0 {
			_, err := r.dec.ReadToken()
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

// next tells the kind of what comes next, 0 at the end and before anything broken.
func (r *jsonReader) next() jsontext.Kind {
	r.window.mark = r.dec.InputOffset()
	return r.dec.PeekKind()
}

func (r *jsonReader) token() (jsontext.Token, error) {
	r.window.mark = r.dec.InputOffset()
	return r.dec.ReadToken()
}

func (r *jsonReader) value() (jsontext.Value, error) {
	r.window.mark = r.dec.InputOffset()
	return r.dec.ReadValue()
}

// body reads a body, a list of bodies, an order or a wrapper.
func (r *jsonReader) body(account string, depth int) error {
	if depth > jsonMaxDepth {
		return errTooDeep
	}
	switch r.next() {
	case '{':
		return r.object(account, depth)
	case '[':
		return r.list(func() error { return r.body(account, depth+1) })
	}
	v, err := r.value()
	if err != nil {
		return err
	}
	return r.element(v, account)
}

// list reads an array by its elements.
func (r *jsonReader) list(element func() error) error {
	if _, err := r.token(); err != nil {
		return err
	}
	for {
		switch r.next() {
		case ']', 0:
			_, err := r.token()
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// orders reads the value of a list of orders: an array, or nothing.
func (r *jsonReader) orders(account string) error {
	back := r.at("the list of orders")
	if r.next() != '[' {
		v, err := r.value()
		if err != nil {
			return err
		}
		back()
		if v.Kind() == 'n' || string(v) == `""` {
			return nil
		}
		return r.element(v, account)
	}
	err := r.list(func() error {
		back := r.at("an order")
		v, err := r.value()
		if err != nil {
			return err
		}
		back()
		return r.element(v, account)
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
	if _, err := r.token(); err != nil {
		return err
	}
	back := r.at(r.place)
	pointer := r.pointer()
	members, wrapper, told := []byte{'{'}, false, false
	for {
		name, err := r.token()
		if err != nil {
			return err
		}
		if name.Kind() == '}' {
			break
		}
		key := name.String()
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
		v, err := r.value()
		if err != nil {
			return err
		}
		if key == "account" && v.Kind() == '"' {
			account = unquote(v)
		}
		if members, err = addMember(members, key, v); err != nil {
			return err
		}
	}
	members = append(members, '}')
	back()
	return r.told(members, pointer, account, wrapper && !told)
}

// told passes on what an object turned out to be. Of a wrapper only the errors matter that the API
// reports beside its orders.
func (r *jsonReader) told(members []byte, pointer, account string, wrapper bool) error {
	if !wrapper {
		return r.order(members, pointer, account)
	}
	if err := r.doc.parse(members); err != nil {
		return err
	}
	if errs := r.doc.root().get("errors"); !errs.empty() {
		return r.refuse(order.Origin{File: r.in.Name, Pointer: pointer}, &RowError{Err: apiError(errs), Hint: apiErrorHint})
	}
	return nil
}

// element passes on a value that was read whole.
func (r *jsonReader) element(v jsontext.Value, account string) error {
	return r.order(v, r.pointer(), account)
}

// order hands one order on.
func (r *jsonReader) order(text []byte, pointer, account string) error {
	return r.add(text, jsonText{pointer: pointer, account: account})
}

func (r *jsonReader) refuse(at order.Origin, bad *RowError) error {
	bad.At = at
	return r.add(nil, jsonText{refused: bad})
}

// pointer points to what was read last.
func (r *jsonReader) pointer() string {
	p := string(r.dec.StackPointer())
	if r.bodies > 0 {
		p = "/" + strconv.Itoa(r.bodies) + p
	}
	return p
}
