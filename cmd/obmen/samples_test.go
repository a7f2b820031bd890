package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/ui"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

var update = flag.Bool("update", false, "write the samples' expected files anew")

// samplesDir holds a folder for each source format with a folder for each case: input/, expected/ and,
// where the common ones do not fit, catalogs/ and obmen.toml.
const samplesDir = "../../samples"

// Every sample gives exactly the files that lie in its expected folder: the XML byte for byte, the
// workbook's cells as text, the held orders, and the words for people.
func TestSamples(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "input"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, input := range cases {
		dir := filepath.Dir(input)
		name, _ := filepath.Rel(samplesDir, dir)
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			got := convertSample(t, dir)
			expected := filepath.Join(dir, "expected")
			if *update {
				writeAll(t, expected, got)
				return
			}
			if diff := cmp.Diff(readAll(t, expected), got); diff != "" {
				t.Errorf("differs from %s (-want +got):\n%s", expected, diff)
			}
		})
	}
}

// convertSample runs a sample as its user would and gives the result files as texts.
func convertSample(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := t.TempDir()
	opt := converting.Options{Files: []string{filepath.Join(dir, "input")}, Out: out, Catalogs: catalogsOf(dir), Config: configOf(dir)}
	var words bytes.Buffer
	err := converting.Run(context.Background(), opt, ui.Streams{Out: &bytes.Buffer{}, Err: &words})
	if code := exitCode(err, ui.Streams{Err: &words}); code != ui.ExitOK && code != ui.ExitHeld {
		t.Fatalf("exit code %d:\n%s", code, words.String())
	}
	got := readAll(t, out)
	for name := range got {
		if strings.HasSuffix(name, ".xlsx") {
			got[strings.TrimSuffix(name, ".xlsx")+".txt"] = sheetText(t, filepath.Join(out, name))
			delete(got, name)
		}
	}
	plain := strings.NewReplacer(out+string(filepath.Separator), "", filepath.Join(dir, "input")+string(filepath.Separator), "")
	for name, text := range got {
		got[name] = plain.Replace(text)
	}
	got["summary.txt"] = plain.Replace(words.String())
	return got
}

func catalogsOf(dir string) string {
	own := filepath.Join(dir, "catalogs")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return filepath.Join(samplesDir, "catalogs")
}

func configOf(dir string) string {
	own := filepath.Join(dir, "obmen.toml")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return filepath.Join(samplesDir, "obmen.toml")
}

// sheetText prints the cells of a workbook as a person sees them, a line for each row.
func sheetText(t *testing.T, path string) string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			b.WriteString(strings.Join(row, "\t") + "\n")
		}
	}
	return b.String()
}

func readAll(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

func writeAll(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
