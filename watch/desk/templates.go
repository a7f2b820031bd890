package desk

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
)

// Templates are where layouts come from: a folder of one's own, whose layouts win, and the built-in ones.
type Templates struct {
	Own      string // folder; empty for none
	BuiltIn  fs.FS
	Settings map[string]map[string]string // by layout
	File     string                       // of the settings, for messages
}

// CheckFolder reports a folder of one's own that is not there, if the settings name one: without it orders would go
// out by templates that their owner did not choose.
func (t *Templates) CheckFolder() error {
	if t.Own == "" || isFolder(t.Own) {
		return nil
	}
	return tmpl.Mistakes{{
		File: t.Own, Text: "there is no such folder of templates",
		Advice: "correct templates in " + t.File + ", or leave it out to use the built-in layouts; `obmen template copy` makes the folder",
	}}
}

// Load compiles layouts, each once.
func (t *Templates) Load(names []string) ([]*layout.Layout, error) {
	if err := t.CheckFolder(); err != nil {
		return nil, err
	}
	var list []*layout.Layout
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		l, err := t.Compile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// Compile compiles a layout. Mistakes name the files of one's own as their owner finds them.
func (t *Templates) Compile(name string) (*layout.Layout, error) {
	from := t.BuiltIn
	if t.IsOwn(name) {
		from = os.DirFS(t.Own)
	}
	l, err := layout.Compile(from, name, t.Settings[name])
	if err != nil && t.IsOwn(name) {
		err = LocateMistakes(err, t.Own)
	}
	return l, err
}

// IsOwn reports whether the folder of one's own has that layout.
func (t *Templates) IsOwn(name string) bool {
	if t.Own == "" || !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(os.DirFS(t.Own), name)
	return err == nil && info.IsDir()
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// LayoutFiles lists what the engine reads of a layout: document.xml and workbooks.
func LayoutFiles(fsys fs.FS, name string) (list []string) {
	for _, pattern := range []string{"document.xml", "sheet*.xlsx"} {
		found, _ := fs.Glob(fsys, path.Join(name, pattern)) // the pattern is right
		for _, f := range found {
			list = append(list, path.Base(f))
		}
	}
	return list
}

// LocateMistakes puts the folder of templates before the files of mistakes.
func LocateMistakes(err error, own string) error {
	var mistakes tmpl.Mistakes
	if !errors.As(err, &mistakes) {
		return err
	}
	list := slices.Clone(mistakes)
	for i := range list {
		list[i].File = filepath.Join(own, filepath.FromSlash(list[i].File))
	}
	return list
}
