package source

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"obmen/convert/source/input"
)

func memory(name, content string) input.Input {
	return input.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// Two orders with one hash wait for each other and are never mixed.
func TestHashCollision(t *testing.T) {
	s := openOrders{runs: map[uint64]int{}, waiting: map[uint64][]*openOrder{}}
	a, b := "A", "B"
	hash := hashID([]byte(a))
	s.runs[hash] = 3 // as if B had the same hash: A, B, A
	s.waiting[hash] = []*openOrder{{id: b}}
	start := func(id []byte) *openOrder { return &openOrder{id: string(id)} }
	if done := s.turnTo([]byte(a), start); len(done) != 0 || s.current.id != a {
		t.Fatalf("done %v", done)
	}
	for range 2 {
		if done := s.endRun(); len(done) != 0 {
			t.Fatalf("done too early: %v", done)
		}
		s.turnTo([]byte(a), start)
	}
	done := s.endRun()
	if len(done) != 2 || done[0].id != b || done[1].id != a {
		t.Fatalf("done %v", done)
	}
}

// manyRows is a report of n rows, made while it is read; scattered puts the second row of every order
// half a file behind the first.
func manyRows(n int, scattered bool) input.Input {
	head := "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\torder-channel\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tcpf\tis-business-order\tpurchase-order-number\tprice-designation\tsignature-confirmation-recommended\n"
	row := "171-%07d-1000001\t\t2026-11-18T09:12:44+00:00\t2026-11-19T11:00:00+00:00\tShipped\tAmazon\tAmazon.es\t\tExpedited\tRodillo de masaje para espalda y piernas\tARS-ROD-01\tB0TEST0\tShipped\t10\tEUR\t1210.00\t210.00\t0\t0\t0\t0\t0\t0\tMadrid\t\t28001\tES\t\t\tfalse\t\t\tfalse\n"
	return input.Input{Name: "many.txt", Open: func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			var b bytes.Buffer
			b.WriteString(head)
			for i := range n {
				id := i
				if scattered {
					id = i % (n / 2)
				}
				fmt.Fprintf(&b, row, id)
				if b.Len() > 64<<10 {
					if _, err := b.WriteTo(w); err != nil {
						return
					}
				}
			}
			b.WriteTo(w)
			w.Close()
		}()
		return r, nil
	}}
}

func BenchmarkAllOrders(b *testing.B) {
	const rows = 200_000
	var content bytes.Buffer
	r, _ := manyRows(rows, false).Open()
	io.Copy(&content, r)
	in := memory("many.txt", content.String())
	b.SetBytes(int64(content.Len()))
	for b.Loop() {
		n := 0
		for _, err := range (allOrders{}).Read(b.Context(), in) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != rows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkIndex measures what the index of orders costs, for 1,000,000 rows of as many orders.
func BenchmarkIndex(b *testing.B) {
	const rows = 1_000_000
	id := []byte("171-0000000-1000001")
	for b.Loop() {
		before := heap()
		x := new(runIndex)
		for i := range rows {
			for d, n := 10, i; d > 3; d, n = d-1, n/10 {
				id[d] = byte('0' + n%10)
			}
			x.addRun(hashID(id))
		}
		b.ReportMetric(float64(heap()-before)/rows, "B/order")
		if len(x.scatteredRuns()) != 0 {
			b.Fatal("two orders with one hash")
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A file whose orders lie together needs no memory that grows with it.
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 20 MB")
	}
	const rows = 60_000
	before := heap()
	most, n := uint64(0), 0
	for _, err := range (allOrders{}).Read(t.Context(), manyRows(rows, false)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%15_000 == 0 {
			most = max(most, heap())
		}
	}
	if n != rows || most > before+4<<20 {
		t.Errorf("%d orders, heap grew by %d KiB", n, (int64(most)-int64(before))>>10)
	}
	n = 0
	for o, err := range (allOrders{}).Read(t.Context(), manyRows(20_000, true)) {
		if err != nil || len(o.Lines) != 2 {
			t.Fatalf("%d lines, %v", len(o.Lines), err)
		}
		n++
	}
	if n != 10_000 {
		t.Errorf("%d scattered orders", n)
	}
}
