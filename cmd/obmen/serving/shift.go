package serving

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/ledger"
	"obmen/watch/metrics"
	"obmen/watch/service"
	"obmen/watch/store"
)

// shift is one run of the watcher with the settings as they were at its beginning, and all that works beside it.
type shift struct {
	Options
	s        ui.Streams
	cfg      *config.Config
	settings []byte // their text
	reload   *reload

	at      *place
	book    *ledger.Ledger // of the place
	layouts *desk.Layouts
	cats    desk.Catalogs
	sources *desk.Sources
	fetched *fetchedSite
	figures *metrics.Metrics
	out     watchReport

	ends []func() // what ends what was begun, in the order of the beginnings
}

// later notes what ends something that was begun; the last is ended first.
func (w *shift) later(end func()) { w.ends = append(w.ends, end) }

func (w *shift) endAll() {
	for _, end := range slices.Backward(w.ends) {
		end()
	}
	w.ends = nil
}

// loadSettings takes in the settings as they are now.
func (w *shift) loadSettings() (err error) {
	w.settings, _ = config.ReadText(cmp.Or(w.Config, config.FileName)) // before they are loaded: the loaded ones are as new at least
	if w.cfg, err = setup.LoadSettings(w.Config); err != nil {
		return err
	}
	return canStart(w.cfg)
}

// takePlace opens the ledger for this process. A node that begins its work once more finds its place in kept.
func (w *shift) takePlace(ctx context.Context, kept *place) (err error) {
	if w.at, err = takePlace(ctx, w.cfg, w.Options, kept, w.s); err != nil {
		return err
	}
	w.book = w.at.book
	w.book.CountFrom(w.cfg.Numbers)
	if !w.at.leads {
		w.book.LogNumbersApart(w.cfg.Folders.State, w.at.name)
		return nil
	}
	if err := w.book.LogNumbers(ctx, w.cfg.Folders.State, w.cfg.Routes()[0].Archive); err != nil {
		return ui.WithHint(fmt.Errorf("numbers of orders that 1C has: %w", err), "look at the rights and the space of "+w.cfg.Folders.State)
	}
	return nil
}

// openReport opens where it is told what happens: the log, and for a run that ends the terminal.
func (w *shift) openReport() error {
	w.s.Err = &ui.LockedWriter{W: w.s.Err} // the watcher and the fetches both write to it
	w.out = watchReport{cfg: w.cfg, s: w.s, json: w.JSON, worked: w.at.tellOthers}
	if w.Once {
		return nil
	}
	logged, log, err := openLog(w.cfg, w.LogFormat, w.s)
	if err != nil {
		return err
	}
	w.later(func() { log.Close() })
	w.later(func() { log.Info(service.Ended) })
	w.s, w.out.s, w.out.events = logged, logged, &eventLog{log: log.Logger, w: w.s.Words()}
	logStart(log.Logger, w.cfg)
	return nil
}

// openRules opens what decides how orders are converted: layouts, catalogs and mappings.
func (w *shift) openRules(ctx context.Context) (err error) {
	cfg := w.cfg
	w.layouts, err = desk.OpenLayouts(ctx, setup.TemplatesFor(cfg), cfg.Layouts, cfg.Watch.Settle, filepath.Join(cfg.Folders.State, templatesDir), w.out.handleEvent)
	if err != nil {
		return setup.InSettings(err)
	}
	if err := checkExchanges(cfg, w.layouts.Current()); err != nil {
		return err
	}
	if err := w.layouts.Compare(ctx, w.book); err != nil {
		return err
	}
	w.cats = desk.Catalogs{
		Dir: cfg.Folders.Catalogs, Settle: cfg.Watch.Settle,
		Load: func() (*catalog.Snapshot, error) {
			cat, err := setup.LoadCatalogs(cfg.Folders.Catalogs)
			if err == nil {
				w.out.alerts.setCatalogs("")
			}
			return cat, err
		},
		Broken:  w.out.brokenCatalogs,
		Changed: w.out.forgetTold,
	}
	w.sources = desk.OpenSources(&desk.Sources{Dir: cfg.SourcesDir(), Settle: cfg.Watch.Settle, Tell: w.out.handleEvent}, cfg.Mappings)
	cfg.Options.Sources = w.sources
	return nil
}

// openTellers opens what tells people: alerts, and where this process leads the report of the day.
func (w *shift) openTellers() (err error) {
	if !w.Once {
		if w.out.alerts, err = newAlerts(w.cfg, setup.NewDesk(w.cfg, w.book), w.at.leads, w.s.Words(), w.out.note); err != nil {
			return err
		}
	}
	if w.at.leads {
		w.out.reports = newDayReports(setup.NewDesk(w.cfg, w.book), w.s.Words(), w.s.Note)
	} else {
		w.s.Note("node.joined")
	}
	return nil
}

func (w *shift) watcher(remote store.Place, encryption *store.Encryption) *watch.Watcher {
	cfg := w.cfg
	k := &watch.Watcher{
		Disk:   watch.Disk{State: cfg.Folders.State, Free: cfg.Watch.FreeBytes, Keep: cfg.Watch.Keep, Encryption: encryption, Remote: remote, FS: w.at.fs()},
		Routes: cfg.Routes(), Ledger: w.book, Layouts: w.layouts.Current(), Options: cfg.Options,
		Timing: watch.Timing{Poll: cfg.Watch.Poll}, Wake: wakeFolders(cfg),
		Share: w.at.sharing(), Node: w.at.name,
		Settings: settingsHash(cfg, w.settings), Language: w.s.Words().Language,
	}
	k.Hooks = watch.Hooks{
		Renew: w.layouts.Current,
		Catalog: func() (*catalog.Snapshot, error) {
			w.sources.Current() // a look at them every round
			return w.cats.Current()
		},
		Now: time.Now, Report: w.out.handleEvent, Fetched: w.fetched.LayoutOf,
		Stale:  func() []string { return slices.Concat(w.cats.Stale(), w.layouts.Stale(), w.sources.Stale()) },
		Saving: func() time.Duration { return max(w.cats.Changing(), w.layouts.Changing(), w.sources.Changing()) },
	}
	if !w.Once {
		w.figures = newMetrics(cfg, w.book, w.out.alerts)
		k.Took, w.out.count = w.figures.Took, w.figures.Count
	}
	return k
}

// serve begins what others ask: the page, and where 1C fetches its orders.
func (w *shift) serve(ctx context.Context) error {
	if w.Once || !w.at.leads {
		return nil
	}
	page := servePage(ctx, w.cfg, w.book, w.cats.Current, w.figures.Mount, w.reload.apply, w.s)
	w.later(page.close)
	w.out.changed = page.changed
	if err := w.fetched.serve(w.s); err != nil {
		return err
	}
	w.later(w.fetched.close)
	return nil
}

// beginRest begins what works beside the watcher until the context ends by stop. With --once only what is there is read.
func (w *shift) beginRest(ctx context.Context, stop func()) {
	if !w.Once {
		w.out.alerts.start(ctx)
		go w.reload.watch(ctx, stop, &w.out)
		w.later(w.out.alerts.stopAndWait)
	}
	if !w.at.leads {
		return
	}
	held := newHeldBooks(withCatalogs(setup.NewDesk(w.cfg, w.book), w.cats.Current), w.s.Words(), w.cfg.Watch.Poll, w.s.Note)
	if w.Once {
		held.round(ctx, false)
	} else {
		held.start(ctx)
		w.out.reports.start(ctx)
	}
	w.later(func() { held.finish(ctx) })
	w.later(func() { w.out.reports.finish(ctx) })
}

// beginFetches has accounts fetched until the context ends. Nodes fetch those whose orders go into the inboxes of the routes
// that they have; an account without a route goes with the first, for its error to be told.
func (w *shift) beginFetches(ctx context.Context, k *watch.Watcher) {
	if w.Once {
		return
	}
	schedule := fetching.Schedule{Config: w.cfg, Ledger: w.book, Sources: w.sources.Current, Throttled: w.figures.Throttled}
	if k.Share == nil {
		w.later(schedule.Open(ctx, w.s).Start(ctx, w.cfg.Fetch))
		return
	}
	schedule.Node, schedule.Certain = w.at.name, w.at.node.Certain
	schedule.Open(ctx, w.s)
	routeOf, of := setup.RoutesOfAccounts(w.cfg), map[string][]config.Fetch{}
	for _, a := range w.cfg.Fetch {
		name := w.cfg.Routes()[0].Name
		if r := routeOf(a.Account); r != nil {
			name = r.Name
		}
		of[name] = append(of[name], a)
	}
	k.Began = func(ctx context.Context, g watch.Group) (wait func()) {
		var accounts []config.Fetch
		for _, r := range g.Routes {
			accounts = append(accounts, of[r.Name]...)
		}
		return schedule.Start(ctx, accounts)
	}
}

// run watches. A node that is to begin its work once more leaves its place in kept.
func (w *shift) run(ctx context.Context, kept **place) (err error) {
	defer w.endAll()
	if err := w.loadSettings(); err != nil {
		return err
	}
	encryption, err := setup.LoadEncryption(w.cfg)
	if err != nil {
		return err
	}
	remote, err := openStore(ctx, w.cfg, w.s)
	if err != nil {
		return err
	}
	before := *kept
	*kept = nil
	if err := w.takePlace(ctx, before); err != nil {
		if w.at != nil {
			w.at.release(ctx)
		}
		return err
	}
	w.later(func() {
		if errors.Is(err, errLeads) {
			*kept = w.at
			return
		}
		w.at.release(ctx)
	})
	for _, open := range []func() error{w.openReport, w.openTellers, func() error { return w.openRules(ctx) }} {
		if err := open(); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if w.fetched, err = openSite(ctx, w.cfg, w.book, w.s, w.out.handleEvent); err != nil {
		return err
	}
	k := w.watcher(remote, encryption)
	if err := w.serve(ctx); err != nil {
		return err
	}
	w.beginRest(ctx, stop)
	w.beginFetches(ctx, k)
	go w.at.keepPart(ctx, stop, w.out.othersWorked, w.s)
	supervised := superviseWatch(ctx, config.Supervisor(), w.cfg.Folders.State, w.reload.restarts)
	err = k.Run(ctx, w.Once)
	supervised()
	if ended := w.at.whyEnded(); ended != nil && ctx.Err() != nil {
		return ended
	}
	if err != nil {
		return ui.WithDiskHint(err)
	}
	if w.Once && w.out.trouble {
		return ui.ErrHeld
	}
	return nil
}
