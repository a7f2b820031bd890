package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// DEPENDENCIES.md names every module that is imported, with its version, and none besides.
func TestDependenciesAreNamed(t *testing.T) {
	root := os.DirFS("../..")
	imported := modulesImported(t, root)
	mod := read(t, root, "go.mod")
	named := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| ((?:\w+\.)+\w+/\S+) \| (\S+) \|`).FindAllStringSubmatch(read(t, root, "DEPENDENCIES.md"), -1) {
		module, version := row[1], row[2]
		named[module] = true
		if !imported[module] {
			t.Errorf("DEPENDENCIES.md names %s, which nothing imports", module)
		}
		plain := regexp.MustCompile(regexp.QuoteMeta(module) + ` v(\S+)`).FindStringSubmatch(mod)
		if plain == nil || plain[1] != version && !strings.Contains(plain[1], strings.ReplaceAll(version, "-", "")) {
			t.Errorf("DEPENDENCIES.md names %s %s, go.mod has %q", module, version, plain)
		}
	}
	for module := range imported {
		if !named[module] {
			t.Errorf("%s is imported and not named in DEPENDENCIES.md", module)
		}
	}
}

// modulesImported are the modules of go.mod that any file imports, tests and generators included.
func modulesImported(t *testing.T, root fs.FS) map[string]bool {
	t.Helper()
	var known []string
	for _, m := range regexp.MustCompile(`(?m)^\s+(\S+) v\S+`).FindAllStringSubmatch(read(t, root, "go.mod"), -1) {
		known = append(known, m[1])
	}
	found := map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, read(t, root, name), parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			imported, _ := strconv.Unquote(i.Path.Value) // the parser has seen to it
			for _, module := range known {
				if isWithin(imported, module) {
					found[module] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, root fs.FS, name string) string {
	t.Helper()
	text, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
