package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/convert"
	"obmen/convert/order"
	"obmen/watch"
	"obmen/watch/ledger"
)

func auditCommand(s streams) *cli.Command {
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
				return usage(config.Command(c.Path("config"), "fetch", "--report", "all-orders", "--from", "2026-10-01", "--to", "2026-10-31")+" gets one", "name an All Orders report")
			}
			if c.Bool("csv") && c.Bool("json") {
				return usage("choose one of them", "--csv and --json together")
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

func runAudit(ctx context.Context, o auditOptions, s streams) error {
	shop, err := openShop(ctx, o.Config)
	if err != nil {
		return err
	}
	defer shop.Close()
	found, err := newFindings()
	if err != nil {
		return hinted{err, "the differences are noted in a temporary file: look at the space and rights of " + os.TempDir()}
	}
	defer found.close()
	a := &audit{shop: shop, opt: o, found: found}
	if err := a.read(ctx); err != nil {
		return explain(err)
	}
	if err := a.extra(ctx); err != nil {
		return told(err)
	}
	if err := a.print(s); err != nil {
		return err
	}
	if found.n > 0 {
		return errHeld
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
func (a auditSink) Batch(context.Context, convert.Batch) error { return nil }

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
		return told(err)
	}
	for i := range files {
		if files[i].Err != nil {
			return files[i].Err
		}
	}
	if len(a.seen) == 0 && a.unread == 0 {
		return hinted{errors.New("the reports have no orders"), "look at the period that they were made for"}
	}
	return nil
}

// auditBatch bounds the documents that are gathered for nobody.
const auditBatch = 100

// compare looks an order of the reports up in the ledger.
func (a *audit) compare(ctx context.Context, o *convert.Outcome) error {
	switch {
	case o.Order == "":
		a.unread++
		a.blank.note(o)
		return nil
	case o.Rule == convert.SkipDuplicate || o.Rule == convert.SkipOlder:
		return nil
	}
	known, exported, err := a.known(ctx, o)
	if err != nil {
		return err
	}
	a.note(o)
	if gone, err := a.dismissed(ctx, o); err != nil || gone {
		return err
	}
	if exported {
		return a.differs(o, &known)
	}
	return a.absent(ctx, o)
}

func (e *example) note(o *convert.Outcome) {
	if e.Origin == "" {
		e.Origin, e.Why = o.Origin.String(), o.Hold.Sentence
	}
}

// known is what the ledger knows of an order. One that its reader refused does not tell whose number it
// has: then any order of this number will do.
func (a *audit) known(ctx context.Context, o *convert.Outcome) (ledger.Order, bool, error) {
	if o.Scope != "" {
		return a.shop.book.Order(ctx, ledger.Key{Scope: o.Scope, Order: o.Order})
	}
	list, err := a.shop.book.Orders(ctx, ledger.OrderFilter{Order: o.Order, Limit: 1})
	if err != nil || len(list) == 0 {
		return ledger.Order{}, false, err
	}
	o.Scope, o.Account = list[0].Scope, list[0].Account
	return list[0], true, nil
}

func (a *audit) note(o *convert.Outcome) {
	a.seen[auditKeyOf(ledger.Key{Scope: o.Scope, Order: o.Order})] = struct{}{}
	if _, ok := a.accounts[o.Account]; !ok && o.Account != "" {
		a.accounts[o.Account] = 0
	}
	d := o.Document
	if d == nil {
		return
	}
	a.markets[d.Marketplace] = true
	if a.from.IsZero() || d.Date.Before(a.from) {
		a.from = d.Date
	}
	if d.Date.After(a.to) {
		a.to = d.Date
	}
}

// dismissed is an order that a person has dealt with: whatever 1C has of it, obmen has nothing to do with it.
func (a *audit) dismissed(ctx context.Context, o *convert.Outcome) (bool, error) {
	list, err := a.shop.book.Dismissals(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return false, err
	}
	for i := range list {
		if d := &list[i]; d.Scope == o.Scope || d.Scope == "" {
			return true, a.found.add(&finding{
				Kind: dismissedKind, Order: o.Order, Account: o.Account, Report: statedTotal(o), Ledger: d.Why, Origin: o.Origin.String(),
				Cure: a.shop.cfg.Command("dismiss", "--undo", o.Order) + " if it is to go out after all",
			})
		}
	}
	return false, nil
}

// absent is an order that was never exported: rightly so, if a rule leaves it out or it is not paid yet.
func (a *audit) absent(ctx context.Context, o *convert.Outcome) error {
	if o.Rule != "" || o.Hold != nil && o.Hold.Code == convert.Pending {
		a.agreed++
		return nil
	}
	f := finding{Kind: "missing", Order: o.Order, Account: o.Account, Report: statedTotal(o), Origin: o.Origin.String()}
	holds, err := a.shop.book.Holds(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return err
	}
	for i := range holds {
		if h := &holds[i]; h.Scope == o.Scope || o.Scope == "" {
			f.Kind, f.Ledger, f.Cure = "held", h.Code, a.shop.cfg.Command("held", "--order", o.Order)
		}
	}
	if f.Cure == "" {
		f.Cure = a.again(o)
	}
	return a.found.add(&f)
}

// differs compares an order with what was exported of it.
func (a *audit) differs(o *convert.Outcome, known *ledger.Order) error {
	gone, cancelled := known.State == ledger.Cancelled, o.Rule == convert.SkipCancelled
	if gone != cancelled && (gone || o.Rule != "") || !gone && o.Rule != "" {
		return a.differ(o, "status", statusOf(o), string(known.State))
	}
	was, now := watch.Document(known.Facts), o.Document
	switch {
	case now == nil && o.Hold != nil && o.Hold.Code != convert.Pending:
		a.unproven++
		a.doubt.note(o)
		return nil
	case now == nil:
		a.agreed++
		return nil
	case was == nil:
		a.purged++
		return nil
	}
	before := a.found.n
	if was.Currency != now.Currency || was.Total != now.Total {
		if err := a.differ(o, "total", sumOf(now), sumOf(was)); err != nil {
			return err
		}
	}
	if was.Status != now.Status && now.Status != "" {
		return a.differ(o, "status", now.Status, was.Status)
	}
	if a.found.n == before {
		a.agreed++
	}
	return nil
}

func (a *audit) differ(o *convert.Outcome, kind, report, exported string) error {
	return a.found.add(&finding{
		Kind: kind, Order: o.Order, Account: o.Account, Report: report, Ledger: exported, Origin: o.Origin.String(), Cure: a.again(o),
	})
}

func statusOf(o *convert.Outcome) string {
	if o.Document != nil {
		return o.Document.Status
	}
	if o.Rule == convert.SkipCancelled {
		return string(order.Cancelled)
	}
	return o.Code()
}
