package fetching

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/pull"
)

// Command is obmen fetch.
func Command(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "fetch",
		ArgsUsage: " ",
		Usage:     "fetch the orders that changed since the last time, from Amazon or a shop, into the inbox",
		Description: "Asks Amazon for the accounts of obmen.toml that name a region, and a shop for those that name a source to pull by,\n" +
			"page by page, and saves each answer as a file in the inbox. A run that is stopped goes on where it was.\n" +
			"obmen watch fetches on its own schedule.",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringSliceFlag{Name: "account", Usage: "only this account `NAME`; may be given again (default: all)"},
			&cli.StringFlag{Name: "from", Usage: "orders from this `DAY` on (2026-10-01, or a time); where a first run begins"},
			&cli.StringFlag{Name: "to", Usage: "orders that were created up to this `DAY`, whatever was fetched before"},
			&cli.StringSliceFlag{Name: "order", Usage: "only the order of this `NUMBER`, and those whose numbers follow"},
			&cli.StringFlag{Name: "report", Usage: "a report instead: `TYPE` all-orders, all-orders-updated, or one of Amazon's names; with --from and --to"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be asked and how long Amazon's limits make it; ask nothing"},
			&cli.BoolFlag{Name: "check", Usage: "look whether secrets, account, marketplaces and roles are right; save nothing"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 && len(c.StringSlice("order")) == 0 {
				return ui.Usage(config.Command(c.Path("config"), "fetch", "--order", c.Args().First()), "fetch takes options only, got %q", c.Args().First())
			}
			o := Options{
				Config: c.Path("config"), Accounts: c.StringSlice("account"), From: c.String("from"), To: c.String("to"),
				Orders: append(c.StringSlice("order"), c.Args().Slice()...), Report: c.String("report"), DryRun: c.Bool("dry-run"), Check: c.Bool("check"), JSON: c.Bool("json"),
			}
			if err := o.fits(); err != nil {
				return err
			}
			return Run(c.Context, o, s)
		},
	}
}

// command is a fetch of the same accounts as a user types it.
func (o *Options) command(args ...string) string {
	var chosen []string
	for _, name := range o.Accounts {
		chosen = append(chosen, "--account", name)
	}
	return config.Command(o.Config, "fetch", append(chosen, args...)...)
}

// fits refuses options that mean nothing together.
func (o *Options) fits() error {
	kinds := 0
	for _, given := range []bool{len(o.Orders) > 0, o.Report != "", o.Check} {
		if given {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return ui.Usage("run them one after another", "--order, --report and --check do not go together")
	case len(o.Orders) > 0 && (o.From != "" || o.To != ""):
		return ui.Usage("leave --from and --to out", "--order asks for orders by number, whenever they were")
	case o.To != "" && o.From == "":
		return ui.Usage(o.command("--from", "2026-10-01", "--to", o.To), "--to needs --from")
	case o.Report != "" && (o.From == "" || o.To == ""):
		return ui.Usage(o.command("--report", o.Report, "--from", "2026-10-01", "--to", "2026-10-31"), "a report needs --from and --to")
	}
	for _, number := range o.Orders {
		if !orderNumber.MatchString(number) {
			return ui.Usage(o.command("--order", "302-1234567-1234567"), "--order %q: not one of Amazon's order numbers, which have 3, 7 and 7 digits", number)
		}
	}
	return nil
}

// orderNumber is the form of Amazon's order numbers; those of orders from elsewhere begin with a letter.
var orderNumber = regexp.MustCompile(`^[0-9A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}$`)

// Run works on all chosen accounts side by side: each has its own limits at Amazon, and one that
// fails stops no other.
func Run(ctx context.Context, o Options, s ui.Streams) error {
	cfg, err := setup.LoadSettings(o.Config)
	if err != nil {
		return err
	}
	accounts, err := setup.FetchedAccounts(cfg, o.Accounts)
	if err != nil {
		return err
	}
	if len(o.Orders) > 0 && len(accounts) > 1 {
		return ui.Usage(cfg.Command("fetch", "--account", accounts[0].Account, "--order", o.Orders[0]), "several accounts are fetched: name the one that has the order")
	}
	book, err := setup.OpenLedger(ctx, cfg, false)
	if err != nil {
		return err
	}
	defer book.Close()
	words := newProgressWords(s, len(accounts) > 1)
	defer words.done()
	jobs := make([]job, len(accounts))
	for i, a := range accounts {
		jobs[i] = newJob(&accountJob{cfg: cfg, book: book, account: a, opt: o, words: words, s: s})
		if err := jobs[i].prepare(ctx); err != nil {
			return err
		}
	}
	var all sync.WaitGroup
	errs := make([]error, len(jobs))
	for i, job := range jobs {
		all.Go(func() { errs[i] = runJob(ctx, job) })
	}
	all.Wait()
	words.done()
	if o.JSON {
		if err := ui.PrintJSON(s.Out, jsonResultOf(jobs, errs)); err != nil {
			return err
		}
	}
	for _, job := range jobs {
		if b := job.base(); b.plan != nil && !o.JSON {
			printEstimate(s, b.plan, b.account.Account)
		}
	}
	return several(errs)
}

func several(errs []error) error {
	var list ui.Errors
	for _, err := range errs {
		if err != nil {
			list = append(list, err)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// dayOrTime reads a day or a time of a command line, in the zone that the account's documents have. A day
// at the end counts in whole.
func dayOrTime(option, text string, zone *time.Location, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, ui.Usage("write 2026-10-31, or 2026-10-31T12:00:00Z", "--%s %q: neither a day nor a time", option, text)
	}
	if end {
		t = t.AddDate(0, 0, 1)
	}
	return t.UTC(), nil
}

// withHint gives an error of a fetch its next step.
func withHint(account string, err error) error {
	switch {
	case errors.Is(err, pull.ErrEndless):
		return ui.WithHint(fmt.Errorf("account %s: %w", account, err), "the shop gives the same page again: look at [pull.page] in the mapping (`obmen source show`); the next run starts from the beginning")
	case errors.Is(err, fetch.ErrRepeated):
		return ui.WithHint(fmt.Errorf("account %s: %w", account, err), "run it again: the window starts from the beginning; if it comes again, tell Amazon the request id")
	case errors.Is(err, fetch.ErrOvertaken):
		return ui.WithHint(err, "obmen watch or another obmen fetch works on this account; let it end")
	case errors.As(err, new(*config.MissingError)), errors.As(err, new(*config.SecretError)):
		return setup.MarkSecretErrors(err)
	}
	return err
}
