package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
)

func checkCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "check configuration, folders, catalogs and layouts; name every problem",
		Flags: []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			return runCheck(c.Path("config"), s)
		},
	}
}

// runCheck looks at everything before it gives up, so that one run shows all there is to mend.
func runCheck(path string, s streams) error {
	cfg, err := loadSetUp(path)
	if err != nil {
		return err
	}
	bad := 0
	problem := func(err error) {
		if err != nil {
			bad++
			printError(s.Err, err)
		}
	}
	for _, err := range checkFolders(cfg.Folders) {
		problem(err)
	}
	cat, err := loadCatalogs(cfg.Folders.Catalogs)
	problem(err)
	for _, name := range cfg.Layouts {
		_, err := loadLayouts(cfg, []string{name})
		problem(err)
	}
	if bad > 0 {
		return settingsError{hinted{fmt.Errorf("%s with problems", plural(bad, "part", "parts")), "mend what is named above and check again"}}
	}
	for _, n := range catalogNotes(cat) {
		fmt.Fprintln(s.Err, "note: "+n)
	}
	products, customers := cat.Len()
	fmt.Fprintf(s.Err, "%s is good: %s, %s, layouts %s\n", cfg.Path, plural(products, "product", "products"),
		plural(customers, "customer", "customers"), strings.Join(cfg.Layouts, ", "))
	return nil
}

// checkFolders looks whether every folder is there, may be written to, and is none of the others.
func checkFolders(f config.Folders) (errs []error) {
	all := []struct{ name, path string }{
		{"inbox", f.Inbox},
		{"outbox", f.Outbox},
		{"archive", f.Archive},
		{"quarantine", f.Quarantine},
		{"catalogs", f.Catalogs},
		{"ack", f.Ack},
		{"state", f.State},
	}
	for i, a := range all {
		if err := checkFolder(a.name, a.path); err != nil {
			errs = append(errs, err)
		}
		for _, b := range all[:i] {
			if within(a.path, b.path) || within(b.path, a.path) {
				errs = append(errs, settingsError{hinted{
					fmt.Errorf("folders %s (%s) and %s (%s): one is inside the other", b.name, b.path, a.name, a.path),
					"give each folder a place of its own, or files would go round in circles",
				}})
			}
		}
	}
	return errs
}

func checkFolder(name, path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return settingsError{hinted{fmt.Errorf("folder %s: %w", name, err), "make the folder, or mount the share that holds it"}}
	case !info.IsDir():
		return settingsError{hinted{fmt.Errorf("folder %s: %s is a file", name, path), "name a folder"}}
	}
	probe, err := os.CreateTemp(path, ".obmen-probe-")
	if err != nil {
		return settingsError{hinted{fmt.Errorf("folder %s: %w", name, err), "give the account that runs obmen the right to write there"}}
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// within says whether a is b or lies below it.
func within(a, b string) bool {
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
