package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// Retention says for how long things are kept. Zero keeps them for ever.
type Retention struct {
	ArchiveDays    int   // whole days of an archive, today not counted
	ArchiveBytes   int64 // of one archive; its oldest days go first, never today
	QuarantineDays int   // whole days of quarantine, today not counted
	PersonalDays   int   // buyers' data in ledger and kept files, as Amazon's Data Protection Policy asks
}

// retain sees to the retention once a day, when there is nothing else to do, and reports whether it removed
// anything. What goes wrong is reported and tried again the next day: it stops no work.
func (k *worker) retain(ctx context.Context) (worked bool) {
	today := k.watcher.Now().Format(store.DayFormat)
	if k.chores.retained == today || k.pause.reason != "" || !k.chores.recovered {
		return false
	}
	k.chores.retained = today
	k.heartbeat.beat(folder.Place(folder.Archive, k.route.Archive))
	keep := k.watcher.Keep
	days, bytes, err := k.trimDays(k.route.Archive, keep.ArchiveDays, keep.ArchiveBytes)
	refused, freed, err1 := k.trimDays(k.route.Quarantine, keep.QuarantineDays, 0)
	gone, err2 := k.watcher.purgeOnce(ctx, k.inbox.Store)
	if err = errors.Join(err, err1, err2); err != nil && ctx.Err() == nil {
		k.report(Event{Kind: Alert, Text: "what is too old cannot be removed: " + err.Error(), Hint: "it is tried again tomorrow, or at the next start"})
	}
	if gone.Letters > 0 {
		k.report(Event{Kind: Alert, Text: fmt.Sprintf("documents that 1C has not confirmed for so long that they had to be forgotten: %d", gone.Letters), Hint: "look whether the synchronisation in 1C works, then send the orders once more: obmen replay"})
	}
	var parts []string
	if days > 0 {
		parts = append(parts, fmt.Sprintf("days of the archive: %d (%d KB)", days, bytes>>10))
	}
	if refused > 0 {
		parts = append(parts, fmt.Sprintf("days of quarantine: %d (%d KB)", refused, freed>>10))
	}
	if gone != (Purged{}) {
		parts = append(parts, fmt.Sprintf("buyers' data of orders: %d, held orders: %d, answers: %d, refusals: %d, kept files: %d",
			gone.Orders, gone.Holds, gone.Answers, gone.Reasons, gone.Files))
	}
	if len(parts) == 0 {
		return false
	}
	k.report(Event{Kind: Removed, Text: "removed by age: " + strings.Join(parts, "; ")})
	return true
}

func (k *worker) trimDays(dir string, keepDays int, keepBytes int64) (days int, bytes int64, err error) {
	w := k.watcher
	defer w.folders.Lock(dir)() // routes may share an archive: it is looked through once a day for all of them
	today := w.Now().Format(store.DayFormat)
	if last, _ := w.trimmed.Load(dir); last == today {
		return 0, 0, nil
	}
	if days, bytes, err = store.TrimDays(dir, w.Now(), keepDays, keepBytes); err == nil {
		w.trimmed.Store(dir, today)
	}
	return days, bytes, err
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
func (w *Watcher) purgeOnce(ctx context.Context, kept store.Store) (p Purged, err error) {
	if w.Keep.PersonalDays <= 0 || !w.purging.TryLock() {
		return p, nil
	}
	defer w.purging.Unlock()
	today := w.Now().Format(store.DayFormat)
	if last, _, err := w.Ledger.Cursor(ctx, purgedOn); err != nil || last == today {
		return p, err
	}
	p, err = Purge(ctx, kept, w.Ledger, w.Now().AddDate(0, 0, -w.Keep.PersonalDays), false)
	if err != nil {
		return p, err
	}
	return p, w.Ledger.SetCursor(ctx, purgedOn, today)
}

// Purge removes buyers' data that is older than before: in the ledger, and the kept bytes of
// files that are done and hold no order back. A dry run only counts.
func Purge(ctx context.Context, kept store.Store, book *ledger.Ledger, before time.Time, dryRun bool) (p Purged, err error) {
	needed, err := neededFiles(ctx, book, before)
	if err != nil {
		return p, err
	}
	if p.Purged, err = book.Purge(ctx, before, dryRun); err != nil {
		return p, err
	}
	err = purgeKept(kept, needed, before, dryRun, &p)
	return p, err
}

// purgedAtOnce is how many kept files are gathered before they are removed together.
const purgedAtOnce = 1000

// purgeKept removes kept bytes that are older than before and not needed.
func purgeKept(kept store.Store, needed map[string]bool, before time.Time, dryRun bool, p *Purged) error {
	var old []string
	remove := func() error {
		names := old
		old = nil
		if dryRun {
			return nil
		}
		return kept.RemoveAll(names)
	}
	err := kept.Each(func(o store.Object) error {
		plain := strings.TrimSuffix(o.Name, store.EncryptedSuffix)
		sha, _, _ := strings.Cut(plain, ".") // its side files go with it
		if needed[sha] || !o.Kept.Before(before) {
			return nil
		}
		if sha == plain {
			p.Files++
		}
		p.Bytes += o.Size
		if old = append(old, o.Name); len(old) < purgedAtOnce {
			return nil
		}
		return remove()
	})
	if err != nil {
		return err
	}
	return remove()
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
