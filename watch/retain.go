package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/ledger"
)

// Retention says for how long things are kept. Zero keeps them for ever.
type Retention struct {
	ArchiveDays    int   // whole days of an archive, today not counted
	ArchiveBytes   int64 // of one archive; its oldest days go first, never today
	QuarantineDays int   // whole days of quarantine, today not counted
	PersonalDays   int   // what tells of buyers, in ledger and kept files (facts, amazon 2.9)
}

// dayFormat names the folders of an archive.
const dayFormat = time.DateOnly

// retain sees to the retention once a day, when there is nothing else to do. It says whether it did
// anything. What goes wrong is told and tried again the next day: it stops no work.
func (k *worker) retain(ctx context.Context) (worked bool) {
	today := k.w.Now().Format(dayFormat)
	if k.kept == today || k.waiting != "" || !k.recovered {
		return false
	}
	k.kept = today
	k.pulse.beat(k.place("archive", k.r.Archive))
	keep := k.w.Keep
	days, bytes, err := k.w.trimDays(k.r.Archive, keep.ArchiveDays, keep.ArchiveBytes)
	refused, freed, err1 := k.w.trimDays(k.r.Quarantine, keep.QuarantineDays, 0)
	gone, err2 := k.w.purgeOnce(ctx)
	if err = errors.Join(err, err1, err2); err != nil && ctx.Err() == nil {
		k.tell(Event{Kind: Alert, Text: "what is too old cannot be removed: " + err.Error(), Hint: "it is tried again tomorrow, or at the next start"})
	}
	if gone.Letters > 0 {
		k.tell(Event{Kind: Alert, Text: fmt.Sprintf("documents that 1C has not confirmed for so long that they had to be forgotten: %d", gone.Letters), Hint: "look whether the synchronisation in 1C works, then send the orders once more: obmen replay"})
	}
	var parts []string
	if days > 0 {
		parts = append(parts, fmt.Sprintf("days of the archive: %d (%d KB)", days, bytes>>10))
	}
	if refused > 0 {
		parts = append(parts, fmt.Sprintf("days of quarantine: %d (%d KB)", refused, freed>>10))
	}
	if gone != (Purged{}) {
		parts = append(parts, fmt.Sprintf("what told of buyers in orders: %d, held orders: %d, answers: %d, refusals: %d, kept files: %d",
			gone.Orders, gone.Holds, gone.Answers, gone.Reasons, gone.Files))
	}
	if len(parts) == 0 {
		return false
	}
	k.tell(Event{Kind: Removed, Text: "removed by age: " + strings.Join(parts, "; ")})
	return true
}

// archiveDay is one day's folder of an archive.
type archiveDay struct {
	path  string
	age   int // whole days
	bytes int64
}

// trimDays removes the days of an archive, or of quarantine, that are older than so many days or more than
// it may hold; 0 keeps them.
func (w *Watcher) trimDays(dir string, keepDays int, keepBytes int64) (days int, bytes int64, err error) {
	defer w.lock(dir)() // routes may share an archive
	if keepDays <= 0 && keepBytes <= 0 {
		return 0, 0, nil
	}
	all, err := archiveDays(dir, w.Now())
	if err != nil {
		return 0, 0, err
	}
	var total int64
	for i := range all {
		if all[i].bytes, err = sizeBelow(all[i].path); err != nil {
			return 0, 0, err
		}
		total += all[i].bytes
	}
	for _, day := range all { // oldest first
		old := keepDays > 0 && day.age > keepDays
		much := keepBytes > 0 && total > keepBytes
		if day.age <= 0 || !old && !much {
			continue
		}
		if err := os.RemoveAll(day.path); err != nil {
			return days, bytes, err
		}
		days, bytes, total = days+1, bytes+day.bytes, total-day.bytes
	}
	return days, bytes, nil
}

// archiveDays lists the day folders of an archive, oldest first. Anything else there is somebody else's.
func archiveDays(dir string, now time.Time) (days []archiveDay, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	today, err := time.Parse(dayFormat, now.Format(dayFormat))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		day, err := time.Parse(dayFormat, e.Name())
		if err == nil && e.IsDir() {
			days = append(days, archiveDay{filepath.Join(dir, e.Name()), int(today.Sub(day) / (24 * time.Hour)), 0})
		}
	}
	return days, nil
}

func sizeBelow(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// Purged counts what a purge removed: texts of the ledger, and kept files.
type Purged struct {
	ledger.Purged
	Files int
	Bytes int64
}

// purgedOn is the ledger's cursor with the day of the last purge: runs that end daily or hourly share it.
const purgedOn = "retention"

// purgeOnce purges once a day, whichever route comes first.
func (w *Watcher) purgeOnce(ctx context.Context) (p Purged, err error) {
	if w.Keep.PersonalDays <= 0 || !w.keeping.TryLock() {
		return p, nil
	}
	defer w.keeping.Unlock()
	today := w.Now().Format(dayFormat)
	if last, _, err := w.Ledger.Cursor(ctx, purgedOn); err != nil || last == today {
		return p, err
	}
	p, err = Purge(ctx, w.State, w.Ledger, w.Now().AddDate(0, 0, -w.Keep.PersonalDays), false)
	if err != nil {
		return p, err
	}
	return p, w.Ledger.SetCursor(ctx, purgedOn, today)
}

// Purge removes what tells of buyers and is older than before: in the ledger, and the kept bytes of
// files that are done and hold no order back. A dry run only counts.
func Purge(ctx context.Context, state string, book *ledger.Ledger, before time.Time, dryRun bool) (p Purged, err error) {
	needed, err := neededFiles(ctx, book, before)
	if err != nil {
		return p, err
	}
	if p.Purged, err = book.Purge(ctx, before, dryRun); err != nil {
		return p, err
	}
	raw := (&Watcher{State: state}).raw().Dir
	entries, err := os.ReadDir(raw)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return p, err
	}
	for _, e := range entries {
		kept := strings.TrimSuffix(e.Name(), SealSuffix)
		sha := strings.TrimSuffix(kept, CharsetSuffix)
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || needed[sha] || !info.ModTime().Before(before) {
			continue
		}
		if !dryRun {
			if err := os.Remove(filepath.Join(raw, e.Name())); err != nil {
				return p, err
			}
		}
		if sha == kept {
			p.Files++
		}
		p.Bytes += info.Size()
	}
	return p, nil
}

// neededFiles are the kept files that are worked on, wait, ended since the given time, or hold an order.
func neededFiles(ctx context.Context, book *ledger.Ledger, before time.Time) (map[string]bool, error) {
	needed := map[string]bool{}
	for _, filter := range []ledger.FileFilter{{State: ledger.Waiting}, {Running: true}, {Since: before}} {
		files, err := book.Files(ctx, filter)
		if err != nil {
			return nil, err
		}
		for i := range files {
			needed[files[i].SHA256] = true
		}
	}
	holds, err := book.Holds(ctx, ledger.HoldFilter{})
	if err != nil {
		return nil, err
	}
	for i := range holds {
		needed[holds[i].SHA256] = true
	}
	parts, err := book.AllParts(ctx)
	for i := range parts {
		needed[parts[i].SHA256] = true
	}
	return needed, err
}
