package order

import "strconv"

// Origin is a place in a source: a file with a 1-based physical line and byte column, or with a JSON
// pointer. Zero parts are unknown.
type Origin struct {
	File    string
	Line    int
	Column  int
	Pointer string
}

// String prints "orders.txt:12", "orders.txt:12:5" or "orders.json#/orders/3".
func (o Origin) String() string {
	s := o.File
	if o.Line > 0 {
		s += ":" + strconv.Itoa(o.Line)
		if o.Column > 0 {
			s += ":" + strconv.Itoa(o.Column)
		}
	}
	if o.Pointer != "" {
		s += "#" + o.Pointer
	}
	return s
}
