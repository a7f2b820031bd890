package source

import (
	"context"
	"sync"

	"obmen/convert/order"
	"obmen/convert/parallel"
)

// jsonChunkSize is how many bytes of orders are decoded at a time: some twenty orders.
const jsonChunkSize = 64 << 10

// jsonItem is an order as text, or what was refused before it came to decoding.
type jsonItem struct {
	from, to         int // in the text of its chunk
	first, behind    int // in the nodes of its chunk
	escaped          bool
	pointer, account string
	refused          *RowError
}

// jsonChunk is a piece of work: orders as text, one behind the other.
type jsonChunk struct {
	*jsonRoom
	items []jsonItem
}

// jsonRoom is where the texts and trees of a chunk stand; it is used again.
type jsonRoom struct {
	text  []byte
	nodes []node
}

var jsonRooms = sync.Pool{New: func() any { return new(jsonRoom) }}

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
func (r *jsonReader) addItem(doc *Doc, item jsonItem) error {
	c := &r.chunk
	if c.jsonRoom == nil {
		c.jsonRoom = jsonRooms.Get().(*jsonRoom)
		c.text, c.nodes = c.text[:0], c.nodes[:0]
	}
	item.from, item.first, item.escaped = len(c.text), len(c.nodes), doc.escaped
	c.text, c.nodes = append(c.text, doc.text...), append(c.nodes, doc.nodes...)
	item.to, item.behind = len(c.text), len(c.nodes)
	c.items = append(c.items, item)
	if item.to < jsonChunkSize {
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
	doc, words := new(Doc), new([256]string)
	return func(c jsonChunk) []jsonDecoded {
		list := make([]jsonDecoded, len(c.items))
		for i := range c.items {
			item := &c.items[i]
			if item.refused != nil {
				list[i].err = item.refused
				continue
			}
			*doc = Doc{
				text: c.text[item.from:item.to], nodes: c.nodes[item.first:item.behind], escaped: item.escaped, words: words,
			}
			list[i].order, list[i].err = r.decodeItem(doc, item)
		}
		if cap(c.text) <= 2*jsonChunkSize {
			jsonRooms.Put(c.jsonRoom)
		}
		return list
	}
}

// decodeItem decodes one order.
func (r *jsonReader) decodeItem(doc *Doc, item *jsonItem) (order.Order, error) {
	origin := order.Origin{File: r.in.Name, Pointer: item.pointer}
	if shape := doc.Root().shape(); shape != r.shape {
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
	if bad := doc.bad; bad != nil {
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
