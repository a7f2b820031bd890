// Package mapped reads sources of orders that a mapping describes instead of Go: a TOML file says where
// the orders stand in a JSON, CSV or XML file, where each field of an order is, and which readings of the
// money may be tried. The proof of the amounts is the same as for every other source.
//
// A mapping is compiled by Parse, which names every mistake with its line and column: unknown keys, paths
// that are none, expressions that do not compile. A Set is the mappings in force; it recognises a file by
// its content and reads it in a stream, with the same bounds as the native formats.
//
// Numbers are never floats: paths keep the text of a number, and computed fields work on exact decimals.
package mapped
