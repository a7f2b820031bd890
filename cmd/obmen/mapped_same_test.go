package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/ui"
)

// shopMappingFile is the native format shop-orders written as a mapping.
const shopMappingFile = "../../convert/source/mapped/testdata/shop-orders.toml"

// The samples of shop orders give the same files, byte for byte, whether Go reads them or a mapping.
func TestMappedShopOrdersGiveTheSameFiles(t *testing.T) {
	mapping, err := os.ReadFile(shopMappingFile)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob(filepath.Join(samplesDir, "shop-orders", "*", "input"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, input := range cases {
		dir := filepath.Dir(input)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			settings, err := os.ReadFile(configOf(dir))
			if err != nil {
				t.Fatal(err)
			}
			native, mapped := t.TempDir(), t.TempDir()
			if err := os.Mkdir(filepath.Join(mapped, "sources"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(mapped, "sources", "shop-orders.toml"), mapping, 0o666); err != nil {
				t.Fatal(err)
			}
			want, got := convertBy(t, native, dir, string(settings)), convertBy(t, mapped, dir, string(settings))
			// What is refused is told in other words; it is the same orders.
			if want, got := heldNumbers(want), heldNumbers(got); !slices.Equal(want, got) {
				t.Errorf("held are %q, want %q", got, want)
			}
			delete(want, "held.csv")
			delete(got, "held.csv")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-native +mapped):\n%s", diff)
			}
		})
	}
}

// convertBy converts a sample by the settings in a folder and returns the bytes of all files.
func convertBy(t *testing.T, at, sample, settings string) map[string]string {
	t.Helper()
	layouts := `use = ["commerceml", "sheet", "enterprisedata"]`
	settings = strings.Replace(settings, `use = ["commerceml", "sheet"]`, layouts, 1)
	if !strings.Contains(settings, layouts) {
		settings = "[layouts]\n" + layouts + "\n" + settings
	}
	path := filepath.Join(at, "obmen.toml")
	if err := os.WriteFile(path, []byte(settings), 0o666); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	var words bytes.Buffer
	opt := converting.Options{Files: []string{filepath.Join(sample, "input")}, Out: out, Catalogs: catalogsOf(sample), Config: path}
	err := converting.Run(t.Context(), opt, ui.Streams{Out: &bytes.Buffer{}, Err: &words})
	if code := exitCode(err, ui.Streams{Err: &words}); code != ui.ExitOK && code != ui.ExitHeld {
		t.Fatalf("exit code %d:\n%s", code, &words)
	}
	return readAll(t, out)
}

// heldNumbers are the numbers of the orders in held.csv, or their places where they have none.
func heldNumbers(files map[string]string) (list []string) {
	for line := range strings.Lines(files["held.csv"]) {
		cells := strings.SplitN(line, ";", 4)
		list = append(list, cells[0])
	}
	slices.Sort(list)
	return list
}
