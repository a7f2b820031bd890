package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
)

// report is what tells one flat order report from another: its columns and what they mean. Columns
// come in any order; those without a field are left alone.
type report struct {
	format string
	id     string   // column of the order id
	needs  []string // columns without which nothing can be read
	last   []string // columns of money: a row that the end of the file cuts before the last of them is not whole
	fields map[string]field
	begin  func(o *order.Order) // what the report says of all its orders
	// repeat takes a further row of an order item that the order has already, at line i.
	repeat func(o *openOrder, i int, it *item) error
}

// maxLines is how many rows one order may have; no real order comes near it.
const maxLines = 10_000

// readOrders yields the orders of a report in the order in which their last rows stand.
func (rep *report) readOrders(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		if err := rep.readRows(ctx, in, yield); err != nil && !errors.Is(err, errStopped) {
			yield(order.Order{}, err)
		}
	}
}

// errStopped ends the reading when the reader of the orders wants no more.
var errStopped = errors.New("stopped")

func (rep *report) readRows(ctx context.Context, in Input, yield func(order.Order, error) bool) error {
	cs, err := FindCharset(in)
	if err != nil {
		return err
	}
	runs, err := indexRuns(ctx, in, cs, rep)
	if err != nil {
		return err
	}
	t, err := OpenTable(in, cs)
	if err != nil {
		return err
	}
	defer t.Close()
	p, err := newReportReader(rep, t, runs, yield)
	if err != nil {
		return err
	}
	return p.readAll(ctx)
}

// reportReader is the second pass over a report.
type reportReader struct {
	*report
	table    *Table
	yield    func(order.Order, error) bool
	orderID  int
	currency int
	set      []field // by column; nil where the column is left alone
	whole    int     // the last column of money
	open     openOrders
}

func newReportReader(rep *report, t *Table, runs map[uint64]int, yield func(order.Order, error) bool) (*reportReader, error) {
	p := &reportReader{
		report: rep, table: t, yield: yield,
		orderID: t.Column(rep.id), currency: t.Column("currency"), whole: -1,
		open: openOrders{runs: runs, waiting: map[uint64][]*openOrder{}},
	}
	for _, name := range rep.needs {
		if t.Column(name) < 0 {
			err := fmt.Errorf("the column %q is missing", name)
			return nil, &FileError{order.Origin{File: t.file, Line: t.row.line}, err, "use the report as it was downloaded, with all its columns"}
		}
	}
	for _, name := range rep.last {
		p.whole = max(p.whole, t.Column(name))
	}
	p.set = make([]field, len(t.header))
	for name, i := range t.index {
		p.set[i] = rep.fields[name]
	}
	return p, nil
}

func (p *reportReader) readAll(ctx context.Context) error {
	for n := 0; ; n++ {
		if err := checkInterrupt(ctx, p.table.file, n); err != nil {
			return err
		}
		r, err := p.table.Next()
		if err == io.EOF {
			return p.yieldOrders(append(p.open.endRun(), p.open.takeWaiting()...))
		}
		if err != nil {
			return err
		}
		if err := p.readRow(r); err != nil {
			return err
		}
	}
}

func (p *reportReader) readRow(r *Row) error {
	id, err := orderIDOf(r, p.orderID)
	if err != nil {
		refused := p.rowError("", r, p.orderID, err)
		if !scientific.MatchString(refused.Value) {
			refused.Value = "" // the tail of a broken row may hold a name or an address
		}
		return p.yieldOne(order.Order{}, refused)
	}
	if done := p.open.turnTo(id, p.startOrder); len(done) > 0 {
		if err := p.yieldOrders(done); err != nil {
			return err
		}
	}
	p.addRow(p.open.current, r)
	return nil
}

func (p *reportReader) startOrder(id []byte) *openOrder {
	o := &openOrder{id: string(id)}
	o.order.ID = o.id
	o.order.Format = p.format
	o.order.Origin = order.Origin{File: p.table.file, Line: p.table.row.line}
	if p.begin != nil {
		p.begin(&o.order)
	}
	return o
}

func (p *reportReader) yieldOrders(done []*openOrder) error {
	for _, o := range done {
		if o.refused != nil {
			if err := p.yieldOne(order.Order{}, o.refused); err != nil {
				return err
			}
			continue
		}
		o.dropEmptyStreets()
		if err := p.yieldOne(o.order, nil); err != nil {
			return err
		}
	}
	return nil
}

func (p *reportReader) yieldOne(o order.Order, err error) error {
	if !p.yield(o, err) {
		return errStopped
	}
	return nil
}

// addRow reads a row into its order. The first bad row refuses the order; its other rows belong to it.
func (p *reportReader) addRow(o *openOrder, r *Row) {
	if o.refused != nil {
		return
	}
	o.count++
	if err := p.addLine(o, r); err != nil {
		o.refuseWith(err)
	}
}

func (p *reportReader) addLine(o *openOrder, r *Row) *RowError {
	switch {
	case r.bad != nil:
		return p.rowError(o.id, r, -1, hinted{r.bad, "correct the row: a tab inside a title splits it in two"})
	case r.cut && p.whole >= 0 && len(r.cells) <= p.whole && len(r.cells) < len(p.table.header):
		return p.rowError(o.id, r, -1, hinted{fmt.Errorf("the file %w of this row", ErrTruncated), "download it again"})
	case o.count > maxLines:
		return p.rowError(o.id, r, -1, fmt.Errorf("%w: an order of more than %d rows", ErrHostile, maxLines))
	}
	it := &item{order: &o.order, text: string(r.text)}
	it.line.Origin = order.Origin{File: p.table.file, Line: r.line}
	if err := p.readCurrency(it, r); err != nil {
		return p.rowError(o.id, r, p.currency, err)
	}
	for i, c := range r.cells {
		if p.set[i] == nil || c.from == c.to {
			continue
		}
		if err := p.set[i](it, it.text[c.from:c.to]); err != nil {
			return p.rowError(o.id, r, i, err)
		}
	}
	if !it.counted {
		return p.rowError(o.id, r, -1, errors.New("the row states no quantity"))
	}
	if err := p.keepLine(o, it); err != nil {
		return p.rowError(o.id, r, -1, err)
	}
	return nil
}

// readCurrency comes before the amounts, whose reading it decides, wherever its column stands.
func (p *reportReader) readCurrency(it *item, r *Row) error {
	s := string(r.Cell(p.currency))
	if IsAbsent(s) {
		return nil
	}
	cur, err := money.ParseCurrency(s)
	if err != nil {
		return hinted{errors.New("not a currency code such as EUR"), hintCell}
	}
	if it.order.Currency != "" && it.order.Currency != cur {
		return hinted{fmt.Errorf("the order is in %s already", it.order.Currency), "one order has one currency: correct the file or enter the order by hand"}
	}
	it.order.Currency = cur
	return nil
}

func (p *reportReader) keepLine(o *openOrder, it *item) error {
	if it.line.ID != "" {
		if i := o.lineOf(it.line.ID); i >= 0 {
			return p.repeat(o, i, it)
		}
	}
	o.order.Lines = append(o.order.Lines, it.line)
	o.rows = append(o.rows, it)
	return nil
}

// rowError places an error in a row; column -1 names the row as a whole.
func (p *reportReader) rowError(id string, r *Row, column int, err error) *RowError {
	e := &RowError{Order: id, At: order.Origin{File: p.table.file, Line: r.line}, Err: err, Advice: hintOf(err)}
	if column >= 0 && column < len(p.table.header) {
		e.Field = p.table.header[column]
		e.Value = Shorten(string(r.Cell(column)))
		if column < len(r.cells) {
			e.At.Line, e.At.Column = r.cells[column].line, r.cells[column].column
		}
	}
	return e
}

var (
	scientific = regexp.MustCompile(`^\d(?:[.,]\d+)?[Ee]\+?\d{2,}$`)
	amazonID   = regexp.MustCompile(`^\d{3}-\d{7}-\d{7}$`)
)

// errSpreadsheet is what a spreadsheet program does to long numbers; the lost digits cannot be known.
func errSpreadsheet() error {
	return hinted{
		errors.New("a spreadsheet program turned this id into a rounded number"),
		"use the report as it was downloaded; do not save it from a spreadsheet program",
	}
}

// orderIDOf is the order id of a row: printable ASCII without blanks. In a row with too many cells the id
// may have moved to the right, and only Amazon's own form is recognised there.
func orderIDOf(r *Row, column int) ([]byte, error) {
	id := bytes.TrimSpace(r.Cell(column))
	if r.bad != nil {
		for i := column; i < len(r.cells); i++ {
			if moved := bytes.TrimSpace(r.Cell(i)); amazonID.Match(moved) {
				return moved, nil
			}
		}
	}
	switch {
	case IsAbsent(string(id)):
		return nil, hinted{errors.New("the row has no order id"), "look for a line break inside the row before it, or remove the row"}
	case bytes.ContainsAny(id, "eE") && scientific.Match(id):
		return nil, errSpreadsheet()
	case len(id) > 64 || strings.ContainsFunc(string(id), func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, hinted{errors.New("not an order id"), "look for a line break inside the row before it, or remove the row"}
	}
	return id, nil
}

// checkInterrupt looks every so many rows whether the caller wants to stop.
func checkInterrupt(ctx context.Context, file string, n int) error {
	if n%1024 == 0 && ctx.Err() != nil {
		return &FileError{order.Origin{File: file}, context.Cause(ctx), "run it again"}
	}
	return nil
}
