package jsontree

import (
	"fmt"

	"obmen/convert/source/input"
)

// Limits that no real file comes near: one order, and how deep anything may be nested.
const (
	MaxOrder = 16 << 20 // bytes
	MaxDepth = 64
)

// Errors of the limits; both are an ErrHostile.
var (
	ErrTooLarge = fmt.Errorf("%w: an order of more than %d MiB", input.ErrHostile, MaxOrder>>20)
	ErrTooDeep  = fmt.Errorf("%w: nested more than %d deep", input.ErrHostile, MaxDepth)
)
