package source

import "obmen/convert/source/input"

// What formats read and what they refuse, as package input has them.
type (
	Input     = input.Input
	RowError  = input.RowError
	FileError = input.FileError
)

// Reasons to refuse a file, for errors.Is.
var (
	ErrUnknown   = input.ErrUnknown
	ErrNotOrders = input.ErrNotOrders
	ErrTruncated = input.ErrTruncated
	ErrEmpty     = input.ErrEmpty
	ErrHostile   = input.ErrHostile
)

// HeadSize is how much of a file the formats judge it by, in bytes.
const HeadSize = input.HeadSize
