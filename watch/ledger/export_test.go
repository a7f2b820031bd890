package ledger

// RefuseVolume is what Open does with a folder on a volume: a test cannot mount one of each.
var RefuseVolume = refuseVolume

// HasParted reports whether the log of numbers need not be read when the ledger begins with it.
func (l *Ledger) HasParted(log string) bool { return l.hasParted(log) }
