// Package bsltest reads and runs modules in the language of 1C:Enterprise: as much of it as our own modules
// use, so that they can be tried where there is no 1C. The program itself has no use for it; tests do.
//
// It is stricter than the platform: what would be converted silently there (a number joined to a text,
// a name that nobody has assigned) is a fault here. A fault ends the run; no "Попытка" catches it.
package bsltest
