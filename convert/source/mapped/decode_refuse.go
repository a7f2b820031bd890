package mapped

import (
	"fmt"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

const (
	hintMapping = "correct the mapping, or the value in the file; `obmen source try` shows where each value comes from"
	hintValue   = "correct the value in the file, or download the file again"
)

// place is where a node stands in the file.
func (d *decoder) place(at int32) order.Origin {
	o := order.Origin{File: d.file}
	if at == absent {
		at = d.order
	}
	if n := &d.doc.nodes[at]; n.line > 0 {
		o.Line, o.Column = int(n.line), int(n.column)
		return o
	}
	o.Pointer = string(d.doc.text[d.doc.nodes[0].nameFrom:d.doc.nodes[0].nameTo]) + d.doc.pointer(at)
	return o
}

// refuse keeps the first thing wrong with the order.
func (d *decoder) refuse(at int32, field string, err error, hint string) {
	if d.bad != nil {
		return
	}
	d.bad = &source.RowError{At: d.place(at), Field: field, Err: err, Advice: hint}
	if at == absent {
		return
	}
	switch d.doc.nodes[at].kind {
	case '{':
		d.bad.Value = "{…}"
	case '[':
		d.bad.Value = "[…]"
	default:
		if !personal(field) {
			d.bad.Value = input.Shorten(string(d.doc.raw(at)))
		}
	}
}

// personal reports whether a field may hold what is known of a buyer: it is never quoted.
func personal(field string) bool {
	for _, part := range []string{".buyer.", ".bill.", ".ship."} {
		if strings.Contains(field, part) {
			return true
		}
	}
	return false
}

// missing refuses the order because a field that it must have is empty.
func (d *decoder) missing(at int32, field string) {
	if d.bad == nil {
		d.bad = &source.RowError{At: d.place(at), Err: fmt.Errorf("%s is missing", field), Advice: hintMapping}
	}
}
