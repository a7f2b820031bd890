package main

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"

	"github.com/xuri/excelize/v2"
)

// A workbook's mistake is named with its cell, in whichever language the workbook is.
func TestCheckReadsEveryWorkbook(t *testing.T) {
	dir := t.TempDir()
	all := allTemplates(config.None())
	i := slices.IndexFunc(all, func(t template) bool { return t.name == "sheet" })
	if err := all[i].copyTo(dir, "sheet", nil, config.None(), ui.Streams{Err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sheet", "sheet.en.xlsx")
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStr(f.GetSheetName(0), "B2", "{{.Dat}}"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Save(), f.Close()); err != nil {
		t.Fatal(err)
	}
	list, err := templatesOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	var words bytes.Buffer
	code := exitCode(checkTemplates(list, config.None(), ui.Streams{Err: &words}), ui.Streams{Err: &words})
	if want := path + ":B2: Document has no field \"Dat\"\n  hint: did you mean .Date?\n"; code != ui.ExitConfig || words.String() != want {
		t.Errorf("exit code %d, %q, want %q", code, words.String(), want)
	}
}
