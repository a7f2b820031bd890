package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// file is an input with that content.
func file(content string) input.Input {
	return input.Input{Name: "orders.txt", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(content))), nil
	}}
}

// outcome is what reading a file gives.
type outcome struct {
	format  string
	orders  []order.Order
	refused []*input.RowError
	ended   error
}

// readInput detects a file's format and reads it to the end.
func readInput(in input.Input) (out outcome) {
	f, err := source.Detect(in, nil)
	if err != nil {
		out.ended = err
		return out
	}
	out.format = f.Name()
	for o, err := range f.Read(context.Background(), in) {
		var row *input.RowError
		switch {
		case errors.As(err, &row):
			out.refused = append(out.refused, row)
		case err != nil:
			out.ended = err
		default:
			out.orders = append(out.orders, o)
		}
	}
	return out
}

// mustRead reads a file of which every order is good.
func mustRead(t *testing.T, in input.Input) []order.Order {
	t.Helper()
	out := readInput(in)
	if out.ended != nil {
		t.Fatalf("the file ended with %v", out.ended)
	}
	for _, e := range out.refused {
		t.Errorf("refused: %v (%s)", e, e.Advice)
	}
	return out.orders
}

// tsv joins rows of cells written with "|" into a tab separated file.
func tsv(rows ...string) string {
	return strings.ReplaceAll(strings.Join(rows, "\n"), "|", "\t") + "\n"
}

// sharedData finds a file of the data that lies beside the checkout; without it the test is skipped,
// except where all tests must run.
func sharedData(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("OBMEN_SHARED")
	for up := "."; dir == ""; up = filepath.Join(up, "..") {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			dir = filepath.Join(up, "..", "shared")
		}
		if abs, _ := filepath.Abs(up); abs == filepath.Dir(abs) {
			break
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "data", name))
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("shared data: %v", err)
	}
	if err != nil {
		t.Skipf("shared data are not beside the checkout: %v", err)
	}
	return b
}
