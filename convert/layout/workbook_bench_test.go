package layout_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/money"

	"github.com/xuri/excelize/v2"
)

// The workbook that the peers write too: 100,000 orders of two lines, 14 columns.
var benchColumns = []struct {
	header, cell string
	value        func(*document.Document, *document.Line) any
}{
	{"Number", "{{.Number}}", func(d *document.Document, _ *document.Line) any { return d.Number }},
	{"Date", "{{.Date}}", func(d *document.Document, _ *document.Line) any { return d.Date }},
	{"Customer", "{{.Customer.Name}}", func(d *document.Document, _ *document.Line) any { return d.Customer.Name }},
	{"SKU", "{{.Line.SKU}}", func(_ *document.Document, l *document.Line) any { return l.SKU }},
	{"Name", "{{.Line.Name}}", func(_ *document.Document, l *document.Line) any { return l.Name }},
	{"Unit", "{{.Line.Unit}}", func(_ *document.Document, l *document.Line) any { return l.Unit }},
	{"ASIN", "{{.Line.ASIN}}", func(_ *document.Document, l *document.Line) any { return l.ASIN }},
	{"Warehouse", "{{.Warehouse}}", func(d *document.Document, _ *document.Line) any { return d.Warehouse }},
	{"Quantity", "{{.Line.Quantity}}", func(_ *document.Document, l *document.Line) any { return float(l.Quantity) }},
	{"Price", "{{.Line.Price}}", func(_ *document.Document, l *document.Line) any { return float(l.Price) }},
	{"Amount", "{{.Line.Amount}}", func(_ *document.Document, l *document.Line) any { return float(l.Amount) }},
	{"VAT", "{{.Line.VAT}}", func(_ *document.Document, l *document.Line) any { return float(l.VAT) }},
	{"Total", "{{.Total}}", func(d *document.Document, _ *document.Line) any { return float(d.Total) }},
	{"Total VAT", "{{.VAT}}", func(d *document.Document, _ *document.Line) any { return float(d.VAT) }},
}

// float is what the peers, who know no decimals, are given.
func float(d money.Decimal) float64 {
	cents, _ := d.Units(2)
	return float64(cents) / 100
}

func benchBatch(orders int) document.Batch {
	cents := func(n int) money.Amount { return money.Int(int64(n)).Times(money.Unit(2)) }
	b := document.Batch{Account: "bench", Created: at("2026-11-23 09:30:00")}
	row := 0
	for o := range orders {
		d := document.Document{
			Identity: document.Identity{Number: fmt.Sprintf("302-%07d-%07d", o, o*7%10000000)}, Dates: document.Dates{Date: at("2025-12-09 00:00:00").AddDate(0, 0, o%300)},
			Customer: document.Customer{Name: fmt.Sprint("Customer ", o%5000)}, Assignment: document.Assignment{Warehouse: "Main warehouse"},
		}
		for range 2 {
			product, price, quantity := row*31%200000, 1000+row%9000, 1+row%3
			d.Lines = append(d.Lines, document.Line{
				Product:    document.Product{SKU: fmt.Sprintf("SKU-%06d", product), Name: fmt.Sprintf("Tea \"No. %d\" & cup, 250 g", product), Unit: "шт"},
				SourceItem: document.SourceItem{ASIN: fmt.Sprintf("B%09d", product)}, LineAmounts: document.LineAmounts{
					Quantity: money.Int(int64(quantity)), Price: cents(price),
					Amount: cents(price * quantity), VAT: cents(price * quantity / 6),
				},
			})
			d.Total, d.VAT = cents(price*quantity*2), cents(price*quantity/3)
			row++
		}
		b.Documents = append(b.Documents, d)
	}
	return b
}

// benchLayout has a workbook template with the styles that the peers use.
func benchLayout(b *testing.B) *layout.Layout {
	var headers, cells []string
	for _, c := range benchColumns {
		headers, cells = append(headers, c.header), append(cells, c.cell)
	}
	return compile(b, workbook(b, func(f *excelize.File) {
		for i, style := range benchStyles(b, f) {
			at, _ := excelize.CoordinatesToCellName(i+1, 2)
			if err := f.SetCellStyle("Sheet1", at, at, style); err != nil {
				b.Fatal(err)
			}
		}
	}, headers, cells), "x", nil)
}

// benchStyles is text @, dates and money with two places.
func benchStyles(b *testing.B, f *excelize.File) []int {
	var styles []int
	for _, c := range benchColumns {
		format := 49
		switch c.value(&document.Document{}, &document.Line{}).(type) {
		case time.Time:
			format = 14
		case float64:
			format = 2
		}
		style, err := f.NewStyle(&excelize.Style{NumFmt: format})
		if err != nil {
			b.Fatal(err)
		}
		styles = append(styles, style)
	}
	return styles
}

// BenchmarkWorkbook writes the same 200,000 rows to a file by this package, by excelize's StreamWriter,
// and by libxlsxwriter, where its header is installed: cmd/bench/peers/workbook.c.
func BenchmarkWorkbook(b *testing.B) {
	const orders = 100_000
	batch := benchBatch(orders)
	l := benchLayout(b)
	file := filepath.Join(b.TempDir(), "out.xlsx")
	b.Run("obmen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			out, err := os.Create(file)
			if err == nil {
				_, err = l.Parts()[0].Write(b.Context(), out, batch)
			}
			if err == nil {
				err = out.Close()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		reportRows(b, file, 2*orders)
	})
	b.Run("excelize-stream", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			streamed(b, file, batch)
		}
		reportRows(b, file, 2*orders)
	})
	b.Run("libxlsxwriter", func(b *testing.B) {
		peer := filepath.Join(b.TempDir(), "workbook")
		source := filepath.Join("..", "..", "cmd", "bench", "peers", "workbook.c")
		if out, err := exec.Command("cc", "-O2", "-o", peer, source, "-lxlsxwriter").CombinedOutput(); err != nil {
			b.Skipf("missing: a C compiler or libxlsxwriter (Debian: libxlsxwriter-dev): %v %.200s", err, out)
		}
		for b.Loop() {
			if out, err := exec.Command(peer, file).CombinedOutput(); err != nil {
				b.Fatal(err, string(out))
			}
		}
		reportRows(b, file, 2*orders)
	})
}

func reportRows(b *testing.B, file string, rows int) {
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(info.Size()), "file-bytes")
}

// streamed writes the workbook as excelize's manual shows.
func streamed(b *testing.B, file string, batch document.Batch) {
	f := excelize.NewFile()
	defer f.Close()
	styles := benchStyles(b, f)
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	cells := make([]any, len(benchColumns))
	for i, c := range benchColumns {
		cells[i] = c.header
	}
	row := 1
	put := func() {
		at, _ := excelize.CoordinatesToCellName(1, row)
		if err := w.SetRow(at, cells); err != nil {
			b.Fatal(err)
		}
		row++
	}
	put()
	for i := range batch.Documents {
		d := &batch.Documents[i]
		for k := range d.Lines {
			for c := range benchColumns {
				cells[c] = excelize.Cell{StyleID: styles[c], Value: benchColumns[c].value(d, &d.Lines[k])}
			}
			put()
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.SaveAs(file); err != nil {
		b.Fatal(err)
	}
}
