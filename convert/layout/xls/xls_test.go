package xls_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obmen/convert/layout/xls"

	"github.com/google/go-cmp/cmp"
)

// xlrd reads all sheets of a workbook: names and values.
func xlrd(t *testing.T, b xls.Book) (sheets []struct {
	Name string
	Rows [][]any
},
) {
	t.Helper()
	const script = `
import json, sys
try:
    import xlrd
except ImportError:
    sys.exit(77)
b = xlrd.open_workbook(sys.argv[1])
json.dump([{'Name': s.name, 'Rows': [s.row_values(r) for r in range(s.nrows)]} for s in b.sheets()], sys.stdout)
`
	file := filepath.Join(t.TempDir(), "book.xls")
	if err := os.WriteFile(file, written(t, b), 0o666); err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
	}
	var words bytes.Buffer
	cmd := exec.Command(python, "-c", script, file)
	cmd.Stderr = &words
	out, err := cmd.Output()
	var exit *exec.ExitError
	missing := errors.Is(err, os.ErrNotExist) || errors.As(err, &exit) && exit.ExitCode() == 77
	if missing && os.Getenv("CI") != "true" {
		t.Skip("skipped: " + python + " has no xlrd: install python3-xlrd (Debian), or run make test, which does")
	}
	if err != nil {
		t.Fatal(err, words.String())
	}
	if err := json.Unmarshal(out, &sheets); err != nil {
		t.Fatal(err)
	}
	return sheets
}

func written(t *testing.T, b xls.Book) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// column is a book of one column.
func column(texts []string) xls.Book {
	return xls.Book{Styles: []xls.Style{{}}, Sheets: []xls.Sheet{{
		Name: "Тексты", Widths: []float64{20}, Rows: len(texts), Fill: func(r *xls.Rows) error {
			for _, text := range texts {
				r.Text(0, []byte(text))
				r.Next()
			}
			return r.Err()
		},
	}}}
}

// anyText is a text of up to n characters, some in one byte each, some in two, some in four.
func anyText(r *rand.Rand, n int) string {
	alphabets := []string{"abc <&>\"';=+-@\t\n\r\x7f", "éßü¿ÿ", "Жёлтый", "茶\uFFFD\uFFFC", "🍵𠮷"}
	alphabets = alphabets[:1+r.IntN(len(alphabets))]
	var b strings.Builder
	for range 1 + r.IntN(n) {
		letters := []rune(alphabets[r.IntN(len(alphabets))])
		b.WriteRune(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// Whatever the texts, short or as long as a cell allows, and wherever the records are cut, they are
// read as they were put. The last lot is large enough for a second table of sectors.
func TestAnyText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 97))
	for _, lot := range []struct{ texts, length int }{{0, 1}, {1, 1}, {3000, 30}, {400, 9000}, {400, 16000}} {
		texts := make([]string, lot.texts)
		for i := range texts {
			texts[i] = anyText(r, lot.length)
		}
		sheets := xlrd(t, column(texts))
		var got []string
		for _, row := range sheets[0].Rows {
			got = append(got, row[0].(string))
		}
		if sheets[0].Name != "Тексты" || !slices.Equal(got, texts) {
			t.Errorf("%d texts of up to %d characters came back otherwise: %.300s", lot.texts, lot.length, cmp.Diff(texts, got))
		}
	}
}

func TestNumbersAndSheets(t *testing.T) {
	numbers := []float64{0, 1, -1, 0.1, 19.99, 1234567.89, 9007199254740993, 1e-6, 46349.4166666667}
	fill := func(r *xls.Rows) error {
		for _, n := range numbers {
			r.Number(0, n)
			r.Blank(0)
			r.Text(0, []byte("x"))
			r.Next()
		}
		return nil
	}
	sheet := xls.Sheet{Name: "1", Widths: []float64{9, 9, 9}, Rows: len(numbers), Fill: fill, FrozenRows: 1}
	second := sheet
	second.Name = "Второй"
	for _, s := range xlrd(t, xls.Book{Styles: []xls.Style{{}}, Sheets: []xls.Sheet{sheet, second}}) {
		for i, row := range s.Rows {
			if diff := cmp.Diff([]any{numbers[i], "", "x"}, row); diff != "" {
				t.Errorf("sheet %s, row %d: %s", s.Name, i+1, diff)
			}
		}
		if len(s.Rows) != len(numbers) {
			t.Errorf("sheet %s has %d rows", s.Name, len(s.Rows))
		}
	}
}

func TestSameBookSameBytes(t *testing.T) {
	texts := []string{"b", "a", "b", "Ж"}
	if !bytes.Equal(written(t, column(texts)), written(t, column(texts))) {
		t.Error("the same book gives other bytes")
	}
}

// A sheet that fills itself otherwise the second time would leave a broken file.
func TestUnsteadyFillIsRefused(t *testing.T) {
	b := column([]string{"a"})
	calls := 0
	b.Sheets[0].Fill = func(r *xls.Rows) error {
		calls++
		for range calls {
			r.Text(0, []byte("a"))
		}
		r.Next()
		return nil
	}
	if err := b.Write(io.Discard); err == nil || !strings.Contains(err.Error(), `sheet "Тексты"`) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsEndTheBook(t *testing.T) {
	full := errors.New("no space left")
	if err := ptr(column([]string{"a"})).Write(failing{full}); !errors.Is(err, full) {
		t.Errorf("of the disk: %v", err)
	}
	b := column(nil)
	b.Sheets[0].Fill = func(*xls.Rows) error { return full }
	if err := b.Write(io.Discard); !errors.Is(err, full) {
		t.Errorf("of the rows: %v", err)
	}
}

func ptr(b xls.Book) *xls.Book { return &b }

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }
