// Package heldbook keeps held.xlsx beside held.csv: the orders that wait, with cells into which a person writes what
// an SKU is in 1C. What was written there when the workbook was saved goes into skus.csv, by the same way as from the
// page; what cannot go there stays in its cell, with the reason beside it.
//
// No save is lost, whatever program makes it and whenever: a workbook is replaced only after it was moved aside and
// found to be the one that was read. A program that is killed in between leaves it aside, and the next one reads it.
package heldbook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/convert/layout/sheet"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/outbox"
)

// FileExt ends the name of the workbook; the rest is that of the list.
const FileExt = ".xlsx"

// Path is the workbook of a route.
func Path(r *inbox.Route) string {
	return strings.TrimSuffix(r.HeldPath(), filepath.Ext(r.HeldPath())) + FileExt
}

// Keeper keeps the workbooks of all routes. Its methods are called by one goroutine.
type Keeper struct {
	Desk  *desk.Desk
	Words *words.Words
	// Note tells what could not be taken, and what was.
	Note func(code string, pairs ...any)

	books []*book
}

// book is the workbook of a route.
type book struct {
	*Keeper
	route *inbox.Route
	path  string

	seen    drop.Observation // of the file whose content is known
	sum     string           // SHA-256 of that content
	shown   [2]drop.Observation
	entries map[cell]*entry // what was typed and could not be taken, or was taken a moment ago
	catalog string          // hash of the catalogs that they were tried with
	broken  broken
}

// broken notes that the file cannot be read: it may still be being saved.
type broken struct {
	seen  drop.Observation
	since time.Time // monotonic
}

// Bounds of what is read.
const (
	mostBytes    = 32 << 20  // of the file
	mostUnzipped = 128 << 20 // of its content
	mostRows     = 5_000     // orders that are listed: a book that a person fills in, in some 30 MB
	mostRead     = 80_000    // rows that are read
	mostProducts = 5_000     // that are listed beside them
)

// savingTime is how long a file that cannot be read may still be being saved, and openTime how long the sign of a
// program that has it open counts: Excel leaves it behind when it crashes.
const (
	savingTime = 30 * time.Second
	openTime   = 12 * time.Hour
)

// open makes a book for every route.
func (k *Keeper) open() []*book {
	if k.books == nil {
		for i := range k.Desk.Routes {
			r := &k.Desk.Routes[i]
			k.books = append(k.books, &book{Keeper: k, route: r, path: Path(r), entries: map[cell]*entry{}})
		}
	}
	return k.books
}

// Read takes what was typed into the workbooks since they were read last. A workbook that is being saved is read the
// next time. The errors are those of the disk and the ledger: Read is to be called again.
func (k *Keeper) Read(ctx context.Context) (taken bool, err error) {
	for _, b := range k.open() {
		one, e := b.read(ctx)
		taken, err = taken || one, errors.Join(err, e)
	}
	return taken, err
}

// Write brings the workbooks up to date whose lists of held orders have changed. One that a person has open or has
// just saved is left alone until the next time.
func (k *Keeper) Write(ctx context.Context) error {
	var err error
	for _, b := range k.open() {
		if now := b.lists(); now != b.shown || now == [2]drop.Observation{} && b.sum != "" {
			e := b.write(ctx)
			if e == nil {
				b.shown = now
			}
			err = errors.Join(err, e)
		}
	}
	return err
}

// lists observes the list of held orders, and the one beside it that is written when Excel has the first open.
func (b *book) lists() (seen [2]drop.Observation) {
	csv := b.route.HeldPath()
	for i, path := range []string{csv, filepath.Join(filepath.Dir(csv), ".obmen-"+filepath.Base(csv))} {
		seen[i], _ = drop.Observe(path) // one that is not there is all zero
	}
	return seen
}

// aside is where a workbook lies while it is replaced.
func (b *book) aside() string {
	return filepath.Join(filepath.Dir(b.path), ".obmen-"+filepath.Base(b.path))
}

// temp is where a workbook lies while it is written.
func (b *book) temp() string { return b.aside() + drop.Unfinished }

func (b *book) read(ctx context.Context) (taken bool, err error) {
	if left, err := drop.Observe(b.aside()); err == nil { // of a program that was killed
		if taken, err = b.takeWorkbook(ctx, b.aside(), left); err != nil {
			return taken, err
		}
	}
	before := b.entries
	now, err := drop.Observe(b.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		b.seen, b.sum = drop.Observation{}, ""
		return taken, b.retry(ctx)
	case err != nil:
		return taken, err
	case now == b.seen:
		return taken, b.retry(ctx)
	}
	one, err := b.takeWorkbook(ctx, b.path, now)
	if taken && one {
		for at, e := range before {
			if b.entries[at] == nil {
				b.entries[at] = e
			}
		}
	}
	return taken || one, err
}

// takeWorkbook reads a workbook and takes what was typed; false while it cannot be read.
func (b *book) takeWorkbook(ctx context.Context, path string, now drop.Observation) (bool, error) {
	data, err := drop.ReadFile(drop.OS{}, path, mostBytes)
	if _, large := errors.AsType[*drop.SizeError](err); large {
		return false, b.setAside(path, err)
	}
	if err != nil {
		return false, err
	}
	rows, err := readRows(ctx, data)
	after, look := drop.Observe(path)
	if look != nil || after != now { // it was saved meanwhile
		return false, nil
	}
	if err != nil {
		if b.broken.seen != now {
			b.broken = broken{now, time.Now()}
		}
		if time.Since(b.broken.since) < savingTime && path == b.path {
			return false, nil
		}
		return false, b.setAside(path, err)
	}
	if err := b.apply(ctx, rows, false); err != nil {
		return false, err
	}
	if path == b.path {
		b.seen, b.sum = now, sumOf(data)
	}
	return true, nil
}

// setAside gives a file that cannot be read another name, and tells that.
func (b *book) setAside(path string, why error) error {
	name := strings.TrimSuffix(filepath.Base(b.path), FileExt)
	to, err := drop.Folder{Dir: filepath.Dir(b.path)}.Move(context.Background(), path, name+"-unread"+FileExt)
	if err != nil {
		return err
	}
	b.broken = broken{}
	b.Note("heldbook.unreadable", "File", filepath.Base(b.path), "Why", why, "Kept", filepath.Base(to))
	return nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// isOpen reports whether a program has the workbook open: Excel and LibreOffice lay a file beside it.
func (b *book) isOpen() bool {
	dir, name := filepath.Split(b.path)
	for _, sign := range []string{"~$" + name, ".~lock." + name + "#"} {
		if info, err := os.Lstat(filepath.Join(dir, sign)); err == nil && time.Since(info.ModTime()) < openTime {
			return true
		}
	}
	return false
}

// write replaces the workbook; without orders it goes.
func (b *book) write(ctx context.Context) error {
	if b.sum != "" && b.isOpen() {
		return errOpen
	}
	if err := drop.RemoveIfExists(drop.OS{}, b.temp()); err != nil { // of a program that was killed
		return err
	}
	sheets, at, err := b.sheets(ctx)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if sheets != nil {
		if err := sheet.WriteSheets(ctx, &text, at, sheets); err != nil {
			return err
		}
	}
	if sheets != nil && sumOf(text.Bytes()) == b.sum {
		return drop.RemoveIfExists(drop.OS{}, b.aside())
	}
	if err := b.moveAside(ctx); err != nil {
		return err
	}
	if sheets != nil {
		if err := b.publish(text.Bytes()); err != nil {
			return err
		}
	}
	return drop.RemoveIfExists(drop.OS{}, b.aside())
}

// Reasons for which a workbook is not written now.
var (
	errOpen   = words.Refuse(words.New("heldbook.open"), words.New("heldbook.close"))
	errUnread = words.Refuse(words.New("heldbook.saved"), words.New("heldbook.read-first"))
)

// IsPassing reports whether an error of Write says that a person works with a workbook: it is written later.
func IsPassing(err error) bool { return errors.Is(err, errOpen) || errors.Is(err, errUnread) }

// moveAside moves the workbook away, if it is the one that was read.
func (b *book) moveAside(ctx context.Context) error {
	now, err := drop.Observe(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if now != b.seen {
		return errUnread
	}
	if err := drop.RemoveIfExists(drop.OS{}, b.aside()); err != nil { // what is in it was read before this one
		return err
	}
	if err := (drop.OS{}).Rename(b.path, b.aside()); err != nil {
		return err
	}
	b.seen = drop.Observation{}
	data, err := drop.ReadFile(drop.OS{}, b.aside(), mostBytes)
	if err != nil || sumOf(data) != b.sum { // it was saved in this very moment
		return errors.Join(errUnread, err)
	}
	return nil
}

// publish gives a workbook its name, unless one was saved there meanwhile.
func (b *book) publish(text []byte) error {
	temp := b.temp()
	if err := drop.WriteNewFile(drop.OS{}, temp, string(text), outbox.ListMode); err != nil {
		return err
	}
	err := drop.OS{}.Rename(temp, b.path)
	if err != nil {
		gone := drop.RemoveIfExists(drop.OS{}, temp)
		if errors.Is(err, fs.ErrExist) {
			return errors.Join(errUnread, gone)
		}
		return errors.Join(err, gone)
	}
	if b.seen, err = drop.Observe(b.path); err != nil {
		return err
	}
	b.sum = sumOf(text)
	return drop.OS{}.SyncDir(filepath.Dir(b.path))
}
