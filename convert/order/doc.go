// Package order is the neutral, marketplace-side record of an order: what the source said, exactly,
// and where it said so. Readers fill it, everything later only reads it. Nothing here is computed:
// an amount the source left out stays unknown, a sign stays as it was found.
//
// Amounts are per order line, for its whole quantity, never per unit. Times are UTC.
package order
