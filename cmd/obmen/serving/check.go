package serving

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/examples"
	"obmen/convert/layout"
	"obmen/watch/desk/words"
)

// CheckCommand is obmen check.
func CheckCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "check configuration, folders, catalogs and layouts; name every problem",
		Flags: []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "obmen check --config FILE"); err != nil {
				return err
			}
			if c.Bool("json") {
				return runCheckJSON(c.Path("config"), s)
			}
			return runCheck(c.Path("config"), s)
		},
	}
}

// The object that check --json prints. Its texts are in the language of the settings.
type (
	jsonCheck struct {
		Good     bool        `json:"good"`
		Problems []jsonFault `json:"problems"`
		Notes    []jsonFault `json:"notes"`
	}
	jsonFault struct {
		Text string `json:"text"`
		Hint string `json:"hint,omitempty"`
	}
)

// runCheckJSON prints what runCheck finds as one object. The exit code is the same.
func runCheckJSON(path string, s ui.Streams) error {
	found, err := check(path)
	if err != nil {
		found = &checked{errs: []error{err}}
	} else {
		err = found.err()
	}
	result := jsonCheck{Good: err == nil, Problems: []jsonFault{}, Notes: []jsonFault{}}
	w := s.Words() // chosen by the settings
	for _, err := range found.errs {
		for _, p := range ui.ProblemsOf(err, w) {
			result.Problems = append(result.Problems, jsonFault{w.Phrase(p.Text), w.Phrase(p.Hint)})
		}
	}
	for _, n := range found.notes {
		result.Notes = append(result.Notes, jsonFault{w.Text(n.text), w.Text(n.hint)})
	}
	if printErr := ui.PrintJSON(s.Out, result); printErr != nil {
		return printErr
	}
	return err
}

// checkNote is something to look at that stops nothing. Hint is zero when there is no next step.
type checkNote struct{ text, hint words.Text }

// checked is what a check found: what must be mended, and what may be meant.
type checked struct {
	errs  []error
	notes []checkNote
	good  words.Text // what is good; zero when something must be mended
}

// runCheck looks at everything before it gives up, so that one run shows all there is to mend.
func runCheck(path string, s ui.Streams) error {
	found, err := check(path)
	if err != nil {
		return err
	}
	for _, err := range found.errs {
		s.PrintError(err)
	}
	if err := found.err(); err != nil {
		return err
	}
	for _, n := range found.notes {
		s.Note("report.note", "Text", n.text)
		if !n.hint.IsZero() {
			s.Note("hint", "Hint", n.hint)
		}
	}
	s.Remark(found.good)
	return nil
}

// check looks at everything. An error says that the settings cannot be read.
func check(path string) (*checked, error) {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return nil, err
	}
	errs, cat, all := findProblems(cfg)
	notes, err := checkStore(cfg)
	if err != nil {
		errs = append(errs, err)
	}
	if err := setup.PlaceOfLedger(cfg).CheckLost(context.Background(), cfg.Routes()); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return &checked{errs: errs}, nil
	}
	products, customers := cat.Len()
	return &checked{
		notes: append(findNotes(cfg, cat, all), notes...),
		good: words.Plain(fmt.Sprintf("%s is good: %s, %s, layouts %s", cfg.Path, ui.Plural(products, "product", "products"),
			ui.Plural(customers, "customer", "customers"), strings.Join(cfg.Layouts, ", "))),
	}, nil
}

// err is the error that ends a check with problems.
func (c *checked) err() error {
	if len(c.errs) == 0 {
		return nil
	}
	return ui.InSettings(ui.WithHint(fmt.Errorf("%s with problems", ui.Plural(len(c.errs), "part", "parts")), "mend what is named above and check again"))
}

// findNotes looks for what may be meant, and probably is not.
func findNotes(cfg *config.Config, cat *catalog.Snapshot, all []*layout.Layout) (notes []checkNote) {
	for _, n := range report.CatalogNotes(cat) {
		notes = append(notes, checkNote{text: words.Plain(n)})
	}
	for _, l := range all {
		if !slices.Contains(cfg.Layouts, l.Name()) {
			continue
		}
		for _, n := range converting.TargetNotes(l, cfg, cat) {
			notes = append(notes, checkNote{text: n})
		}
	}
	for _, a := range cfg.Fetch {
		if j := setup.SecretStatusOf(cfg, a.Account, time.Now()); j.Problem != "" {
			notes = append(notes, checkNote{words.Plain(j.Problem), words.Plain(j.Hint)})
		}
	}
	for _, n := range converting.MisspeltConstants(cfg, all) {
		notes = append(notes, checkNote{text: words.Plain(n)})
	}
	return append(append(notes, siteNotes(cfg)...), notifyNotes(cfg)...)
}

// notifyNotes tell of a secret that others of the machine may read.
func notifyNotes(cfg *config.Config) []checkNote {
	for i := range cfg.Notify {
		if cfg.Notify[i].URL != "" && cfg.ReadByOthers() {
			return []checkNote{{
				words.New("notify.open-address", "Settings", cfg.Path),
				words.New("notify.open-address-hint", "Settings", cfg.Path, "Command", cfg.Command("notify set", cfg.Notify[i].Name)),
			}}
		}
	}
	return nil
}

// findProblems looks at everything, and returns the catalogs and layouts that can be read.
func findProblems(cfg *config.Config) (errs []error, cat *catalog.Snapshot, all []*layout.Layout) {
	problem := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	for _, err := range checkFolders(cfg) {
		problem(err)
	}
	cat, err := setup.LoadCatalogs(cfg.Folders.Catalogs)
	problem(err)
	if err == nil {
		for _, err := range checkCustomers(cfg, cat) {
			problem(err)
		}
	}
	_, err = setup.LoadEncryption(cfg)
	problem(err)
	problem(checkSources(cfg))
	names := layoutNames(cfg)
	if err := setup.CheckTemplatesFolder(cfg); err != nil {
		problem(err)
		names = nil
	}
	for _, name := range names {
		layouts, err := setup.LoadLayouts(cfg, []string{name})
		problem(err)
		all = append(all, layouts...)
	}
	problem(checkExchanges(cfg, all))
	for _, err := range checkSite(cfg) {
		problem(err)
	}
	for i := range cfg.Notify {
		_, err := notifyChannel(cfg, &cfg.Notify[i])
		problem(err)
	}
	return errs, cat, all
}

// checkSources converts the examples of one's own mappings.
func checkSources(cfg *config.Config) error {
	own, err := cfg.OwnSources()
	if err != nil {
		return err
	}
	var problems config.Problems
	for _, m := range own {
		mistakes, err := examples.Check(context.Background(), m, os.DirFS(cfg.Folders.Sources))
		if err != nil {
			return err
		}
		problems = append(problems, config.MappingProblems(mistakes)...)
	}
	if len(problems) == 0 {
		return nil
	}
	return problems
}

// layoutNames are the layouts in use, and those that have settings: a misspelt section would do nothing.
func layoutNames(cfg *config.Config) []string {
	names := append([]string{}, cfg.Layouts...)
	for name := range cfg.Layout {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[len(cfg.Layouts):])
	return names
}

// checkExchanges looks whether an exchange has one outbox: 1C reads its message in one folder, and its
// numbers are those of one series.
func checkExchanges(cfg *config.Config, layouts []*layout.Layout) error {
	routes := cfg.Routes()
	names := map[string]string{}
	for _, l := range layouts {
		if x := l.Exchange(); x != nil {
			if other := names[x.Name()]; other != "" {
				return ui.InSettings(ui.WithHint(fmt.Errorf("layouts %s and %s write one file, %s", other, l.Name(), x.Name()), "give each a file_name of its own"))
			}
			names[x.Name()] = l.Name()
		}
		for i := range routes {
			if l.Exchange() != nil && routes[i].Outbox != routes[0].Outbox {
				return ui.InSettings(ui.WithHint(fmt.Errorf("layout %s: routes %s and %s have two outboxes for one message, %s", l.Name(), routes[0].Name, routes[i].Name, l.Exchange().Name()),
					"give both routes one outbox, or watch them with two obmen.toml and two pairs of node codes"))
			}
		}
	}
	return nil
}

// checkCustomers looks whether the customers that the settings name are in the catalogs.
func checkCustomers(cfg *config.Config, cat *catalog.Snapshot) (errs []error) {
	look := func(where, ref string) {
		if _, ok := cat.CustomerByRef(ref); ref != "" && !ok {
			errs = append(errs, ui.InSettings(ui.WithHint(fmt.Errorf("%s: %s = %q: not in customers.csv", cfg.Path, where, ref), "write a code or id of customers.csv")))
		}
	}
	look("default_customer", cfg.Options.Match.DefaultCustomer)
	for _, a := range cfg.Options.Accounts {
		look("customer of account "+a.Name, a.Customer)
	}
	return errs
}

// probeName begins the names of files that show whether a folder can be written to.
const probeName = ".obmen-probe-"
