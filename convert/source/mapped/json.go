package mapped

import (
	"context"
	"errors"
	"fmt"

	"obmen/convert/order"
	"obmen/convert/parallel"
	"obmen/convert/source"
	"obmen/convert/source/jsontree"
)

// jsonWalk finds the orders in the bodies of a file and hands them on, so that never more than a few orders are
// in memory.
type jsonWalk struct {
	*jsontree.File
	m     *Mapping
	emit  func(jsonChunk) bool
	chunk jsonChunk
	led   bool // the body led to a list of orders, or to an order
}

func (r *reader) readJSON(ctx context.Context) error {
	f, text, err := jsontree.Open(r.in)
	if err != nil {
		return unreadable(r.in, err)
	}
	w := &jsonWalk{File: f, m: r.m}
	walk := func(ctx context.Context, emit func(jsonChunk) bool) error {
		w.emit = emit
		err := w.Read(ctx, text, w.body)
		if stopped := w.flush(); err == nil {
			err = stopped
		}
		return err
	}
	if r.trace == nil {
		err = parallel.Map(ctx, walk, r.jsonDecoder, r.deliver)
	} else { // a trial: one at a time
		decode := r.jsonDecoder()
		err = walk(ctx, func(c jsonChunk) bool { return r.deliver(decode(c)) == nil })
	}
	if err == nil || errors.Is(err, errStopped) {
		return err
	}
	return w.Error(ctx, err)
}

// errStopped ends a walk whose caller wants no more.
var errStopped = errors.New("stopped")

var (
	errNoOrders = fmt.Errorf("%w: no orders where the mapping looks for them", source.ErrUnknown)
	errNoOrder  = fmt.Errorf("%w: not an order", source.ErrUnknown)
)

// body walks through one body.
func (w *jsonWalk) body() error {
	w.led = false
	if err := w.value(w.m.ways(), "", 0); err != nil {
		return err
	}
	if w.led {
		return nil
	}
	return w.refuse(w.Pointer(), errNoOrders)
}

// refuse names a place where orders should be and are not.
func (w *jsonWalk) refuse(pointer string, err error) error {
	return w.push(new(jsontree.Doc), jsonItem{pointer: pointer, refused: err})
}

// ways are the names that lead to the orders; a body that is read whole is found at once.
func (m *Mapping) ways() [][]string {
	if m.orders.whole {
		return [][]string{nil}
	}
	return m.orders.at
}

// value looks at a value that the orders may stand in: ways are what is left of the ways to them.
func (w *jsonWalk) value(ways [][]string, account string, depth int) error {
	here := arrived(ways)
	w.led = w.led || here && depth > 0 // also where the list is null
	first, err := w.NextByte()
	switch {
	case err != nil:
		return err
	case depth > jsontree.MaxDepth:
		return jsontree.ErrTooDeep
	case first == '[' && here && !w.m.orders.whole:
		return w.list(account)
	case first == '[' && depth == 0 && !w.m.orders.whole: // pages, one after another
		return w.ReadList(func() error { return w.value(ways, account, depth+1) })
	case first == '{' && !w.m.orders.whole:
		return w.object(ways, account, depth)
	case (first == '{' || first == '[') && here:
		return w.order(account)
	}
	return w.ReadValue()
}

func arrived(ways [][]string) bool {
	for _, way := range ways {
		if len(way) == 0 {
			return true
		}
	}
	return false
}

// further are the ways that lead on through a member.
func further(ways [][]string, name string) (rest [][]string) {
	for _, way := range ways {
		if len(way) > 0 && way[0] == name {
			rest = append(rest, way[1:])
		}
	}
	return rest
}

// list hands on each element of a list of orders.
func (w *jsonWalk) list(account string) error {
	w.led = true
	back := w.EnterPlace("the list of orders")
	err := w.ReadList(func() error { return w.order(account) })
	if err == nil {
		back()
	}
	return err
}

// order reads an order, or a body, whole and hands it on.
func (w *jsonWalk) order(account string) error {
	w.led = true
	back := w.EnterPlace("an order")
	if err := w.ReadValue(); err != nil {
		return err
	}
	back()
	if !w.m.orders.whole && w.Doc.Root().Kind() != '{' {
		return w.refuse(w.Pointer(), errNoOrder)
	}
	return w.push(&w.Doc, jsonItem{pointer: w.Pointer(), account: account})
}

// object walks through an object that leads to orders. Where it may be an order itself, its members are
// kept until one of them leads on.
func (w *jsonWalk) object(ways [][]string, account string, depth int) error {
	if err := w.Scan.Enter(); err != nil {
		return err
	}
	pointer, itself, back := w.Pointer(), arrived(ways), w.EnterPlace(w.Place)
	if itself {
		w.Place = "an order"
	}
	kept := []byte{'{'}
	for {
		w.MarkPlace()
		key, last, err := w.Scan.NextMember()
		if err != nil {
			return err
		}
		if last {
			break
		}
		rest := further(ways, key)
		if depth == 0 && (key == "body" || key == "page") && account != "" && len(rest) == 0 { // as obmen keeps what it fetched
			rest = ways
		}
		if len(rest) > 0 {
			itself = false
			back()
			err = w.value(rest, account, depth+1)
		} else {
			kept, account, err = w.keepMember(kept, key, account, itself)
		}
		if err != nil {
			return err
		}
	}
	back()
	if !itself || len(kept) == 1 {
		return nil
	}
	w.led = true
	if err := w.Doc.Parse(append(kept, '}')); err != nil {
		return err
	}
	return w.push(&w.Doc, jsonItem{pointer: pointer, account: account})
}

// keepMember reads a member and adds it to the text of an object that may be an order.
func (w *jsonWalk) keepMember(kept []byte, key, account string, itself bool) ([]byte, string, error) {
	if err := w.ReadValue(); err != nil {
		return nil, "", err
	}
	if v := w.Doc.Root(); key == "account" && v.Kind() == '"' {
		account = jsontree.Unquote(v.Raw())
	}
	if !itself {
		return kept, account, nil
	}
	kept, err := jsontree.AppendMember(kept, key, w.Doc.Text())
	return kept, account, err
}

// jsonItem is an order, or a body that is read whole, as a tree.
type jsonItem struct {
	tree             jsontree.TreeSpan
	pointer, account string
	refused          error // why there is no order
}

// jsonChunk is a piece of work: orders as trees, one behind the other.
type jsonChunk struct {
	*jsontree.Batch
	items []jsonItem
}

// chunkSize is how many bytes of orders are decoded at a time.
const chunkSize = 64 << 10

// push takes an order to the decoders. The tree may change afterwards.
func (w *jsonWalk) push(tree *jsontree.Doc, item jsonItem) error {
	c := &w.chunk
	if c.Batch == nil {
		c.Batch = jsontree.NewBatch()
	}
	item.tree = c.Batch.Append(tree)
	c.items = append(c.items, item)
	if c.Batch.Size() < chunkSize {
		return nil
	}
	return w.flush()
}

func (w *jsonWalk) flush() error {
	c := w.chunk
	w.chunk = jsonChunk{}
	if len(c.items) > 0 && !w.emit(c) {
		return errStopped
	}
	return nil
}

// decodedOrder is an order, or the *source.RowError that refuses it.
type decodedOrder struct {
	order order.Order
	err   error
}

// jsonDecoder makes a worker that decodes chunks.
func (r *reader) jsonDecoder() func(jsonChunk) []decodedOrder {
	d := r.newDecoder()
	t, tree := new(doc), new(jsontree.Doc)
	return func(c jsonChunk) []decodedOrder {
		list := make([]decodedOrder, 0, len(c.items))
		for i := range c.items {
			item := &c.items[i]
			if item.refused != nil {
				at := order.Origin{File: r.in.Name, Pointer: item.pointer}
				list = append(list, decodedOrder{err: &source.RowError{At: at, Account: item.account, Err: item.refused, Advice: hintMapping}})
				continue
			}
			c.Batch.Load(item.tree, tree)
			t.takeJSON(tree, item.pointer)
			for _, at := range r.m.ordersIn(t) {
				origin := order.Origin{File: r.in.Name, Pointer: item.pointer + t.pointer(at)}
				o, err := d.decode(t, at, origin)
				if o.Account == "" {
					o.Account = item.account
				}
				list = append(list, decodedOrder{o, err})
			}
		}
		c.Batch.Release(2 * chunkSize)
		return list
	}
}

// ordersIn are the orders of a text: itself, or those that stand in a body that is read whole.
func (m *Mapping) ordersIn(t *doc) (list []int32) {
	if !m.orders.whole {
		return []int32{0}
	}
	for _, way := range m.orders.at {
		at := int32(0)
		for _, name := range way {
			at = t.member(at, name)
		}
		for n := t.first(at); n != absent; n = t.following(at, n) {
			list = append(list, n)
		}
		if len(list) > 0 {
			return list
		}
	}
	return list
}
