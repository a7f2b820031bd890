// Package catalog loads what 1C knows, exported as CSV files into one folder: products, the SKU map,
// customers, buyer rules, VAT and exchange rates. The result is an immutable Snapshot that answers
// the matcher's questions; it is safe for use by several goroutines at once.
//
// Matching is exact after normalisation (see Normal). What is merely near is never a match, only a
// suggestion for people (see Snapshot.Suggest).
//
// Every mistake of every file is reported at once, with file, physical line, column, value and the
// next thing to do. Rows are kept packed, not as structs: a million products fit into the memory
// their file would take.
package catalog
