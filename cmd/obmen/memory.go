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

// ballastSize is memory that is held while catalogs are loaded and never touched, so that it takes
// none of the machine's. The collector counts it: without it a heap that grows to some dozen megabytes
// would be collected at every other megabyte at first, all for nothing.
const ballastSize = 32 << 20
