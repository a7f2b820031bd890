package serving

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/ledger"
)

// canStart says why watching cannot begin. Where there are several routes, one whose folders are not
// there waits for them and the others work.
func canStart(cfg *config.Config) error {
	if len(cfg.Routes()) == 1 {
		return firstError(checkFolders(cfg))
	}
	for _, p := range cfg.Places() {
		if p.Route == "" {
			if err := checkFolder(p.String(), p.Path); err != nil {
				return err
			}
		}
	}
	return firstError(checkClashes(cfg))
}

// checkFolders looks whether every folder is there, may be written to, and is none of the others.
func checkFolders(cfg *config.Config) (errs []error) {
	seen := map[string]bool{} // routes may share folders
	for _, p := range cfg.Places() {
		if seen[p.Path] {
			continue
		}
		seen[p.Path] = true
		if err := checkFolder(p.String(), p.Path); err != nil {
			errs = append(errs, err)
		}
	}
	if err := checkLedger(cfg); err != nil {
		errs = append(errs, ui.InSettings(err))
	}
	return append(errs, checkClashes(cfg)...)
}

// checkLedger looks whether the ledger can lie where it is to.
func checkLedger(cfg *config.Config) error {
	if cfg.Ledger.Address == "" {
		return ledger.CheckVolume(cfg.Folders.State, ledger.Options{})
	}
	password, err := setup.LedgerPassword(cfg)
	if err != nil {
		return err
	}
	return ledger.LookAtServer(context.Background(), cfg.Ledger.Address, password)
}

// checkClashes looks whether folders are one and the same or lie inside each other, whatever links lead
// to them.
func checkClashes(cfg *config.Config) (errs []error) {
	places := cfg.Places()
	for i, p := range places {
		if real, err := filepath.EvalSymlinks(p.Path); err == nil {
			places[i].Path = real
		}
	}
	for _, c := range config.Clashes(places) {
		errs = append(errs, ui.InSettings(ui.WithHint(fmt.Errorf("folders %s (%s) and %s (%s): one is inside the other", c[0], c[0].Path, c[1], c[1].Path),
			"give each folder a place of its own, or files would go round in circles")))
	}
	return errs
}

func firstError(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return errs[0]
}

func checkFolder(name, path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return ui.InSettings(ui.WithHint(fmt.Errorf("folder %s: %w", name, err), "make the folder, or mount the share that holds it"))
	case !info.IsDir():
		return ui.InSettings(ui.WithHint(fmt.Errorf("folder %s: %s is a file", name, path), "name a folder"))
	}
	for _, old := range findProbes(path) { // of a program that was killed; another one may remove its own meanwhile
		_ = os.Remove(old)
	}
	probe, err := os.CreateTemp(path, probeName)
	if err != nil {
		return ui.InSettings(ui.WithHint(fmt.Errorf("folder %s: %w", name, err), "give the account that runs obmen the right to write there"))
	}
	probe.Close()
	if err := os.Remove(probe.Name()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func findProbes(dir string) []string {
	entries, _ := os.ReadDir(dir) // what cannot be read has nothing to clean
	var list []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), probeName) && e.Type().IsRegular() {
			list = append(list, filepath.Join(dir, e.Name()))
		}
	}
	return list
}
