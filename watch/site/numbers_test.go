package site_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"obmen/watch/ledger"
	"obmen/watch/site"
)

// Orders keep their numbers when the ledger is lost, whatever a power cut has left of the last line.
func TestNumbersOutliveTheLedger(t *testing.T) {
	var events []site.Event
	state := t.TempDir()
	log := filepath.Join(state, ledger.NumbersFile)
	given := func(b *book) string {
		t.Helper()
		d := delivery(t, b, &events)
		if err := b.LogNumbers(t.Context(), state, ""); err != nil {
			t.Fatal(err)
		}
		p := start(t, newMemory(0))
		p.on(d)
		if _, err := p.Download(t.Context(), p.base); err != nil {
			t.Fatal(err)
		}
		var text string
		for _, number := range p.base.Numbers() {
			text += fmt.Sprint(" ", number, "=", p.base.Documents[number].ID)
		}
		return text
	}
	first := newBook(t)
	first.exportMany(t, "north", 1, 1)
	given(first)
	first.exportMany(t, "north", 2, 2)
	if got := given(first); got != " 000002=id-north302-0000002 000003=id-north302-0000003" {
		t.Fatalf("got%s", got)
	}
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(`{"number":"0000`)
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	lost := newBook(t) // only the newest orders are left in the archive, and come in another order
	lost.exportMany(t, "north", 3, 2)
	if got := given(lost); got != " 000003=id-north302-0000003 000004=id-north302-0000004" {
		t.Errorf("got%s", got)
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	lost.exportMany(t, "north", 5, 1)
	given(lost)
	again := newBook(t) // the file was written again from the ledger
	again.exportMany(t, "north", 4, 1)
	if got := given(again); got != " 000004=id-north302-0000004" {
		t.Errorf("got%s", got)
	}
	if _, found, err := again.SiteOrderOf(t.Context(), "000001", func(string) bool { return true }); !found || err != nil {
		t.Error("a number is gone", err)
	}
}
