package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/journal"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
	sourceinput "obmen/convert/source/input"
	"obmen/convert/source/mapped"
	"obmen/fetch/pull"
	"obmen/fetch/spapi"
	"obmen/templates/sample"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres"
	"obmen/watch/outbox"
	"obmen/watch/site/cml"
	"obmen/watch/store"
	"obmen/watch/store/bucket"
)

const anyAdvice = "do this next"

// adviceErrors has one of every exported error type with a hint, by its package's folder and name.
var adviceErrors = map[string]error{
	"cmd/obmen/config.Problem":            config.Problems{{Advice: anyAdvice}},
	"cmd/obmen/config.MissingError":       &config.MissingError{Advice: anyAdvice},
	"cmd/obmen/config.SecretError":        &config.SecretError{Err: os.ErrPermission, Advice: anyAdvice},
	"cmd/obmen/journal.FileError":         &journal.FileError{Path: "obmen.log", Err: os.ErrPermission},
	"convert/catalog.EditError":           &catalog.EditError{Advice: anyAdvice},
	"convert/catalog.Problem":             catalog.Problems{{Advice: anyAdvice}},
	"convert/layout/tmpl.Mistake":         tmpl.Mistakes{{Advice: anyAdvice}},
	"convert/layout/tmpl.SizeError":       &tmpl.SizeError{},
	"convert/layout/tmpl.ValueError":      &tmpl.ValueError{},
	"convert/source/input.FileError":      &sourceinput.FileError{Err: os.ErrPermission, Advice: anyAdvice},
	"convert/source/mapped.Mistake":       mapped.Mistake{Advice: anyAdvice},
	"convert/source/mapped.Mistakes":      mapped.Mistakes{{Advice: anyAdvice}},
	"convert/source/input.RowError":       &sourceinput.RowError{Advice: anyAdvice},
	"fetch/pull.Error":                    &pull.Error{Advice: anyAdvice},
	"fetch/spapi.Error":                   &spapi.Error{Advice: anyAdvice},
	"templates/sample.Error":              &sample.Error{Advice: anyAdvice},
	"watch/folder.Error":                  &folder.Error{Advice: anyAdvice},
	"watch/ledger.NotEmptyError":          &ledger.NotEmptyError{Advice: anyAdvice},
	"watch/ledger/postgres.AddressError":  &postgres.AddressError{Err: os.ErrInvalid},
	"watch/ledger/postgres.NewerError":    &postgres.NewerError{},
	"watch/ledger/postgres.FencedError":   &postgres.FencedError{},
	"watch/ledger/postgres.OthersError":   &postgres.OthersError{},
	"watch.LostLedgerError":               &watch.LostLedgerError{Advice: anyAdvice},
	"watch.RouteError":                    &watch.RouteError{Advice: anyAdvice},
	"watch.HungError":                     &watch.HungError{Advice: anyAdvice},
	"watch/folder.PauseError":             folder.Pause(folder.NoSpace, "paused", anyAdvice),
	"watch/inbox.SideError":               &inbox.SideError{Err: os.ErrPermission, Advice: anyAdvice},
	"watch/store.KeyError":                &store.KeyError{Advice: anyAdvice},
	"watch/store/bucket.AddressError":     &bucket.AddressError{Advice: anyAdvice},
	"watch/store.OutageError":             &store.OutageError{Advice: anyAdvice},
	"convert/document.NumbersUsedUpError": &document.NumbersUsedUpError{Account: "eu"},
	"watch/drop.Error":                    &drop.Error{Err: os.ErrPermission, Advice: anyAdvice},
	"watch/drop.ExistsError":              &drop.ExistsError{Advice: anyAdvice},
	"watch/drop.LockedError":              &drop.LockedError{Advice: anyAdvice},
	"watch/drop.SizeError":                &drop.SizeError{Advice: anyAdvice},
	"watch/drop.PartialError":             &drop.PartialError{Err: os.ErrPermission, Advice: anyAdvice},
	"watch/desk/words.Error":              &words.Error{Next: words.Plain(anyAdvice)},
	"watch/outbox.NumbersError":           &outbox.NumbersError{},
	"watch/site/cml.Error":                &cml.Error{Err: os.ErrPermission},
	"watch/ledger.Error":                  &ledger.Error{Err: os.ErrPermission, Advice: anyAdvice},
	"watch/ledger.DoneError":              &ledger.DoneError{Advice: anyAdvice},
	"watch/ledger.DoubledError":           &ledger.DoubledError{Advice: anyAdvice},
	"watch/ledger.NewerError":             &ledger.NewerError{Advice: anyAdvice},
	"watch/ledger.OutgoingError":          &ledger.OutgoingError{Advice: anyAdvice},
	"watch/ledger.PoisonError":            &ledger.PoisonError{Advice: anyAdvice},
	"watch/ledger.StaleError":             &ledger.StaleError{Advice: anyAdvice},
	"watch/ledger.StateError":             &ledger.StateError{Advice: anyAdvice},
	"watch/ledger.UnknownError":           &ledger.UnknownError{Advice: anyAdvice},
	"watch/ledger.VolumeError":            &ledger.VolumeError{Advice: anyAdvice},
}

// Every exported error type of the module that has a hint, or a field that looks like one, brings it to the
// command line, whatever the error went through on its way.
func TestEveryHintIsPrinted(t *testing.T) {
	for _, name := range errorTypesWithAdvice(t, os.DirFS("../..")) {
		err, known := adviceErrors[name]
		if !known {
			t.Errorf("%s has a hint: add one to this test, so that it is known to reach the command line", name)
			continue
		}
		var out bytes.Buffer
		ui.Streams{Err: &out}.PrintError(fmt.Errorf("orders.json: %w", fmt.Errorf("more: %w", err)))
		if _, hint, found := strings.Cut(out.String(), "  hint: "); !found || strings.TrimSpace(hint) == "" {
			t.Errorf("%s is printed without its hint: %s", name, &out)
		}
	}
}

// errorTypesWithAdvice lists the exported types with an Error method that have a Hint method, or a field
// Hint or Advice without one.
func errorTypesWithAdvice(t *testing.T, root fs.FS) (found []string) {
	t.Helper()
	isError, advises := map[string]bool{}, map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			for typ, method := range methodOf(d) {
				isError[path.Dir(name)+"."+typ] = isError[path.Dir(name)+"."+typ] || method == "Error"
				advises[path.Dir(name)+"."+typ] = advises[path.Dir(name)+"."+typ] || method == "Hint"
			}
			for _, typ := range structsWithAdvice(d) {
				advises[path.Dir(name)+"."+typ] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range advises {
		if advises[name] && isError[name] && ast.IsExported(strings.TrimPrefix(path.Ext(name), ".")) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	if len(found) < 20 {
		t.Fatalf("only %v are found", found)
	}
	return found
}

// methodOf returns the type and the name of a method.
func methodOf(d ast.Decl) map[string]string {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv == nil || len(f.Recv.List) != 1 {
		return nil
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return map[string]string{id.Name: f.Name.Name}
	}
	return nil
}

func structsWithAdvice(d ast.Decl) (names []string) {
	g, ok := d.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, spec := range g.Specs {
		typ, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		if s, ok := typ.Type.(*ast.StructType); ok {
			for _, field := range s.Fields.List {
				for _, id := range field.Names {
					if id.Name == "Hint" || id.Name == "Advice" {
						names = append(names, typ.Name.Name)
					}
				}
			}
		}
	}
	return names
}
