package inbox

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"obmen/watch/folder"
	"obmen/watch/store"
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

// Tryable leaves out the unreadable files that are not due. A run that ends tries each.
func (in *Inbox) Tryable(claims []string) (list []string) {
	there := make(map[string]bool, len(claims))
	for _, claim := range claims {
		there[claim] = true
		if f := in.unreadable[claim]; f == nil || in.Once || !time.Now().Before(f.due) {
			list = append(list, claim)
		}
	}
	for claim := range in.unreadable {
		if !there[claim] { // a person took it away
			delete(in.unreadable, claim)
		}
	}
	return list
}

// Postpone puts a file aside that cannot be read, and reports whether it is the file's own trouble and not its
// folder's.
func (in *Inbox) Postpone(claim string, err error) bool {
	disk, ok := errors.AsType[*fs.PathError](err)
	if !ok || disk.Path != in.ClaimPath(claim) && disk.Path != in.ClaimPath(claim+store.CharsetSuffix) || errors.Is(err, fs.ErrNotExist) || in.CheckMounted(folder.Inbox, in.Route.Inbox) != nil {
		return false
	}
	f := in.unreadable[claim]
	if f == nil {
		f = &unreadable{}
		in.unreadable[claim] = f
		in.Alert(
			DroppedName(claim), "the disk does not give this file: "+disk.Err.Error(),
			fmt.Sprintf("it is tried again, other files go on; it lies in %s", in.Route.claimDir()),
		)
	}
	f.tries++
	f.due, f.why = time.Now().Add(RetryPause(f.tries)), disk.Err.Error()
	return true
}

// Readable forgets that a file was unreadable.
func (in *Inbox) Readable(claim string) { delete(in.unreadable, claim) }
