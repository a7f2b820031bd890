package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// DEPENDENCIES.md names every module that is imported, with its version, and none besides; those in the binary
// apart from those that only tests and tools import.
func TestDependenciesAreNamed(t *testing.T) {
	root := os.DirFS("../..")
	mod, list := read(t, root, "go.mod"), read(t, root, "DEPENDENCIES.md")
	binary, tests, found := strings.Cut(list, "\n## In the tests only\n")
	if !found {
		t.Fatal("DEPENDENCIES.md has no part about the tests")
	}
	imported, shipped := modulesImported(t, root), modulesShipped(t, mod)
	for module := range shipped {
		delete(imported, module)
	}
	compareModules(t, "in the binary", modulesNamed(t, binary, mod), shipped)
	compareModules(t, "in the tests only", modulesNamed(t, tests, mod), imported)
}

func compareModules(t *testing.T, where string, named, imported map[string]bool) {
	t.Helper()
	for module := range named {
		if !imported[module] {
			t.Errorf("DEPENDENCIES.md names %s %s, and it is not", module, where)
		}
	}
	for module := range imported {
		if !named[module] {
			t.Errorf("%s is %s and not named there in DEPENDENCIES.md", module, where)
		}
	}
}

// modulesNamed are the modules of a part of DEPENDENCIES.md, whose versions must be those of go.mod.
func modulesNamed(t *testing.T, part, mod string) map[string]bool {
	t.Helper()
	named := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| ((?:\w+\.)+\w+/\S+) \| (\S+) \|`).FindAllStringSubmatch(part, -1) {
		module, version := row[1], row[2]
		named[module] = true
		plain := regexp.MustCompile(regexp.QuoteMeta(module) + ` v(\S+)`).FindStringSubmatch(mod)
		if plain == nil || plain[1] != version && !strings.Contains(plain[1], strings.ReplaceAll(version, "-", "")) {
			t.Errorf("DEPENDENCIES.md names %s %s, go.mod has %q", module, version, plain)
		}
	}
	return named
}

// modulesShipped are the modules that packages of ours in the program import, on any system.
func modulesShipped(t *testing.T, mod string) map[string]bool {
	t.Helper()
	known, found := modulesKnown(mod), map[string]bool{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		cmd := exec.Command("go", "list", "-deps", "-f", `{{if .Module}}{{if .Module.Main}}{{join .Imports "\n"}}{{end}}{{end}}`, ".")
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", system, err)
		}
		for _, imported := range strings.Fields(string(out)) {
			for _, module := range known {
				if isWithin(imported, module) {
					found[module] = true
				}
			}
		}
	}
	return found
}

// modulesKnown are those of go.mod.
func modulesKnown(mod string) (known []string) {
	for _, m := range regexp.MustCompile(`(?m)^\s+(\S+) v\S+`).FindAllStringSubmatch(mod, -1) {
		known = append(known, m[1])
	}
	return known
}

// modulesImported are the modules of go.mod that any file imports, tests and generators included.
func modulesImported(t *testing.T, root fs.FS) map[string]bool {
	t.Helper()
	known := modulesKnown(read(t, root, "go.mod"))
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
