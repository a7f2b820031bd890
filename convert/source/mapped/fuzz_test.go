package mapped_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/mapped"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

func addSamples(f *testing.F) {
	for _, files := range sampleFiles(f) {
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(content))
		}
	}
}

// FuzzMappedFiles reads any content by every shipped mapping.
func FuzzMappedFiles(f *testing.F) {
	addSamples(f)
	list := mapped.NewSet().Mappings()
	f.Fuzz(func(t *testing.T, content string) {
		for _, m := range list {
			in := fileOf("f", content)
			(mapped.Format{Mapping: m}).Sniff("f", []byte(content))
			checkFormat(t, mapped.Format{Mapping: m}, in)
		}
	})
}

// FuzzMapping compiles any text; what compiles reads a sample and can be tried.
func FuzzMapping(f *testing.F) {
	for _, m := range mapped.NewSet().Mappings() {
		f.Add(string(m.Text))
	}
	f.Add(shopText)
	f.Add(pullText)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := mapped.Parse("f.toml", []byte(text))
		if err != nil {
			if list, ok := err.(mapped.Mistakes); !ok || len(list) == 0 { //nolint:errorlint // it is what Parse promises
				t.Fatalf("not Mistakes: %v", err)
			}
			return
		}
		checkFormat(t, mapped.Format{Mapping: m}, fileOf("f", shopBody))
		if m.Pull != nil {
			m.Pull.Request(turn("2"))
			if page, err := m.Pull.LookAt("2", []byte(shopBody)); err == nil && page.Orders < 0 {
				t.Errorf("%+v", page)
			}
		}
		if _, err := mapped.Try(t.Context(), m, fileOf("f", shopBody)); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzGuess proposes a mapping for any content: it compiles, whatever the sample was.
func FuzzGuess(f *testing.F) {
	addSamples(f)
	f.Add(shopBody)
	f.Fuzz(func(t *testing.T, content string) {
		guess, err := mapped.MakeGuess(fileOf("sample", content))
		if err != nil {
			return
		}
		if _, err := mapped.Parse("guess.toml", []byte(guess.Text)); err != nil && len(guess.Text) < mapped.MaxSize {
			t.Errorf("%v\n%s", err, guess.Text)
		}
	})
}

// FuzzMappedValues puts any values into an order: what the mapping of shop orders makes of them is what the native
// reader does, and where one refuses the order the other does, too.
func FuzzMappedValues(f *testing.F) {
	for _, v := range [][4]string{
		{`"1001"`, `"AB-100"`, `2`, `"6.25"`},
		{`1.001e3`, `null`, `3.0`, `1.999e1`},
		{`true`, `"\ud800"`, `"x"`, `{}`},
		{"\"\u200b7\"", `[1]`, `-1`, `"1e400"`},
		{`0`, `1`, `1e-7`, `123456789012345678901234567890`},
		{`""`, `""`, `"0.5"`, `"-3"`},
		{`"#"`, `""`, `0`, `"0"`},
		{`"#1001"`, `"AB-100"`, `1`, `" "`},
		{`"#1001"`, `"AB-100"`, `1`, `"1"`},
	} {
		f.Add(v[0], v[1], v[2], v[3])
	}
	native, mine := native(f, "shop-orders"), shopMapping(f)
	read := func(t *testing.T, r source.Format, content string) (list []order.Order, refused int) {
		for o, err := range r.Read(t.Context(), fileOf("f", content)) {
			if err != nil {
				refused++
				continue
			}
			list = append(list, o)
		}
		return list, refused
	}
	f.Fuzz(func(t *testing.T, id, sku, quantity, price string) {
		content := `{"orders":[{"order_number":` + id + `,"created_at":"2026-11-18T09:12:44Z","currency":"EUR","line_items":[{"sku":` + sku + `,"quantity":` + quantity + `,"price":` + price + `}]}]}`
		// An amount that is not there holds an order of a mapped source, and refuses one of a shop.
		if !jsontext.Value(content).IsValid() || slices.Contains([]string{"null", "{}", "[]"}, strings.TrimSpace(price)) {
			return
		}
		var text string
		if err := json.Unmarshal([]byte(price), &text); err == nil && strings.TrimSpace(text) == "" {
			return
		}
		want, refused := read(t, native, content)
		got, mineRefused := read(t, mine, content)
		if refused != mineRefused {
			t.Fatalf("%s: native refuses %d, mapped %d", content, refused, mineRefused)
		}
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Fatalf("%s (-native +mapped):\n%s", content, diff)
		}
	})
}
