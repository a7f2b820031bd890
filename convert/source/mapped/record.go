package mapped

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/file"

	"obmen/convert/money"
)

// record makes what an expression sees of the node that a variable names.
func (d *decoder) record(node *int32) record {
	find := func(text string) (*path, int32) {
		p := d.m.byText[text]
		if p == nil || *node == absent {
			return nil, absent
		}
		at := d.doc.find(p, *node)
		if d.doc.empty(at) || d.unsaid(at) {
			return p, absent
		}
		d.met(p, at)
		return p, at
	}
	number := func(text string) (money.Decimal, error) {
		p, at := find(text)
		if at == absent {
			return money.Zero, fmt.Errorf("%s is empty or missing", text)
		}
		n := d.numberAt(at, p.text)
		if !n.Known && d.bad == nil { // blanks
			return money.Zero, fmt.Errorf("%s is empty or missing", text)
		}
		return n.Value, nil
	}
	return record{
		Text: func(text string) string {
			_, at := find(text)
			return d.scalar(at, text)
		},
		Has: func(text string) bool {
			_, at := find(text)
			return at != absent
		},
		Money:  number,
		Number: number,
		Sum: func(text string) (money.Decimal, error) {
			p := d.m.byText[text]
			if p == nil || *node == absent {
				return money.Zero, nil
			}
			return d.sum(p, *node, text).Value, nil
		},
	}
}

// run computes an expression for the node it is about. What goes wrong refuses the order.
func (d *decoder) run(x *expression, at int32, field string) any {
	if x == nil {
		return nil
	}
	out, err := d.views.machine.Run(x.program, d.views.of[x.scope])
	d.metOneOf(x.paths)
	if err != nil {
		d.refuse(at, field, expressionReason(err), hintMapping)
		return nil
	}
	return out
}

// expressionReason is what went wrong in an expression, without its picture.
func expressionReason(err error) error {
	var bad *file.Error
	if errors.As(err, &bad) {
		return errors.New(bad.Message)
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(text)
}

// textOf is what an expression came to as text.
func textOf(out any) string {
	switch x := out.(type) {
	case string:
		return x
	case bool:
		if x {
			return "true"
		}
		return "false"
	case money.Decimal:
		return x.String()
	}
	return ""
}
