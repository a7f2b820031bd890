package serving

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/notify"
)

// alertEvery is how often it is looked at what is wrong.
const alertEvery = 10 * time.Second

// alertStateFile remembers, in the state folder, what was told to whom.
const alertStateFile = "notify.json"

// alertGrace is how long messages on their way may take when the program ends; they are sent after the next
// start otherwise.
const alertGrace = 3 * time.Second

// alerts tells people outside of the program what is wrong. It runs beside the watcher, which never waits for it.
type alerts struct {
	cfg   *config.Config
	whole bool // false for a node beside the one that leads: it tells only of what happens there, nothing that lasts
	desk  *desk.Desk
	words *words.Words
	log   func(text, hint string) // reports what keeps an alert from its reader

	alertBoard

	failed atomic.Int64 // deliveries
	wake   chan struct{}
	stop   context.CancelFunc
	all    sync.WaitGroup
}

// alertBoard is what there is to tell; mu guards it.
type alertBoard struct {
	mu       sync.Mutex
	engine   notify.Engine
	couriers map[string]*notify.Courier
	catalogs string // what is wrong with the catalogs; empty when nothing is
	settings string // the same of a changed obmen.toml
	happened []notify.Problem
}

// newAlerts prepares what [[notify]] and [notify.heartbeat] ask for.
func newAlerts(cfg *config.Config, d *desk.Desk, whole bool, w *words.Words, log func(text, hint string)) (*alerts, error) {
	a := &alerts{cfg: cfg, desk: d, whole: whole, words: w, log: log, alertBoard: alertBoard{couriers: map[string]*notify.Courier{}}, wake: make(chan struct{}, 1)}
	a.engine.Texts = notify.Texts{
		New: w.Say("alert.new"), Reminder: w.Say("alert.reminder"), Solved: w.Say("alert.solved"),
		More: func(n int) string { return w.Text(words.Count("alert.more", n)) },
	}
	for i := range cfg.Notify {
		channel, err := notifyChannel(cfg, &cfg.Notify[i])
		if err != nil {
			return nil, err
		}
		courier := notify.NewCourier(channel, notify.Shoutrrr, a.deliveryFailed)
		courier.Changed = func(string) { a.save() }
		a.engine.Channels = append(a.engine.Channels, channel)
		a.couriers[channel.Name] = courier
	}
	a.load()
	return a, nil
}

// notifyChannel is a channel with its address.
func notifyChannel(cfg *config.Config, n *config.Notify) (notify.Channel, error) {
	channel := n.Channel
	address, from, err := cfg.NotifyAddress(n)
	if err != nil {
		return channel, ui.InSettings(setup.MarkSecretErrors(err))
	}
	if address == "" {
		return channel, ui.InSettings(words.Refuse(words.New("notify.no-address", "Channel", n.Name),
			words.New("notify.store-address", "Command", cfg.Command("notify set", n.Name), "Variable", config.NotifyEnvName(n.Name))))
	}
	if err := notify.CheckAddress(address); err != nil {
		return channel, ui.InSettings(words.Refuse(words.New("notify.wrong-address", "Channel", n.Name, "From", from, "Why", err.Error()),
			words.New("notify.store-address", "Command", cfg.Command("notify set", n.Name), "Variable", config.NotifyEnvName(n.Name))))
	}
	channel.URL = address
	return channel, nil
}

// mostAlerts is far more than what was told and what waits has, in bytes.
const mostAlerts = 64 << 20

func (a *alerts) path() string { return filepath.Join(a.cfg.Folders.State, alertStateFile) }

// load takes up what was told before. A file that cannot be read costs a message that comes twice.
func (a *alerts) load() {
	if !a.whole {
		return
	}
	text, err := drop.ReadSmall(a.path(), mostAlerts)
	if err == nil {
		err = a.engine.Unmarshal(text)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log(a.words.Say("notify.state-unreadable", "Why", err.Error()), "")
	}
	for name, courier := range a.couriers {
		courier.Add(a.engine.Queue(name)...)
	}
}

// save writes down what was told and what waits. A disk that is full is an alert of its own, and stops nothing.
func (a *alerts) save() {
	if !a.whole {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, courier := range a.couriers {
		a.engine.SetQueue(name, courier.Waiting())
	}
	if text, err := a.engine.Marshal(); err == nil {
		_ = config.WritePrivate(a.path(), text)
	}
}

// start begins; stopAndWait ends it.
func (a *alerts) start(ctx context.Context) {
	ctx, a.stop = context.WithCancel(ctx)
	for _, courier := range a.couriers {
		a.all.Go(func() { courier.Run(ctx) })
	}
	if len(a.couriers) > 0 {
		if a.whole {
			a.note(notify.Problem{Event: notify.Started, Level: notify.Info, Text: a.words.Say("alert.started", "Version", setup.Version)})
		}
		a.all.Go(func() { a.look(ctx) })
	}
	if a.whole && a.cfg.Heartbeat.URL != "" {
		a.all.Go(func() { a.beat(ctx) })
	}
}

// stopAndWait ends the deliveries; one that hangs is left behind.
func (a *alerts) stopAndWait() {
	a.stop()
	done := make(chan struct{})
	go func() { a.all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(alertGrace):
	}
}

// look finds out again and again what is wrong, and queues what is due.
func (a *alerts) look(ctx context.Context) {
	for {
		if problems, err := a.problems(ctx, time.Now()); err == nil { // else the watcher reports a ledger that is broken
			a.update(ctx, time.Now(), problems)
		}
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		case <-time.After(alertEvery):
		}
	}
}

func (a *alerts) update(ctx context.Context, now time.Time, problems []notify.Problem) {
	a.mu.Lock()
	for _, p := range a.happened {
		a.engine.Happened(p)
	}
	a.happened = nil
	messages := a.engine.Update(now, problems)
	for i := range a.engine.Channels {
		c := &a.engine.Channels[i]
		if a.whole && a.engine.SummaryDue(c, now) {
			messages = append(messages, notify.Message{Channel: c.Name, Text: a.summary(ctx, now)})
		}
	}
	a.mu.Unlock()
	for _, m := range messages {
		a.couriers[m.Channel].Add(m.Text)
	}
	if len(messages) > 0 {
		a.save()
	}
}

// problems are all that is wrong now.
func (a *alerts) problems(ctx context.Context, now time.Time) ([]notify.Problem, error) {
	if !a.whole {
		return nil, nil
	}
	found, err := a.desk.Problems(ctx, now)
	if err != nil {
		return nil, err
	}
	var list []notify.Problem
	for _, p := range found {
		level := notify.Warning
		if p.Urgent {
			level = notify.Critical
		}
		list = append(list, notify.Problem{Event: p.Event, Subject: p.Subject, Level: level, Text: a.words.Text(p.Text), Count: p.Count})
	}
	list = append(list, a.fetchProblems(now)...)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.catalogs != "" {
		list = append(list, notify.Problem{Event: notify.CatalogWrong, Level: notify.Warning, Text: a.catalogs})
	}
	if a.settings != "" {
		list = append(list, notify.Problem{Event: notify.SettingsWrong, Level: notify.Warning, Text: a.settings})
	}
	return list, nil
}

// The ages of a client secret, in days, at which it becomes a problem, and an urgent one.
const (
	secretOld    = 170
	secretUrgent = 178
)

// fetchProblems are accounts that cannot be fetched, and secrets that will soon be refused.
func (a *alerts) fetchProblems(now time.Time) (list []notify.Problem) {
	for _, f := range a.cfg.Fetch {
		st, err := fetching.ReadStatus(fetching.Dir(a.cfg, f.Account))
		if err == nil && st.Error != "" && !st.Running {
			list = append(list, notify.Problem{
				Event: notify.FetchFailed, Subject: f.Account, Level: notify.Critical,
				Text: a.words.Say("alert.fetch-failed", "Account", f.Account, "Command", a.cfg.Command("fetch", "--account", f.Account, "--check")),
			})
		}
		j := setup.SecretStatusOf(a.cfg, f.Account, now)
		if j.AgeDays < setup.SecretWarnDays {
			continue
		}
		level := notify.Info
		switch {
		case j.AgeDays >= secretUrgent:
			level = notify.Critical
		case j.AgeDays >= secretOld:
			level = notify.Warning
		}
		list = append(list, notify.Problem{
			Event: notify.SecretAge, Subject: f.Account, Level: level,
			Text: a.words.Text(words.Count("alert.secret-age", j.AgeDays, "Account", f.Account, "Life", setup.SecretLifeDays)),
		})
	}
	return list
}

// note takes in what happens once, and has it told soon.
func (a *alerts) note(p notify.Problem) {
	a.mu.Lock()
	a.happened = append(a.happened, p)
	a.mu.Unlock()
	a.lookSoon()
}

func (a *alerts) lookSoon() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// handleEvent takes in what the watcher reports. Its words may repeat those of others, buyers' names among
// them: they stay in the log.
func (a *alerts) handleEvent(e watch.Event) {
	if a == nil {
		return
	}
	switch e.Kind {
	case watch.Alert:
		if !e.Lasting {
			about := e.File
			if about == "" {
				about = e.Route
			}
			a.note(notify.Problem{Event: notify.Attention, Level: notify.Warning, Text: a.words.Say("alert.attention", "About", about, "Hint", e.Hint)})
			return
		}
	case watch.Quarantined, watch.Waiting, watch.Going, watch.Converted, watch.Cured, watch.Answered:
	default:
		return
	}
	a.lookSoon()
}

// setCatalogs notes what is wrong with the catalogs; empty when nothing is.
func (a *alerts) setCatalogs(text string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.catalogs = text
	a.mu.Unlock()
	a.lookSoon()
}

// setSettings notes what is wrong with a changed obmen.toml; empty when nothing is.
func (a *alerts) setSettings(text string) {
	a.mu.Lock()
	a.settings = text
	a.mu.Unlock()
	a.lookSoon()
}

// deliveryFailed reports a message that did not arrive. The next failures are in the log, too, with growing pauses.
func (a *alerts) deliveryFailed(channel string, err error) {
	a.failed.Add(1)
	a.log(a.words.Say("notify.failed", "Channel", channel, "Why", err.Error()), a.words.Say("notify.retried"))
}

// summary is the message of the day.
func (a *alerts) summary(ctx context.Context, now time.Time) string {
	text := a.words.Say("alert.summary", "Day", now.AddDate(0, 0, -1).Format("02.01.2006"))
	sums, err := a.desk.ExportedSince(ctx, now.AddDate(0, 0, -1))
	if err != nil {
		return text
	}
	for _, s := range sums {
		text += "\n• " + a.words.Text(words.Count("alert.summary-sum", s.Orders, "Account", s.Account, "Total", s.Total.String(), "Currency", s.Currency))
	}
	if len(sums) == 0 {
		text += "\n• " + a.words.Say("alert.summary-none")
	}
	if stats, err := a.desk.Ledger.Stats(ctx); err == nil {
		n := 0
		for _, of := range stats.Holds {
			n += of
		}
		if n > 0 {
			text += "\n• " + a.words.Text(words.Count("alert.summary-held", n, "Since", stats.HeldFrom))
		}
		if !stats.Waiting.IsZero() {
			text += "\n• " + a.words.Say("alert.summary-unanswered", "Since", stats.Waiting)
		}
	}
	return text
}

// beat calls the monitor: with success while nothing urgent is wrong.
func (a *alerts) beat(ctx context.Context) {
	h := notify.Heartbeat{URL: a.cfg.Heartbeat.URL, Client: &http.Client{}}
	for {
		problems, err := a.problems(ctx, time.Now())
		healthy := err == nil
		for _, p := range problems {
			healthy = healthy && p.Level < notify.Critical
		}
		if err := h.Beat(ctx, healthy); err != nil && ctx.Err() == nil {
			a.log(a.words.Say("notify.failed", "Channel", "heartbeat", "Why", err.Error()), a.words.Say("notify.retried"))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(a.cfg.Heartbeat.Every):
		}
	}
}
