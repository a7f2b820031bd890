package source

import (
	"context"
	"sync"

	"obmen/convert/order"
	"obmen/convert/parallel"
)

// jsonChunkSize is how many bytes of orders are decoded at a time: some twenty orders.
const jsonChunkSize = 64 << 10

// jsonText is an order as text, or what was refused before it came to decoding.
type jsonText struct {
	from, to         int // in the text of its chunk
	pointer, account string
	refused          *RowError
}

// jsonChunk is a piece of work: orders as text, one behind the other.
type jsonChunk struct {
	text  []byte
	items []jsonText
}

var jsonTexts = sync.Pool{New: func() any { return new([]byte) }}

// jsonDecoded is an order that was decoded, or what is wrong with it. Everything but a *RowError ends
// the file.
type jsonDecoded struct {
	order order.Order
	err   error
}

// decodeJSON runs walk beside as many decoders as there are cores. walk finds the orders of a file and
// hands on their texts; they are yielded in its order, where decodeJSON was called. An error of walk
// comes after all that it found before.
func (r *jsonReader) decodeJSON(ctx context.Context, walk func(context.Context) error) error {
	return parallel.Map(ctx, func(ctx context.Context, emit func(jsonChunk) bool) error {
		r.emit = emit
		err := walk(ctx)
		if stopped := r.flush(); err == nil {
			err = stopped
		}
		return err
	}, r.decoder, func(list []jsonDecoded) error {
		for i := range list {
			if err := r.deliver(&list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// add takes an order to the decoders. The text may change afterwards.
func (r *jsonReader) add(text []byte, item jsonText) error {
	if r.chunk.text == nil {
		r.chunk.text = (*jsonTexts.Get().(*[]byte))[:0]
	}
	item.from = len(r.chunk.text)
	r.chunk.text = append(r.chunk.text, text...)
	item.to = len(r.chunk.text)
	r.chunk.items = append(r.chunk.items, item)
	if item.to < jsonChunkSize {
		return nil
	}
	return r.flush()
}

func (r *jsonReader) flush() error {
	chunk := r.chunk
	r.chunk = jsonChunk{}
	if len(chunk.items) > 0 && !r.emit(chunk) {
		return errStop
	}
	return nil
}

// decoder makes a worker that decodes chunks, with a tree of its own.
func (r *jsonReader) decoder() func(jsonChunk) []jsonDecoded {
	doc := new(jsonDoc)
	return func(c jsonChunk) []jsonDecoded {
		list := make([]jsonDecoded, len(c.items))
		for i := range c.items {
			item := &c.items[i]
			if item.refused != nil {
				list[i].err = item.refused
				continue
			}
			list[i].order, list[i].err = r.read(doc, c.text[item.from:item.to], item)
		}
		if cap(c.text) <= 2*jsonChunkSize {
			jsonTexts.Put(&c.text)
		}
		return list
	}
}

// read decodes one order.
func (r *jsonReader) read(doc *jsonDoc, text []byte, item *jsonText) (order.Order, error) {
	if err := doc.parse(text); err != nil {
		return order.Order{}, err
	}
	origin := order.Origin{File: r.in.Name, Pointer: item.pointer}
	if shape := doc.root().shape(); shape != r.shape {
		bad := misplaced(doc.root(), shape, r.shape)
		bad.At = origin
		return order.Order{}, bad
	}
	o := r.decode(doc.root())
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

// deliver yields an order or its refusal.
func (r *jsonReader) deliver(d *jsonDecoded) error {
	if _, row := d.err.(*RowError); d.err != nil && !row {
		return d.err
	}
	if !r.yield(d.order, d.err) {
		return errStop
	}
	return nil
}
