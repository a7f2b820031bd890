package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/document"
	"obmen/watch/ledger"
)

func auditCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "audit",
		Usage:     "compare All Orders reports of a period with what obmen exported",
		ArgsUsage: "REPORT…",
		Description: "Every order of the reports is looked up in the ledger: missing, waiting, with another total or status. Orders\n" +
			"that obmen exported in the time of the reports and that no report has are extra. Each comes with the command that\n" +
			"mends it. Exit code 3 says that there are differences. What a purge has removed is not compared, and is counted.",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "csv", Usage: "print a table for Excel"},
			&cli.StringFlag{Name: "account", Usage: "the seller account `NAME` of the reports, where marketplaces do not tell"},
			&cli.StringFlag{Name: "charset", Usage: "encoding of the reports `NAME`, when obmen takes it for another"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return ui.Usage(config.Command(c.Path("config"), "fetch", "--report", "all-orders", "--from", "2026-10-01", "--to", "2026-10-31")+" gets one", "name an All Orders report")
			}
			if c.Bool("csv") && c.Bool("json") {
				return ui.Usage("choose one of them", "--csv and --json together")
			}
			return runAudit(c.Context, auditOptions{
				Config: c.Path("config"), Files: c.Args().Slice(), Account: c.String("account"), Charset: c.String("charset"),
				CSV: c.Bool("csv"), JSON: c.Bool("json"),
			}, s)
		},
	}
}

type auditOptions struct {
	Config           string
	Files            []string
	Account, Charset string
	CSV, JSON        bool
}

func runAudit(ctx context.Context, o auditOptions, s ui.Streams) error {
	shop, err := openShop(ctx, o.Config)
	if err != nil {
		return err
	}
	defer shop.Close()
	found, err := newFindings()
	if err != nil {
		return ui.WithHint(err, "the differences are noted in a temporary file: look at the space and rights of "+os.TempDir())
	}
	defer found.close()
	a := &audit{shop: shop, opt: o, found: found}
	if err := a.read(ctx); err != nil {
		return explain(err)
	}
	if err := a.extra(ctx); err != nil {
		return err
	}
	if err := a.print(s); err != nil {
		return err
	}
	if found.n > 0 {
		return ui.ErrHeld
	}
	return nil
}

// audit compares reports with the ledger, an order after the other: reports may have millions.
type audit struct {
	shop  *shop
	opt   auditOptions
	found *findings
	tally
}

// tally is what is known so far.
type tally struct {
	seen     map[auditKey]struct{}
	accounts map[string]int // orders of each that its cure fetches one by one
	markets  map[string]bool
	from, to time.Time // of the first and the last order, as their documents say

	agreed   int
	purged   int // exported, and nothing is kept of what the document said
	unplaced int // exported since, in no report, and nothing is kept that says when they were ordered
	unproven int // exported, and the report does not say for certain what they come to
	unread   int // rows of the reports that do not even tell an order number
	doubt    example
	blank    example
}

// example is the first of its kind.
type example struct{ Origin, Why string }

// auditKey stands for a ledger.Key: a report has many, and nobody makes two of one hash.
type auditKey [16]byte

func auditKeyOf(k ledger.Key) auditKey {
	sum := sha256.Sum256([]byte(k.Scope + "\x00" + k.Order))
	return auditKey(sum[:16])
}

// auditSink takes the orders of the reports; nothing is written.
type auditSink struct {
	*audit
	ctx context.Context // of the run that the sink belongs to
}

// Outcome is that of convert.Sink.
func (a auditSink) Outcome(o convert.Outcome) error { return a.compare(a.ctx, &o) }

// Batch is that of convert.Sink.
func (a auditSink) Batch(context.Context, document.Batch) error { return nil }

// Reset is that of convert.Sink.
func (a auditSink) Reset() error {
	a.tally = newTally()
	return a.found.reset()
}

func newTally() tally {
	return tally{seen: map[auditKey]struct{}{}, accounts: map[string]int{}, markets: map[string]bool{}}
}

// read reads the reports as convert does, but for the catalogs: what they lack is no difference between
// Amazon and obmen.
func (a *audit) read(ctx context.Context) error {
	ins, _, err := inputs(a.opt.Files, a.opt.Charset)
	if err != nil {
		return err
	}
	cat, err := loadCatalogs(a.shop.cfg.Folders.Catalogs)
	if err != nil {
		return err
	}
	opt := a.shop.cfg.Options
	opt.Account = a.opt.Account
	opt.Match.UnknownProduct, opt.Match.UnknownCustomer, opt.Match.DefaultCustomer = convert.Create, convert.Create, ""
	opt.BatchSize = auditBatch
	a.tally = newTally()
	files, err := convert.Run(ctx, ins, cat, opt, auditSink{a, ctx})
	if err != nil {
		return err
	}
	for i := range files {
		if files[i].Err != nil {
			return files[i].Err
		}
	}
	if len(a.seen) == 0 && a.unread == 0 {
		return ui.WithHint(errors.New("the reports have no orders"), "look at the period that they were made for")
	}
	return nil
}

// auditBatch bounds the documents that are gathered for nobody.
const auditBatch = 100
