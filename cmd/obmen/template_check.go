package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xuri/excelize/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/layout"
	"obmen/convert/layout/sheet"
	"obmen/convert/layout/tmpl"
	"obmen/watch/desk"
)

func templateCheck(s ui.Streams) *cli.Command {
	const description = "DIR is a layout's folder, or the folder of all your templates. Settings of the layouts are those of\nobmen.toml. Every mistake is named with its file, line or cell, and what to do."
	return templateSub("check", "DIR", "find every mistake in templates", description, 1, nil, func(c *cli.Context) error {
		cfg, err := config.Load(c.Path("config"))
		if err != nil {
			return err
		}
		list, err := templatesOf(c.Args().First())
		if err != nil {
			return err
		}
		return checkTemplates(list, cfg, s)
	})
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
			fmt.Fprintf(s.Err, "%s is good: it writes %s, %s\n", t.name, kindsOf(l), l.Hash()[:desk.HashShown])
			for _, name := range unknownConstants(l, cfg) {
				fmt.Fprintf(s.Err, "note: %s asks for the constant %q, which no account in %s has\n", t.name, name, cfg.Path)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return ui.InSettings(found)
}

// compileAll compiles a layout as it is used, and its workbooks in other languages for their mistakes.
func (t *template) compileAll(settings map[string]string) (*layout.Layout, error) {
	l, err := layout.Compile(t.fsys, t.name, settings)
	for _, language := range t.languages() {
		if err != nil {
			break
		}
		other := maps.Clone(settings)
		if other == nil {
			other = map[string]string{}
		}
		other["language"] = language
		_, err = layout.Compile(t.fsys, t.name, other)
	}
	return l, err
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

// unknownConstants are the constants that a layout asks for and no account has: left out on purpose, or
// misspelt. Without accounts there is nothing to compare with.
func unknownConstants(l *layout.Layout, cfg *config.Config) (names []string) {
	if len(cfg.Options.Accounts) == 0 {
		return nil
	}
	for _, name := range l.Constants() {
		if !slices.ContainsFunc(cfg.Options.Accounts, func(a convert.Account) bool { return a.Constants[name] != "" }) {
			names = append(names, name)
		}
	}
	return names
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
