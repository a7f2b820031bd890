package mapped_test

import (
	"os"
	"testing"

	"obmen/convert/source/mapped"
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
	f.Fuzz(func(t *testing.T, text string) {
		m, err := mapped.Parse("f.toml", []byte(text))
		if err != nil {
			if list, ok := err.(mapped.Mistakes); !ok || len(list) == 0 { //nolint:errorlint // it is what Parse promises
				t.Fatalf("not Mistakes: %v", err)
			}
			return
		}
		checkFormat(t, mapped.Format{Mapping: m}, fileOf("f", shopBody))
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
