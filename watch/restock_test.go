package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obmen/watch/drop"
	"obmen/watch/ledger"
)

const cureOfB = "sku;marketplace;product;quantity;share\nB;;A;1;\n"

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// held drops two files with an order that is held each, and returns the texts.
func held(p *place) (first, second string) {
	p.t.Helper()
	first, second = shopFile(1, "02", "B", "1.00"), shopFile(2, "02", "B", "5.00")
	p.put(p.r.Inbox, "first.json", first)
	p.put(p.r.Inbox, "second.json", second)
	p.once()
	return first, second
}

// A kept copy that is gone or was changed is taken from the archive again: money is never another's.
func TestAKeptCopyIsCheckedAndRestocked(t *testing.T) {
	for _, c := range []string{"missing", "changed", "encrypted"} {
		t.Run(c, func(t *testing.T) {
			p := newPlace(t)
			if c == "encrypted" {
				p.w.Encryption = newEncryption(t)
			}
			first, _ := held(p)
			path := p.w.Store().Path(sumOf(first))
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if c == "changed" {
				p.put(filepath.Dir(path), filepath.Base(path), strings.Replace(first, "1.00", "9.00", 1))
			}
			p.catalog["skus.csv"] = cureOfB
			p.once()
			orders, err := p.w.Ledger.Orders(t.Context(), ledger.OrderFilter{})
			if err != nil || len(orders) != 2 {
				t.Fatalf("%d orders went out, %v", len(orders), err)
			}
			for _, name := range p.names(p.r.Outbox) {
				if text, err := os.ReadFile(filepath.Join(p.r.Outbox, name)); err != nil || strings.Contains(string(text), "9.00") {
					t.Errorf("%s has the changed amount, %v", name, err)
				}
			}
			if err := p.w.Store().Verify(sumOf(first)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Where the archive does not have it either, its orders are held with a cure, and all others go out.
func TestADamagedCopyHoldsItsOrdersOnly(t *testing.T) {
	for _, c := range []string{"missing", "changed"} {
		t.Run(c, func(t *testing.T) {
			p := newPlace(t)
			first, _ := held(p)
			path := p.w.Store().Path(sumOf(first))
			for _, gone := range []string{path, p.today("first.json")} {
				if err := os.Remove(gone); err != nil {
					t.Fatal(err)
				}
			}
			if c == "changed" {
				p.put(filepath.Dir(path), filepath.Base(path), strings.Replace(first, "1.00", "9.00", 1))
			}
			p.catalog["skus.csv"] = cureOfB
			p.once()
			p.once()
			holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
			if err != nil || len(holds) != 1 || holds[0].Code != string(CopyDamaged) || holds[0].Order != "1" || holds[0].Cure == "" {
				t.Fatalf("holds %+v, %v", holds, err)
			}
			if got := p.alerts("main"); len(got) != 1 {
				t.Errorf("alerts %q", got)
			}
			if _, n := p.exported(); n != 1 {
				t.Fatalf("%d exchange files", n)
			}
			p.put(p.r.Inbox, "again.json", first) // the cure
			p.once()
			if _, n := p.exported(); n != 2 {
				t.Errorf("%d exchange files after the cure", n)
			}
		})
	}
}

// lockedList is a disk on which a list is open in Excel.
type lockedList struct {
	drop.FS
	name string
}

func (d lockedList) Replace(from, to string) error {
	if filepath.Base(to) == d.name {
		return &os.PathError{Op: "rename", Path: to, Err: errors.New("used by another process")}
	}
	return d.FS.Replace(from, to)
}

// A list that cannot be replaced stops no file, is reported once, and is right when it can.
func TestAListThatIsOpenElsewhere(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "held.json", shopFile(1, "02", "B", "1.00"))
	p.once()
	p.told()
	p.w.FS = lockedList{drop.OS{}, filepath.Base(p.r.HeldPath())}
	for n := range 3 {
		p.put(p.r.Inbox, string(rune('a'+n))+".json", shopFile(10+n, "02", "A", "5.00"))
		p.put(p.r.Inbox, string(rune('x'+n))+".json", shopFile(20+n, "02", "B", "5.00"))
	}
	p.once()
	if got := len(p.names(p.r.Archive)); got != 7 {
		t.Errorf("%d of 7 files are done", got)
	}
	if got := p.alerts("main"); len(got) != 1 || !strings.Contains(got[0], "out of date") {
		t.Errorf("alerts %q", got)
	}
	p.w.FS = nil
	p.put(p.r.Inbox, "last.json", shopFile(30, "02", "B", "5.00"))
	p.once()
	if text, err := os.ReadFile(p.r.HeldPath()); err != nil || strings.Count(string(text), "\n") != 6 {
		t.Errorf("the list is %q, %v", text, err)
	}
	if slices.Contains(p.names(p.r.Quarantine), filepath.Base(spareList(p.r))) {
		t.Error("the spare list is left over")
	}
}
