package config

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"

	"obmen/convert/source/mapped"
)

// SourcesFolder is the folder of one's own mappings that is looked for beside obmen.toml.
const SourcesFolder = "sources"

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// OwnSources compiles one's own mappings. The error is Problems, one for each mistake.
func (c *Config) OwnSources() ([]*mapped.Mapping, error) {
	if c.Folders.Sources == "" {
		return nil, nil
	}
	if !isFolder(c.Folders.Sources) {
		return nil, Problems{{
			File: c.Folders.Sources, Text: "there is no such folder of sources",
			Advice: "correct sources in " + c.Path + ", or leave it out; `obmen source copy` makes the folder",
		}}
	}
	list, err := mapped.Load(os.DirFS(c.Folders.Sources), c.Folders.Sources)
	var mistakes mapped.Mistakes
	if !errors.As(err, &mistakes) {
		return list, err
	}
	return nil, MappingProblems(mistakes)
}

// MappingProblems are the mistakes of mappings as problems of the settings.
func MappingProblems(mistakes mapped.Mistakes) (problems Problems) {
	for _, m := range mistakes {
		problems = append(problems, Problem{File: m.Place(), Text: m.Text, Advice: m.Advice})
	}
	return problems
}

// SourcesDir is the folder of one's own mappings, also where there is none yet.
func (c *Config) SourcesDir() string {
	return cmp.Or(c.Folders.Sources, filepath.Join(filepath.Dir(c.Path), SourcesFolder))
}

// loadSources takes one's own mappings into the options.
func (c *Config) loadSources() error {
	own, err := c.OwnSources()
	if err != nil {
		return err
	}
	set := mapped.NewSet(own...)
	c.Options.Sources, c.Mappings = set, set
	return c.joinPulls(set)
}
