package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/source"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

const (
	// fewOrders are enough that a run has begun to remember them on the disk.
	fewOrders  = 70_000
	manyOrders = 3 * fewOrders
	allOrders  = manyOrders + 10_000 // so that the run is still at work
	// growthLimit is above what comes and goes while a run works, and far below 20 bytes for each of the
	// further orders.
	growthLimit = 3 << 19
)

// With three times as many orders a run has no more in memory: neither of those that it exports nor of
// those that it holds, nor of those it cannot read.
func TestMemoryDoesNotGrow(t *testing.T) {
	measuresMemory(t)
	for _, tt := range []struct {
		name  string
		head  string
		item  func(b *bytes.Buffer, i int)
		tail  string
		match convert.MatchOptions
	}{
		{"exported", `{"orders":[`, smallOrder("5.00"), `]}`, convert.MatchOptions{UnknownProduct: convert.Create}},
		{"held", `{"orders":[`, smallOrder("5.00"), `]}`, convert.MatchOptions{}},
		{"unreadable", `{"orders":[`, smallOrder("five"), `]}`, convert.MatchOptions{}},
		{"report", bigReportHead, smallRow, "", convert.MatchOptions{UnknownProduct: convert.Create}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			open := func() (io.ReadCloser, error) {
				return io.NopCloser(&generator{head: tt.head, item: tt.item, tail: tt.tail, most: allOrders, done: func(int64, int) {}}), nil
			}
			folder := drop.Folder{Dir: t.TempDir()}
			held := outbox.NewHeldList(folder, words.In(words.English))
			defer held.Close()
			var live []uint64
			orders := 0
			w := outbox.Writer{Folder: folder, Publishing: outbox.Publishing{Discard: true}, Held: held}
			w.Each = func(convert.Outcome) error {
				if orders++; orders == fewOrders || orders == manyOrders {
					live = append(live, liveHeap())
				}
				return nil
			}
			got, err := w.Convert(t.Context(), []source.Input{{Name: "many", Open: open}}, catalog.Empty(), convert.Options{Match: tt.match})
			if err != nil || orders != allOrders || len(live) != 2 || got.Refused() > 0 {
				t.Fatalf("%d orders, %v, %+v", orders, err, got)
			}
			grown := int64(live[1]) - int64(live[0])
			t.Logf("%.1f MB in use at %d orders, %.1f MB more at %d", float64(live[0])/(1<<20), fewOrders, float64(grown)/(1<<20), manyOrders)
			if grown > growthLimit {
				t.Errorf("%d bytes for each further order stay in memory", grown/(manyOrders-fewOrders))
			}
			list := folder.Dir + "/held.csv"
			if err := held.Write(drop.OS{}, list); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(list)
			if n := max(1, bytes.Count(text, []byte("\r\n"))) - 1; n != got.Summary.Held || (err != nil) != (n == 0) {
				t.Errorf("%d orders are listed of %d held, %v", n, got.Summary.Held, err)
			}
		})
	}
}

// liveHeap is what is in use when all that is not is collected, what pools keep for later with it.
func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func smallOrder(price string) func(*bytes.Buffer, int) {
	return func(b *bytes.Buffer, i int) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","line_items":[{"sku":"A","quantity":1,"price":%q}]}`, i+1, price)
	}
}

func smallRow(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "305-%07d-%07d\t\t2026-11-01T10:00:00+00:00\t2026-11-01T23:00:00+00:00\tShipped\tAmazon\tAmazon.de\t\tExpedited\tBecher\tA\tB000000001\tShipped\t1\tEUR\t5.00\t0.80\t"+
		"\t\t\t\t\t\tMusterstadt\t\t01000\tDE\t\t\tfalse\t\t\tfalse\t%014d\n", i%9973, i, i)
}
