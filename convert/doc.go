// Package convert turns the orders of a source into documents for 1C.
//
//	read → prove → match → lay out
//
// Prove shows which reading of an order's amounts reproduces its total to the last digit; match finds
// product and customer in a catalog snapshot; what cannot be proven or matched is held, with a code, a
// sentence and its cure. Nothing is dropped: every order ends as exported, held, or skipped by a named
// rule.
//
// The package is pure: no network, no database, no clock, no logger. The same inputs, catalogs and
// options give the same outcomes in the same order.
package convert
