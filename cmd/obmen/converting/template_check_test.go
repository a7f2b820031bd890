package converting

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
)

// A workbook's mistake is named with its cell, in whichever language the workbook is.
func TestCheckReadsEveryWorkbook(t *testing.T) {
	dir := t.TempDir()
	all := allTemplates(config.Defaults())
	i := slices.IndexFunc(all, func(t template) bool { return t.name == "sheet" })
	if err := all[i].copyTo(dir, "sheet", nil, config.Defaults(), ui.Streams{Err: io.Discard}); err != nil {
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
	err = checkTemplates(list, config.Defaults(), ui.Streams{Err: &words})
	ui.Streams{Err: &words}.PrintError(err)
	if want := path + ":B2: Document has no field \"Dat\"\n  hint: did you mean .Date?\n"; !errors.As(err, new(ui.SettingsError)) || words.String() != want {
		t.Errorf("%T, %q, want %q", err, words.String(), want)
	}
}
