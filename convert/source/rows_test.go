package source

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func memory(name, content string) Input {
	return Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// cellsOf reads a table as rows of cells, header first.
func cellsOf(content string) (rows [][]string, bad int, err error) {
	t, err := OpenTable(memory("t", content), Charset{})
	if err != nil {
		return nil, 0, err
	}
	defer t.Close()
	rows = append(rows, t.header)
	for {
		r, err := t.Next()
		if err == io.EOF {
			return rows, bad, nil
		}
		if err != nil {
			return rows, bad, err
		}
		if r.bad != nil {
			bad++
			continue
		}
		var cells []string
		for i := range r.cells {
			cells = append(cells, string(r.Cell(i)))
		}
		rows = append(rows, cells)
	}
}

// What a spreadsheet program writes is read back, whatever is in the cells.
func TestTableRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOfN(rapid.RuneFrom([]rune("ab\",;\n 'é世")), 0, 8, -1)
		width := rapid.IntRange(2, 5).Draw(t, "width")
		comma := rapid.SampledFrom([]rune{',', ';'}).Draw(t, "comma")
		var rows [][]string
		var header []string
		for i := range width {
			header = append(header, fmt.Sprintf("c%d", i))
		}
		rows = append(rows, header)
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := []string{"x"} // a row of blanks is no row
			for range width - 1 {
				row = append(row, cell.Draw(t, "cell"))
			}
			rows = append(rows, row)
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = comma
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		got, bad, err := cellsOf(b.String())
		if err != nil || bad > 0 || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", rows) {
			t.Fatalf("%q: %v, %d bad\ngot  %q\nwant %q", b.String(), err, bad, got, rows)
		}
	})
}

func TestTableText(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"tabs know no quotes", "a\tb\n\"x\t\"\"y\"\"\n", `[["a" "b"] ["\"x" "\"\"y\"\""]]`},
		{"short rows", "a\tb\tc\n1\n1\t2\n", `[["a" "b" "c"] ["1"] ["1" "2"]]`},
		{"trailing empty cells", "a,b,c\n1,,\n", `[["a" "b" "c"] ["1" "" ""]]`},
		{"a quote inside", "a,b\n12\" pan,x\n", `[["a" "b"] ["12\" pan" "x"]]`},
		{"a lone CR belongs to its cell", "a\tb\nx\ry\tz\n", `[["a" "b"] ["x\ry" "z"]]`},
		{"blank lines before the header", "\n \n a \tB_b\n1\t2", `[["a" "B_b"] ["1" "2"]]`},
	}
	for _, tt := range tests {
		got, bad, err := cellsOf(tt.content)
		if err != nil || bad > 0 || fmt.Sprintf("%q", got) != tt.want {
			t.Errorf("%s: %v, %d bad\ngot  %q\nwant %s", tt.name, err, bad, got, tt.want)
		}
	}
	if _, bad, err := cellsOf("a,b\n\"x\"y,z\n1,2\n"); bad != 1 || err != nil {
		t.Errorf("text after a quote: %d bad, %v", bad, err)
	}
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

func FuzzTable(f *testing.F) {
	f.Add("a\tb\n1\t2\n")
	f.Add("a;b\r\n\"1\n\";2\r\n")
	f.Add("a,b\r1,\"\"\"\"\r")
	f.Fuzz(func(t *testing.T, content string) {
		rows, _, err := cellsOf(content)
		if err != nil {
			return
		}
		for _, r := range rows[1:] {
			if len(r) > len(rows[0]) {
				t.Fatalf("a row of %d cells under a header of %d", len(r), len(rows[0]))
			}
		}
	})
}

// manyRows is a report of n rows, made while it is read; scattered puts the second row of every order
// half a file behind the first.
func manyRows(n int, scattered bool) Input {
	head := "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\torder-channel\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tcpf\tis-business-order\tpurchase-order-number\tprice-designation\tsignature-confirmation-recommended\n"
	row := "171-%07d-1000001\t\t2026-11-18T09:12:44+00:00\t2026-11-19T11:00:00+00:00\tShipped\tAmazon\tAmazon.es\t\tExpedited\tRodillo de masaje para espalda y piernas\tARS-ROD-01\tB0TEST0\tShipped\t10\tEUR\t1210.00\t210.00\t0\t0\t0\t0\t0\t0\tMadrid\t\t28001\tES\t\t\tfalse\t\t\tfalse\n"
	return Input{Name: "many.txt", Open: func() (io.ReadCloser, error) {
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
