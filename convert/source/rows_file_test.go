package source_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// A table re-saved by a spreadsheet program is the same orders.
func TestAllOrdersResaved(t *testing.T) {
	rows := [][]string{
		strings.Split(shortHead, "|"),
		{"A1", "Shipped", "Shipped", "", "x;1", "Pan, 12\" wide\nblack", "2", "EUR", "1.210,50", "0", "Amazon.de", "2026-11-18"},
		{"A2", "Shipped", "Shipped", "", "y", "\"Best\" lamp", "1", "EUR", "3,50 €", "", "Amazon.de", "2026-11-18"},
		{"A3", "Shipped", "Cancelled", "", "z", "Lamp", "1", "EUR", "3,50 €", "", "Amazon.de", "2026-11-18"},
	}
	for i, name := range rows[0] {
		rows[0][i] = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	}
	for _, comma := range ",;" {
		for _, crlf := range []bool{false, true} {
			var b strings.Builder
			w := csv.NewWriter(&b)
			w.Comma, w.UseCRLF = comma, crlf
			if err := w.WriteAll(rows); err != nil {
				t.Fatal(err)
			}
			got := mustRead(t, file("\ufeff"+b.String()))
			if len(got) != 3 {
				t.Fatalf("%d orders of %q", len(got), b.String())
			}
			a, c := got[0].Lines[0], got[1].Lines[0]
			if a.Price.Amount != dec("1210.5") || a.SKU != "x;1" || a.Title != "Pan, 12\" wide\nblack" {
				t.Errorf("%q: %+v", comma, a)
			}
			if c.Price.Amount != dec("3.5") || c.Title != `"Best" lamp` || c.Cancelled || c.Origin.Line != 4 {
				t.Errorf("%q: %+v", comma, c)
			}
			if d := got[2].Lines[0]; !d.Cancelled || d.Price.Known() || got[2].Status != order.Cancelled {
				t.Errorf("%q: a cancelled item: %+v", comma, d)
			}
		}
	}
}

func TestAllOrdersFileErrors(t *testing.T) {
	tests := []struct {
		name, content string
		is            error
		at            string
	}{
		{"column twice", tsv(shortHead+"|SKU", "A1"), nil, "orders.txt:1:139: "},
		{"column missing", tsv("amazon-order-id|order-status|item-status|sku|quantity", "A1"), nil, `orders.txt:1: the column "item-price" is missing`},
		{"endless line", tsv(shortHead, "A1|"+strings.Repeat("x", 2<<20)), input.ErrHostile, "orders.txt:2:1: "},
		{"many columns", tsv(shortHead + strings.Repeat("|x", 2000)), input.ErrHostile, "orders.txt:1:1: "},
		{"endless quote", strings.ReplaceAll(shortHead, "|", ",") + "\nA1,Shipped,\"" + strings.Repeat("x\n", 1<<20), input.ErrHostile, "orders.txt:"},
		{"open quote", strings.ReplaceAll(shortHead, "|", ",") + "\nA1,Shipped,\"x\n", input.ErrTruncated, "orders.txt:2:12: "},
	}
	for _, tt := range tests {
		out := readInput(file(tt.content))
		if out.ended == nil || len(out.orders) > 0 {
			t.Errorf("%s: %d orders, %v", tt.name, len(out.orders), out.ended)
			continue
		}
		var fe *input.FileError
		if !errors.As(out.ended, &fe) || fe.Advice == "" || tt.is != nil && !errors.Is(out.ended, tt.is) || !strings.HasPrefix(out.ended.Error(), tt.at) {
			t.Errorf("%s: %v", tt.name, out.ended)
		}
	}
}

// A file that ends in the middle of a row's money is not believed.
func TestAllOrdersCut(t *testing.T) {
	whole := tsv(shortHead, "A1|Shipped|Shipped||x|Title|1|EUR|12.50|1.00|Amazon.de|2026-11-18")
	cut := strings.Index(whole, "2.50") + 2 // "…12." of 12.50
	out := readInput(file(whole[:cut]))
	if len(out.orders) != 0 || len(out.refused) != 1 || !errors.Is(out.refused[0], input.ErrTruncated) {
		t.Errorf("%d orders, refused %v", len(out.orders), out.refused)
	}
	if got := mustRead(t, file(strings.TrimSuffix(whole, "\n"))); len(got) != 1 {
		t.Errorf("%d orders of a file without a last line end", len(got))
	}
}
