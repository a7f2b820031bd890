package source

import (
	"context"

	"obmen/convert/order"
	"obmen/convert/parallel"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

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
