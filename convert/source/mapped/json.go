package mapped

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/order"
	"obmen/convert/parallel"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// jsonWalk finds the orders in the bodies of a file and hands on their texts, so that never more than a few
// orders are in memory. Pointers into a file of several bodies begin with the number of the body, from the
// second on, as with the native formats.
type jsonWalk struct {
	m      *Mapping
	window *window
	dec    *jsontext.Decoder
	emit   func(jsonChunk) bool
	chunk  jsonChunk
	bodies int
	place  string // what is being read, for messages
	led    bool   // the body led to a list of orders, or to an order
}

// jsonText is an order, or a body that is read whole, as text.
type jsonText struct {
	text             []byte
	pointer, account string
	refused          error // why there is no order
}

type jsonChunk struct {
	items []jsonText
	size  int
}

// chunkSize is how many bytes of orders are decoded at a time.
const chunkSize = 64 << 10

// errStopped ends a walk whose caller wants no more.
var errStopped = errors.New("stopped")

// decoded is an order, or the *source.RowError that refuses it.
type decodedOrder struct {
	order order.Order
	err   error
}

func (r *reader) readJSON(ctx context.Context) error {
	text, err := input.OpenUnicode(r.in)
	if err != nil {
		return unreadable(r.in, err)
	}
	defer text.Close()
	w := &jsonWalk{m: r.m, window: &window{ctx: ctx, from: text, most: maxOrder}}
	w.dec = jsontext.NewDecoder(w.window)
	if r.trace != nil { // a trial: one at a time
		decode := r.jsonDecoder()
		var failed error
		w.emit = func(c jsonChunk) bool {
			failed = r.deliver(decode(c))
			return failed == nil
		}
		err = cmp.Or(w.all(), w.flush())
		if failed != nil {
			return failed
		}
		return w.ended(ctx, r.in.Name, err)
	}
	err = parallel.Map(ctx, func(_ context.Context, emit func(jsonChunk) bool) error {
		w.emit = emit
		err := w.all()
		if stopped := w.flush(); err == nil {
			err = stopped
		}
		return err
	}, r.jsonDecoder, r.deliver)
	return w.ended(ctx, r.in.Name, err)
}

func (w *jsonWalk) ended(ctx context.Context, file string, err error) error {
	if err == nil || errors.Is(err, errStopped) {
		return err
	}
	return w.fileError(ctx, file, err)
}

// jsonDecoder makes a worker that decodes chunks.
func (r *reader) jsonDecoder() func(jsonChunk) []decodedOrder {
	d := newDecoder(r.m, r.in.Name)
	d.trace = r.trace
	t := new(doc)
	return func(c jsonChunk) []decodedOrder {
		list := make([]decodedOrder, 0, len(c.items))
		for i := range c.items {
			item := &c.items[i]
			t.reset()
			err := item.refused
			if err == nil {
				err = t.parseJSON(item.text, item.pointer)
			}
			if err != nil {
				at := order.Origin{File: r.in.Name, Pointer: item.pointer}
				list = append(list, decodedOrder{err: &source.RowError{At: at, Account: item.account, Err: err, Advice: hintMapping}})
				continue
			}
			for _, at := range r.m.ordersIn(t) {
				origin := order.Origin{File: r.in.Name, Pointer: item.pointer + t.pointer(at)}
				o, err := d.decode(t, at, origin)
				if o.Account == "" {
					o.Account = item.account
				}
				list = append(list, decodedOrder{o, err})
			}
		}
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

// all walks through the bodies.
func (w *jsonWalk) all() error {
	for ; ; w.bodies++ {
		w.place, w.led = "the JSON", false
		w.window.mark = w.window.read
		if w.dec.PeekKind() == 0 {
			_, err := w.dec.ReadToken()
			if errors.Is(err, io.EOF) {
				if w.bodies == 0 {
					return source.ErrEmpty
				}
				return nil
			}
			return err
		}
		if err := w.value(w.m.ways(), "", 0); err != nil {
			return err
		}
		if !w.led {
			if err := w.refuse(errNoOrders); err != nil {
				return err
			}
		}
	}
}

var (
	errNoOrders = fmt.Errorf("%w: no orders where the mapping looks for them", source.ErrUnknown)
	errNoOrder  = fmt.Errorf("%w: not an order", source.ErrUnknown)
)

// refuse names a place where orders should be and are not.
func (w *jsonWalk) refuse(err error) error {
	return w.push(jsonText{pointer: w.pointer(), refused: err})
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
	switch kind := w.dec.PeekKind(); {
	case depth > maxDepth:
		return errTooDeep
	case kind == '[' && here && !w.m.orders.whole:
		return w.list(func() error { return w.order(account) })
	case kind == '[' && depth == 0 && !w.m.orders.whole: // pages, one after another
		return w.list(func() error { return w.value(ways, account, depth+1) })
	case kind == '{' && !w.m.orders.whole:
		return w.object(ways, account, depth)
	case (kind == '{' || kind == '[') && here:
		return w.order(account)
	}
	return w.dec.SkipValue()
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
func (w *jsonWalk) list(each func() error) error {
	w.led = true
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	w.place = "the list of orders"
	for {
		w.window.mark = w.window.read
		switch w.dec.PeekKind() {
		case ']':
			_, err := w.dec.ReadToken()
			return err
		case '{':
			if err := each(); err != nil {
				return err
			}
		default:
			if err := cmp.Or(w.dec.SkipValue(), w.refuse(errNoOrder)); err != nil {
				return err
			}
		}
	}
}

// order reads an order, or a body, whole and hands it on.
func (w *jsonWalk) order(account string) error {
	before := w.place
	w.place, w.led = "an order", true
	raw, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	w.place = before
	return w.push(jsonText{text: bytes.Clone(raw), pointer: w.pointer(), account: account})
}

// object walks through an object that leads to orders. Where it may be an order itself, its members are
// kept until one of them leads on.
func (w *jsonWalk) object(ways [][]string, account string, depth int) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	pointer, itself := w.pointer(), arrived(ways)
	kept := []byte{'{'}
	for {
		w.window.mark = w.window.read
		name, err := w.dec.ReadToken()
		if err != nil {
			return err
		}
		if name.Kind() == '}' {
			break
		}
		key := name.String()
		rest := further(ways, key)
		if depth == 0 && (key == "body" || key == "page") && account != "" && len(rest) == 0 { // as obmen keeps what it fetched
			rest = ways
		}
		switch {
		case len(rest) > 0:
			itself = false
			err = w.value(rest, account, depth+1)
		case itself || key == "account":
			kept, account, err = w.keep(kept, key, account)
		default:
			err = w.dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	if !itself || len(kept) == 1 {
		return nil
	}
	w.led = true
	return w.push(jsonText{text: append(kept, '}'), pointer: pointer, account: account})
}

// keep adds a member to the text of an object that may be an order.
func (w *jsonWalk) keep(kept []byte, key, account string) ([]byte, string, error) {
	v, err := w.dec.ReadValue()
	if err != nil {
		return nil, "", err
	}
	if key == "account" && v.Kind() == '"' {
		if name, err := jsontext.AppendUnquote(nil, v); err == nil {
			account = string(name)
		}
	}
	if len(kept) > 1 {
		kept = append(kept, ',')
	}
	if kept, err = jsontext.AppendQuote(kept, key); err != nil {
		return nil, "", err
	}
	kept = append(append(kept, ':'), v...)
	if len(kept) > maxOrder {
		return nil, "", errTooLarge
	}
	return kept, account, nil
}

func (w *jsonWalk) pointer() string {
	p := string(w.dec.StackPointer())
	if w.bodies > 0 {
		return "/" + strconv.Itoa(w.bodies) + p
	}
	return p
}

// push takes an order to the decoders.
func (w *jsonWalk) push(item jsonText) error {
	w.chunk.items = append(w.chunk.items, item)
	if w.chunk.size += len(item.text) + 1; w.chunk.size < chunkSize {
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

// parseJSON makes the tree of a text that is known to be JSON.
func (d *doc) parseJSON(text []byte, pointer string) error {
	d.text = append(d.text, text...)
	p := jsonParser{doc: d, end: len(d.text)}
	d.text = append(d.text, pointer...)
	if _, err := p.value(p.blanks(0), 0, 0, 0); err != nil {
		return err
	}
	d.nodes[0].nameFrom, d.nodes[0].nameTo = int32(p.end), int32(p.end+len(pointer))
	return nil
}

type jsonParser struct {
	*doc
	end int // of the text; what was unescaped stands behind it
}

func (p *jsonParser) blanks(at int) int {
	for at < p.end && p.text[at] <= ' ' {
		at++
	}
	return at
}

// value adds the value at a place and returns the place behind it.
func (p *jsonParser) value(at int, parent, last, depth int32) (int, error) {
	if depth > maxDepth {
		return 0, errTooDeep
	}
	if len(p.nodes) >= maxNodes {
		return 0, fmt.Errorf("%w: more than %d values in one order", source.ErrHostile, maxNodes)
	}
	n := node{from: int32(at), parent: parent, kind: p.text[at]}
	switch n.kind {
	case '"':
		from, to, end := p.text2(at)
		n.from, n.to = from, to
		p.doc.add(n, last)
		return end, nil
	case '{', '[':
		self := p.doc.add(n, last)
		end, err := p.inside(at+1, self, depth, n.kind)
		p.nodes[self].to = int32(end)
		return end, err
	}
	end := at
	for end < p.end && p.text[end] != ',' && p.text[end] != '}' && p.text[end] != ']' && p.text[end] > ' ' {
		end++
	}
	n.to = int32(end)
	switch n.kind {
	case 't', 'f':
		n.kind = 't'
	case 'n':
	default:
		n.kind = '0'
	}
	p.doc.add(n, last)
	return end, nil
}

// inside adds the members or elements up to the closing bracket.
func (p *jsonParser) inside(at int, self, depth int32, kind byte) (int, error) {
	last := int32(0)
	for number := int32(0); ; number++ {
		if at = p.blanks(at); p.text[at] == ',' {
			at = p.blanks(at + 1)
		}
		if p.text[at] == '}' || p.text[at] == ']' {
			return at + 1, nil
		}
		from, to := number, number
		if kind == '{' {
			from, to, at = p.text2(at)
			at = p.blanks(p.blanks(at) + 1) // behind the colon
		}
		child := int32(len(p.nodes))
		var err error
		if at, err = p.value(at, self, last, depth+1); err != nil {
			return at, err
		}
		p.nodes[child].nameFrom, p.nodes[child].nameTo = from, to
		last = child
	}
}

// text2 finds a text without its quotes and the place behind it. One with escapes is resolved behind the
// text of the order.
func (p *jsonParser) text2(at int) (from, to int32, end int) {
	escaped := false
	end = at + 1
	for {
		i := bytes.IndexByte(p.text[end:p.end], '"')
		part := p.text[end : end+i]
		end += i
		if j := bytes.IndexByte(part, '\\'); j >= 0 {
			escaped = true
			backslashes := 0
			for k := end - 1; p.text[k] == '\\'; k-- {
				backslashes++
			}
			if backslashes%2 == 1 {
				end++
				continue
			}
		}
		break
	}
	if !escaped {
		return int32(at + 1), int32(end), end + 1
	}
	from = int32(len(p.text))
	p.text, _ = jsontext.AppendUnquote(p.text, p.text[at:end+1])
	return from, int32(len(p.text)), end + 1
}

var (
	errTooLarge = fmt.Errorf("%w: an order of more than %d MiB", source.ErrHostile, maxOrder>>20)
	errTooDeep  = fmt.Errorf("%w: nested more than %d deep", source.ErrHostile, maxDepth)
)

const hostileHint = "this is no export of a shop; check where it comes from"

// fileError puts what ended a walk into words.
func (w *jsonWalk) fileError(ctx context.Context, file string, err error) error {
	at := order.Origin{File: file}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, source.ErrHostile):
		return &source.FileError{At: at, Err: unwrapHostile(err), Advice: hostileHint}
	case ctx.Err() != nil:
		return &source.FileError{At: at, Err: context.Cause(ctx), Advice: "run it again"}
	case w.window.err != nil:
		return &source.FileError{At: at, Err: fmt.Errorf("read: %w", w.window.err), Advice: "check the disk or share the file is on"}
	case errors.Is(err, source.ErrEmpty):
		return &source.FileError{At: at, Err: err, Advice: "download it again"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return truncated(file, w.place, w.window.read)
	case errors.As(err, &syntax):
		at.Pointer = string(syntax.JSONPointer)
		return &source.FileError{
			At: at, Err: fmt.Errorf("broken JSON at byte %d: %w", syntax.ByteOffset, syntax.Err),
			Advice: "download it again; files changed by hand must stay JSON in UTF-8",
		}
	}
	return &source.FileError{At: at, Err: err, Advice: "download it again"}
}

func unwrapHostile(err error) error {
	for _, e := range []error{errTooLarge, errTooDeep} {
		if errors.Is(err, e) {
			return e
		}
	}
	return err
}
