package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"time"
)

// stuck is a claimed file that the disk does not give: it is tried again for ever, longer pauses between.
// The route's other files go on meanwhile, so its orders come after theirs. That does no harm where orders
// tell when they were changed: a newer state of an order stays, and an older one that comes late is counted
// and left (facts, filedrop 5).
type stuck struct {
	tries int
	due   time.Time // monotonic
	why   string
}

// tryable leaves out the stuck files that are not due. A run that ends tries each.
func (k *worker) tryable(claims []string) (list []string) {
	there := make(map[string]bool, len(claims))
	for _, claim := range claims {
		there[claim] = true
		if s := k.stuck[claim]; s == nil || k.once || !time.Now().Before(s.due) {
			list = append(list, claim)
		}
	}
	for claim := range k.stuck {
		if !there[claim] { // a person took it away
			delete(k.stuck, claim)
		}
	}
	return list
}

// stick puts a file aside that cannot be read, if it is the file's own trouble and not its folder's.
func (k *worker) stick(claim string, err error) bool {
	disk, ok := errors.AsType[*fs.PathError](err)
	if !ok || disk.Path != filepath.Join(k.claim().Dir, claim) || errors.Is(err, fs.ErrNotExist) || k.still("inbox", k.r.Inbox) != nil {
		return false
	}
	s := k.stuck[claim]
	if s == nil {
		s = &stuck{}
		k.stuck[claim] = s
		k.tell(Event{
			Kind: Alert, File: droppedName(claim), Text: "the disk does not give this file: " + disk.Err.Error(),
			Hint: fmt.Sprintf("it is tried again by itself, other files go on; it lies in %s", k.claim().Dir),
		})
	}
	s.tries++
	pause := min(firstPause<<min(s.tries-1, 16), lastPause)
	s.due, s.why = time.Now().Add(pause/2+rand.N(pause/2+1)), disk.Err.Error()
	return true
}
