package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// Written are lines that a person had written into a catalog, and that still stand there as they were written.
type Written struct {
	ID     string   `json:"id"`
	At     Moment   `json:"at"`
	Who    string   `json:"who,omitempty"` // empty for the command line
	File   string   `json:"file"`
	Lines  []string `json:"lines"`
	SKUs   []string `json:"skus,omitempty"`   // that they are for
	Orders []string `json:"orders,omitempty"` // that waited for them; at most 1000 are noted
}

// writtenDir has a note of each change in the state folder, before it is made.
const writtenDir = "written"

// How long lines can be taken back, how many changes are remembered, and the bounds of a note.
const (
	writtenTime   = 90 * 24 * time.Hour
	mostWritten   = 500
	mostNoted     = 1000
	writtenLimit  = 4 << 20
	writtenStamp  = "20060102T150405.000000000"
	writtenSuffix = ".json"
)

// writtenID is the form of the name of a note.
var writtenID = regexp.MustCompile(`^\d{8}T\d{6}\.\d{9}-[A-Z2-7]+$`)

func (d *Desk) writtenPath(id string) string {
	return filepath.Join(d.State, writtenDir, id+writtenSuffix)
}

// noteWritten notes lines that are about to be written.
func (d *Desk) noteWritten(ctx context.Context, opt *AddOptions, lines []string) error {
	now := time.Now()
	w := Written{ID: now.UTC().Format(writtenStamp) + "-" + rand.Text()[:8], At: Moment{now}, File: opt.File, Lines: lines}
	if d.actor != nil {
		w.Who = d.actor.Name
	}
	for _, cells := range opt.Lines {
		if sku := cells["sku"]; sku != "" && !slices.Contains(w.SKUs, sku) {
			w.SKUs = append(w.SKUs, sku)
		}
	}
	holds, err := d.Ledger.Holds(ctx, ledger.HoldFilter{File: opt.File, Limit: 50 * mostNoted})
	if err != nil {
		return err
	}
	for i := range holds {
		if len(w.Orders) < mostNoted && waitsFor(&holds[i], opt.Lines) {
			w.Orders = append(w.Orders, holds[i].Order)
		}
	}
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if err := drop.MakeDirs(drop.OS{}, filepath.Join(d.State, writtenDir), 0o700); err != nil {
		return err
	}
	d.sweepWritten()
	return drop.WriteNewFile(drop.OS{}, d.writtenPath(w.ID), string(text), 0o600) // half of one is none
}

// waitsFor reports whether a held order waits for one of the lines.
func waitsFor(h *ledger.Hold, lines []map[string]string) bool {
	for _, missing := range h.Details.Lines {
		for _, cells := range lines {
			if missing.Cells["sku"] == cells["sku"] && missing.Cells["marketplace"] == cells["marketplace"] {
				return true
			}
		}
	}
	return false
}

// sweepWritten removes the notes that are old, and the oldest of too many.
func (d *Desk) sweepWritten() {
	ids := d.writtenIDs()
	before := time.Now().Add(-writtenTime).UTC().Format(writtenStamp)
	for i, id := range ids {
		if i >= mostWritten || id < before {
			_ = os.Remove(d.writtenPath(id)) // the next one tries again
		}
	}
}

// writtenIDs lists the notes, the newest first.
func (d *Desk) writtenIDs() (ids []string) {
	entries, _ := os.ReadDir(filepath.Join(d.State, writtenDir)) // nothing was written where there is none
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), writtenSuffix); ok && writtenID.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids
}

// WrittenLines lists the lines that can be taken back, those written last first, at most as many as asked for.
func (d *Desk) WrittenLines(most int) ([]Written, error) {
	list := []Written{}
	if d.Catalogs == "" {
		return list, nil
	}
	byFile := map[string][]Written{}
	for _, id := range d.writtenIDs() {
		w, err := d.readWritten(id)
		if err != nil {
			return list, err
		}
		if w != nil && len(byFile[w.File]) < most {
			byFile[w.File] = append(byFile[w.File], *w)
		}
	}
	for file, all := range byFile {
		f, err := d.readCatalogFile(file)
		if err != nil {
			return list, err
		}
		lines := make([][]string, len(all))
		for i := range all {
			lines[i] = all[i].Lines
		}
		for i, there := range catalog.HasLines(f.data, lines) {
			if there {
				list = append(list, all[i])
			}
		}
	}
	slices.SortFunc(list, func(a, b Written) int { return strings.Compare(b.ID, a.ID) })
	return list[:min(len(list), most)], nil
}

// readWritten reads a note; nil when it is gone or no note.
func (d *Desk) readWritten(id string) (*Written, error) {
	text, err := drop.ReadFile(drop.OS{}, d.writtenPath(id), writtenLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var w Written
	if json.Unmarshal(text, &w) != nil || w.ID != id || len(w.Lines) == 0 {
		return nil, nil
	}
	return &w, nil
}

// withoutLines returns the file without lines that stand in it.
func (f *catalogFile) withoutLines(name string, lines []string) ([]byte, error) {
	file, err := catalog.ReadFile(name, f.data)
	if err != nil {
		return nil, err
	}
	return file.Remove(f.data, lines)
}

// TakeBackOptions choose lines to take back: by the ID of a Written, or by an SKU, whose last ones are meant.
type TakeBackOptions struct{ ID, SKU string }

// TakenBack is the result of TakeBack.
type TakenBack struct {
	Written
	Out     int  `json:"out"` // orders that waited for the lines and have gone out since: they stay as they are
	Running bool `json:"running"`
}

// TakeBack takes lines out of a catalog that were written there, unless they were changed since. All else in the file
// stays byte for byte. Orders that have gone out meanwhile stay as they are in 1C.
func (d *Desk) TakeBack(ctx context.Context, opt TakeBackOptions) (*TakenBack, error) {
	w, err := d.findWritten(opt)
	if err != nil {
		return nil, err
	}
	if err := d.begin(ctx, roles.Work, "takeback", w.File, strings.Join(w.SKUs, ", ")); err != nil {
		return nil, err
	}
	lock, err := d.lockCatalogs(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	f, err := d.readCatalogFile(w.File)
	if err != nil {
		return nil, err
	}
	after, err := f.withoutLines(w.File, w.Lines)
	if err != nil {
		return nil, &words.Error{Text: words.New("takeback.changed", "File", w.File), Next: words.New("takeback.by-hand", "File", w.File), Err: err}
	}
	if _, err := d.loadWith(f, after); err != nil {
		return nil, refuseMistakes(w.File, err)
	}
	if err := f.replace(after); err != nil {
		return nil, err
	}
	done := &TakenBack{Written: *w}
	if done.Out, err = d.countOut(ctx, w); err != nil {
		return nil, err
	}
	if done.Running, _, err = d.Watcher(); err != nil {
		return nil, err
	}
	return done, drop.RemoveIfExists(drop.OS{}, d.writtenPath(w.ID))
}

// findWritten returns the lines that are meant.
func (d *Desk) findWritten(opt TakeBackOptions) (*Written, error) {
	gone := words.Refuse(words.New("takeback.gone", "SKU", opt.SKU), words.New("cure.look-again"))
	if opt.ID != "" && !writtenID.MatchString(opt.ID) {
		return nil, gone
	}
	ids := []string{opt.ID}
	if opt.ID == "" {
		ids = d.writtenIDs()
	}
	for _, id := range ids {
		w, err := d.readWritten(id)
		if err != nil {
			return nil, err
		}
		if w != nil && (opt.ID != "" || slices.Contains(w.SKUs, opt.SKU)) {
			return w, nil
		}
	}
	return nil, gone
}

// countOut counts the orders that waited for lines and have gone out since.
func (d *Desk) countOut(ctx context.Context, w *Written) (n int, err error) {
	for _, id := range w.Orders {
		orders, err := d.Ledger.Orders(ctx, ledger.OrderFilter{Order: id})
		if err != nil {
			return n, err
		}
		if slices.ContainsFunc(orders, func(o ledger.Order) bool { return o.Exported.After(w.At.Time) }) {
			n++
		}
	}
	return n, nil
}
