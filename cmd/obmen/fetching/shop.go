package fetching

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/source/mapped"
	"obmen/fetch"
	"obmen/fetch/pull"
	"obmen/fetch/spapi"
	"obmen/fetch/web"
	"obmen/watch/drop"
)

// pullJob is a pull.Puller with its settings, its words and its place on the disk.
type pullJob struct {
	*accountJob
	pull.Puller
	secrets map[string]string
	first   bool // no run has ended yet
}

var _ job = (*pullJob)(nil)

// pulledSource asks a shop as its mapping describes it.
type pulledSource struct{ *pullJob }

var _ pull.Source = pulledSource{}

func (s pulledSource) mapping() *mapped.Mapping { return s.account.Pull.Source }

func (s pulledSource) Name() string { return s.mapping().Name }

func (s pulledSource) Request(t pull.Turn) pull.Request {
	q := s.mapping().Pull.Request(mapped.PullTurn{Since: t.Since, Until: t.Until, Token: t.Token, Settings: s.account.Pull.Settings, Secrets: s.secrets})
	r := pull.Request{Method: q.Method, URL: q.URL, Body: q.Body}
	for _, h := range q.Headers {
		r.Headers = append(r.Headers, [2]string{h.Name, h.Value})
	}
	return r
}

func (s pulledSource) LookAt(token string, body []byte) (pull.Found, error) {
	page, err := s.mapping().Pull.LookAt(token, body)
	return pull.Found{Orders: page.Orders, Next: page.Next}, err
}

func (j *pullJob) prepare(ctx context.Context) (err error) {
	name := j.account.Account
	if j.inbox, err = setup.InboxOf(j.cfg, j.book, name); err != nil {
		return err
	}
	j.inbox.FS = j.turn.disk()
	source := pulledSource{j}
	j.Client = &pull.Client{
		Account: name, Source: source.Name(), UserAgent: spapi.UserAgent("obmen", setup.Version), Rates: ledgerRates{j.book},
		OnWait: j.reportWait, StoreCommand: j.cfg.Command("secret set", name),
	}
	if p := source.mapping().Pull; p.Requests > 0 {
		j.Client.Limit = web.Limit{Rate: float64(p.Requests) / p.Within.Seconds(), Burst: p.Requests}
	}
	j.Puller = pull.Puller{
		Account: name, Label: drop.SafeName(name), Source: source, Client: j.Client, Store: j.book, Folder: j.inbox,
		Overlap: j.account.Overlap, Now: time.Now, OnProgress: j.reportProgress,
	}
	pos, err := j.Position(ctx)
	if err != nil {
		return err
	}
	j.first = pos.Done.IsZero()
	if err := j.readTimes(); err != nil {
		return err
	}
	j.openStatus(pos.Done)
	return nil
}

// readTimes reads what the options ask for, and refuses what a shop is not asked for.
func (j *pullJob) readTimes() error {
	o := &j.opt
	if len(o.Orders) > 0 || o.Report != "" {
		return ui.Usage(j.command(), "--order and --report are for accounts of Amazon; %s is pulled from a shop", j.account.Account)
	}
	zone := accountZone(j.cfg, j.account.Account)
	from, err := dayOrTime("from", o.From, zone, false)
	if err != nil {
		return err
	}
	until, err := dayOrTime("to", o.To, zone, true)
	if err != nil {
		return err
	}
	switch now := time.Now(); {
	case !from.IsZero() && !from.Before(now):
		return ui.Usage("use a past date", "--from %s is in the future", o.From)
	case !until.IsZero() && !from.Before(until):
		return ui.Usage("give the earlier day first", "--from %s is not before --to %s", o.From, o.To)
	case !until.IsZero() && !j.account.Pull.Source.Pull.Asks("until"):
		return ui.Usage(j.command("--from", o.From), "--to: %s cannot be asked for an end", j.Source.Name())
	}
	j.First = time.Now().Add(-j.account.First)
	switch {
	case from.IsZero():
	case j.first && until.IsZero():
		j.First = from
	default:
		j.From, j.Until = from, until
	}
	return nil
}

func (j *pullJob) followsChanges() bool { return !j.opt.Check && j.From.IsZero() }

// estimate is the first request; how many follow, only the answers tell. Its headers are left out.
func (j *pullJob) estimate(ctx context.Context) (*fetch.Estimate, error) {
	q, _, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	p := map[string]string{"method": q.Method, "url": q.URL}
	if q.Body != "" {
		p["body"] = strings.Join(strings.Fields(q.Body), " ")
	}
	return &fetch.Estimate{Asks: []fetch.PlannedRequest{{Operation: "pull " + j.Source.Name(), Parameters: p}}}, nil
}

func (j *pullJob) work(ctx context.Context) error {
	name := j.account.Account
	if err := j.connect(); err != nil {
		return withHint(name, err)
	}
	j.status.Begin(time.Now(), j.backfill())
	if j.opt.Check {
		return j.check(ctx)
	}
	if err := j.inbox.Sweep(ctx); err != nil {
		return withHint(name, err)
	}
	if j.first && j.followsChanges() {
		j.words.say(name, "first run: asks for what changed since "+ui.Clock(j.First))
	}
	var err error
	if j.result.Summary, err = j.Run(ctx); err != nil {
		return withHint(name, err)
	}
	j.words.summary(j.accountJob)
	return nil
}

// connect takes the secrets as they are now.
func (j *pullJob) connect() error {
	found, err := j.cfg.Secrets(j.account.Account)
	if err != nil {
		return err
	}
	j.secrets, j.Client.Hide = nil, nil
	before := j.Source.Request(pull.Turn{})
	j.secrets = found.Values
	for i, h := range j.Source.Request(pull.Turn{}).Headers { // what is made of them, too
		if h != before.Headers[i] {
			j.Client.Hide = append(j.Client.Hide, strings.Fields(h[1])...)
		}
	}
	for _, value := range found.Values {
		j.Client.Hide = append(j.Client.Hide, value)
	}
	return nil
}

func (j *pullJob) reportWait(w pull.Wait) {
	why := "the shop's limit"
	if w.Err != nil {
		if e, ok := errors.AsType[*pull.Error](w.Err); ok && e.Kind == pull.KindQuota {
			j.noteThrottled()
		}
		why = w.Err.Error()
	}
	j.words.wait(j.account.Account, w.For, w.Until, why)
	if w.For >= noticed {
		j.status.Waits(w.Until, why)
	}
}

func (j *pullJob) reportProgress(p pull.Progress) {
	j.status.Progress(fetch.Progress{Pages: p.Pages, Orders: p.Orders})
	switch {
	case p.Pages > 0:
		j.words.note(j.account.Account, fmt.Sprintf("page %d, %s", p.Pages, ui.Plural(p.Orders, "order", "orders")))
	default:
		j.words.note(j.account.Account, "asks for what changed since "+ui.Clock(p.Since))
	}
}

// check asks for what changed in the last day, and saves nothing.
func (j *pullJob) check(ctx context.Context) error {
	j.Client.Attempts, j.Client.Timeout = 1, checkTimeout
	found, date, err := j.Probe(ctx, time.Now().Add(-24*time.Hour))
	if ctx.Err() != nil {
		return err
	}
	text := fmt.Sprintf("%s answers; its first page has %s", j.Source.Name(), ui.Plural(found.Orders, "order", "orders"))
	lines := []checkLine{j.line("orders", err, text)}
	if err == nil {
		lines = append(lines, j.clockLines(time.Now(), date)...)
	}
	return j.tellCheck(lines)
}
