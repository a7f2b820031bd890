package converting

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xuri/excelize/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/convert/layout/sheet"
	"obmen/convert/layout/tmpl"
	"obmen/watch/desk"
)

func templateCheck(s ui.Streams) *cli.Command {
	const description = "DIR is a layout's folder, or the folder of all your templates. Settings of the layouts are those of\nobmen.toml. Every mistake is named with its file, line or cell, and what to do."
	return templateBelow("check", "DIR", "find every mistake in templates", description, 1, nil, func(c *cli.Context) error {
		cfg, err := config.Load(c.Path("config"))
		if err != nil {
			return err
		}
		dir := c.Args().First()
		list, err := templatesOf(dir)
		if err != nil {
			return err
		}
		for _, name := range foldersWithoutTemplates(dir, list) {
			s.PrintPhrase(s.Err, "note: %s has neither document.xml nor sheet.xlsx: it is no layout\n", name)
		}
		return checkTemplates(list, cfg, s)
	})
}

// foldersWithoutTemplates lists the folders beside layouts that are none.
func foldersWithoutTemplates(dir string, list []template) (names []string) {
	if len(list) == 1 && list[0].own != dir { // dir is the layout
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.ContainsFunc(list, func(t template) bool { return t.name == e.Name() }) {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	return names
}

func checkTemplates(list []template, cfg *config.Config, s ui.Streams) error {
	var found tmpl.Mistakes
	for _, t := range list {
		l, err := t.compileAll(cfg.Layout[t.name])
		var m tmpl.Mistakes
		switch {
		case errors.As(err, &m):
			errors.As(desk.LocateMistakes(m, t.own), &m)
			found = append(found, m...)
		case err != nil:
			return err
		default:
			s.PrintPhrase(s.Err, "%s is good: it writes %s, %s\n", t.name, kindsOf(l), l.Hash()[:desk.HashShown])
			for _, name := range unknownConstants(l, cfg) {
				s.PrintPhrase(s.Err, "note: %s\n", noteUnknownConstant(l, name, cfg))
			}
			for _, n := range TargetNotes(l, cfg, catalog.Empty()) {
				s.Note("report.note", "Text", n)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return ui.InSettings(found)
}

// compileAll compiles a layout as it is used; where that is good, also its workbooks in other languages, and
// under each value of each setting that its templates decide by: a branch that is not taken today may be tomorrow.
func (t *template) compileAll(settings map[string]string) (*layout.Layout, error) {
	l, err := layout.Compile(t.fsys, t.name, settings)
	if err != nil {
		return l, err
	}
	choices := l.Choices()
	choices["language"] = t.languages()
	for _, key := range slices.Sorted(maps.Keys(choices)) {
		for _, value := range choices[key] {
			other := map[string]string{}
			maps.Copy(other, settings)
			other[key] = value
			if _, err := layout.Compile(t.fsys, t.name, other); err != nil {
				return l, underSetting(err, key, value)
			}
		}
	}
	return l, nil
}

// underSetting adds to each mistake the setting that shows it.
func underSetting(err error, key, value string) error {
	var found tmpl.Mistakes
	if key == "language" || !errors.As(err, &found) { // another language is another file, which the mistake names
		return err
	}
	found = slices.Clone(found)
	for i := range found {
		found[i].Text += fmt.Sprintf(" (with the setting %s = %q)", key, value)
	}
	return found
}

// languages are those of the workbooks beside sheet.xlsx: each is checked, whichever is in use.
func (t *template) languages() (list []string) {
	for _, file := range t.files() {
		if language, ok := strings.CutPrefix(strings.TrimSuffix(file, ".xlsx"), "sheet."); ok && file != "sheet.xlsx" {
			list = append(list, language)
		}
	}
	return list
}

func kindsOf(l *layout.Layout) (kinds string) {
	for i, p := range l.Parts() {
		if i > 0 {
			kinds += " and "
		}
		kinds += p.Ext()
	}
	return kinds
}

// showWorkbook prints the columns of a workbook template, one a line: header and placeholder.
func showWorkbook(w io.Writer, name string, data []byte) error {
	columns, err := sheet.Columns(data)
	if err != nil {
		return ui.InSettings(ui.WithHint(fmt.Errorf("%s: %w", name, err), "save it as an Excel workbook (.xlsx) without a password"))
	}
	fmt.Fprintf(w, "%s\n", name)
	for i, c := range columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%-3s %-28s %s\n", letter, c.Header, c.Placeholder)
	}
	return nil
}
