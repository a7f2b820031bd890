package mapped

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"obmen/convert/order"
	"obmen/convert/source"
)

// Format is a mapping as a source format.
type Format struct{ *Mapping }

var _ source.Format = Format{}

// Name is the mapping's name.
func (f Format) Name() string { return f.Mapping.Name }

// Sniff is sure of a file that has all that the mapping wants, and nothing that it does not want.
func (f Format) Sniff(_ string, head []byte) source.Confidence {
	if f.claims(newHead(head)) {
		return source.Sure
	}
	return source.No
}

// Read yields the orders of a file in its order.
func (f Format) Read(ctx context.Context, in source.Input) iter.Seq2[order.Order, error] {
	return f.read(ctx, in, nil)
}

// Spelled is that of source.Speller: the paths and expressions of the mapping.
func (f Format) Spelled() map[source.Charge]source.Spelled {
	spelled := map[source.Charge]source.Spelled{}
	put := func(c source.Charge, amount, tax *value) {
		if amount != nil || tax != nil {
			spelled[c] = source.Spelled{Amount: amount.origin(), Tax: tax.origin()}
		}
	}
	line, ofOrder := map[string]*value{}, map[string]*value{}
	for _, field := range f.lines.fields {
		line[field.field[len("lines."):]] = field.value
	}
	for _, field := range f.order {
		ofOrder[field.field[len("order."):]] = field.value
	}
	price := line["amount"]
	if price == nil {
		price = line["unit"]
	}
	put(source.Price, price, line["tax"])
	put(source.Discount, line["discount"], line["discount_tax"])
	put(source.Shipping, line["shipping"], line["shipping_tax"])
	put(source.ShippingDiscount, line["shipping_discount"], nil)
	put(source.GiftWrap, line["gift_wrap"], line["gift_wrap_tax"])
	put(source.COD, line["cod"], nil)
	put(source.LineTotal, line["total"], nil)
	put(source.OrderDiscount, ofOrder["discount"], nil)
	put(source.Tip, ofOrder["tip"], nil)
	for _, s := range f.services {
		if s.code == "ORDER_DELIVERY" {
			put(source.OrderShipping, s.amount, s.tax)
		}
	}
	return spelled
}

// reader reads one file by a mapping.
type reader struct {
	m     *Mapping
	in    source.Input
	yield func(order.Order, error) bool
	trace *Trace

	noting bool // which paths led somewhere
	mu     sync.Mutex
	seen   [][]bool // by decoder, then by path
}

var _ source.PathNoter = Format{}

// ReadNoting is that of source.PathNoter, for the user's own mappings: a built-in one has paths for whatever its
// source may state.
func (f Format) ReadNoting(ctx context.Context, in source.Input, note func(path string, met bool)) iter.Seq2[order.Order, error] {
	if !f.Own {
		return f.Read(ctx, in)
	}
	return func(yield func(order.Order, error) bool) {
		orders, unproven := 0, 0
		r := &reader{m: f.Mapping, in: in, noting: true, yield: func(o order.Order, err error) bool {
			if err == nil {
				orders++
			}
			if err == nil && !o.Fragment && !o.Total.Known {
				unproven++
			}
			return yield(o, err)
		}}
		if r.read(ctx) == nil && orders > 0 {
			if unproven > 0 {
				note(noTotal(f.File), false)
			}
			for i, p := range f.paths {
				if len(p.steps) > 0 && !f.isOfDetection(p) {
					note(p.neverFound(f.Mapping).Error(), r.hasMet(i))
				}
			}
		}
	}
}

// noTotal tells that orders went by a mapping whose amounts nothing proves.
func noTotal(file string) string {
	return file + ": some of its orders have no total, and nothing else proves their amounts: write total = … where the file states one"
}

// isOfDetection reports whether a path serves to know files by.
func (m *Mapping) isOfDetection(p *path) bool {
	return slices.Contains(m.detect.has, p) || slices.Contains(m.detect.lacks, p)
}

// hasMet reports whether a path led somewhere for some order.
func (r *reader) hasMet(path int) bool {
	return slices.ContainsFunc(r.seen, func(met []bool) bool { return met[path] })
}

// newDecoder makes a decoder for one goroutine.
func (r *reader) newDecoder() *decoder {
	d := newDecoder(r.m, r.in.Name)
	d.trace = r.trace
	switch {
	case r.trace != nil:
		d.seen = r.trace.met
	case r.noting:
		d.seen = make([]bool, len(r.m.paths))
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen = append(r.seen, d.seen)
	}
	return d
}

func (f Format) read(ctx context.Context, in source.Input, trace *Trace) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		r := &reader{m: f.Mapping, in: in, yield: yield, trace: trace}
		_ = r.read(ctx) // it is yielded
	}
}

// read yields all orders of the file, and what ended it; the error says that it was not read to its end.
func (r *reader) read(ctx context.Context) (err error) {
	switch r.m.Kind {
	case CSV:
		err = r.readTable(ctx)
	case XML:
		err = r.readXML(ctx)
	default:
		err = r.readJSON(ctx)
	}
	if err != nil && !errors.Is(err, errStopped) {
		r.yield(order.Order{}, err)
	}
	return err
}

// deliver yields orders and their refusals.
func (r *reader) deliver(list []decodedOrder) error {
	for i := range list {
		if !r.yield(list[i].order, list[i].err) {
			return errStopped
		}
	}
	return nil
}
