// Package money holds exact decimals, currencies and the splitting of amounts.
//
// There is no float here and no rounding that the caller did not ask for. A Decimal counts
// millionths in an int64; arithmetic that would leave its range gives Invalid, and Invalid stays
// Invalid through everything that follows, equals nothing that was proven and prints as "invalid":
// an overflow can hold an order but never change an amount.
package money
