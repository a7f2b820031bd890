package setup

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/templates"
	"obmen/watch/desk"
)

// LoadCatalogs reads a folder of catalogs; "" is a run without any.
func LoadCatalogs(dir string) (*catalog.Snapshot, error) {
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

// gcPercent is how much garbage may gather beside what is in use before it is collected, in percent.
// Most of what is in use are catalogs: a few large texts, which the collector need not look into. So a
// collection is cheap, and five times as many of them cost some percent of the time and save a third
// of the memory.
const gcPercent = 18

// boundMemory is for commands that hold catalogs. Who has set GOGC knows better.
func boundMemory() {
	const usual = 100
	if before := debug.SetGCPercent(gcPercent); before != usual {
		debug.SetGCPercent(before)
	}
}

// TemplatesFor is where the layouts of a configuration come from.
func TemplatesFor(cfg *config.Config) desk.Templates {
	return desk.Templates{Own: cfg.Folders.Templates, BuiltIn: templates.FS, Settings: cfg.Layout, File: cfg.Path}
}

// LoadLayouts compiles the chosen layouts, each once: one's own where the templates folder has it, else
// the built-in.
func LoadLayouts(cfg *config.Config, names []string) ([]*layout.Layout, error) {
	from := TemplatesFor(cfg)
	list, err := from.Load(names)
	return list, InSettings(err)
}

// CheckTemplatesFolder reports a folder of one's own templates that the settings name and that is not there.
func CheckTemplatesFolder(cfg *config.Config) error {
	from := TemplatesFor(cfg)
	return InSettings(from.CheckFolder())
}

// InSettings marks an error as a mistake of the settings; nil, and one that is marked already, stay as they are.
func InSettings(err error) error {
	if err == nil || errors.As(err, new(ui.SettingsError)) {
		return err
	}
	return ui.InSettings(err)
}
