// Package serving runs a watcher with all that works beside it: the log, alerts, the reports of the day, the page, the
// server of a site, monitoring and fetches. Its commands are watch, and those that look at the settings before it starts
// or set up what it needs: check, service, site, notify, web and open.
package serving

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/journal"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/metrics"
	"obmen/watch/service"
)

// templatesDir has the last good versions of one's own templates, in the state folder.
const templatesDir = "templates"

// WatchCommand is obmen watch.
func WatchCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "watch",
		Usage: "convert what is dropped into the inbox, put the results into the outbox",
		Flags: []cli.Flag{
			setup.ConfigFlag(),
			&cli.StringFlag{Name: "log-format", Usage: "write the log as text or json (default: format in [log])"},
			&cli.BoolFlag{Name: "json", Usage: "print what happens on stdout too, a JSON object a line"},
			&cli.BoolFlag{Name: "once", Usage: "work until nothing is left to do, then end"},
			&cli.BoolFlag{Name: "fresh", Usage: "start with an empty ledger although the folders show work: what is dropped again goes out again"},
		},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "drop the file into the inbox, or use obmen convert"); err != nil {
				return err
			}
			if f := c.String("log-format"); f != "" && f != journal.Text && f != journal.JSON {
				return ui.Misuse(words.New("log.format", "Format", f), words.Plain("--log-format json"))
			}
			return Run(c.Context, Options{c.Path("config"), c.Bool("once"), c.Bool("json"), c.Bool("fresh"), c.String("log-format")}, s)
		},
	}
}

// Options are the flags of obmen watch.
type Options struct {
	Config     string
	Once, JSON bool
	Fresh      bool   // a ledger that is lost is meant to be
	LogFormat  string // "": of the settings
}

// Run watches until it is ended. When it is asked to apply changed settings, it starts once more in place.
func Run(ctx context.Context, opt Options, s ui.Streams) error {
	if opt.Once {
		return watchOnce(ctx, opt, nil, new(*place), s)
	}
	reload := newReload(opt.Config)
	defer reload.close()
	var kept *place
	for {
		err := watchOnce(ctx, opt, reload, &kept, s)
		switch {
		case ctx.Err() != nil && errors.Is(err, context.Canceled):
			return nil // it was ended while it started
		case ctx.Err() == nil && errors.Is(err, errPlaceLost):
			s.Note("node.lost")
		case ctx.Err() == nil && errors.Is(err, errLeads):
		case ctx.Err() == nil && isServerAway(err):
			s.PrintError(err)
			waitForServer(ctx)
		case ctx.Err() != nil || !reload.asked():
			return err
		}
		opt.Fresh = false // the ledger is there by now
	}
}

// watchOnce watches with the settings as they are now; reload is nil when they are not looked at again. A node that begins
// its work once more finds its place in kept.
func watchOnce(ctx context.Context, opt Options, reload *reload, kept **place, s ui.Streams) (err error) {
	settings, _ := os.ReadFile(cmp.Or(opt.Config, config.FileName)) // before they are loaded: the loaded ones are as new at least
	cfg, err := setup.LoadSettings(opt.Config)
	if err != nil {
		return err
	}
	if err := canStart(cfg); err != nil {
		return err
	}
	encryption, err := setup.LoadEncryption(cfg)
	if err != nil {
		return err
	}
	remote, err := openStore(ctx, cfg, s)
	if err != nil {
		return err
	}
	at, err := takePlace(ctx, cfg, opt, *kept, s)
	*kept = nil
	if err != nil {
		return err
	}
	book := at.book
	defer func() {
		if errors.Is(err, errLeads) {
			*kept = at
			return
		}
		at.release(ctx)
	}()
	book.CountFrom(cfg.Numbers)
	if !at.leads {
		book.LogNumbersApart(cfg.Folders.State, at.name)
	} else if err := book.LogNumbers(ctx, cfg.Folders.State, cfg.Routes()[0].Archive); err != nil {
		return ui.WithHint(fmt.Errorf("numbers of orders that 1C has: %w", err), "look at the rights and the space of "+cfg.Folders.State)
	}
	s.Err = &ui.LockedWriter{W: s.Err} // the watcher and the fetches both write to it
	out := watchReport{cfg: cfg, s: s, json: opt.JSON}
	if !opt.Once {
		logged, log, err := openLog(cfg, opt.LogFormat, s)
		if err != nil {
			return err
		}
		defer log.Close()
		defer log.Info(service.Ended)
		s, out.s, out.events = logged, logged, &eventLog{log: log.Logger, w: s.Words()}
		logStart(log.Logger, cfg)
	}
	layouts, err := desk.OpenLayouts(ctx, setup.TemplatesFor(cfg), cfg.Layouts, cfg.Watch.Settle, filepath.Join(cfg.Folders.State, templatesDir), out.handleEvent)
	if err != nil {
		return setup.InSettings(err)
	}
	if err := checkExchanges(cfg, layouts.Current()); err != nil {
		return err
	}
	if err := layouts.Compare(ctx, book); err != nil {
		return err
	}
	if !opt.Once {
		if out.alerts, err = newAlerts(cfg, setup.NewDesk(cfg, book), at.leads, s.Words(), out.note); err != nil {
			return err
		}
	}
	if at.leads {
		out.reports = newDayReports(setup.NewDesk(cfg, book), s.Words(), s.Note)
	} else {
		s.Note("node.joined")
	}
	cats := desk.Catalogs{
		Dir: cfg.Folders.Catalogs, Settle: cfg.Watch.Settle,
		Load: func() (*catalog.Snapshot, error) {
			cat, err := setup.LoadCatalogs(cfg.Folders.Catalogs)
			if err == nil {
				out.alerts.setCatalogs("")
			}
			return cat, err
		},
		Broken:  out.brokenCatalogs,
		Changed: out.forgetTold,
	}
	sources := desk.OpenSources(&desk.Sources{Dir: cfg.SourcesDir(), Settle: cfg.Watch.Settle, Tell: out.handleEvent}, cfg.Mappings)
	cfg.Options.Sources = sources
	w := watch.Watcher{
		Disk: watch.Disk{State: cfg.Folders.State, Free: cfg.Watch.FreeBytes, Keep: cfg.Watch.Keep, Encryption: encryption, Remote: remote, FS: at.fs()}, Routes: cfg.Routes(), Ledger: book, Layouts: layouts.Current(), Hooks: watch.Hooks{
			Renew: layouts.Current,
			Catalog: func() (*catalog.Snapshot, error) {
				sources.Current() // a look at them every round
				return cats.Current()
			},
			Now: time.Now, Report: out.handleEvent,
			Saving: func() time.Duration { return max(cats.Changing(), layouts.Changing(), sources.Changing()) },
		}, Options: cfg.Options,
		Timing: watch.Timing{Poll: cfg.Watch.Poll}, Wake: wakeFolders(cfg),
		Share: at.sharing(), Node: at.name,
		Settings: settingsHash(cfg, settings), Language: s.Words().Language,
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out.worked = at.worked
	fetched, err := openSite(ctx, cfg, book, s, out.handleEvent)
	if err != nil {
		return err
	}
	w.Fetched = fetched.LayoutOf
	var figures *metrics.Metrics
	if !opt.Once {
		figures = newMetrics(cfg, book, out.alerts)
		w.Took, out.count = figures.Took, figures.Count
	}
	if !opt.Once && at.leads {
		page := servePage(ctx, cfg, book, cats.Current, figures.Mount, reload.apply, s)
		defer page.close()
		out.changed = page.changed
		if err := fetched.serve(s); err != nil {
			return err
		}
		defer fetched.close()
	}
	if !opt.Once { // with --once only what is there is read
		out.alerts.start(ctx)
		go reload.watch(ctx, stop, &out)
		defer out.alerts.stopAndWait()
	}
	if !opt.Once && at.leads {
		fetches := fetching.StartSchedule(ctx, cfg, book, sources.Current, figures.Throttled, s)
		defer fetches.Wait()
		defer stop()
	}
	if at.leads {
		held := newHeldBooks(withCatalogs(setup.NewDesk(cfg, book), cats.Current), s.Words(), cfg.Watch.Poll, s.Note)
		if opt.Once {
			held.round(ctx, false)
		} else {
			held.start(ctx)
			out.reports.start(ctx)
		}
		defer held.finish(ctx)
		defer out.reports.finish(ctx)
		defer stop()
	}
	go at.keep(ctx, stop, out.othersWorked, s)
	supervised := superviseWatch(ctx, config.Supervisor(), cfg.Folders.State, reload.restarts)
	err = w.Run(ctx, opt.Once)
	supervised()
	if ended := at.end(); ended != nil && ctx.Err() != nil {
		return ended
	}
	if err != nil {
		return ui.WithDiskHint(err)
	}
	if opt.Once && out.trouble {
		return ui.ErrHeld
	}
	return nil
}

// settingsHash stands for this program and the text of its settings; empty where something else decides over orders too: one's
// own mappings, or the layout of orders that 1C fetches.
func settingsHash(cfg *config.Config, text []byte) string {
	own, err := filepath.Glob(filepath.Join(cfg.SourcesDir(), "*"))
	if err != nil || len(own) > 0 || cfg.Site != nil || len(text) == 0 {
		return ""
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	program, err := os.Stat(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(text, "\n%d %d", program.Size(), program.ModTime().UnixNano()))
	return hex.EncodeToString(sum[:])
}

// wakeFolders are the folders where saving a file counts at once.
func wakeFolders(cfg *config.Config) []string {
	list, from := []string{cfg.Folders.Catalogs}, setup.TemplatesFor(cfg)
	if cfg.Folders.Sources != "" {
		list = append(list, cfg.Folders.Sources)
	}
	for _, name := range cfg.Layouts {
		if from.IsOwn(name) {
			list = append(list, filepath.Join(cfg.Folders.Templates, name))
		}
	}
	return list
}

// lockPatience is how long a starting watcher waits for the lock: `obmen status` holds it for an instant.
const lockPatience = 500 * time.Millisecond

// lockState locks the state folder. A *drop.LockedError says that another obmen works with it.
func lockState(ctx context.Context, dir string) (*drop.Lock, error) {
	var locked *drop.LockedError
	for start := time.Now(); ; {
		lock, err := drop.LockDir(dir)
		if !errors.As(err, &locked) || time.Since(start) > lockPatience || ctx.Err() != nil {
			return lock, err
		}
		time.Sleep(lockPatience / 10)
	}
}

// newMetrics collects the figures that monitors read of a watcher.
func newMetrics(cfg *config.Config, book *ledger.Ledger, a *alerts) *metrics.Metrics {
	return metrics.New(metrics.Sources{
		Desk: setup.NewDesk(cfg, book), Version: setup.Version, Started: time.Now(), Poll: cfg.Watch.Poll, Token: config.MetricsToken(),
		Fetches:      func() []metrics.Fetch { return fetchesOfMonitors(cfg, time.Now()) },
		NotifyFailed: a.failed.Load,
	})
}

// fetchesOfMonitors is how the accounts stand that are fetched.
func fetchesOfMonitors(cfg *config.Config, now time.Time) (list []metrics.Fetch) {
	for _, f := range cfg.Fetch {
		m := metrics.Fetch{Account: f.Account, Every: f.Every, SecretAgeDays: setup.SecretStatusOf(cfg, f.Account, now).AgeDays}
		if st, err := fetching.ReadStatus(fetching.Dir(cfg, f.Account)); err == nil && st.Error == "" {
			m.Success = st.Ended
		}
		list = append(list, m)
	}
	return list
}
