package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/ui"

	"golang.org/x/sync/errgroup"
)

// What lies behind the conformance tests was written by others: Amazon's sandbox answers, the schemas of
// CommerceML, LibreOffice, openpyxl and commerceml-parser. The programs are found or the test is
// skipped; with CI=true nothing may be skipped.

// skip leaves a test out, except where everything must run.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// shared is a path in the test data that lies beside the checkout, or in the folder that OBMEN_SHARED names.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := sharedPath(t, name)
	if found, err := filepath.Glob(path); err != nil || len(found) == 0 {
		skip(t, "no shared test data at "+path+": set OBMEN_SHARED to its folder")
	}
	return path
}

func sharedPath(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("OBMEN_SHARED")
	if dir == "" {
		dir = filepath.Join(moduleDir(t), "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		dir = filepath.Join(dir, "data")
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// moduleDir is the folder of go.mod.
func moduleDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// packages say what to install for a program that a test wants.
var packages = map[string]string{
	"xmllint": "libxml2-utils",
	"soffice": "libreoffice-calc-nogui",
	"node":    "nodejs",
}

// need finds a program.
func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		skip(t, tool+" is missing: install "+packages[tool]+" (Debian), or run make test, which does")
	}
	return path
}

// openpyxl finds a Python that has it.
func openpyxl(t *testing.T) string {
	t.Helper()
	return pythonWith(t, "openpyxl")
}

// pythonWith finds a Python that has the library.
func pythonWith(t *testing.T, library string) string {
	t.Helper()
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
	}
	if err := exec.Command(python, "-c", "import "+library).Run(); err != nil {
		skip(t, python+" has no "+library+": install python3-"+library+" (Debian), or run make test, which does")
	}
	return python
}

// commercemlParser finds the folder of node modules that holds it.
func commercemlParser(t *testing.T) string {
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
	modules := filepath.Join(cache, "node_modules")
	text, err := os.ReadFile(filepath.Join(modules, "commerceml-parser", "package.json"))
	var pkg struct{ Version string }
	if err != nil || json.Unmarshal(text, &pkg) != nil || pkg.Version != "3.0.3" {
		skip(t, "no commerceml-parser 3.0.3 in "+modules+": make test installs it there")
	}
	return modules
}

// conversion is one call of obmen convert --json.
type conversion struct {
	report.Result
	Dir  string // of the outputs
	Code int
}

// convertAll converts as `obmen convert --json` does.
func convertAll(t *testing.T, opt converting.Options) conversion {
	t.Helper()
	return convertEach(t, []converting.Options{opt})[0]
}

// convertEach makes several conversions side by side.
func convertEach(t *testing.T, list []converting.Options) []conversion {
	t.Helper()
	made := make([]conversion, len(list))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, opt := range list {
		if opt.Out == "" {
			opt.Out = t.TempDir()
		}
		group.Go(func() (err error) {
			made[i], err = convertJSON(opt)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return made
}

func convertJSON(opt converting.Options) (conversion, error) {
	opt.JSON = true
	var out, words bytes.Buffer
	c := conversion{Dir: opt.Out}
	c.Code = exitCode(converting.Run(context.Background(), opt, ui.Streams{Out: &out, Err: &words}), ui.Streams{Err: &words})
	if c.Code != ui.ExitOK && c.Code != ui.ExitHeld {
		return c, fmt.Errorf("exit code %d:\n%s", c.Code, words.String())
	}
	return c, json.Unmarshal(out.Bytes(), &c.Result)
}

// paths lists a conversion's outputs of one kind.
func (c *conversion) paths(ext string) (list []string) {
	for _, out := range c.Outputs {
		if filepath.Ext(out.Path) == ext {
			list = append(list, out.Path)
		}
	}
	return list
}

// createAll is for a run that knows no products and asks for none: a configuration that creates what is
// unknown, and catalogs without an entry.
func createAll(t *testing.T, files ...string) converting.Options {
	t.Helper()
	dir := t.TempDir()
	writeAll(t, filepath.Join(dir, "catalogs"), map[string]string{"products.csv": "sku;name\r\n"})
	config := filepath.Join(dir, "obmen.toml")
	if err := os.WriteFile(config, []byte("[match]\nunknown_product = \"create\"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return converting.Options{Files: files, Catalogs: filepath.Join(dir, "catalogs"), Config: config}
}

// exportPair lets the sandbox's pair of an order and its items go out, whose buyer asked to cancel.
func exportPair(opt converting.Options) converting.Options {
	config, err := os.ReadFile(opt.Config)
	if err == nil {
		err = os.WriteFile(opt.Config, append(config, "[[account]]\nname = \"amazon-us\"\nmarketplaces = [\"US\"]\nbuyer_cancel = \"export\"\n"...), 0o666)
	}
	if err != nil {
		panic(err)
	}
	return opt
}

// glob lists files that must be there.
func glob(t *testing.T, patterns ...string) (list []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		list = append(list, found...)
	}
	return list
}

// samples lists the folders of the samples; that there are any is for TestSamples to see to.
func samples(t *testing.T) (dirs []string) {
	t.Helper()
	inputs, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "input"))
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range inputs {
		dirs = append(dirs, filepath.Dir(input))
	}
	return dirs
}

// everything converts every input, see everyInput: once for all tests, which only look at what it made.
func everything(t *testing.T) []conversion {
	t.Helper()
	converted.once.Do(func() {
		dir, err := testDir()
		if err != nil {
			t.Fatal(err)
		}
		list := everyInput(t)
		for i := range list {
			list[i].Out = filepath.Join(dir, "everything", strconv.Itoa(i))
			if err := os.MkdirAll(list[i].Out, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		converted.list = convertEach(t, list)
	})
	if len(converted.list) == 0 {
		t.Fatal("the conversions that all tests look at have failed")
	}
	return slices.Clone(converted.list)
}

var converted struct {
	once sync.Once
	list []conversion
}

// everyInput is each sample on its own, the hard cases, dinars, and Amazon's sandbox answers where they
// are.
func everyInput(t *testing.T) (list []converting.Options) {
	t.Helper()
	for _, dir := range samples(t) {
		list = append(list, converting.Options{
			Files: []string{filepath.Join(dir, "input")}, Catalogs: catalogsOf(dir), Config: configOf(dir),
		})
	}
	list = append(list, createAll(t, hardCases(t)), createAll(t, orderFile(t, dinarOrders)))
	if _, err := os.Stat(sharedPath(t, "amazon")); err == nil || os.Getenv("CI") == "true" {
		list = append(list, createAll(t, sandbox(t)...))
	}
	return list
}

// sandbox lists Amazon's sandbox answers that bear orders or parts of them.
func sandbox(t *testing.T) []string {
	t.Helper()
	dir := shared(t, "amazon/sandbox")
	return glob(t, filepath.Join(dir, "orders_2026-01-01.*.200.*.json"), filepath.Join(dir, "ordersV0.getOrder*.200.*.json"))
}

// hardCases writes a shop's orders with what programs like to spoil: digits that are no numbers, texts
// that look like formulas, quotes, line ends, scripts of all kinds, a currency without small coins.
func hardCases(t *testing.T) string {
	t.Helper()
	return orderFile(t, strings.ReplaceAll(hardOrders, "LONG", strings.Repeat("длинное имя ", 30)))
}

func orderFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.json")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

const hardOrders = `{"orders":[
{"order_number":"0001234567890","created_at":"2026-11-03T10:15:00Z","currency":"RUB","taxes_included":true,
 "customer":{"first_name":"=SUM(A1:A9)","last_name":"O'Нил \"мл.\" & <сын>","email":"a.b+c@example.com"},
 "line_items":[{"sku":"0007","title":"Чашка; \"синяя\", 0,35 л","quantity":3,"price":"33.33"},
  {"sku":"4006381333931","title":"+7 верёвка\r\nв две строки","quantity":1,"price":"0.01"},
  {"sku":"4.6E+12","title":"-1+1","quantity":2,"price":"1000000.50"},
  {"sku":"1-2","title":"@дата _x0041_","quantity":1,"price":"7"}],
 "shipping_lines":[{"price":"12.90"}]},
{"order_number":"1E5","created_at":"2026-11-04T23:59:59+09:00","currency":"JPY","taxes_included":true,
 "customer":{"first_name":"花子","last_name":"例","email":"hanako@example.com"},
 "line_items":[{"sku":"ТАЗ-№1","title":"急須 – 茶色 ☕ 𠮷","quantity":7,"price":"1429"}]},
{"order_number":"TRUE","created_at":"2026-11-05T00:00:00Z","currency":"CHF","taxes_included":true,
 "customer":null,
 "line_items":[{"sku":"TRUE","title":"LONG","quantity":3,"price":"9.35","total_discount":"0.01"}]},
{"order_number":"2026-11-05","created_at":"2026-11-05T01:00:00Z","currency":"EUR","taxes_included":false,
 "customer":{"first_name":"مريم","last_name":"שרה"},
 "line_items":[{"sku":"1/2","title":"Tab\tund   Leerzeichen ","quantity":3,"price":"3.34","total_discount":"0.02","tax_lines":[{"price":"1.90"}]}]},
{"order_number":"NULL","created_at":"2026-02-29T01:00:00Z","currency":"EUR","line_items":[{"sku":"x","title":"a day that is none","quantity":1,"price":"1"}]}
]}`

// dinarOrders are in a currency of three places: one order needs the third, the other does not.
const dinarOrders = `{"orders":[
{"order_number":"00012","created_at":"2026-11-05T00:00:00Z","currency":"KWD","taxes_included":true,
 "line_items":[{"sku":"DIN","title":"два знака","quantity":3,"price":"0.340"}]},
{"order_number":"00013","created_at":"2026-11-05T00:00:00Z","currency":"KWD","taxes_included":true,
 "line_items":[{"sku":"DIN","title":"три знака","quantity":3,"price":"0.335","total_discount":"0.001"}]}
]}`
