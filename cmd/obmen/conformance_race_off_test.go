//go:build !race

package main

// raceOn says that the race detector is built in: it multiplies memory and time.
const raceOn = false
