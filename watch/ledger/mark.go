package ledger

import (
	"fmt"
	"os"

	"obmen/watch/drop"
)

// longestMark bounds what is read of a mark.
const longestMark = 1 << 10

// identityOf is a file as it is on the disk, down to the system's own time of its last change; empty when that cannot be
// told.
func identityOf(path string) string {
	now, err := drop.Observe(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d %d %d %d\n", now.Size, now.Modified, now.Changed, now.Volume, now.ID)
}

// readMark returns what a mark says; empty without one.
func readMark(path string) string {
	text, err := drop.ReadFile(drop.OS{}, path, longestMark)
	if err != nil {
		return ""
	}
	return string(text)
}

// writeMark replaces a mark. Where that fails, or does not outlive a power cut, the next one that looks for it does its
// whole work once more.
func writeMark(path, text string) {
	_ = os.WriteFile(path, []byte(text), 0o600)
	drop.GiveToOwner(path)
}

// isMarked reports whether the ledger is the one that was found whole last.
func (f *file) isMarked(identity string) bool {
	return f.opt.Mark != "" && identity != "" && readMark(f.opt.Mark) == identity
}

// markWhole notes that the ledger was found whole as it was before the check.
func (f *file) markWhole(before string) {
	if f.opt.Mark != "" && before != "" && before == identityOf(f.path) {
		writeMark(f.opt.Mark, before)
	}
}

// JoinedMark ends the name of the mark beside a log of numbers: it keeps as which files the ledger and the log parted
// when they agreed.
const JoinedMark = "-joined"

// restingIdentity is a ledger that no program has open, and that was closed in an orderly way; empty for any other.
func (f *file) restingIdentity() string {
	if _, err := os.Lstat(f.path + "-wal"); err == nil {
		return ""
	}
	return identityOf(f.path)
}

// hasParted reports whether neither ledger nor log have changed since they were closed when they agreed.
func (l *Ledger) hasParted(log string) bool {
	f, local := l.engine.(*file)
	of := identityOf(log)
	return local && f.found != "" && of != "" && readMark(log+JoinedMark) == f.found+of
}

// markParted notes ledger and log as they are closed, if they agree.
func (l *Ledger) markParted(log *numberLog) {
	f, local := l.engine.(*file)
	if !local || log == nil || !log.joined || len(log.left) > 0 {
		return
	}
	if book, of := f.restingIdentity(), identityOf(log.path); book != "" && of != "" {
		writeMark(log.path+JoinedMark, book+of)
	}
}
