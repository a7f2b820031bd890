package main

import (
	"context"
	"errors"
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
			"mends it. Exit code 3 says that there are differences.",
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
	a := audit{shop: shop, opt: o, seen: map[ledger.Key]bool{}, accounts: map[string]bool{}, markets: map[string]bool{}}
	if err := a.read(ctx, s); err != nil {
		return explain(err)
	}
	if err := a.compare(ctx); err != nil {
		return told(err)
	}
	if err := a.extra(ctx); err != nil {
		return told(err)
	}
	if err := a.print(s); err != nil {
		return err
	}
	if len(a.found) > 0 {
		return errHeld
	}
	return nil
}

// audit compares reports with the ledger.
type audit struct {
	shop *shop
	opt  auditOptions

	orders   []convert.Outcome // of the reports
	seen     map[ledger.Key]bool
	accounts map[string]bool
	markets  map[string]bool
	from, to time.Time // of the first and the last order, as their documents say

	found   []finding
	gone    []finding // dismissed by people: no difference to mend
	agreed  int
	unknown int // exported, and what the document said was purged
}

// finding is a difference.
type finding struct {
	Kind    string `json:"kind"` // missing, held, extra, total, status or dismissed
	Order   string `json:"order"`
	Account string `json:"account"`
	Report  string `json:"report,omitempty"` // what the report says: a total or a status
	Ledger  string `json:"ledger,omitempty"` // what obmen exported; of a dismissed order the reason
	Origin  string `json:"origin,omitempty"` // file and place of the order in the report
	Cure    string `json:"cure"`
}

// Outcome and its companions take the orders of the reports; nothing is written.
func (a *audit) Outcome(o convert.Outcome) error {
	a.orders = append(a.orders, o)
	return nil
}

// Batch is that of convert.Sink.
func (a *audit) Batch(context.Context, convert.Batch) error { return nil }

// Reset is that of convert.Sink.
func (a *audit) Reset() error {
	a.orders = nil
	return nil
}

// read reads the reports as convert does, but for the catalogs: what they lack is no difference between
// Amazon and obmen.
func (a *audit) read(ctx context.Context, s streams) error {
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
	files, err := convert.Run(ctx, ins, cat, opt, a)
	if err != nil {
		return err
	}
	for i := range files {
		if files[i].Err != nil {
			return files[i].Err
		}
	}
	if len(a.orders) == 0 {
		return hinted{errors.New("the reports have no orders"), "look at the period that they were made for"}
	}
	return nil
}

// compare looks every order of the reports up in the ledger.
func (a *audit) compare(ctx context.Context) error {
	for i := range a.orders {
		o := &a.orders[i]
		if o.Order == "" || o.Rule == convert.SkipDuplicate || o.Rule == convert.SkipOlder {
			continue
		}
		a.note(o)
		key := ledger.Key{Scope: o.Scope, Order: o.Order}
		if gone, err := a.dismissed(ctx, o); err != nil || gone {
			if err != nil {
				return err
			}
			continue
		}
		known, exported, err := a.shop.book.Order(ctx, key)
		if err != nil {
			return err
		}
		if exported {
			a.differs(o, &known)
			continue
		}
		if err := a.absent(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) note(o *convert.Outcome) {
	a.seen[ledger.Key{Scope: o.Scope, Order: o.Order}] = true
	a.accounts[o.Account] = true
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
	for i := range list {
		if d := &list[i]; d.Scope == o.Scope || d.Scope == "" {
			a.gone = append(a.gone, finding{
				Kind: "dismissed", Order: o.Order, Account: o.Account, Report: statedTotal(o), Ledger: d.Why, Origin: o.Origin.String(),
				Cure: "obmen dismiss --undo " + o.Order + " if it is to go out after all",
			})
			return true, err
		}
	}
	return false, err
}

// absent is an order that was never exported: rightly so, if a rule leaves it out or it is not paid yet.
func (a *audit) absent(ctx context.Context, o *convert.Outcome) error {
	if o.Rule != "" || o.Hold != nil && o.Hold.Code == convert.Pending {
		a.agreed++
		return nil
	}
	f := finding{Kind: "missing", Order: o.Order, Account: o.Account, Report: statedTotal(o), Origin: o.Origin.String(), Cure: a.again(o.Account, o.Order)}
	holds, err := a.shop.book.Holds(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return err
	}
	for i := range holds {
		if h := &holds[i]; h.Scope == o.Scope {
			f.Kind, f.Ledger, f.Cure = "held", h.Code, a.shop.cfg.Command("held", "--order", o.Order)
		}
	}
	a.found = append(a.found, f)
	return nil
}

// again is the command that brings an order once more.
func (a *audit) again(account, id string) string {
	if f, ok := a.shop.cfg.FetchOf(account); ok {
		return a.shop.cfg.Command("fetch", "--account", f.Account, "--order", id)
	}
	return a.shop.cfg.Command("put", a.opt.Files[0])
}

// differs compares an order with what was exported of it.
func (a *audit) differs(o *convert.Outcome, known *ledger.Order) {
	f := finding{Order: o.Order, Account: o.Account, Origin: o.Origin.String(), Cure: a.again(o.Account, o.Order)}
	cancelled := o.Rule == convert.SkipCancelled
	if gone := known.State == ledger.Cancelled; gone != cancelled && (gone || o.Rule != "") {
		f.Kind, f.Report, f.Ledger = "status", statusOf(o), string(known.State)
		a.found = append(a.found, f)
		return
	}
	was := watch.Document(known.Facts)
	if o.Document == nil || was == nil {
		if o.Document != nil {
			a.unknown++
		} else {
			a.agreed++
		}
		return
	}
	now := o.Document
	before := len(a.found)
	if was.Currency != now.Currency || was.Total != now.Total {
		f.Kind, f.Report, f.Ledger = "total", sumOf(now), sumOf(was)
		a.found = append(a.found, f)
	}
	if was.Status != now.Status && now.Status != "" {
		f.Kind, f.Report, f.Ledger = "status", now.Status, was.Status
		a.found = append(a.found, f)
	}
	if len(a.found) == before {
		a.agreed++
	}
}

// extra looks for orders that were exported though no report has them. The ledger is read a day's
// exports at a time: it may hold years.
func (a *audit) extra(ctx context.Context) error {
	if a.from.IsZero() {
		return nil
	}
	const day = 24 * time.Hour
	for since := a.from.Add(-day); since.Before(time.Now()); since = since.Add(day) {
		list, err := a.shop.book.Orders(ctx, ledger.OrderFilter{Since: since, Before: since.Add(day)})
		if err != nil {
			return err
		}
		for i := range list {
			a.unlisted(&list[i])
		}
	}
	return nil
}

func (a *audit) unlisted(o *ledger.Order) {
	if a.seen[o.Key] || !a.accounts[o.Account] {
		return
	}
	d := watch.Document(o.Facts)
	if d == nil || !a.markets[d.Marketplace] || d.Date.Before(a.from) || d.Date.After(a.to) {
		return
	}
	a.found = append(a.found, finding{
		Kind: "extra", Order: o.Key.Order, Account: o.Account, Ledger: sumOf(d), Cure: a.shop.cfg.Command("explain", o.Key.Order),
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
