// Package ledger is the durable memory of watch: files seen, orders exported, holds, output sets and
// what 1C answered.
//
// It is one SQLite database on a local disk. Every call that changes something has reached the disk when
// it returns (write-ahead log, synchronous=FULL), and changes together what belongs together. Calls that
// only read never wait for one that writes.
//
// The life of a file, where every arrow may be taken again after a crash:
//
//	Begin ─▶ Plan ─▶ (the files of the set get their names) ─▶ Finish
//	   └──────────────────────────────────────────────────────▶ Fail
//
// Begin counts the attempt before the work starts, so that a file that kills the program is found out.
// Plan writes down what is about to become visible, so that after a crash in between Work.Planned tells
// which names to look at. Finish does the rest in one transaction.
//
// Times are the caller's: there is no clock in here. They are kept as UTC and cut to milliseconds; the
// zero time is "not known".
//
// The ledger does not keep a second program out: that is the lock of the state folder. A second process
// may open it all the same, to look or to requeue a file; a write of one waits for a write of the other,
// for BusyTimeout at most, and then is a temporary *Error.
package ledger
