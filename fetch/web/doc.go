// Package web is what all clients of a web interface have in common: rates that outlive a run, pauses between
// attempts, and a look at what came instead of an answer.
package web
