package source

import (
	"cmp"
	"slices"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// openOrder is an order whose rows are being read.
type openOrder struct {
	id      string
	order   order.Order
	refused *input.RowError
	items   map[string]int // line by order item id, once there are many
	indexed int            // lines in items
	lines   []order.Line   // room for those of the order
	rows    []item         // the rows of the lines, to know a repeated one
	repeats map[int][]item // by line, the rows that repeat it
	count   int            // rows read
}

// refuseWith drops what was read: one bad row refuses its whole order.
func (o *openOrder) refuseWith(err *input.RowError) { *o = openOrder{id: o.id, refused: err} }

// fewLines are searched one by one.
const fewLines = 16

// lineOf is the line of an order item, -1 for one that is new.
func (o *openOrder) lineOf(id string) int {
	if len(o.rows) < fewLines {
		for i := range o.rows {
			if o.rows[i].line.ID == id {
				return i
			}
		}
		return -1
	}
	if o.items == nil {
		o.items = map[string]int{}
	}
	for ; o.indexed < len(o.rows); o.indexed++ {
		o.items[o.rows[o.indexed].line.ID] = o.indexed
	}
	if i, known := o.items[id]; known {
		return i
	}
	return -1
}

// startAgain makes it another order, with the room that the lines of this one took.
func (o *openOrder) startAgain(id string) {
	rows, lines := o.rows[:0], o.lines[:0]
	if cap(rows) > fewLines {
		rows, lines = nil, nil
	}
	*o = openOrder{id: id, rows: rows, lines: lines, order: order.Order{Identifiers: order.Identifiers{ID: id}, Lines: lines}}
}

// finishLines gives the order lines of its own, as many as it has.
func (o *openOrder) finishLines() {
	o.lines = o.order.Lines
	o.order.Lines = slices.Clone(o.lines)
}

// dropEmptyStreets leaves out the empty lines of addresses.
func (o *openOrder) dropEmptyStreets() {
	empty := func(s string) bool { return s == "" }
	o.order.ShipTo.Street = slices.DeleteFunc(o.order.ShipTo.Street, empty)
	o.order.Buyer.Address.Street = slices.DeleteFunc(o.order.Buyer.Address.Street, empty)
}

// openOrders keeps orders until their last row has been read. An order whose rows lie together is
// complete when another begins; only scattered ones wait.
type openOrders struct {
	section int // of the table: an order of a further report is another one
	current *openOrder
	runs    map[uint64]int // runs still to come, of the scattered orders
	waiting map[uint64][]*openOrder
}

// turnTo makes the order with that id the current one and returns the orders that are complete now.
func (s *openOrders) turnTo(id []byte, start func(id []byte) *openOrder) (done []*openOrder) {
	if s.current != nil && s.current.id == string(id) {
		return nil
	}
	done = s.endRun()
	hash := hashIn(s.section, id)
	for _, o := range s.waiting[hash] {
		if o.id == string(id) {
			s.current = o
			return done
		}
	}
	s.current = start(id)
	if s.runs[hash] > 0 {
		s.waiting[hash] = append(s.waiting[hash], s.current)
	}
	return done
}

// endRun ends the current run of rows.
func (s *openOrders) endRun() (done []*openOrder) {
	o := s.current
	if o == nil {
		return nil
	}
	s.current = nil
	hash := hashIn(s.section, []byte(o.id))
	if _, scattered := s.runs[hash]; !scattered {
		return []*openOrder{o}
	}
	s.runs[hash]--
	if s.runs[hash] > 0 {
		return nil
	}
	done = s.waiting[hash]
	delete(s.waiting, hash)
	delete(s.runs, hash)
	return done
}

// takeWaiting returns what still waits at the end of the file: nothing, unless the file changed since its first
// reading. Orders are never dropped.
func (s *openOrders) takeWaiting() (left []*openOrder) {
	for _, waiting := range s.waiting {
		left = append(left, waiting...)
	}
	slices.SortFunc(left, func(a, b *openOrder) int { return cmp.Compare(a.id, b.id) })
	return left
}
