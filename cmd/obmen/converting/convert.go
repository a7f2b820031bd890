// Package converting has the commands that work without a ledger: convert, and those for the templates of exchange files,
// for mapped sources and for the reader in 1C.
package converting

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/convert/money"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

// heldFile lists the orders that the last run held.
const heldFile = "held.csv"

// Options are what `obmen convert` was asked for.
type Options struct {
	Files    []string
	Catalogs string
	Out      string
	Layouts  []string
	Config   string
	Account  string
	Currency string // of orders whose currency nothing else names
	Charset  string
	Report   string
	JSON     bool
	DryRun   bool
}

// ConvertCommand is obmen convert.
func ConvertCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "convert",
		Usage:     "turn order files into 1C exchange files",
		ArgsUsage: "FILE…",
		Description: "FILE is an order file or a folder of them: Amazon's order reports (as downloaded), JSON of the Selling Partner API, " +
			"order XML, or a shop's order JSON. What a file is, obmen finds out by its content.",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "catalogs", Usage: "`DIR` with products.csv and its companions"},
			&cli.PathFlag{Name: "out", Usage: "`DIR` for the results", Value: "out"},
			&cli.StringSliceFlag{Name: "layout", Usage: "exchange layout `NAME`, may be given again (default: commerceml and sheet)"},
			setup.ConfigFlag(),
			&cli.StringFlag{Name: "account", Usage: "seller account `NAME` of orders that name none"},
			&cli.StringFlag{Name: "currency", Usage: "`CODE` of the currency of orders where neither the file nor the account names one: RUB"},
			&cli.StringFlag{Name: "charset", Usage: "encoding `NAME` of the reports, when obmen takes it for another (Cp1252, windows-31j, …)"},
			&cli.PathFlag{Name: "report", Usage: "also write the workbook `FILE.xlsx` that shows the proof of every order, and what was held"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as one JSON object on stdout"},
			&cli.BoolFlag{Name: "dry-run", Usage: "prove, match and report, write nothing"},
		},
		Action: func(c *cli.Context) error {
			return Run(c.Context, Options{
				Files: c.Args().Slice(), Catalogs: c.Path("catalogs"), Out: c.Path("out"), Layouts: c.StringSlice("layout"),
				Config: c.Path("config"), Account: c.String("account"), Currency: c.String("currency"), Charset: c.String("charset"),
				Report: c.Path("report"), JSON: c.Bool("json"), DryRun: c.Bool("dry-run"),
			}, s)
		},
	}
}

// Run converts files into a folder.
func Run(ctx context.Context, opt Options, s ui.Streams) error {
	if len(opt.Files) == 0 {
		return ui.Usage("name order files or folders: obmen convert orders.txt", "no file was given")
	}
	if slices.Contains(opt.Layouts, "") {
		return ui.Usage("leave --layout out for the layouts of obmen.toml; `obmen template list` names all", "--layout names no layout")
	}
	if err := report.CheckName(opt.Report); err != nil {
		return err
	}
	set, err := loadSettings(&opt)
	if err != nil {
		return err
	}
	ins, left, err := setup.FindInputs(opt.Files, opt.Charset, opt.Out, set.catalogs, set.Path)
	if err != nil {
		return err
	}
	folder, clean, err := outFolder(opt)
	if err != nil {
		return err
	}
	defer clean()
	held := outbox.NewHeldList(folder, s.Words())
	defer held.Close()
	writer := outbox.Writer{Folder: folder, Layouts: set.layouts, Publishing: outbox.Publishing{Discard: opt.DryRun, KeepOrders: opt.JSON || opt.Report != ""}, Held: held}
	numbers, err := openNumbers(set, opt.Out, folder)
	if err != nil {
		return err
	}
	if numbers != nil {
		defer numbers.Close()
		writer.Numbers = numbers
	}
	progress := ui.NewProgress(s.Err, ins)
	done, err := writer.Convert(ctx, progress.Watch(ins), set.cat, set.Options)
	progress.Done()
	if err != nil {
		return ui.WithDiskHint(err)
	}
	for i := range done.Outputs { // a dry run names them where they would be
		done.Outputs[i].Path = filepath.Join(opt.Out, filepath.Base(done.Outputs[i].Path))
	}
	r := report.Report{Result: done, HeldList: held, LeftOut: left, Notes: report.CatalogNotes(set.cat), DryRun: opt.DryRun}
	if numbers != nil && numbers.Begins() && !opt.DryRun {
		r.Notes = append(r.Notes, s.Words().Say("report.numbers-begin", "Number", numbers.First(), "Path", filepath.Join(opt.Out, outbox.NumbersFile)))
	}
	if !opt.DryRun {
		r.HeldAt = filepath.Join(opt.Out, heldFile)
	}
	if opt.Report != "" {
		if err := report.WriteWorkbook(ctx, opt.Report, done); err != nil {
			return err
		}
	}
	if err := r.Write(opt.JSON, s); err != nil {
		return err
	}
	if r.Summary.Held > 0 || r.Refused() > 0 {
		return ui.ErrHeld
	}
	return nil
}

// openNumbers opens the counter of the numbers of documents; nil where no file has any.
func openNumbers(set settings, out string, scratch drop.Folder) (*outbox.NumberFile, error) {
	if !slices.ContainsFunc(set.layouts, (*layout.Layout).Numbered) {
		return nil, nil
	}
	return outbox.OpenNumbers(out, set.Numbers, scratch)
}

// settings are what a conversion by hand works with, loaded and checked.
type settings struct {
	*config.Config
	layouts  []*layout.Layout
	catalogs string // their folder; empty for none
	cat      *catalog.Snapshot
}

func loadSettings(opt *Options) (set settings, err error) {
	if err = set.readConfig(opt); err != nil {
		return set, err
	}
	if set.layouts, err = setup.LoadLayouts(set.Config, cmpOr(opt.Layouts, set.Layouts)); err != nil {
		return set, err
	}
	return set, set.readCatalogs(opt)
}

func (set *settings) readConfig(opt *Options) (err error) {
	if set.Config, err = config.Load(opt.Config); err != nil {
		return err
	}
	set.Options.Account = opt.Account
	if opt.Currency != "" {
		if set.Options.Currency, err = money.ParseCurrency(opt.Currency); err != nil {
			return ui.Usage("write its three letters: --currency RUB", "there is no currency %q", opt.Currency)
		}
	}
	return knownAccount(set.Config, opt.Account)
}

func (set *settings) readCatalogs(opt *Options) (err error) {
	set.catalogs = cmp.Or(opt.Catalogs, existingFolder(set.Folders.Catalogs))
	set.cat, err = setup.LoadCatalogs(set.catalogs)
	return err
}

// knownAccount refuses an account that the settings lack while they have others: a misspelt name would
// send orders to 1C without their organisation and warehouse.
func knownAccount(cfg *config.Config, name string) error {
	var names []string
	for _, a := range cfg.Options.Accounts {
		if strings.EqualFold(a.Name, name) {
			return nil
		}
		names = append(names, a.Name)
	}
	if name == "" || names == nil {
		return nil
	}
	return ui.Usage("the accounts of "+cfg.Path+" are "+strings.Join(names, ", "), "there is no account %q", name)
}

// existingFolder is a folder that is there, or none: a configuration need not have catalogs to convert by hand.
func existingFolder(dir string) string {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}

// cmpOr is the first list that is not empty.
func cmpOr(lists ...[]string) []string {
	for _, l := range lists {
		if len(l) > 0 {
			return l
		}
	}
	return nil
}

// outFolder is where the outputs go; a dry run lays them out in a temporary folder.
func outFolder(opt Options) (folder drop.Folder, clean func(), err error) {
	if opt.DryRun {
		dir, err := os.MkdirTemp("", "obmen-dry-run-")
		return drop.Folder{Dir: dir}, func() { os.RemoveAll(dir) }, err
	}
	_, err = os.Stat(opt.Out)
	made := err != nil
	clean = func() { // os.Remove takes only empty folders away
		os.Remove(filepath.Join(opt.Out, drop.TempDir))
		if made {
			os.Remove(opt.Out)
		}
	}
	if err := os.MkdirAll(opt.Out, 0o777); err != nil {
		return folder, nil, ui.WithHint(err, "choose a folder that you may write to: --out DIR")
	}
	return drop.Folder{Dir: opt.Out}, clean, nil
}
