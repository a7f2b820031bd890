package main

import "runtime/debug"

// gcPercent is how much garbage may gather beside what is in use before it is collected, in percent.
// Most of what is in use are catalogs: a few large texts, which the collector need not look into. So a
// collection is cheap, and four times as many of them cost some percent of the time and save a third
// of the memory.
const gcPercent = 25

// boundMemory is for commands that hold catalogs. Who has set GOGC knows better.
func boundMemory() {
	const usual = 100
	if before := debug.SetGCPercent(gcPercent); before != usual {
		debug.SetGCPercent(before)
	}
}
