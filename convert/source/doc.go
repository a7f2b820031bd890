// Package source reads orders in every format they arrive in. A format is one file here that
// registers itself; it is recognised by content, never by file name, and yields an order at a time,
// so that memory does not grow with the input.
package source
