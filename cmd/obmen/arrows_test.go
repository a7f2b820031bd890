package main_test

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "obmen/"

// arrows say what a folder, and all below it, may import of ours. The longest match counts, and every
// folder may import what is below itself unless its arrows say otherwise.
var arrows = map[string][]string{
	"cmd":                  {"cmd", "fetch", "watch", "convert", "templates"},
	"cmd/obmen/journal":    {},
	"cmd/obmen/config":     {"cmd/obmen/journal", "fetch", "watch", "convert"},
	"cmd/obmen/ui":         {"watch", "convert"},
	"cmd/obmen/report":     {"cmd/obmen/ui", "watch", "convert"},
	"cmd/obmen/setup":      {"cmd/obmen/ui", "cmd/obmen/config", "fetch", "watch", "convert", "templates"},
	"cmd/obmen/secrets":    {"cmd/obmen/setup", "cmd/obmen/ui", "cmd/obmen/config"},
	"cmd/obmen/review":     {"cmd/obmen/setup", "cmd/obmen/ui", "cmd/obmen/config", "watch", "convert"},
	"cmd/obmen/fetching":   {"cmd/obmen/setup", "cmd/obmen/ui", "cmd/obmen/config", "fetch", "watch", "convert"},
	"cmd/obmen/converting": {"cmd/obmen/report", "cmd/obmen/setup", "cmd/obmen/ui", "cmd/obmen/config", "watch", "convert", "templates"},
	"cmd/obmen/serving": {
		"cmd/obmen/fetching", "cmd/obmen/converting", "cmd/obmen/secrets", "cmd/obmen/report", "cmd/obmen/setup", "cmd/obmen/ui", "cmd/obmen/config", "cmd/obmen/journal",
		"fetch", "watch", "convert", "templates",
	},
	"watch":                   {"watch", "convert"},
	"watch/desk/words":        {},
	"watch/desk/roles":        {},
	"watch/service":           {},
	"watch/notify":            {},
	"watch/drop":              {},
	"watch/httpdoor":          {},
	"watch/ledger":            {"watch/ledger/postgres", "watch/drop", "convert/document", "convert/money"},
	"watch/ledger/postgres":   {"watch/ledger/postgres"},
	"watch/site/cml":          {},
	"convert":                 {"convert"},
	"convert/document":        {"convert/money"},
	"convert/layout":          {"convert/layout", "convert/document", "convert/money"},
	"convert/source":          {"convert/source", "convert/order", "convert/money", "convert/parallel"},
	"convert/source/input":    {"convert/order", "convert/money"},
	"convert/source/jsontree": {"convert/source/input", "convert/order", "convert/money"},
	"convert/source/flatfile": {"convert/source/input", "convert/order", "convert/money"},
	"convert/source/xmltoken": {"convert/source/input"},
	"convert/catalog":         {"convert/catalog", "convert/money", "convert/parallel"},
	"convert/order":           {"convert/money"},
	"convert/money":           {},
	"convert/parallel":        {},
	"fetch":                   {"fetch"},
	"templates":               {},
	"templates/readers":       {"convert/money"},
}

// impure are imports that convert and what is below it do without: the same input gives the same bytes,
// on every machine and at any time.
var impure = []string{"net", "os", "log", "database", "syscall", "math/rand", "crypto/rand", "golang.org/x/sys"}

// clock are the names of package time that ask the machine.
var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep", "Local"}

// entries are what may lie at the top of the tree; the folders of .gitignore are never looked at.
var entries = []string{
	"cmd", "convert", "watch", "fetch", "templates", "samples", ".ci", ".git", ".gitignore", ".gitattributes",
	"Makefile", "LICENSE", "README.md", "README.ru.md", "DEPENDENCIES.md", "go.mod", "go.sum",
}

var ignored = []string{"bin", "dist", "out", "run"}

func TestTree(t *testing.T) {
	root := os.DirFS("../..")
	for _, wrong := range checkTree(t, root) {
		t.Error(wrong)
	}
}

// The check itself finds what it is there to find.
func TestTreeCheck(t *testing.T) {
	for name, tt := range map[string]struct{ file, code, want string }{
		"fetch knows convert":       {"fetch/a.go", `import _ "obmen/convert/order"`, "may not import obmen/convert/order"},
		"drop is a leaf":            {"watch/drop/a.go", `import _ "obmen/convert/money"`, "may not import"},
		"source knows no catalog":   {"convert/source/a.go", `import _ "obmen/convert/catalog"`, "may not import"},
		"order knows no source":     {"convert/order/a.go", `import _ "obmen/convert/source"`, "may not import"},
		"convert knows no watch":    {"convert/a.go", `import _ "obmen/watch/drop"`, "may not import"},
		"a folder without arrows":   {"tools/a.go", ``, "no arrows"},
		"also on Windows":           {"watch/drop/a_windows.go", `import _ "obmen/convert"`, "may not import"},
		"convert opens no file":     {"convert/catalog/a.go", `import _ "os"`, "imports os"},
		"convert asks no network":   {"convert/a.go", `import _ "net/http"`, "imports net/http"},
		"convert logs nothing":      {"convert/a.go", `import _ "log/slog"`, "imports log/slog"},
		"convert has no clock":      {"convert/layout/a.go", "import \"time\"\nvar t = time.Now()", "time.Now"},
		"convert has no clock, too": {"convert/layout/a.go", "import clock \"time\"\nvar t = clock.Local", "time.Local"},
		"only config has settings":  {"watch/a.go", "import \"os\"\nvar e = os.Getenv(\"A\")", "os.Getenv"},
		"packages do not print":     {"fetch/a.go", "import \"fmt\"\nfunc f() { fmt.Println() }", "fmt.Println"},
		"packages do not exit":      {"watch/a.go", "import \"os\"\nfunc f() { os.Exit(1) }", "os.Exit"},
		"nothing else at the top":   {"notes.txt", "", "does not belong"},
		"right in order":            {"convert/order/a.go", `import _ "obmen/convert/money"`, ""},
		"right in cmd":              {"cmd/obmen/a.go", "import _ \"obmen/watch/drop\"\nimport _ \"obmen/convert/order\"", ""},
		"right in config":           {"cmd/obmen/config/a.go", "import \"os\"\nvar e = os.Getenv(\"A\")", ""},
		"right in a test":           {"convert/a_test.go", `import _ "os"`, ""},
		"right in a generator":      {"templates/sheet/a.go", "import _ \"obmen/convert\"", ""},
		"no Go at all":              {"samples/a/input.txt", "import", ""},
	} {
		t.Run(name, func(t *testing.T) {
			code := "package p\n" + tt.code
			if name == "right in a generator" {
				code = "//go:build ignore\n\n" + code
			}
			got := strings.Join(checkTree(t, fstest.MapFS{tt.file: {Data: []byte(code)}}), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// checkTree lists what is wrong in a tree.
func checkTree(t *testing.T, root fs.FS) []string {
	t.Helper()
	var wrong []string
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (slices.Contains(ignored, name) || e.Name() == "testdata" || e.Name() == ".git"):
			return fs.SkipDir
		case !strings.Contains(name, "/") && name != "." && !belongs(name, e.IsDir()):
			wrong = append(wrong, name+": does not belong at the top of the tree")
		}
		if e.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		found, err := checkFile(root, name)
		wrong = append(wrong, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}

// belongs leaves folders that hold Go code to their arrows.
func belongs(name string, dir bool) bool {
	leftover := slices.Contains([]string{".test", ".prof"}, path.Ext(name))
	return slices.Contains(entries, name) || !dir && leftover
}

func checkFile(root fs.FS, name string) ([]string, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if generator(file) {
		return nil, nil
	}
	var wrong []string
	for _, what := range append(checkImports(name, file), checkCalls(name, file)...) {
		wrong = append(wrong, fset.Position(what.at).String()+": "+what.text)
	}
	return wrong, nil
}

type finding struct {
	at   token.Pos
	text string
}

// generator reports whether a file is a program of its own that go build leaves out.
func generator(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, c := range group.List {
			expr, err := constraint.Parse(c.Text)
			if err == nil && !expr.Eval(func(tag string) bool { return tag != "ignore" }) {
				return c.Pos() < file.Package
			}
		}
	}
	return false
}

func checkImports(name string, file *ast.File) []finding {
	allowed, known := arrowsOf(path.Dir(name))
	if !known {
		return []finding{{file.Package, "this folder has no arrows; see ARCHITECTURE's tree"}}
	}
	var wrong []finding
	for _, i := range file.Imports {
		imported, _ := strconv.Unquote(i.Path.Value) // the parser has seen to it
		ours, isOurs := strings.CutPrefix(imported, module)
		switch {
		case isOurs && !slices.ContainsFunc(allowed, func(a string) bool { return isWithin(ours, a) }):
			wrong = append(wrong, finding{i.Pos(), "may not import " + imported})
		case isWithin(name, "convert") && slices.ContainsFunc(impure, func(p string) bool { return isWithin(imported, p) }):
			wrong = append(wrong, finding{i.Pos(), "imports " + imported + ", and convert is pure"})
		case imported == "log" && !isWithin(name, "cmd"):
			wrong = append(wrong, finding{i.Pos(), "imports log, which is one for the whole program"})
		}
	}
	return wrong
}

func arrowsOf(dir string) (allowed []string, known bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		if allowed, known = arrows[d]; known {
			return allowed, true
		}
	}
	return nil, false
}

func isWithin(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

// checkCalls finds uses of the standard library that belong in one place only.
func checkCalls(name string, file *ast.File) []finding {
	var wrong []finding
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok {
			if pkg := importOf(file, x.Name); misplaced(name, pkg, sel.Sel.Name) {
				wrong = append(wrong, finding{sel.Pos(), pkg + "." + sel.Sel.Name + " does not belong here"})
			}
		}
		return true
	})
	return wrong
}

// misplaced reports whether a file may not use a name of the standard library.
func misplaced(file, pkg, name string) bool {
	main := isWithin(file, "cmd") && path.Base(file) == "main.go"
	switch {
	case pkg == "time" && isWithin(file, "convert"):
		return slices.Contains(clock, name)
	case pkg == "fmt":
		return slices.Contains([]string{"Print", "Printf", "Println"}, name)
	case pkg == "os" && name == "Exit":
		return !main
	case pkg == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, name):
		return !main && !isWithin(file, "cmd/obmen/config")
	}
	return false
}

// importOf is the standard library's package behind a name, "" when it is none that is looked at.
func importOf(file *ast.File, name string) string {
	for _, i := range file.Imports {
		imported, _ := strconv.Unquote(i.Path.Value)
		local := imported
		if i.Name != nil {
			local = i.Name.Name
		}
		if local == name && !strings.Contains(imported, "/") {
			return imported
		}
	}
	return ""
}
