package watch

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"obmen/convert/document"
	"obmen/watch/ledger"
)

func TestFactsAreReadAgain(t *testing.T) {
	var p ledger.Packer
	for _, d := range []*document.Document{{Identity: document.Identity{ID: "a", Number: "1"}}, {}, {Identity: document.Identity{ID: strings.Repeat("б", 9000)}}} {
		facts, err := p.Pack(d)
		if err != nil {
			t.Fatal(err)
		}
		if got := ledger.UnpackDocument(facts); !reflect.DeepEqual(got, d) {
			t.Errorf("%+v, want %+v", got, d)
		}
		if got := ledger.UnpackDocument(facts[:len(facts)-1]); got != nil {
			t.Errorf("facts that are cut off say %+v", got)
		}
		plain, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if got := ledger.UnpackDocument(plain); !reflect.DeepEqual(got, d) {
			t.Errorf("of an older obmen: %+v, want %+v", got, d)
		}
	}
	if got := ledger.UnpackDocument(nil); got != nil {
		t.Errorf("no facts say %+v", got)
	}
}

// What a file's orders say goes through a file when there are many of them, and all of it gets into the
// ledger. A killed program's file goes at the next start.
func TestManyOrdersOfOneFile(t *testing.T) {
	const orders = 300
	p := newPlace(t)
	var text strings.Builder
	for i := range orders {
		one := shopFile(i, "02", "A", fmt.Sprintf("%d.00", i+1))
		text.WriteString(strings.TrimSuffix(strings.TrimPrefix(one, `{"orders":[`), `]}`))
		if i < orders-1 {
			text.WriteByte(',')
		}
	}
	p.put(p.r.Inbox, "many.json", `{"orders":[`+text.String()+`]}`)
	left := filepath.Join(p.w.State, "facts.tmp")
	p.put(p.w.State, filepath.Base(left), "of a killed program")
	if err := os.Chtimes(left, time.Time{}, time.Now().Add(-2*requestTime)); err != nil {
		t.Fatal(err)
	}
	k := newWorker(p.w, p.r)
	k.handover.spillAbove = 10 << 10
	if err := os.MkdirAll(p.w.Store().Folder().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := k.run(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	list, err := p.w.Ledger.Orders(t.Context(), ledger.OrderFilter{})
	if err != nil || len(list) != orders {
		t.Fatalf("%d orders, %v", len(list), err)
	}
	for i := range list {
		d := ledger.UnpackDocument(list[i].Facts)
		if d == nil || d.ID != list[i].Document || d.Number != list[i].Order || len(d.Lines) != 1 {
			t.Fatalf("order %s: %+v", list[i].Order, d)
		}
	}
	p.once()
	if left, err := filepath.Glob(filepath.Join(p.w.State, "*.tmp")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
