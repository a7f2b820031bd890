package layout_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/sheet"
	"obmen/convert/layout/tmpl"
	"obmen/templates"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// ordersOf makes documents with so many lines each.
func ordersOf(lines ...int) document.Batch {
	var b document.Batch
	for i, n := range lines {
		d := document.Document{Identity: document.Identity{Number: fmt.Sprint("N", i+1)}}
		for k := range n {
			d.Lines = append(d.Lines, document.Line{Number: k + 1, Product: document.Product{SKU: fmt.Sprintf("S%d-%d", i+1, k+1)}})
		}
		b.Documents = append(b.Documents, d)
	}
	return b
}

// What does not fit into one sheet goes on in the next, which looks the same; no order is torn.
func TestSheetsRoll(t *testing.T) {
	l := layout.LimitRows(compile(t, templates.FS, "sheet", nil), 5)
	out, _ := write(t, l, ordersOf(2, 2, 1, 4, 0, 1, 1, 1))
	f, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	sheets := []string{name, name + "-2", name + "-3", name + "-4"}
	if diff := cmp.Diff(sheets, f.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	want := [][]string{{"N1", "N1", "N2", "N2"}, {"N3"}, {"N4", "N4", "N4", "N4"}, {"N5", "N6", "N7", "N8"}}
	first, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	number := slices.Index(first[0], "Номер заказа")
	for i, sheet := range sheets {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows[1:] {
			got = append(got, row[number])
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%s: %s", sheet, diff)
		}
		if diff := cmp.Diff(first[0], rows[0]); diff != "" {
			t.Errorf("%s: header: %s", sheet, diff)
		}
		last := fmt.Sprintf("$%d", len(want[i])+1)
		alike(t, f, name, sheet, last)
	}
}

// alike compares what excelize can tell of two sheets' looks, and where the filter of the second ends.
func alike(t *testing.T, f *excelize.File, first, sheet, last string) {
	t.Helper()
	look := func(sheet string) string {
		panes, err1 := f.GetPanes(sheet)
		width, err2 := f.GetColWidth(sheet, "B")
		style, err3 := f.GetColStyle(sheet, "B")
		page, err4 := f.GetPageLayout(sheet)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(panes, width, style, *page.Orientation)
	}
	if a, b := look(first), look(sheet); a != b {
		t.Errorf("%s looks as %s, not as %s", sheet, b, a)
	}
	filters := 0
	for _, n := range f.GetDefinedName() {
		if n.Scope == sheet && n.Name == "_xlnm._FilterDatabase" {
			filters++
			if !strings.HasSuffix(n.RefersTo, last) || !strings.Contains(n.RefersTo, sheet) {
				t.Errorf("the filter of %s is %s, and the last row %s", sheet, n.RefersTo, last)
			}
		}
	}
	if filters != 1 {
		t.Errorf("%s has %d filters", sheet, filters)
	}
}

func TestOrderLargerThanASheet(t *testing.T) {
	l := layout.LimitRows(compile(t, templates.FS, "sheet", nil), 5)
	_, err := l.Parts()[0].Write(t.Context(), io.Discard, ordersOf(1, 5))
	var size *tmpl.SizeError
	if !errors.As(err, &size) || size.Document != "N2" || size.Rows != 5 || size.Most != 4 || !strings.Contains(size.Hint(), `"xlsx"`) {
		t.Errorf("got %v", err)
	}
}

// A plain sheet that is too long is named; it is of no document.
func TestPlainSheetTooLong(t *testing.T) {
	const most = 1 << 20
	sheets := []sheet.Sheet{{Name: "Short"}, {Name: "Long", Rows: make([][]sheet.Cell, most+1)}}
	err := sheet.WriteSheets(t.Context(), io.Discard, time.Time{}, sheets)
	var size *tmpl.SizeError
	if !errors.As(err, &size) || size.Sheet != "Long" || size.Document != "" || size.Rows != most+1 || size.Most != most {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), `sheet "Long"`) || size.Hint() != "convert fewer files at once" {
		t.Errorf("got %v, hint %s", err, size.Hint())
	}
}

// Whatever the pieces in which it comes, and however many cores there are, a text is compressed to the
// same bytes, and back to itself.
func TestDeflateInBlocks(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.StringMatching(`[a-z0-9<>/="]{50,200}`).Draw(t, "unit")
		size := rapid.OneOf(rapid.IntRange(0, 2000), rapid.IntRange(0, 3<<20), rapid.SampledFrom([]int{512 << 10, 1 << 20})).Draw(t, "size")
		text := []byte(strings.Repeat(unit, size/len(unit)+1)[:size])
		runtime.GOMAXPROCS(rapid.IntRange(1, 4).Draw(t, "cores"))
		pieces := packed(t, text, rapid.IntRange(1, 1<<20).Draw(t, "piece"))
		whole := packed(t, text, max(1, len(text)))
		if !bytes.Equal(pieces, whole) {
			t.Fatal("the bytes depend on the pieces or the cores")
		}
		back, err := io.ReadAll(flate.NewReader(bytes.NewReader(pieces)))
		if err != nil || !bytes.Equal(back, text) {
			t.Fatalf("came back as %d bytes of %d: %v", len(back), len(text), err)
		}
	})
}

func packed(t *rapid.T, text []byte, piece int) []byte {
	var out bytes.Buffer
	w, err := layout.Deflate(&out)
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(text, piece) {
		if n, err := w.Write(part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A disk that is full ends the file with its error.
func TestDeflateTellsWriteErrors(t *testing.T) {
	full := errors.New("no space left")
	w, err := layout.Deflate(failing{err: full})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(make([]byte, 8<<20))
	if err = errors.Join(err, w.Close()); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
