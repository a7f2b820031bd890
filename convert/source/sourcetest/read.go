// Package sourcetest holds every reader of orders to the same promises: native formats and mapped ones.
package sourcetest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
)

// File is an input with that content.
func File(content string) source.Input {
	return source.Input{Name: "in", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// Read reads a file and holds the reader to what each promises: every order has an id and a place, every refusal
// a place and a hint, and nothing comes after the error that ends a file.
func Read(t *testing.T, f source.Format, content string) (orders []order.Order, refused []*source.RowError, ended error) {
	t.Helper()
	for o, err := range f.Read(t.Context(), File(content)) {
		var row *source.RowError
		var file *source.FileError
		switch {
		case ended != nil:
			t.Fatalf("%v after the end", err)
		case errors.As(err, &row):
			if row.At.File != "in" || row.Err == nil || row.Advice == "" {
				t.Errorf("a refusal without a place or a hint: %#v", row)
			}
			refused = append(refused, row)
		case errors.As(err, &file):
			if file.At.File != "in" || file.Advice == "" {
				t.Errorf("an error without a place or a hint: %#v", file)
			}
			ended = err
		case err != nil:
			t.Errorf("neither kind of error: %v", err)
		default:
			if o.ID == "" || o.Format != f.Name() || o.Origin.File != "in" {
				t.Errorf("an order without a number, format or place: %+v", o)
			}
			orders = append(orders, o)
		}
	}
	return orders, refused, ended
}

// exact compares decimals and zones by what they are.
var exact = cmp.Options{
	cmp.Comparer(func(a, b money.Decimal) bool { return a == b }),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
}

func compare(t *testing.T, want, got []order.Order) {
	t.Helper()
	if diff := cmp.Diff(want, append([]order.Order{}, got...), exact); diff != "" {
		t.Fatal(diff)
	}
}

var errDisk = errors.New("the share is gone")

// testReadingEnds checks what ends a reading: the disk, the context and whoever reads.
func testReadingEnds(t *testing.T, f source.Format, content string) {
	broken := source.Input{Name: "in", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(content[:len(content)*2/3]), iotest.ErrReader(errDisk))), nil
	}}
	var ended error
	for _, err := range f.Read(t.Context(), broken) {
		if err != nil {
			ended = err
		}
	}
	if !errors.Is(ended, errDisk) || ended.Error() != "in: read: the share is gone" {
		t.Errorf("the error of the disk became %v", ended)
	}
	seen := 0
	for range f.Read(t.Context(), File(content)) {
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("%d orders after a break", seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range f.Read(ctx, File(content)) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled reading ended with %v", err)
		}
	}
}
