package layout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/templates"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func compile(t testing.TB, fsys fs.FS, name string, settings map[string]string) *layout.Layout {
	t.Helper()
	l, err := layout.Compile(fsys, name, settings)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ours is the one file that a layout of the program writes.
func ours(t testing.TB, name string, settings map[string]string, b document.Batch) ([]byte, tmpl.Report) {
	t.Helper()
	return write(t, compile(t, templates.FS, name, settings), b)
}

func write(t testing.TB, l *layout.Layout, b document.Batch) ([]byte, tmpl.Report) {
	t.Helper()
	parts := l.Parts()
	if len(parts) != 1 {
		t.Fatalf("%d parts", len(parts))
	}
	var out bytes.Buffer
	report, err := parts[0].Write(context.Background(), &out, b)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), report
}

// folder is a layout of one XML template.
func compiler(document string) fs.FS {
	return fstest.MapFS{"x/document.xml": {Data: []byte(document)}}
}

// render writes a batch by an XML template.
func render(t testing.TB, document string, b document.Batch) string {
	t.Helper()
	out, _ := write(t, compile(t, compiler(document), "x", nil), b)
	return string(out)
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// absent skips a test for something that this machine lacks, and fails it where all must be there.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed and not there", what)
	}
	t.Skipf("skipped: %s is not there", what)
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		absent(t, name)
	}
	return path
}

// shared finds a folder of the shared test data: OBMEN_SHARED, or ../shared beside the checkout.
func shared(t *testing.T, folder string) string {
	t.Helper()
	root := os.Getenv("OBMEN_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for !exists(filepath.Join(dir, "go.mod")) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared")
	}
	path := filepath.Join(root, "data", folder)
	if !exists(path) {
		absent(t, path)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// openpyxl reads a workbook's cells by the Python library of that name: rows of [value, type,
// number format].
func openpyxl(t *testing.T, file string) [][][]any {
	t.Helper()
	const script = `
import sys, json
try:
    import openpyxl
except ImportError:
    sys.exit(77)
ws = openpyxl.load_workbook(sys.argv[1]).worksheets
assert len(ws) == 1
json.dump([[[str(c.value) if c.value is not None else "", c.data_type, c.number_format] for c in row] for row in ws[0].iter_rows()], sys.stdout)
`
	out, err := exec.Command(tool(t, "/usr/bin/python3"), "-c", script, file).Output()
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 77 {
		absent(t, "python3-openpyxl")
	}
	if err != nil {
		t.Fatal(err)
	}
	var rows [][][]any
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// parse holds a file to be well-formed by an independent reader.
func parse(t testing.TB, file []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in\n%q", err, file)
		}
	}
}
