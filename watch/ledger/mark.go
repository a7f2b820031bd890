package ledger

import (
	"fmt"
	"os"

	"obmen/watch/drop"
)

// longestMark bounds what is read of a mark.
const longestMark = 1 << 10

// identity is the ledger's file as it is on the disk, down to the system's own time of its last change; empty when that
// cannot be told.
func (f *file) identity() string {
	now, err := drop.Observe(f.path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d %d %d %d\n", now.Size, now.Modified, now.Changed, now.Volume, now.ID)
}

// isMarked reports whether the ledger is the one that was found whole last.
func (f *file) isMarked(identity string) bool {
	if f.opt.Mark == "" || identity == "" {
		return false
	}
	text, err := drop.ReadFile(drop.OS{}, f.opt.Mark, longestMark)
	return err == nil && string(text) == identity
}

// markWhole notes that the ledger was found whole as it was before the check. Where that cannot be written, or does not
// outlive a power cut, the next one that reads checks once more.
func (f *file) markWhole(before string) {
	if f.opt.Mark == "" || before == "" || before != f.identity() {
		return
	}
	_ = os.WriteFile(f.opt.Mark, []byte(before), 0o600)
	drop.GiveToOwner(f.opt.Mark)
}
