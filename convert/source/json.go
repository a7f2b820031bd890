package source

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"obmen/convert/order"
	"obmen/convert/parallel"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// jsonReader walks the bodies in a file and hands each order on as soon as it has been read whole, so
// that never more than a few orders are in memory and never a part of one gets out.
type jsonReader struct {
	*jsontree.File
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
		f, text, err := jsontree.Open(in)
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

// jsonChunkSize is how many bytes of orders are decoded at a time: some twenty orders.
const jsonChunkSize = 64 << 10

// jsonItem is an order as a tree, or what was refused before it came to decoding.
type jsonItem struct {
	tree             jsontree.TreeSpan
	pointer, account string
	refused          *input.RowError
}

// jsonChunk is a piece of work: orders as trees, one behind the other.
type jsonChunk struct {
	*jsontree.Batch
	items []jsonItem
}

// jsonDecoded is an order that was decoded, or the *RowError that refuses it.
type jsonDecoded struct {
	order order.Order
	err   error
}

// decodeInParallel runs walk beside as many decoders as there are cores. walk finds the orders of a file and
// hands on their texts; they are yielded in its order, where decodeInParallel was called. An error of walk
// comes after all that it found before.
func (r *jsonReader) decodeInParallel(ctx context.Context, walk func(context.Context) error) error {
	return parallel.Map(ctx, func(ctx context.Context, emit func(jsonChunk) bool) error {
		r.emit = emit
		err := walk(ctx)
		if stopped := r.flushChunk(); err == nil {
			err = stopped
		}
		return err
	}, r.newDecoder, func(list []jsonDecoded) error {
		for i := range list {
			if err := r.yieldOrder(&list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// addItem takes an order to the decoders. The document may change afterwards.
func (r *jsonReader) addItem(doc *jsontree.Doc, item jsonItem) error {
	c := &r.chunk
	if c.Batch == nil {
		c.Batch = jsontree.NewBatch()
	}
	item.tree = c.Batch.Append(doc)
	c.items = append(c.items, item)
	if c.Batch.Size() < jsonChunkSize {
		return nil
	}
	return r.flushChunk()
}

func (r *jsonReader) flushChunk() error {
	chunk := r.chunk
	r.chunk = jsonChunk{}
	if len(chunk.items) > 0 && !r.emit(chunk) {
		return errStop
	}
	return nil
}

// newDecoder makes a worker that decodes chunks, with words of its own.
func (r *jsonReader) newDecoder() func(jsonChunk) []jsonDecoded {
	doc := new(jsontree.Doc)
	return func(c jsonChunk) []jsonDecoded {
		list := make([]jsonDecoded, len(c.items))
		for i := range c.items {
			item := &c.items[i]
			if item.refused != nil {
				list[i].err = item.refused
				continue
			}
			c.Batch.Load(item.tree, doc)
			list[i].order, list[i].err = r.decodeItem(doc, item)
		}
		c.Batch.Release(2 * jsonChunkSize)
		return list
	}
}

// decodeItem decodes one order.
func (r *jsonReader) decodeItem(doc *jsontree.Doc, item *jsonItem) (order.Order, error) {
	origin := order.Origin{File: r.In.Name, Pointer: item.pointer}
	if shape := shapeOf(doc.Root()); shape != r.shape {
		bad := misplacedError(doc.Root(), shape, r.shape)
		bad.At = origin
		return order.Order{}, bad
	}
	o := r.decode(doc.Root())
	o.Format, o.Origin, o.Account = string(r.shape), origin, item.account
	for i := range o.Lines {
		o.Lines[i].Origin.File = origin.File
		o.Lines[i].Origin.Pointer = origin.Pointer + o.Lines[i].Origin.Pointer
	}
	if bad := doc.Refusal(); bad != nil {
		bad.Order, bad.Account, bad.At.File, bad.At.Pointer = o.ID, item.account, origin.File, origin.Pointer+bad.At.Pointer
		return order.Order{}, bad
	}
	return o, nil
}

// yieldOrder yields an order or its refusal.
func (r *jsonReader) yieldOrder(d *jsonDecoded) error {
	if !r.yield(d.order, d.err) {
		return errStop
	}
	return nil
}

// addressLines returns the address lines that are not empty.
func addressLines(v jsontree.Value, names ...string) (lines []string) {
	for _, name := range names {
		if s := v.Get(name).Text(); s != "" {
			lines = append(lines, s)
		}
	}
	return lines
}

func firstText(v jsontree.Value, names ...string) string {
	for _, name := range names {
		if s := v.Get(name).Text(); s != "" {
			return s
		}
	}
	return ""
}

func joinTexts(list, s string) string {
	if list == "" || s == "" {
		return list + s
	}
	return list + ", " + s
}

// marketplaceOf is the country of the first name that is known.
func marketplaceOf(names ...string) string {
	for _, name := range names {
		if m, ok := order.LookUp(name); ok {
			return m.Country
		}
	}
	return ""
}

func addProgram(o *order.Order, p order.Program) {
	if !o.Has(p) {
		o.Programs = append(o.Programs, p)
	}
}

// misplacedError says what stands where an order should.
func misplacedError(v jsontree.Value, is, want jsonShape) *input.RowError {
	switch is {
	case shapeUnknown:
		return &input.RowError{
			Err:    fmt.Errorf("%w: neither an order nor a list of orders", input.ErrUnknown),
			Advice: "look at this place in the file; orders are looked for under orders, order, payload, body, response, page and pages",
		}
	case shapeAnswer:
		return &input.RowError{Err: apiError(v.Get("errors")), Advice: apiErrorHint}
	}
	return &input.RowError{
		Err:    fmt.Errorf("an order of %s among those of %s", is, want),
		Advice: "put orders of different formats into files of their own",
	}
}
