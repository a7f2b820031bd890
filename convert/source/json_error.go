package source

import (
	"fmt"

	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// misplacedError says what stands where an order should.
func misplacedError(v jsontree.Value, is, want jsonShape) *input.RowError {
	switch is {
	case shapeUnknown:
		return &input.RowError{
			Err:    fmt.Errorf("%w: neither an order nor a list of orders", input.ErrUnknown),
			Advice: "look at this place in the file; orders are looked for under orders, order, payload, body, response, page and pages",
		}
	case shapeAnswer:
		return &input.RowError{Err: apiError(v.Get("errors")), Advice: apiErrorHint}
	}
	return &input.RowError{
		Err:    fmt.Errorf("an order of %s among those of %s", is, want),
		Advice: "put orders of different formats into files of their own",
	}
}
