package fetching

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"obmen/convert/order"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/watch/drop"
)

// fetchJob is a fetch.Job with its settings, its words and its place on the disk.
type fetchJob struct {
	*accountJob
	fetch.Job
}

var _ job = (*fetchJob)(nil)

// prepare does all that needs no secret and no network.
func (j *fetchJob) prepare(ctx context.Context) (err error) {
	a := &j.account
	if j.inbox, err = setup.InboxOf(j.cfg, j.book, a.Account); err != nil {
		return err
	}
	j.inbox.FS = j.turn.disk()
	j.Zone, j.Depth = accountZone(j.cfg, a.Account), a.First
	if j.Ask, err = j.ask(time.Now()); err != nil {
		return err
	}
	j.Client = &spapi.Client{
		Account: a.Account, Region: spapi.Region(a.Region), Sandbox: a.Sandbox, Connection: spapi.Connection{
			Endpoint: a.Endpoint, TokenURL: a.TokenURL,
			UserAgent: spapi.UserAgent("obmen", setup.Version),
		}, Stores: spapi.Stores{Rates: ledgerRates{j.book}, Tokens: tokenFile{filepath.Join(j.dir(), "token")}},
		Commands: spapi.Commands{Store: j.cfg.Command("secret set", a.Account), Check: j.command("--check")}, Listeners: spapi.Listeners{
			OnWait: j.reportWait,
			OnAnswer: func(x spapi.Exchange) {
				if x.Status == http.StatusTooManyRequests {
					j.noteThrottled()
				}
			},
		},
	}
	j.Fetcher = fetch.Fetcher{
		Account: a.Account, Label: drop.SafeName(a.Account), Marketplaces: a.Marketplaces, Included: a.Included, Source: j.Client, Store: j.book,
		Folder: j.inbox, Overlap: &a.Overlap, Window: a.Window, Now: time.Now, OnProgress: j.reportProgress,
	}
	pos, err := j.Open(ctx)
	if err != nil {
		if ui.HintOf(err) != "" {
			return err
		}
		return ui.WithHint(err, "tell obmen's authors; meanwhile this works: "+j.command("--from", "2026-10-01", "--to", "2026-10-31"))
	}
	j.openStatus(pos.Done)
	return nil
}

// accountZone is that of the account's documents: a day on the command line is a day of the shop's.
func accountZone(cfg *config.Config, account string) *time.Location {
	for i := range cfg.Options.Accounts {
		if a := &cfg.Options.Accounts[i]; a.Name == account && a.Zone != nil {
			return a.Zone
		}
	}
	return time.UTC
}

// ask reads what the options ask for, and refuses what Amazon does not tell.
func (j *fetchJob) ask(now time.Time) (ask fetch.Ask, err error) {
	ask.Orders = j.opt.Orders
	if ask.From, err = dayOrTime("from", j.opt.From, j.Zone, false); err != nil {
		return ask, err
	}
	if ask.To, err = dayOrTime("to", j.opt.To, j.Zone, true); err != nil {
		return ask, err
	}
	if err := j.checkTimes(&ask, now); err != nil {
		return ask, err
	}
	if j.opt.Report == "" {
		return ask, nil
	}
	known := false
	if ask.Report, ask.Short, known = fetch.ReportType(j.opt.Report); !known {
		return ask, ui.Usage(j.command("--report", "all-orders", "--from", j.opt.From, "--to", j.opt.To), "--report %q: no such report", j.opt.Report)
	}
	if len(j.account.Marketplaces) == 0 {
		return ask, ui.InSettings(ui.WithHint(fmt.Errorf("account %s: a report needs the marketplaces by name", j.account.Account), `add marketplaces = ["DE"] to the account`))
	}
	return ask, nil
}

// checkTimes refuses times for which Amazon has no orders.
func (j *fetchJob) checkTimes(ask *fetch.Ask, now time.Time) error {
	switch oldest := now.Add(-fetch.MaxDepth); {
	case ask.From.IsZero():
		return nil
	case !ask.From.Before(now):
		return ui.Usage("use a past date", "--from %s is in the future", j.opt.From)
	case !ask.To.IsZero() && !ask.From.Before(ask.To):
		return ui.Usage("give the earlier day first", "--from %s is not before --to %s", j.opt.From, j.opt.To)
	case ask.From.Before(oldest) && j.account.Region != string(spapi.FE): // there it has orders since 2016
		return ui.Usage("begin at "+oldest.AddDate(0, 0, 1).Format(time.DateOnly), "--from %s: Amazon gives no orders older than two years", j.opt.From)
	}
	return nil
}

func (j *fetchJob) estimate(ctx context.Context) (*fetch.Estimate, error) {
	if j.opt.Check {
		return fetch.CheckEstimate(), nil
	}
	return j.Estimate(ctx)
}

// work does what was asked for, while no other run works on the account.
func (j *fetchJob) work(ctx context.Context) error {
	name := j.account.Account
	if err := j.connect(); err != nil {
		return withHint(name, err)
	}
	j.status.Begin(time.Now(), j.backfill())
	if j.opt.Check {
		return j.check(ctx)
	}
	if j.followsChanges() {
		if err := j.inbox.Sweep(ctx); err != nil {
			return withHint(name, err)
		}
	}
	var err error
	if j.result, err = j.Run(ctx, j.askBegin); err != nil {
		return withHint(name, err)
	}
	j.words.summary(j.accountJob)
	return nil
}

// followsChanges reports whether the run is of the kind that watch does, too; any other leaves the status as
// it was.
func (j *fetchJob) followsChanges() bool { return !j.opt.Check && j.FollowsChanges() }

// connect gives the client the secrets as they are now.
func (j *fetchJob) connect() error {
	found, err := j.cfg.Secrets(j.account.Account)
	if err != nil {
		return err
	}
	aged := setup.SecretStatusOf(j.cfg, j.account.Account, time.Now())
	j.words.aged(&aged)
	j.Client.Credentials = found.Credentials
	return j.Client.Check()
}

// reportWait and reportProgress keep the status, for obmen status, and the words on the screen.
func (j *fetchJob) reportWait(w spapi.Wait) {
	why := waitWords(w)
	j.words.wait(w.Account, w.For, w.Until, why)
	if w.For >= noticed {
		j.status.Waits(w.Until, why)
	}
}

func (j *fetchJob) reportProgress(p fetch.Progress) {
	j.status.Progress(p)
	j.words.progress(p, j.TimeLeft(p))
}

// askBegin returns where the first run of an account begins: where a person at the terminal says, else as far
// back as obmen.toml says.
func (j *fetchJob) askBegin(context.Context) (_ time.Time, err error) {
	days := int(j.Depth / (24 * time.Hour))
	if ui.TerminalIn(j.s.In) && !j.opt.JSON && !j.words.scheduled {
		if days, err = j.askDays(days); err != nil {
			return time.Time{}, err
		}
	} else {
		j.words.say(j.account.Account, fmt.Sprintf("first run: asks for what changed in the last %s", ui.Plural(days, "day", "days")))
	}
	return time.Now().UTC().Truncate(time.Second).AddDate(0, 0, -days), nil
}

// askDays asks until the answer is a number of days for which Amazon has orders.
func (j *fetchJob) askDays(byDefault int) (int, error) {
	j.words.asking.Lock()
	defer j.words.asking.Unlock()
	most := int(fetch.MaxDepth / (24 * time.Hour))
	lines := bufio.NewReader(j.s.In)
	for {
		fmt.Fprintf(j.s.Err, "account %s has never been fetched. How many days back, at most %d? [%d] ", j.account.Account, most, byDefault)
		text, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if text = strings.TrimSpace(text); text == "" {
			return byDefault, nil
		}
		if days, err := strconv.Atoi(text); err == nil && days >= 0 && days <= most {
			return days, nil
		}
		if errors.Is(err, io.EOF) {
			return byDefault, nil
		}
	}
}

// check asks the smallest questions that show whether all is right, a line each. It saves nothing.
func (j *fetchJob) check(ctx context.Context) error {
	j.Client.Attempts, j.Client.Timeout = 1, checkTimeout
	lines := []checkLine{j.tokenLine(nil)}
	sells, err := j.Client.MarketplaceParticipations(ctx)
	e, _ := errors.AsType[*spapi.Error](err)
	switch {
	case ctx.Err() != nil:
		return err
	case e != nil && (e.Operation == spapi.OpToken || e.Kind == spapi.KindToken || e.Kind == spapi.KindNetwork):
		lines = []checkLine{j.tokenLine(err)}
	default:
		more, in := j.accountLines(sells, err)
		lines = append(append(lines, more...), j.roleLines(ctx, in)...)
		if sells != nil {
			lines = append(lines, j.clockLines(sells.Received, sells.Date)...)
		}
	}
	return j.tellCheck(lines)
}

func (j *fetchJob) tokenLine(err error) checkLine {
	return j.line("token", err, "Amazon takes the secrets and gives an access token")
}

// accountLines say whether the account sells where obmen.toml says; named are the marketplaces of obmen.toml
// where it does.
func (j *fetchJob) accountLines(sells *spapi.Participations, err error) (lines []checkLine, named []string) {
	if err != nil {
		return []checkLine{j.line("marketplaces", err, "")}, j.Marketplaces
	}
	var in, countries []string
	for _, m := range sells.Marketplaces {
		if m.Participating {
			in, countries = append(in, m.MarketplaceID), append(countries, m.Country)
		}
	}
	lines = []checkLine{j.line("marketplaces", nil, "the account sells in "+strings.Join(countries, ", "))}
	for _, id := range j.account.Marketplaces {
		if slices.Contains(in, id) {
			named = append(named, id)
			continue
		}
		name := id
		if m, ok := order.LookUp(id); ok {
			name = m.Country
		}
		lines = append(lines, j.line("marketplaces", ui.WithHint(fmt.Errorf("the account does not sell in %s, which obmen.toml names", name),
			"take it out of marketplaces, or look whether region and refresh token are those of this account"), ""))
	}
	return lines, named
}

// roleLines ask for one page of orders, first with all data and then, if that is refused, without what is
// personal, so that it shows which role is missing.
func (j *fetchJob) roleLines(ctx context.Context, marketplaces []string) []checkLine {
	q := spapi.SearchParams{
		LastUpdatedAfter: time.Now().Add(-24 * time.Hour), MarketplaceIDs: marketplaces, IncludedData: j.Included, MaxResultsPerPage: 1,
	}
	page, err := j.Client.SearchOrders(ctx, q)
	personal := slices.ContainsFunc(q.IncludedData, spapi.Dataset.Personal)
	if err == nil {
		lines := []checkLine{j.line("orders", nil, "Amazon gives orders with "+config.DataNames(j.account.Included))}
		for _, d := range page.Absent {
			lines = append(lines, j.line("roles", ui.WithHint(fmt.Errorf("orders come without %s: the app lacks the role %s", strings.ToLower(string(d)), d.Role()),
				roleHint), ""))
		}
		return lines
	}
	lines := []checkLine{j.line("orders", err, "")}
	if spapi.KindOf(err) != spapi.KindRole || !personal {
		return lines
	}
	q.IncludedData = slices.DeleteFunc(slices.Clone(q.IncludedData), spapi.Dataset.Personal)
	_, err = j.Client.SearchOrders(ctx, q)
	return append(lines, j.line("orders without personal data", err, "Amazon gives them: only the roles for personal data are missing"))
}
