package ledger

// RefuseVolume is what Open does with a folder on a volume: a test cannot mount one of each.
var RefuseVolume = refuseVolume
