package outbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/convert"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/watch/desk/words"
	"obmen/watch/drop"

	"pgregory.net/rapid"
)

var english = words.In(words.English)

func TestHeldTableHasNoFormulas(t *testing.T) {
	text := string(HeldTable([]convert.Outcome{{
		Order: "=HYPERLINK(1)", Origin: order.Origin{File: "-a.json"},
		Hold: &convert.Hold{Code: "unknown-sku", Sentence: "+1", Add: []string{"@SUM(1);DE;;1;"}},
	}}, english))
	want := "\ufefforder;account;origin;code;sentence;cure;file to mend;line to add;ordered;country;amount;currency;title;waiting since;" +
		"cell 1;cell 2;cell 3;cell 4;cell 5;cell 6;cell 7;cell 8;cell 9;cell 10\r\n" +
		"\" =HYPERLINK(1)\";;\" -a.json\";unknown-sku;\" +1\";;;\" @SUM(1);DE;;1;\";;;;;;;\" @SUM(1)\";DE;;1;;;;;;\r\n"
	if text != want {
		t.Errorf("got  %q\nwant %q", text, want)
	}
	if !strings.HasPrefix(text, "\ufeff") {
		t.Error("no byte order mark")
	}
}

// What a table says is read again as it was written, whatever Excel would make of it.
func TestTableIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`([=+@;"\-]?[a-z0-9";,=-]{1,5}(( |\n)[a-zé]{1,3})?)?`)
		rows := rapid.SliceOf(rapid.SliceOfN(cell, 2, 5)).Draw(t, "rows")
		want := append([][]string{{"order", "account"}}, rows...)
		written := make([][]string, len(rows))
		for i := range rows {
			written[i] = slices.Clone(rows[i])
		}
		r := NewTableReader(Table(want[0], written))
		for i := range want {
			if got, err := r.Read(); err != nil || !slices.Equal(got, want[i]) {
				t.Fatalf("row %d is %q, %v, want %q", i, got, err, want[i])
			}
		}
		if _, err := r.Read(); !errors.Is(err, io.EOF) {
			t.Errorf("%v behind the last row", err)
		}
	})
}

// A list that came order by order, and grew too large for memory, is the table of all of them; begun anew
// it knows nothing of what came before, and nothing stays in the folder.
func TestHeldListIsTheTable(t *testing.T) {
	folder := drop.Folder{Dir: t.TempDir()}
	l := NewHeldList(folder, english)
	path := filepath.Join(folder.Dir, "held.csv")
	var held []convert.Outcome
	for i := range 3000 {
		held = append(held, convert.Outcome{
			Order: fmt.Sprint(i), Origin: order.Origin{File: "a.json"},
			Hold: &convert.Hold{Code: "unknown-sku", Sentence: strings.Repeat("слово ", i%60), Add: []string{"A;B", "C"}},
		})
	}
	for _, part := range [][]convert.Outcome{held, held[:5], nil, held} {
		for i := range part {
			if err := l.Add(&part[i]); err != nil {
				t.Fatal(err)
			}
		}
		if spilled := l.rows.Spilled(); spilled != (len(part) == len(held)) {
			t.Errorf("%d orders: in a file is %v", len(part), spilled)
		}
		for range 2 {
			if err := l.Write(drop.OS{}, path); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if len(part) == 0 && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil || string(text) != string(HeldTable(part, english)) {
				t.Fatalf("%d orders: %d bytes, %v; want %d", len(part), len(text), err, len(HeldTable(part, english)))
			}
		}
		if err := l.resetRows(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(folder.Dir, drop.TempDir)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// The list has what a person needs to decide, in Russian as a Russian Excel reads it, and the cells of the line apart.
func TestHeldTableInRussian(t *testing.T) {
	text := string(HeldTable([]convert.Outcome{{
		Order: "1", Account: "de", Currency: "EUR", Total: money.Known(money.Int(12)),
		Hold: &convert.Hold{
			Code: "unknown-sku", Sentence: "S", File: "skus.csv", Add: []string{`"S,1",DE,,1`},
			About: convert.About{Ordered: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC), Country: "DE", Title: "Sugar bowl"},
		},
	}}, words.In(words.Russian)))
	for _, want := range []string{"\ufeffзаказ;учётная запись;", "товар не найден в справочнике (S)", ";30.11.2026;DE;12,00;EUR;Sugar bowl;;S,1;DE;;1;"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
