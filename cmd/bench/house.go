package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// house counts how the code of a module reads: a report, not a gate.
type house struct {
	dir      string
	fset     *token.FileSet
	module   string
	packages []*listedPackage
	exports  map[string]string // export data by import path

	mutual, files int
	pairs         []string // "package: a.go b.go"
}

// listedPackage is what go list says of a package.
type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
	Module                  *struct{ Path string }
}

func houseCommand(set *flag.FlagSet) func(context.Context) error {
	dir := set.String("dir", ".", "the module's folder")
	pairs := set.Bool("pairs", false, "list the pairs of files that use each other")
	return func(context.Context) error { return reportHouse(*dir, *pairs, os.Stdout) }
}

// reportHouse prints the figures of the module in a folder.
func reportHouse(dir string, verbose bool, out io.Writer) error {
	h := &house{dir: dir, fset: token.NewFileSet(), exports: map[string]string{}}
	if err := h.list(); err != nil {
		return err
	}
	for _, p := range h.packages {
		if err := h.countPairs(p); err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
	}
	var t textCount
	if err := t.walk(dir); err != nil {
		return err
	}
	h.print(out, &t)
	if verbose {
		slices.Sort(h.pairs)
		fmt.Fprintln(out, strings.Join(h.pairs, "\n"))
	}
	return nil
}

// list asks the go command for the packages of the module and for everything they import, compiled.
func (h *house) list() error {
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Export,GoFiles,Imports,Module", "-export", "-deps", "./...")
	cmd.Dir, cmd.Stderr = h.dir, os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list in %s: %w", h.dir, err)
	}
	module := exec.Command("go", "list", "-m")
	module.Dir = h.dir
	name, err := module.Output()
	if err != nil {
		return err
	}
	h.module = strings.TrimSpace(string(name))
	for dec := json.NewDecoder(bytes.NewReader(text)); ; {
		p := new(listedPackage)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		h.exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Path == h.module {
			h.packages = append(h.packages, p)
		}
	}
}

// countPairs counts the pairs of files in a package that use definitions of each other, both ways.
func (h *house) countPairs(p *listedPackage) error {
	files, info, err := h.check(p)
	if err != nil {
		return err
	}
	uses := map[[2]string]bool{}
	for i, f := range files {
		from := p.GoFiles[i]
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if o := info.Uses[id]; o != nil && o.Pkg() != nil && o.Pkg().Path() == p.ImportPath && o.Pos().IsValid() {
				uses[[2]string{from, filepath.Base(h.fset.Position(o.Pos()).Filename)}] = true
			}
			return true
		})
	}
	h.files += len(files)
	for pair := range uses {
		if pair[0] < pair[1] && uses[[2]string{pair[1], pair[0]}] {
			h.mutual++
			h.pairs = append(h.pairs, p.ImportPath+": "+pair[0]+" "+pair[1])
		}
	}
	return nil
}

func (h *house) check(p *listedPackage) (files []*ast.File, info *types.Info, err error) {
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(h.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	info = &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(h.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(h.exports[path]) })}
	_, err = conf.Check(p.ImportPath, h.fset, files, info)
	return files, info, err
}

// depth is the longest chain of packages of the module that import each other.
func (h *house) depth() (longest []string) {
	byPath, known := map[string]*listedPackage{}, map[string][]string{}
	for _, p := range h.packages {
		byPath[p.ImportPath] = p
	}
	var chain func(path string) []string
	chain = func(path string) []string {
		if c, ok := known[path]; ok {
			return c
		}
		var deepest []string
		for _, i := range byPath[path].Imports {
			if byPath[i] == nil {
				continue
			}
			if c := chain(i); len(c) > len(deepest) {
				deepest = c
			}
		}
		known[path] = append([]string{path}, deepest...)
		return known[path]
	}
	for path := range byPath {
		if c := chain(path); len(c) > len(longest) || len(c) == len(longest) && strings.Join(c, " ") < strings.Join(longest, " ") {
			longest = c
		}
	}
	return longest
}

// textCount counts what needs no types, in the files of every system.
type textCount struct {
	files, short     int // that are no tests; those of at most shortFile lines
	code, total      int // lines that are no tests: without blank ones and comments, and all
	tests            int // lines
	names, bare      int // of functions that are no tests; those of one lower-case word
	letters          int // in names
	fields           int // of the largest struct
	largest          string
	packages         map[string]int // files that are no tests, by folder
	properties, fuzz int            // tests that call rapid.Check, and fuzz targets
	scripts          int
}

const shortFile = 60

var bareName = regexp.MustCompile(`^[a-z]+$`)

func (t *textCount) walk(dir string) error {
	t.packages = map[string]int{}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"bin", "dist", "out", "run"}, d.Name())) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".txtar" {
			t.scripts++
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder, _ := filepath.Rel(dir, filepath.Dir(path))
		return t.addFile(filepath.ToSlash(folder), d.Name(), text)
	})
}

func (t *textCount) addFile(folder, name string, text []byte) error {
	lines := bytes.Count(text, []byte("\n"))
	if strings.HasSuffix(name, "_test.go") {
		t.tests += lines
		t.properties += bytes.Count(text, []byte("rapid.Check(")) + bytes.Count(text, []byte("rapid.MakeCheck("))
		t.fuzz += bytes.Count(text, []byte("\nfunc Fuzz"))
		return nil
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.files++
	t.packages[folder]++
	t.total += lines
	t.code += codeLines(text)
	if lines <= shortFile {
		t.short++
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			t.addName(n.Name.Name)
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok && s.Fields.NumFields() > t.fields {
				t.fields, t.largest = s.Fields.NumFields(), folder+"."+n.Name.Name
			}
		}
		return true
	})
	return nil
}

func (t *textCount) addName(name string) {
	t.names++
	t.letters += len(name)
	if bareName.MatchString(name) {
		t.bare++
	}
}

// codeLines counts the lines that have more than a comment.
func codeLines(text []byte) int {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	lines := map[int]bool{}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return len(lines)
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue
		}
		first := file.Line(pos)
		for n := range 1 + strings.Count(literal, "\n") {
			lines[first+n] = true
		}
	}
}

func (h *house) print(out io.Writer, t *textCount) {
	row := func(what, format string, args ...any) {
		fmt.Fprintf(out, "%-46s %s\n", what, fmt.Sprintf(format, args...))
	}
	row("pairs of files that use each other, a file", "%.2f (%d of %d files)", float64(h.mutual)/float64(h.files), h.mutual, h.files)
	folders := make([]string, 0, len(t.packages))
	for f := range t.packages {
		folders = append(folders, f)
	}
	slices.SortFunc(folders, func(a, b string) int { return t.packages[b] - t.packages[a] })
	var most []string
	for _, f := range folders[:min(8, len(folders))] {
		most = append(most, fmt.Sprintf("%s %d", f, t.packages[f]))
	}
	row("packages with most files", "%s", strings.Join(most, ", "))
	deepest := h.depth()
	row("import depth", "%d (%s)", len(deepest), strings.Join(deepest, " > "))
	row("names of functions that are one lower-case word", "%.0f %% (%d of %d)", 100*float64(t.bare)/float64(t.names), t.bare, t.names)
	row("mean length of a function's name", "%.1f", float64(t.letters)/float64(t.names))
	row("files of at most 60 lines", "%d of %d", t.short, t.files)
	row("largest struct", "%d fields (%s)", t.fields, t.largest)
	row("lines of code, without tests", "%d, with comments and blank lines %d", t.code, t.total)
	row("lines of tests", "%d; %d properties, %d fuzz targets, %d scripts", t.tests, t.properties, t.fuzz, t.scripts)
}
