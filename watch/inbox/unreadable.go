package inbox

import (
	"time"
)

// unreadable is a claimed file that the disk does not give: it is tried again for ever, with longer pauses
// between. The route's other files go on meanwhile, so its orders come after theirs. That does no harm where
// orders state when they were changed: a newer state of an order stays, and an older one that comes late is
// counted and left.
type unreadable struct {
	tries int
	due   time.Time // monotonic
	why   string
}
