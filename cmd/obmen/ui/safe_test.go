package ui_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
)

func TestSafeWriter(t *testing.T) {
	for in, want := range map[string]string{
		"order T\x1b]0;X\x07\x1b[31m":     `order T\u001b]0;X\u0007\u001b[31m`,
		"name \u202egpj.exe":              `name \u202egpj.exe`,
		"\u0085 \u009b1m \u200b5 a\u2066": `\u0085 \u009b1m \u200b5 a\u2066`,
		"a tab\tstays\r\nand a break\n":   "a tab\tstays\r\nand a break\n",
		"\ufeffkind;order\r\nx\ufeff":     "\ufeffkind;order\r\nx" + `\ufeff`,
		"over\rwritten":                   `over\u000dwritten`,
		"no UTF-8 \x9b1m":                 `no UTF-8 \x9b1m`,
		"tag \U000e0041":                  `tag \udb40\udc41`,
		"Кружка «Утро» – 5 €, 日本":         "Кружка «Утро» – 5 €, 日本",
	} {
		var out bytes.Buffer
		if _, err := ui.NewSafeWriter(&out).Write([]byte(in)); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%q became %q, want %q", in, out.String(), want)
		}
	}
}

// Whatever is written, and in whatever pieces: nothing unsafe comes out, and JSON keeps its values.
func TestSafeWriterProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value") + rapid.SampledFrom([]string{"", "\x1b[2J", "\u202e", "\u200d", "\U000e0041"}).Draw(t, "more")
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(value); err != nil {
			t.Fatal(err)
		}
		want := value
		if err := json.Unmarshal(text.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := ui.NewSafeWriter(&out)
		for rest := append([]byte(" "), text.Bytes()...); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if strings.ContainsFunc(out.String(), words.Unsafe) {
			t.Fatalf("%q has something unsafe", out.String())
		}
		var got string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != want {
			t.Fatalf("%q reads %q (%v), want %q", out.String(), got, err, want)
		}
	})
}
