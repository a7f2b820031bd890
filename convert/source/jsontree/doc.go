// Package jsontree reads JSON (RFC 8259) as trees over its text: Scanner walks a stream of any length, Doc
// is one value of it, Value reads what a source says in it. Numbers stay exact, a name twice in one object
// is refused, and every limit is an input.ErrHostile.
package jsontree
