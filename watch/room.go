package watch

import (
	"fmt"
	"strings"
	"time"

	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/onec"
)

// claimLimited is how many files a round claims while the bytes of the outbox are limited: how many a file makes
// is not known before.
const claimLimited = 10

// outboxUse is what lies in the outbox for 1C to take.
type outboxUse struct {
	files  int
	bytes  int64
	oldest time.Time
}

// outboxRoom returns how many files may be claimed till the next look; a *folder.PauseError while 1C has not
// taken enough out of the outbox. The limits are looked at between rounds, and what is not claimed yet, others
// may still take back.
func (k *worker) outboxRoom() (claims int, err error) {
	limits := k.route.Limits
	if limits == (inbox.Limits{}) {
		return inbox.ClaimAtOnce, nil
	}
	use, err := k.measureOutbox()
	if err != nil {
		return 0, err
	}
	const hint = "look whether 1C imports from the outbox; nothing is lost, the inbox is the queue"
	switch age := k.watcher.Now().Sub(use.oldest); {
	case limits.Files > 0 && use.files >= limits.Files:
		return 0, folder.Pause(folder.OutboxFull, fmt.Sprintf("outbox full: %d of %d files", use.files, limits.Files), hint)
	case limits.Bytes > 0 && use.bytes >= limits.Bytes:
		return 0, folder.Pause(folder.OutboxFull, fmt.Sprintf("outbox full: %d of %d MB", use.bytes>>20, limits.Bytes>>20), hint)
	case limits.Age > 0 && age >= limits.Age:
		return 0, folder.Pause(folder.OutboxFull, fmt.Sprintf("the oldest file in the outbox has been there for %s", age.Round(time.Minute)), hint)
	}
	claims = inbox.ClaimAtOnce
	if limits.Bytes > 0 {
		claims = claimLimited
	}
	if limits.Files > 0 { // most files make one set
		claims = min(claims, max(1, (limits.Files-use.files)/max(1, len(k.writer.Layouts))))
	}
	return claims, nil
}

func (k *worker) measureOutbox() (use outboxUse, err error) {
	entries, err := k.watcher.fs().ReadDir(k.route.Outbox)
	if err != nil {
		return use, err
	}
	use.oldest = k.watcher.Now()
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") || onec.IsMessage(k.watcher.Layouts, e.Name()) {
			continue
		}
		use.files++
		use.bytes += info.Size()
		if info.ModTime().Before(use.oldest) {
			use.oldest = info.ModTime()
		}
	}
	return use, nil
}
