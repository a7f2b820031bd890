package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"unicode/utf8"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
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
	// continued is set where such a row may leave out everything but what is new.
	continued bool
	aliases   map[string]string    // further names of columns, by the name in fields
	finish    func(o *order.Order) // when all rows of an order have been read
}

// maxLines is how many rows one order may have; no real order comes near it.
const maxLines = 10_000

// readOrders yields the orders of a report in the order in which their last rows stand.
func (rep *report) readOrders(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		if err := rep.readRows(ctx, in, yield); err != nil && !errors.Is(err, errStopped) {
			yield(order.Order{}, err)
		}
	}
}

// errStopped ends the reading when the reader of the orders wants no more.
var errStopped = errors.New("stopped")

func (rep *report) readRows(ctx context.Context, in input.Input, yield func(order.Order, error) bool) error {
	cs, err := input.FindCharset(in)
	if err != nil {
		return err
	}
	runs, err := indexRuns(ctx, in, cs, rep)
	if err != nil {
		return err
	}
	t, err := flatfile.OpenTable(in, cs)
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
	table    *flatfile.Table
	yield    func(order.Order, error) bool
	orderID  int
	currency int
	set      []field // by column; nil where the column is left alone
	whole    int     // the last column of money
	open     openOrders
	spare    *openOrder // one that was yielded; nil for none
	row      item       // the one being read
}

func newReportReader(rep *report, t *flatfile.Table, runs map[uint64]int, yield func(order.Order, error) bool) (*reportReader, error) {
	p := &reportReader{
		report: rep, table: t, yield: yield,
		open: openOrders{runs: runs, waiting: map[uint64][]*openOrder{}},
	}
	return p, p.useColumns()
}

// useColumns finds the columns of the header read last.
func (p *reportReader) useColumns() error {
	t := p.table
	for name, alias := range p.aliases {
		if _, ok := t.Index[name]; !ok && t.Column(alias) >= 0 {
			t.Index[name] = t.Column(alias)
		}
	}
	for _, name := range p.needs {
		if t.Column(name) < 0 {
			err := fmt.Errorf("the column %q is missing", name)
			return input.NewFileError(order.Origin{File: t.File, Line: t.Row.Line}, err, "use the report as it was downloaded, with all its columns")
		}
	}
	p.orderID, p.currency, p.whole = t.Column(p.id), t.Column("currency"), -1
	for _, name := range p.last {
		p.whole = max(p.whole, t.Column(name))
	}
	p.set = make([]field, len(t.Header))
	for name, i := range t.Index {
		if f := p.fields[name]; f != nil {
			p.set[i] = f
		}
	}
	return nil
}

func (p *reportReader) readAll(ctx context.Context) error {
	for n := 0; ; n++ {
		if err := checkInterrupt(ctx, p.table.File, n); err != nil {
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

func (p *reportReader) readRow(r *flatfile.Row) error {
	if p.table.Section != p.open.section {
		if err := p.beginSection(); err != nil {
			return err
		}
	}
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

// beginSection ends a report, and begins the one that was joined to it: an order of both is told twice.
func (p *reportReader) beginSection() error {
	if err := p.yieldOrders(append(p.open.endRun(), p.open.takeWaiting()...)); err != nil {
		return err
	}
	p.open.waiting, p.open.section = map[uint64][]*openOrder{}, p.table.Section
	return p.useColumns()
}

func (p *reportReader) startOrder(id []byte) *openOrder {
	o := p.spare
	p.spare = nil
	if o == nil {
		o = new(openOrder)
	}
	o.startAgain(string(id))
	o.order.Format = p.format
	o.order.Origin = order.Origin{File: p.table.File, Line: p.table.Row.Line}
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
		o.finishLines()
		if p.finish != nil {
			p.finish(&o.order)
		}
		if err := p.yieldOne(o.order, nil); err != nil {
			return err
		}
		p.spare = o
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
func (p *reportReader) addRow(o *openOrder, r *flatfile.Row) {
	if o.refused != nil {
		return
	}
	o.count++
	if err := p.addLine(o, r); err != nil {
		o.refuseWith(err)
	}
}

func (p *reportReader) addLine(o *openOrder, r *flatfile.Row) *input.RowError {
	switch {
	case r.Bad != nil:
		return p.rowError(o.id, r, -1, input.WithHint(r.Bad, "correct the row: a tab inside a title splits it in two"))
	case r.Cut && p.whole >= 0 && len(r.Cells) <= p.whole && len(r.Cells) < len(p.table.Header):
		return p.rowError(o.id, r, -1, input.WithHint(fmt.Errorf("the file %w of this row", input.ErrTruncated), "download it again"))
	case o.count > maxLines:
		return p.rowError(o.id, r, -1, fmt.Errorf("%w: an order of more than %d rows", input.ErrHostile, maxLines))
	}
	p.row = item{order: &o.order, text: string(r.Text)}
	it := &p.row
	it.line.Origin = order.Origin{File: p.table.File, Line: r.Line}
	if err := p.readCurrency(it, r); err != nil {
		return p.rowError(o.id, r, p.currency, err)
	}
	for i, c := range r.Cells {
		if p.set[i] == nil || c.From == c.To {
			continue
		}
		if err := p.set[i](it, it.text[c.From:c.To]); err != nil {
			return p.rowError(o.id, r, i, err)
		}
	}
	if !it.counted && !p.continues(o, it) {
		return p.rowError(o.id, r, -1, errors.New("the row states no quantity"))
	}
	if err := p.keepLine(o, it); err != nil {
		return p.rowError(o.id, r, -1, err)
	}
	return nil
}

// continues reports whether a row only adds to an order item that the order has already.
func (p *reportReader) continues(o *openOrder, it *item) bool {
	return p.continued && it.line.ID != "" && o.lineOf(it.line.ID) >= 0 && !it.line.Price.Known()
}

// readCurrency comes before the amounts, whose reading it decides, wherever its column stands.
func (p *reportReader) readCurrency(it *item, r *flatfile.Row) error {
	s := string(r.Cell(p.currency))
	if input.IsAbsent(s) {
		return nil
	}
	cur, err := money.ParseCurrency(s)
	if err != nil {
		return input.WithHint(errors.New("not a currency code such as EUR"), input.HintCell)
	}
	if it.order.Currency != "" && it.order.Currency != cur {
		return input.WithHint(fmt.Errorf("the order is in %s already", it.order.Currency), "one order has one currency: correct the file or enter the order by hand")
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
	o.rows = append(o.rows, *it)
	return nil
}

// rowError places an error in a row; column -1 names the row as a whole.
func (p *reportReader) rowError(id string, r *flatfile.Row, column int, err error) *input.RowError {
	e := &input.RowError{Order: id, At: order.Origin{File: p.table.File, Line: r.Line}, Err: err, Advice: input.HintOf(err)}
	if column >= 0 && column < len(p.table.Header) {
		e.Field = p.table.Header[column]
		e.Value = input.Shorten(string(r.Cell(column)))
		if column < len(r.Cells) {
			e.At.Line, e.At.Column = r.Cells[column].Line, r.Cells[column].Column
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
	return input.WithHint(
		errors.New("a spreadsheet program turned this id into a rounded number"),
		"use the report as it was downloaded; do not save it from a spreadsheet program",
	)
}

// orderIDOf is the order id of a row: printable ASCII without blanks. In a row with too many cells the id
// may have moved to the right, and only Amazon's own form is recognised there.
func orderIDOf(r *flatfile.Row, column int) ([]byte, error) {
	id := cleanID(r.Cell(column))
	if r.Bad != nil {
		for i := column; i < len(r.Cells); i++ {
			if moved := cleanID(r.Cell(i)); amazonID.Match(moved) {
				return moved, nil
			}
		}
	}
	switch {
	case input.IsAbsent(string(id)):
		return nil, input.WithHint(errors.New("the row has no order id"), "look for a line break inside the row before it, or remove the row")
	case bytes.ContainsAny(id, "eE") && scientific.Match(id):
		return nil, errSpreadsheet()
	case len(id) > 64:
		return nil, notOrderID("")
	}
	for at, c := range string(id) {
		if c <= ' ' || c > '~' {
			return nil, notOrderID(fmt.Sprintf(" (U+%04X at byte %d)", c, at+1))
		}
	}
	return id, nil
}

func notOrderID(where string) error {
	return input.WithHint(errors.New("not an order id"+where), "look for a line break inside the row before it, or remove the row")
}

// cleanID is a cell without the characters that cannot be seen.
func cleanID(cell []byte) []byte {
	for _, c := range cell {
		if c >= utf8.RuneSelf {
			return []byte(input.CleanID(string(cell)))
		}
	}
	return bytes.TrimSpace(cell)
}

// checkInterrupt returns an error when the caller wants to stop; it looks every 1024 rows.
func checkInterrupt(ctx context.Context, file string, n int) error {
	if n%1024 == 0 && ctx.Err() != nil {
		return input.NewFileError(order.Origin{File: file}, context.Cause(ctx), "run it again")
	}
	return nil
}
