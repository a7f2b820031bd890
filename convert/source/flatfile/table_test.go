package flatfile

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"obmen/convert/source/input"

	"pgregory.net/rapid"
)

func memory(name, content string) input.Input {
	return input.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// cellsOf reads a table as rows of cells, header first.
func cellsOf(content string) (rows [][]string, bad int, err error) {
	t, err := OpenTable(memory("t", content), input.Charset{})
	if err != nil {
		return nil, 0, err
	}
	defer t.Close()
	rows = append(rows, t.Header)
	for {
		r, err := t.Next()
		if err == io.EOF {
			return rows, bad, nil
		}
		if err != nil {
			return rows, bad, err
		}
		if r.Bad != nil {
			bad++
			continue
		}
		var cells []string
		for i := range r.Cells {
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

// Who looks at the first columns alone meets the same rows, and the same cells there.
func TestNextHead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("1a\t\t \"")), 0, 12, -1), 0, 8).Draw(t, "lines")
		if at := rapid.IntRange(0, 2*len(lines)).Draw(t, "header again"); at < len(lines) {
			lines[at] = "x\ty\tz"
		}
		content := "x\ty\tz\n" + strings.Join(lines, "\n")
		column := rapid.IntRange(-1, 3).Draw(t, "column")
		next := func(t *Table) (*Row, error) { return t.Next() }
		head := func(t *Table) (*Row, error) { return t.NextHead(column) }
		if want, got := headsOf(content, column, next), headsOf(content, column, head); want != got {
			t.Errorf("%q: got\n%s\nwant\n%s", content, got, want)
		}
	})
}

// headsOf tells what the rows of a table have up to a column.
func headsOf(content string, column int, next func(*Table) (*Row, error)) string {
	t, err := OpenTable(memory("t", content), input.Charset{})
	if err != nil {
		return err.Error()
	}
	defer t.Close()
	var b strings.Builder
	for {
		r, err := next(t)
		if err != nil {
			return b.String() + err.Error()
		}
		fmt.Fprintf(&b, "line %d, section %d, bad %v, cut %v:", r.Line, t.Section, r.Bad, r.Cut)
		for i := range column + 1 {
			fmt.Fprintf(&b, " %q", r.Cell(i))
		}
		b.WriteByte('\n')
	}
}
