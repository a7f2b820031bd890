//go:build race

package watch

// raced says that the race detector slows everything down.
const raced = true
