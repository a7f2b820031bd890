package folder

import (
	"time"

	"obmen/watch/drop"
)

// nameLengths are the longest names of usual file systems, and what is left of them under encryption.
var nameLengths = []int{255, 200, 143, drop.MaxName}

// longName is the longest file name that obmen makes of a dropped name.
const longName = 200

// skew is how far the clock of a share may be off before people wonder about the times of files.
const skew = 2 * time.Second
