package mapped

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// cell is a cell that the mapping names.
type cell struct {
	path         *path
	text         string
	line, column int32
}

// tableRow is a row of an order that is not complete yet.
type tableRow struct {
	line    int32
	cells   []cell
	summary bool // it is no line of the order
}

// openOrder is an order whose rows are being read.
type openOrder struct {
	number string
	rows   []tableRow
	bad    *source.RowError
}

// tableReader yields the orders of a table in the order in which their last rows stand. An order whose
// rows lie together is complete when another begins; only scattered ones wait.
type tableReader struct {
	*reader
	table   *table
	decoder *decoder
	doc     doc
	current *openOrder
	runs    map[uint64]int // runs of rows still to come, of the scattered orders
	waiting map[string]*openOrder
}

func (r *reader) readTable(ctx context.Context) error {
	var runs map[uint64]int
	if len(r.m.table.group) > 0 {
		var err error
		if runs, err = r.scattered(ctx); err != nil {
			return err
		}
	}
	t, done, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	p := &tableReader{reader: r, table: t, decoder: r.newDecoder(), runs: runs, waiting: map[string]*openOrder{}}
	return p.readAll()
}

func (r *reader) open(ctx context.Context) (*table, func(), error) {
	cs, err := input.FindCharset(r.in)
	if err != nil {
		return nil, nil, unreadable(r.in, err)
	}
	text, err := cs.Open(r.in)
	if err != nil {
		return nil, nil, unreadable(r.in, err)
	}
	t, err := r.m.openTable(ctx, r.in.Name, text)
	if err != nil {
		text.Close()
		return nil, nil, err
	}
	return t, func() { text.Close() }, nil
}

// scattered counts the runs of rows of every order that has more than one.
func (r *reader) scattered(ctx context.Context) (map[uint64]int, error) {
	t, done, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	var buckets [256][]uint64
	last := ""
	for {
		cells, err := t.next()
		if err == io.EOF {
			return countRuns(&buckets), nil
		}
		if err != nil {
			return nil, err
		}
		if number := t.number(cells); number != "" && number != last {
			hash := hashOf(number)
			buckets[hash>>56] = append(buckets[hash>>56], hash)
			last = number
		}
	}
}

func countRuns(buckets *[256][]uint64) map[uint64]int {
	runs := map[uint64]int{}
	for i := range buckets {
		b := buckets[i]
		slices.Sort(b)
		for j := 1; j < len(b); j++ {
			if b[j] == b[j-1] {
				runs[b[j]] = max(runs[b[j]], 1) + 1
			}
		}
		buckets[i] = nil
	}
	return runs
}

// hashOf is FNV-1a.
func hashOf(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func (p *tableReader) readAll() error {
	var last []string
	for {
		cells, err := p.table.next()
		if err == io.EOF {
			if p.current != nil && last != nil && p.table.cut(last) {
				p.current.refuse(p.at(0), fmt.Errorf("the file %w of this row", source.ErrTruncated), "download it again")
			}
			return p.readRest()
		}
		if err != nil {
			return err
		}
		if err := p.row(cells); err != nil {
			return err
		}
		last = cells
	}
}

func (p *tableReader) at(cell int) order.Origin {
	line, column := p.table.place(cell)
	return order.Origin{File: p.in.Name, Line: int(line), Column: int(column)}
}

func (o *openOrder) refuse(at order.Origin, err error, hint string) {
	if o.bad == nil {
		o.bad = &source.RowError{Order: o.number, At: at, Err: err, Advice: hint}
	}
}

func (p *tableReader) row(cells []string) error {
	number := p.table.number(cells)
	switch {
	case len(p.m.table.group) == 0:
		p.current = &openOrder{}
		p.add(cells)
		return p.beginRun("")
	case number == "":
		bad := &source.RowError{At: p.at(0), Err: errors.New("the row has no order number"), Advice: "look for a line break inside the row before it, or remove the row"}
		if !p.yield(order.Order{}, bad) {
			return errStopped
		}
		return nil
	case p.current == nil || p.current.number != number:
		if err := p.beginRun(number); err != nil {
			return err
		}
	}
	p.add(cells)
	return nil
}

// beginRun ends the run of rows that is being read and begins that of a number; "" begins none.
func (p *tableReader) beginRun(number string) error {
	if o := p.current; o != nil {
		p.current = nil
		hash := hashOf(o.number)
		if p.runs[hash] > 1 && len(p.m.table.group) > 0 {
			p.runs[hash]--
			p.waiting[o.number] = o
		} else {
			delete(p.waiting, o.number)
			if err := p.give(o); err != nil {
				return err
			}
		}
	}
	if number == "" {
		return nil
	}
	if p.current = p.waiting[number]; p.current == nil {
		p.current = &openOrder{number: number}
	}
	return nil
}

// readRest gives what is complete at the end of the file: everything, unless the file changed since it was
// read first. Orders are never dropped.
func (p *tableReader) readRest() error {
	if err := p.beginRun(""); err != nil {
		return err
	}
	left := make([]*openOrder, 0, len(p.waiting))
	for _, o := range p.waiting {
		left = append(left, o)
	}
	slices.SortFunc(left, func(a, b *openOrder) int { return int(a.rows[0].line - b.rows[0].line) })
	for _, o := range left {
		if err := p.give(o); err != nil {
			return err
		}
	}
	return nil
}

// add keeps the cells of a row that the mapping names.
func (p *tableReader) add(cells []string) {
	o := p.current
	switch {
	case len(cells) > len(p.table.header) && !blankRow(cells[len(p.table.header):]):
		o.refuse(p.at(0), fmt.Errorf("%d cells, but the header has %d", len(cells), len(p.table.header)), "correct the row: a text with a separator needs quotes")
	case len(o.rows) >= maxRows:
		o.refuse(p.at(0), fmt.Errorf("%w: an order of more than %d rows", source.ErrHostile, maxRows), hostileHint)
		return
	}
	line, _ := p.table.place(0)
	row := tableRow{line: line}
	for i, text := range cells[:min(len(cells), len(p.table.paths))] {
		if path := p.table.paths[i]; path != nil && text != "" {
			line, column := p.table.place(i)
			row.cells = append(row.cells, cell{path, text, line, column})
		}
	}
	o.rows = append(o.rows, row)
}

// give decodes an order and yields it.
func (p *tableReader) give(o *openOrder) error {
	var made order.Order
	var err error
	if o.bad != nil {
		err = o.bad
	} else {
		p.build(o)
		made, err = p.decoder.decode(&p.doc, 0, order.Origin{File: p.in.Name, Line: int(o.rows[0].line)})
	}
	if !p.yield(made, err) {
		return errStopped
	}
	return nil
}

// build makes a tree of the rows: the order's own cells, and an object for each row.
func (p *tableReader) build(o *openOrder) {
	d := &p.doc
	d.reset()
	d.add(node{kind: '{', line: o.rows[0].line}, 0)
	last := int32(0)
	for i := range o.rows {
		row := d.add(node{kind: '{', line: o.rows[i].line}, last)
		last = row
		inside := int32(0)
		for _, c := range o.rows[i].cells {
			inside = d.cell(c, row, inside)
		}
		o.rows[i].summary = p.summary(row)
		if !o.rows[i].summary {
			d.rows = append(d.rows, row)
		}
	}
	for _, summary := range []bool{true, false} {
		for i := range o.rows {
			if o.rows[i].summary == summary && (i == 0 || summary || p.m.table.inherit) {
				last = d.ownCells(o.rows[i].cells, last)
			}
		}
	}
}

// ownCells makes the cells of a row those of the order, but for what it states already.
func (d *doc) ownCells(cells []cell, last int32) int32 {
	for _, c := range cells {
		if d.member(0, c.path.text) == absent {
			last = d.cell(c, 0, last)
		}
	}
	return last
}

func (d *doc) cell(c cell, parent, last int32) int32 {
	from := int32(len(d.text))
	d.text = append(d.text, c.path.text...)
	to := int32(len(d.text))
	d.text = append(d.text, c.text...)
	return d.add(node{
		nameFrom: from, nameTo: to, from: to, to: int32(len(d.text)), parent: parent, line: c.line, column: c.column, kind: '"',
	}, last)
}

// summary reports whether a row is no line of its order.
func (p *tableReader) summary(row int32) bool {
	when := p.m.table.summary
	if when == nil {
		return false
	}
	d := p.decoder
	d.doc, d.order, d.line = &p.doc, 0, row
	out, _ := d.run(when, row, "table.summary_row").(bool)
	d.line = absent
	return out
}
