package spapi_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Amazon's models, Prism and Amazon's own client were written by others. They are found or the test is
// skipped; with CI=true nothing may be skipped.

// skip leaves a test out, except where everything must run.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// shared is a file of the test data that lies beside the checkout, or in the folder that OBMEN_SHARED names.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("OBMEN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		dir = filepath.Join(dir, "data")
	}
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		skip(t, "no shared test data: "+err.Error()+"; set OBMEN_SHARED to its folder")
	}
	return text
}

// node finds the program.
func node(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		skip(t, "node is missing: install nodejs (Debian), or run make test, which does")
	}
	return path
}

// npm finds the folder of a package that .ci/tools has put outside the tree.
func npm(t *testing.T, folder, name, version string) string {
	t.Helper()
	cache := os.Getenv("OBMEN_TEST_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(home, ".cache", "obmen-test")
		if xdg := os.Getenv("XDG_CACHE_HOME"); xdg != "" {
			cache = filepath.Join(xdg, "obmen-test")
		}
	}
	dir := filepath.Join(cache, folder, "node_modules", filepath.FromSlash(name))
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	var pkg struct{ Version string }
	if err != nil || json.Unmarshal(text, &pkg) != nil || pkg.Version != version {
		skip(t, "no "+name+" "+version+" in "+dir+": make test installs it there")
	}
	return dir
}
