package source_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"obmen/convert/source/input"
)

func encode(t *testing.T, enc encoding.Encoding, s string) string {
	t.Helper()
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every encoding that reports come in, declared or not, gives the same text.
func TestCharsets(t *testing.T) {
	report := func(title, channel, currency string) string {
		return tsv(shortHead, "A1|Shipped|Shipped||AB-100|"+title+"|1|"+currency+"|10|0|"+channel+"|2026-11-18")
	}
	german := report("Straße “Öl” €", "Amazon.de", "EUR")
	latin := report("Gähnen Löwe Straße", "Amazon.de", "EUR")
	japan := report("こんにちは世界ｱ①", "Amazon.co.jp", "JPY")
	parcel := strings.Replace(report("Straße für é Öl", "Amazon.de", "EUR"), "item-tax", "ship-country", 1)
	parcel = strings.Replace(parcel, "\t0\t", "\tJP\t", 1)
	little := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	big := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	bare := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	bareBig := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	tests := []struct {
		name, bytes, charset, want string
	}{
		{"UTF-8", german, "", "Straße “Öl” €"},
		{"UTF-8 with a mark", "\ufeff" + german, "", "Straße “Öl” €"},
		{"UTF-8 with a mark, declared otherwise", "\ufeff" + german, "Cp1252", "Straße “Öl” €"},
		{"UTF-8 declared", german, "UTF-8", "Straße “Öl” €"},
		{"UTF-16LE", encode(t, little, german), "", "Straße “Öl” €"},
		{"UTF-16BE", encode(t, big, german), "", "Straße “Öl” €"},
		{"UTF-16LE without a mark", encode(t, bare, japan), "", "こんにちは世界ｱ①"},
		{"UTF-16BE without a mark", encode(t, bareBig, japan), "", "こんにちは世界ｱ①"},
		{"Windows-1252", encode(t, charmap.Windows1252, german), "", "Straße “Öl” €"},
		{"Windows-1252 declared", encode(t, charmap.Windows1252, german), "Cp1252", "Straße “Öl” €"},
		{"Windows-1252 declared as ISO-8859-1", encode(t, charmap.Windows1252, german), "ISO-8859-1", "Straße “Öl” €"},
		{"Windows-1252 declared as UTF-8", encode(t, charmap.Windows1252, german), "UTF-8", "Straße “Öl” €"},
		{"ISO-8859-1", encode(t, charmap.ISO8859_1, latin), "", "Gähnen Löwe Straße"},
		{"CP932", encode(t, japanese.ShiftJIS, japan), "", "こんにちは世界ｱ①"},
		{"CP932 declared", encode(t, japanese.ShiftJIS, japan), "windows-31j", "こんにちは世界ｱ①"},
		{"CP932 as Shift_JIS", encode(t, japanese.ShiftJIS, japan), "Shift_JIS", "こんにちは世界ｱ①"},
		{"CP932 as Cp932", encode(t, japanese.ShiftJIS, japan), "Cp932", "こんにちは世界ｱ①"},
		{"CP932 declared as UTF-8", encode(t, japanese.ShiftJIS, japan), "utf-8", "こんにちは世界ｱ①"},
		{"a German report with a parcel to Japan", encode(t, charmap.Windows1252, parcel), "", "Straße für é Öl"},
	}
	for _, tt := range tests {
		in := file(tt.bytes)
		in.Charset = tt.charset
		got := mustRead(t, in)
		if len(got) != 1 || got[0].Lines[0].Title != tt.want || got[0].Lines[0].SKU != "AB-100" {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// The letter that tells the encoding may stand anywhere, also across the chunks a file is scanned in.
func TestCharsetFarInTheFile(t *testing.T) {
	for _, at := range []int{64<<10 - 2, 64<<10 - 1, 64 << 10, 64<<10 + 1, 200 << 10} {
		for _, enc := range []encoding.Encoding{charmap.Windows1252, encoding.Nop} {
			rows := []string{shortHead}
			for n := len(tsv(rows...)); n < at-200; n += 61 {
				rows = append(rows, "A1|Shipped|Shipped||AB-100|Title|1|EUR|10|0|Amazon.de|2026-11-18")
			}
			content := tsv(rows...)
			row := "A2\tShipped\tShipped\t\tAB-100\t"
			content += row + strings.Repeat("x", max(0, at-len(content)-len(row))) + "ßé\t1\tEUR\t10\t0\tAmazon.de\t2026-11-18\n"
			out, err := enc.NewEncoder().String(content)
			if err != nil {
				t.Fatal(err)
			}
			got := mustRead(t, file(out))
			if title := got[len(got)-1].Lines[0].Title; !strings.HasSuffix(title, "xßé") && !strings.HasPrefix(title, "ßé") {
				t.Errorf("at %d: %q", at, title[max(0, len(title)-10):])
			}
		}
	}
}

func TestUnknownCharset(t *testing.T) {
	in := file(tsv(shortHead, "A1"))
	in.Charset = "EBCDIC-1"
	var fe *input.FileError
	if out := readInput(in); !errors.As(out.ended, &fe) || !strings.Contains(fe.Error(), `unknown charset "EBCDIC-1"`) || fe.Advice == "" {
		t.Errorf("%v", out.ended)
	}
}

// The sample files of the two encodings, put into a report as titles.
func TestSharedEncodings(t *testing.T) {
	for name, want := range map[string]string{"CP932EncodedFile.txt": "こんにちは世界", "ISO-8859-1EncodedFile.txt": "Gähnen"} {
		_, row, _ := bytes.Cut(sharedData(t, "amazon/encodings/"+name), []byte("\n"))
		title, _, _ := strings.Cut(string(row), "\t")
		channel := "Amazon.de"
		if strings.HasPrefix(name, "CP932") {
			channel = "Amazon.co.jp"
		}
		got := mustRead(t, file(tsv(shortHead)+"A1\tShipped\tShipped\t\tAB-100\t"+title+"\t1\t\t10\t0\t"+channel+"\t2026-11-18\n"))
		if !strings.HasPrefix(got[0].Lines[0].Title, want) {
			t.Errorf("%s: %q", name, got[0].Lines[0].Title)
		}
	}
}

// Lines may end in CR LF, LF or CR.
func TestLineEnds(t *testing.T) {
	content := tsv(shortHead, "A1|Shipped|Shipped||x|Title|1|EUR|10|0|Amazon.de|2026-11-18", "", "A2|Shipped|Shipped||y|Title|1|EUR|10|0|Amazon.de|2026-11-18")
	for _, end := range []string{"\n", "\r\n", "\r"} {
		got := mustRead(t, file(strings.ReplaceAll(content, "\n", end)))
		if len(got) != 2 || got[1].Origin.Line != 4 || got[1].SalesChannel != "Amazon.de" {
			t.Errorf("%q: %+v", end, got)
		}
	}
}
