package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// fetchJob is the fetching of one account.
type fetchJob struct {
	cfg     *config.Config
	book    *ledger.Ledger
	account config.Fetch
	opt     fetchOptions
	words   *fetchWords
	s       ui.Streams

	next     time.Duration // until the next run; 0 when nobody knows of one
	from, to time.Time
	fetcher  fetch.Fetcher
	client   *spapi.Client
	inbox    inboxFolder
	first    bool // no window has ended yet

	mu      sync.Mutex
	status  fetchStatus
	last    fetchStatus // as it was before
	summary fetch.Summary
	reports []fetch.Saved
	checked []checkLine
	plan    *jsonPlan
}

// command is a fetch of this account as a user types it.
func (j *fetchJob) command(args ...string) string {
	return j.cfg.Command("fetch", append([]string{"--account", j.account.Account}, args...)...)
}

// prepare does all that needs no secret and no network.
func (j *fetchJob) prepare(ctx context.Context) (err error) {
	name := j.account.Account
	if j.inbox, err = inboxOf(j.cfg, j.book, name); err != nil {
		return err
	}
	if j.from, err = dayOrTime("from", j.opt.From, j.zone(), false); err != nil {
		return err
	}
	if j.to, err = dayOrTime("to", j.opt.To, j.zone(), true); err != nil {
		return err
	}
	if err := j.possible(time.Now()); err != nil {
		return err
	}
	if _, _, err := j.reportType(); err != nil {
		return err
	}
	overlap := j.account.Overlap
	j.fetcher = fetch.Fetcher{
		Account: name, Label: drop.SafeName(name), Marketplaces: j.account.Marketplaces, Included: j.account.Included, Store: j.book, Folder: j.inbox,
		Overlap: &overlap, Window: j.account.Window, Now: time.Now, OnProgress: j.progress,
	}
	value, _, err := j.book.Cursor(ctx, fetch.CursorName(name))
	if err != nil {
		return err
	}
	pos, err := fetch.ReadPosition(value)
	if err != nil {
		return ui.WithHint(err, "tell obmen's authors; meanwhile this works: "+j.command("--from", "2026-10-01", "--to", "2026-10-31"))
	}
	j.first = !pos.Begun()
	last, _ := readFetchStatus(fetchDir(j.cfg, name)) // without it, the last error is not shown while this run lasts
	last.Account, last.Running, last.Wait, last.Until = name, false, nil, pos.Done
	j.status, j.last = last, last
	return nil
}

// zone is that of the account's documents: a day on the command line is a day of the shop's.
func (j *fetchJob) zone() *time.Location {
	for i := range j.cfg.Options.Accounts {
		if a := &j.cfg.Options.Accounts[i]; a.Name == j.account.Account && a.Zone != nil {
			return a.Zone
		}
	}
	return time.UTC
}

// possible refuses times that Amazon tells nothing of.
func (j *fetchJob) possible(now time.Time) error {
	switch oldest := now.Add(-fetch.MaxDepth); {
	case j.from.IsZero():
		return nil
	case !j.from.Before(now):
		return ui.Usage("give a day that has been", "--from %s lies ahead", j.opt.From)
	case !j.to.IsZero() && !j.from.Before(j.to):
		return ui.Usage("give the earlier day first", "--from %s is not before --to %s", j.opt.From, j.opt.To)
	case j.from.Before(oldest) && j.account.Region != string(spapi.FE): // there it tells of orders since 2016
		return ui.Usage("begin at "+oldest.AddDate(0, 0, 1).Format(time.DateOnly), "--from %s: Amazon tells of no orders that are older than two years", j.opt.From)
	}
	return nil
}

// run does what was asked for.
func (j *fetchJob) run(ctx context.Context) error {
	if j.opt.DryRun {
		return j.tellPlan(ctx)
	}
	unlock, err := j.lock()
	if err != nil {
		return err
	}
	defer unlock()
	err = j.locked(ctx)
	j.end(err)
	return err
}

// lock keeps other runs away from the account; its folder is made.
func (j *fetchJob) lock() (unlock func(), err error) {
	dir := fetchDir(j.cfg, j.account.Account)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, ui.WithHint(err, "look at the rights of the state folder")
	}
	lock, err := drop.LockDir(dir)
	if locked, ok := errors.AsType[*drop.LockedError](err); ok {
		return nil, ui.WithHint(fmt.Errorf("account %s is being fetched by another obmen, process %d: %w", j.account.Account, locked.PID, err),
			"let it end: `"+j.cfg.Command("status")+"` shows how far it is; obmen watch fetches by itself")
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = lock.Release() }, nil
}

func (j *fetchJob) locked(ctx context.Context) error {
	name := j.account.Account
	if err := j.connect(); err != nil {
		return fetchTold(name, err)
	}
	j.begin()
	var err error
	switch {
	case j.opt.Check:
		return j.check(ctx)
	case len(j.opt.Orders) > 0:
		j.summary, err = j.fetcher.Orders(ctx, j.opt.Orders)
	case j.opt.Report != "":
		err = j.report(ctx)
	case !j.changing():
		j.summary, err = j.fetcher.Backfill(ctx, j.from, j.until())
	default:
		err = j.changes(ctx)
	}
	if err != nil {
		return fetchTold(name, err)
	}
	j.words.summary(j)
	return nil
}

// changing says whether the run asks for what changed since the last one, as watch does; any other leaves
// the status as it was.
func (j *fetchJob) changing() bool {
	return !j.opt.Check && len(j.opt.Orders) == 0 && j.opt.Report == "" && (j.from.IsZero() || j.first && j.to.IsZero())
}

// until is where a backfill ends. Without --to it is the end of today: a run that was stopped goes on where it
// was when the same is asked for again on this day.
func (j *fetchJob) until() time.Time {
	if j.to.IsZero() {
		year, month, day := time.Now().In(j.zone()).Date()
		return time.Date(year, month, day+1, 0, 0, 0, 0, j.zone()).UTC()
	}
	return j.to
}

// changes fetches what changed since the last time.
func (j *fetchJob) changes(ctx context.Context) (err error) {
	if err := j.inbox.sweep(ctx); err != nil {
		return err
	}
	if j.first {
		if j.fetcher.First, err = j.begins(ctx); err != nil {
			return err
		}
	}
	j.summary, err = j.fetcher.Run(ctx)
	return err
}

// connect makes the client, with the secrets as they are now.
func (j *fetchJob) connect() error {
	a := &j.account
	secrets, err := j.cfg.Secrets(a.Account)
	if err != nil {
		return err
	}
	aged := secretOf(j.cfg, a.Account, time.Now())
	j.words.aged(&aged)
	j.client = &spapi.Client{
		Account: a.Account, Region: spapi.Region(a.Region), Sandbox: a.Sandbox, Credentials: secrets.Credentials,
		Endpoint: a.Endpoint, TokenURL: a.TokenURL, UserAgent: spapi.UserAgent("obmen", version),
		Commands: spapi.Commands{Store: j.cfg.Command("secret set", a.Account), Check: j.command("--check")},
		Rates:    ledgerRates{j.book}, Tokens: tokenFile{filepath.Join(fetchDir(j.cfg, a.Account), "token")}, OnWait: j.wait,
	}
	j.fetcher.Source = j.client
	return j.client.Check()
}

// reportTypes are short names for the reports that hold orders.
var reportTypes = map[string]string{
	"all-orders":         spapi.AllOrdersByOrderDate,
	"all-orders-updated": spapi.AllOrdersByLastUpdate,
	"unshipped":          "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
}

// reportType is Amazon's name of the report that was asked for, and its name in files.
func (j *fetchJob) reportType() (kind, short string, err error) {
	short = j.opt.Report
	if short == "" {
		return "", "", nil
	}
	kind, ok := reportTypes[short]
	if !ok {
		if !strings.HasPrefix(short, "GET_") {
			return "", "", ui.Usage(j.command("--report", "all-orders", "--from", j.opt.From, "--to", j.opt.To), "--report %q: no such report", short)
		}
		kind, short = short, strings.ToLower(strings.ReplaceAll(short, "_", "-"))
	}
	if len(j.account.Marketplaces) == 0 {
		return "", "", ui.InSettings(ui.WithHint(fmt.Errorf("account %s: a report needs the marketplaces by name", j.account.Account), `add marketplaces = ["DE"] to the account`))
	}
	return kind, short, nil
}

// upToNow is where the orders end that are asked for: none is younger than now.
func (j *fetchJob) upToNow() time.Time {
	if now := time.Now(); j.to.IsZero() || j.to.After(now) {
		return now
	}
	return j.to
}

func (j *fetchJob) report(ctx context.Context) error {
	kind, short, err := j.reportType()
	if err == nil {
		j.reports, err = j.fetcher.Report(ctx, j.client, kind, short, j.from, j.upToNow())
	}
	return err
}
