package watch

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"obmen/watch/ledger"
)

// What a dropped file's orders became is not in memory while the ledger takes it, however many they are: before, each of
// them took 2 kB.
func TestMemoryOfOneFile(t *testing.T) {
	if raced {
		t.Skip("memory is measured without the race detector")
	}
	const (
		orders = 20_000
		limit  = 24 << 20
	)
	p := newPlace(t)
	var text strings.Builder
	text.WriteString(`{"orders":[`)
	for i := range orders {
		sku := "A"
		if i%10 == 9 {
			sku = "B" // waits
		}
		fmt.Fprintf(&text, `{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-02T10:00:00Z","line_items":[{"sku":%q,"quantity":1,"price":"5.00"}]},`, i+1, sku)
	}
	p.put(p.r.Inbox, "many.json", strings.TrimSuffix(text.String(), ",")+"]}")
	text.Reset()
	k := newWorker(p.w, p.r)
	before, most, parts := heapInUse(), uint64(0), 0
	k.handover.parted = func() {
		parts++
		most = max(most, heapInUse())
	}
	if err := p.w.folders.MakeDir(p.w.fs(), p.w.Store().Folder().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := k.run(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	stats, err := p.w.Ledger.Stats(t.Context())
	if err != nil || stats.Orders[ledger.Exported] != orders/10*9 || parts < 4 {
		t.Errorf("%d transactions, %+v, %v", parts, stats, err)
	}
	if most > before+limit {
		t.Errorf("%d MB more are in use than before the file came, and %d may be", (most-before)>>20, limit>>20)
	}
	t.Logf("%.1f MB more are in use than before the file came", float64(most-min(before, most))/(1<<20))
}

// heapInUse is what is in use when all that is not is collected.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
