package source

import (
	"context"
	"errors"
	"iter"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsonfile"
	"obmen/convert/source/jsontree"
)

// jsonReader walks the bodies in a file and hands each order on as soon as it has been read whole, so
// that never more than a few orders are in memory and never a part of one gets out.
type jsonReader struct {
	*jsonfile.File
	shape  jsonShape
	decode func(jsontree.Value) order.Order
	yield  func(order.Order, error) bool

	chunk jsonChunk // orders on their way to the decoders
	emit  func(jsonChunk) bool
}

// errStop unwinds a walk whose caller wants no more.
var errStop = errors.New("stopped")

// readJSON yields the orders of one shape. decode gets one order at a time; what it finds wrong it
// leaves in the value's document.
func readJSON(ctx context.Context, in input.Input, shape jsonShape, decode func(jsontree.Value) order.Order) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		f, text, err := jsonfile.Open(in)
		if err != nil {
			yield(order.Order{}, in.RefuseOpen(err))
			return
		}
		r := &jsonReader{File: f, shape: shape, decode: decode, yield: yield}
		err = r.decodeInParallel(ctx, func(ctx context.Context) error {
			return r.Read(ctx, text, func() error { return r.readBody("", 0) })
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(order.Order{}, r.Error(ctx, err))
		}
	}
}

// readBody reads a body, a list of bodies, an order or a wrapper.
func (r *jsonReader) readBody(account string, depth int) error {
	if depth > jsontree.MaxDepth {
		return jsontree.ErrTooDeep
	}
	switch first, err := r.NextByte(); {
	case err != nil:
		return err
	case first == '{':
		return r.readObject(account, depth)
	case first == '[':
		return r.ReadList(func() error { return r.readBody(account, depth+1) })
	}
	if err := r.ReadValue(); err != nil {
		return err
	}
	return r.addOrder(account, r.Pointer())
}

// readOrders reads the value of a list of orders: an array, or nothing.
func (r *jsonReader) readOrders(account string) error {
	back := r.EnterPlace("the list of orders")
	first, err := r.NextByte()
	if err != nil {
		return err
	}
	if first != '[' {
		if err := r.ReadValue(); err != nil {
			return err
		}
		back()
		if v := r.Doc.Root(); v.Kind() == 'n' || v.Kind() == '"' && v.IsEmpty() {
			return nil
		}
		return r.addOrder(account, r.Pointer())
	}
	err = r.ReadList(func() error {
		back := r.EnterPlace("an order")
		if err := r.ReadValue(); err != nil {
			return err
		}
		back()
		return r.addOrder(account, r.Pointer())
	})
	if err == nil {
		back()
	}
	return err
}

// readObject reads an object that may be a wrapper or an order: only its names tell. Members that are no
// bodies are kept until the end of the object, where it turns out whether they make up an order.
func (r *jsonReader) readObject(account string, depth int) error {
	if err := r.Scan.Enter(); err != nil {
		return err
	}
	back := r.EnterPlace(r.Place)
	pointer := r.Pointer()
	members, wrapper, told := []byte{'{'}, false, false
	for {
		r.MarkPlace()
		key, last, err := r.Scan.NextMember()
		if err != nil {
			return err
		}
		if last {
			break
		}
		told = told || isOrderName(key)
		switch {
		case told:
			r.Place = "an order"
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
		if err := r.ReadValue(); err != nil {
			return err
		}
		if v := r.Doc.Root(); key == "account" && v.Kind() == '"' {
			account = jsontree.Unquote(v.Raw())
		}
		if members, err = jsontree.AppendMember(members, key, r.Doc.Text()); err != nil {
			return err
		}
	}
	members = append(members, '}')
	back()
	if err := r.Doc.Parse(members); err != nil {
		return err
	}
	return r.finishObject(pointer, account, wrapper && !told)
}

// finishObject passes on what the object in r.Doc turned out to be. Of a wrapper only the errors matter that the
// API reports beside its orders.
func (r *jsonReader) finishObject(pointer, account string, wrapper bool) error {
	if !wrapper {
		return r.addOrder(account, pointer)
	}
	if errs := r.Doc.Root().Get("errors"); !errs.IsEmpty() {
		return r.addRefusal(order.Origin{File: r.In.Name, Pointer: pointer}, &input.RowError{Err: apiError(errs), Advice: apiErrorHint})
	}
	return nil
}

// addOrder hands the value in r.Doc on as an order.
func (r *jsonReader) addOrder(account, pointer string) error {
	return r.addItem(&r.Doc, jsonItem{pointer: pointer, account: account})
}

func (r *jsonReader) addRefusal(at order.Origin, bad *input.RowError) error {
	bad.At = at
	return r.addItem(new(jsontree.Doc), jsonItem{refused: bad})
}
