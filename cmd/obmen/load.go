package main

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/templates"
)

// loadCatalogs reads a folder of catalogs; "" is a run without any.
func loadCatalogs(dir string) (*catalog.Snapshot, error) {
	if dir == "" {
		return catalog.Empty(), nil
	}
	boundMemory()
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, ui.InSettings(ui.WithHint(fmt.Errorf("there is no folder of catalogs %s", dir), "name the folder that holds products.csv"))
	}
	cat, err := catalog.Load(os.DirFS(dir))
	if err != nil {
		return nil, ui.InSettings(fmt.Errorf("catalogs in %s: %w", dir, err))
	}
	return cat, nil
}

// loadLayouts compiles the chosen layouts, each once: one's own where the templates folder has it, else
// the built-in.
func loadLayouts(cfg *config.Config, names []string) ([]*layout.Layout, error) {
	if err := templatesFolder(cfg); err != nil {
		return nil, err
	}
	var list []*layout.Layout
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		l, err := layout.Compile(layoutFS(cfg.Folders.Templates, name), name, cfg.Layout[name])
		if err != nil {
			return nil, ui.InSettings(located(err, cfg.Folders.Templates, ownLayout(cfg.Folders.Templates, name)))
		}
		list = append(list, l)
	}
	return list, nil
}

// templatesFolder looks whether the folder of one's own templates is there, if the settings name one:
// without it orders would go out by templates that nobody chose.
func templatesFolder(cfg *config.Config) error {
	own := cfg.Folders.Templates
	if own == "" || existing(own) != "" {
		return nil
	}
	return ui.InSettings(tmpl.Mistakes{{
		File: own, Text: "there is no such folder of templates",
		Advice: "correct templates in " + cfg.Path + ", or leave it out to use the built-in layouts; `obmen template copy` makes the folder",
	}})
}

func layoutFS(own, name string) fs.FS {
	if ownLayout(own, name) {
		return os.DirFS(own)
	}
	return templates.FS
}

// ownLayout says whether the folder of one's own templates has that layout.
func ownLayout(own, name string) bool {
	if own == "" || !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(os.DirFS(own), name)
	return err == nil && info.IsDir()
}
