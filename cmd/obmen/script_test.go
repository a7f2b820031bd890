package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// noPage keeps the watchers of tests that run side by side from wanting one port for their pages.
const noPage = "OBMEN_WEB"

func TestMain(m *testing.M) {
	if os.Getenv(noPage) == "" { // a script may have asked for a page, and the program of scripts is this one
		os.Setenv(noPage, "off")
	}
	testscript.Main(tidy{m}, map[string]func(){"obmen": main})
}

// testDir is a folder for what several tests use.
var testDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "obmen-test-") })

// tidy removes testDir after the tests.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	code := m.M.Run()
	if dir, err := testDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
	return code
}

// The scripts are the specification of the command line.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "binary": binary, "grepany": grepany, "waitfor": waitfor, "fakehook": fakehook, "appendhook": appendhook, "waitset": waitset, "refuse": refuse, "appendfile": appendfile, "fillbook": fillbook, "bookhas": bookhas, "waitglob": waitglob, "freeport": freeport, "bucketfate": bucketfate, "buckethas": buckethas, "bucketspoil": bucketspoil},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Setenv(noPage, os.Getenv(noPage))
			return nil
		},
	})
}

// exits CODE COMMAND ARG… runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// binary NAME makes a file that is no text.
func binary(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte{0, 1, 2, 0, 255, 254, 0}, 0o666))
}

// [!] grepany REGEXP GLOB looks for a line in the files that the pattern names; there must be one.
func grepany(ts *testscript.TestScript, neg bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(paths) == 0 {
		ts.Fatalf("no file is called %s", args[1])
	}
	found := false
	for _, path := range paths {
		found = found || regexp.MustCompile("(?m)"+args[0]).MatchString(ts.ReadFile(path))
	}
	if found == neg {
		ts.Fatalf("%q in %s: found %v", args[0], args[1], found)
	}
}

// waitfor FILE TEXT waits until a file that another program writes has the text; \n in it is a line break.
func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE TEXT")
	}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(text), strings.ReplaceAll(args[1], `\n`, "\n")) {
			return
		}
	}
	ts.Fatalf("%s never had %q", args[0], args[1])
}

// fillbook WORKBOOK SKU PRODUCT writes a product into the row of a marketplace's SKU, as a person does in Excel.
func fillbook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fillbook WORKBOOK SKU PRODUCT")
	}
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	name := f.GetSheetName(0)
	rows, err := f.GetRows(name)
	ts.Check(err)
	sku, product := -1, -1
	for r, cells := range rows {
		for c, text := range cells {
			switch {
			case text == "Marketplace's SKU":
				sku = c
			case text == "Product in 1C (fill in)":
				product = c
			case c == sku && text == args[1]:
				at, err := excelize.CoordinatesToCellName(product+1, r+1)
				ts.Check(err)
				ts.Check(f.SetCellStr(name, at, args[2]))
				ts.Check(f.Save())
				return
			}
		}
	}
	ts.Fatalf("%s has no row of %s", args[0], args[1])
}

// [!] bookhas WORKBOOK TEXT looks for a cell that contains the text.
func bookhas(ts *testscript.TestScript, neg bool, args []string) {
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	found := false
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		ts.Check(err)
		for _, cells := range rows {
			found = found || slices.ContainsFunc(cells, func(c string) bool { return strings.Contains(c, args[1]) })
		}
	}
	if found == neg {
		ts.Fatalf("%q in %s: found %v", args[1], args[0], found)
	}
}
