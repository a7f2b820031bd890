package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/watch/desk/words"
)

func initCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "make a folder to work in: obmen.toml, inbox, outbox and the rest",
		ArgsUsage: "DIR",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Usage("obmen init exchange", "name one folder")
			}
			return runInit(c.Args().First(), s)
		},
	}
}

// workFolders are the folders that a new obmen.toml names.
var workFolders = []string{"inbox", "outbox", "archive", "quarantine", "catalogs", "ack", "state"}

// runInit makes what is missing and leaves what is there: a second run never changes a user's file.
func runInit(dir string, s ui.Streams) error {
	for _, name := range workFolders {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			return ui.WithHint(err, "choose a folder that you may write to")
		}
	}
	files := []newFile{{config.FileName, exampleIn(s.Words().Language)}}
	for _, f := range catalog.Columns() {
		files = append(files, catalogFiles(f)...)
	}
	for _, f := range files {
		made, err := f.create(dir)
		if err != nil {
			return ui.WithHint(err, "choose a folder that you may write to")
		}
		if !made {
			s.PrintPhrase(s.Err, "%s was there already and stays as it is\n", f.name)
		}
	}
	s.PrintPhrase(s.Err, "%s is ready.\nnext: fill %s, then run  %s\n",
		dir, filepath.Join(dir, "catalogs", "products.csv"), config.Command(filepath.Join(dir, config.FileName), "check"))
	return nil
}

// exampleIn is the example of the settings for who speaks a language: the watcher may run as a service, whose own
// language is another.
func exampleIn(language string) string {
	if language == words.English {
		return string(config.Example)
	}
	return strings.Replace(string(config.Example), `# language = "en" `, fmt.Sprintf("language = %q   ", language), 1)
}

// catalogFiles are a catalog's file with its header and the example beside it, which is never loaded.
func catalogFiles(f catalog.FileColumns) []newFile {
	name := filepath.Join("catalogs", f.File)
	example := strings.TrimSuffix(name, ".csv") + ".example.csv"
	return []newFile{
		{name, "\ufeff" + f.Header() + "\r\n"},
		{example, "\ufeff" + f.Header() + "\r\n" + exampleRows[f.File]},
	}
}

// newFile is a file that is made once.
type newFile struct{ name, text string }

func (f newFile) create(dir string) (made bool, err error) {
	w, err := os.OpenFile(filepath.Join(dir, f.name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := w.WriteString(f.text); err != nil {
		w.Close()
		return false, err
	}
	return true, w.Close()
}

// exampleRows show what a catalog's lines look like; all of it is invented.
var exampleRows = map[string]string{
	catalog.ProductsFile: "AB-100;0f6f2b1e-5a3c-4b8e-9a51-3c1d2e4f5a60;;00-00000101;Кружка «Утро»;шт;20;4600000000017;goods;;\r\n" +
		"ORDER_DELIVERY;;;00-00000900;Доставка;шт;20;;service;;\r\n",
	catalog.SKUsFile:      "MUG-2PACK;DE;AB-100;2;\r\n",
	catalog.CustomersFile: ";000000001;Розничный покупатель Amazon;;;;;\r\n;000000002;Иван Петров;Иван;ivan@example.com;;;RU\r\n",
	catalog.BuyersFile:    "DE;;b2c;;000000001\r\n",
	catalog.VATFile:       "DE;;19;\r\nDE;books;7;\r\n",
	catalog.RatesFile:     "2026-11-01;EUR;90.5;1\r\n",
}
