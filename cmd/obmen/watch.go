package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// ledgerFile is the ledger's name in the state folder.
const ledgerFile = "ledger.db"

// templatesDir has the last good versions of one's own templates, in the state folder.
const templatesDir = "templates"

func watchCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "watch",
		Usage: "convert what is dropped into the inbox, put the results into the outbox",
		Flags: []cli.Flag{
			configFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print what happens on stdout too, a JSON object a line"},
			&cli.BoolFlag{Name: "once", Usage: "work until nothing is left to do, then end"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "drop the file into the inbox, or use obmen convert"); err != nil {
				return err
			}
			return runWatch(c.Context, watchOptions{c.Path("config"), c.Bool("once"), c.Bool("json")}, s)
		},
	}
}

type watchOptions struct {
	Config     string
	Once, JSON bool
}

func runWatch(ctx context.Context, opt watchOptions, s ui.Streams) error {
	cfg, err := loadSetUp(opt.Config)
	if err != nil {
		return err
	}
	if err := canStart(cfg); err != nil {
		return err
	}
	seal, err := loadSeal(cfg)
	if err != nil {
		return err
	}
	lock, err := lockState(ctx, cfg.Folders.State)
	if err != nil {
		return err
	}
	defer lock.Release()
	book, err := ledger.Open(ctx, filepath.Join(cfg.Folders.State, ledgerFile), ledger.Options{})
	if err != nil {
		return err
	}
	defer book.Close()
	s.Err = &turns{w: s.Err} // the watcher and the fetches both write to it
	out := watchReport{cfg: cfg, s: s, json: opt.JSON}
	layouts, err := openLayouts(ctx, cfg, filepath.Join(cfg.Folders.State, templatesDir), out.event)
	if err != nil {
		return err
	}
	if err := checkExchanges(cfg, layouts.list); err != nil {
		return err
	}
	if err := layouts.compare(ctx, book); err != nil {
		return err
	}
	cats := catalogs{dir: cfg.Folders.Catalogs, s: s, saving: saving{settle: cfg.Watch.Settle}}
	w := watch.Watcher{
		State: cfg.Folders.State, Routes: cfg.Routes(), Ledger: book, Layouts: layouts.list, Renew: layouts.current, Options: cfg.Options,
		Poll: cfg.Watch.Poll, Free: cfg.Watch.FreeBytes, Keep: cfg.Watch.Keep, Encryption: seal, Wake: wakes(cfg),
		Catalog: cats.current, Now: time.Now, Report: out.event,
		Saving: func() time.Duration { return max(cats.changing(), layouts.changing()) },
	}
	fetched, err := openSite(cfg, book, s, out.event)
	if err != nil {
		return err
	}
	w.Fetched = fetched.layoutOf
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if !opt.Once {
		if err := fetched.serve(s); err != nil {
			return err
		}
		defer fetched.close()
	}
	if !opt.Once { // a run that ends by itself reads what is there
		fetches := startSchedule(ctx, cfg, book, s)
		defer fetches.wait()
		defer stop()
	}
	err = w.Run(ctx, opt.Once)
	if hung, ok := errors.AsType[*watch.HungError](err); ok {
		return ui.WithHint(err, hung.Advice)
	}
	if err != nil {
		return explain(err)
	}
	if opt.Once && out.trouble {
		return ui.ErrHeld
	}
	return nil
}

// wakes are the folders where saving a file counts at once.
func wakes(cfg *config.Config) []string {
	list := []string{cfg.Folders.Catalogs}
	for _, name := range cfg.Layouts {
		if ownLayout(cfg.Folders.Templates, name) {
			list = append(list, filepath.Join(cfg.Folders.Templates, name))
		}
	}
	return list
}

// loadSetUp reads the configuration of a command that cannot do without one.
func loadSetUp(path string) (*config.Config, error) {
	cfg, err := config.Load(path)
	if err == nil && cfg.Path == "" {
		err = ui.WithHint(ui.InSettings(errors.New("there is no obmen.toml here")), "`obmen init DIR` makes one; --config FILE names another")
	}
	return cfg, err
}

// watchReport tells people what the watcher does, a few lines for each file.
type watchReport struct {
	cfg  *config.Config
	s    ui.Streams
	json bool // also an object a line on stdout

	mu      sync.Mutex
	trouble bool // something is held or refused
}

func (r *watchReport) event(e watch.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.json {
		_ = printEvent(r.s.Out, &e, time.Now()) // nobody reads it any more: the work goes on
	}
	e.File = ui.OneLine(e.File)
	if e.Result != nil {
		r.trouble = r.trouble || e.Result.Summary.Held > 0
		out := report.Report{Result: e.Result, HeldAt: r.heldAt(e.Route)}
		out.Text(r.s)
	}
	r.trouble = r.trouble || e.Kind == watch.Quarantined || e.Kind == watch.Waiting
	switch e.Kind {
	case watch.Converted:
		fmt.Fprintf(r.s.Err, "%s → %s\n", e.File, r.short(e.Place))
	case watch.Cured:
		fmt.Fprintf(r.s.Err, "held orders of %s were tried again\n", e.File)
	case watch.Republished:
		fmt.Fprintf(r.s.Err, "orders of %s were sent once more\n", e.File)
	case watch.Waiting, watch.Going:
		r.s.PrintProblem(e.Route+": "+e.Text, e.Hint)
	default:
		r.s.PrintProblem(cmp.Or(e.File, e.Route)+": "+e.Text, e.Hint)
		if e.Place != "" {
			fmt.Fprintf(r.s.Err, "%s → %s\n", e.File, r.short(e.Place))
		}
	}
}

// heldAt is the list of held orders of a route.
func (r *watchReport) heldAt(name string) string {
	for _, route := range r.cfg.Routes() {
		if route.Name == name {
			return route.HeldPath()
		}
	}
	return ""
}

// short is a path as seen from obmen.toml.
func (r *watchReport) short(place string) string {
	if rel, err := filepath.Rel(filepath.Dir(r.cfg.Path), place); err == nil {
		place = rel
	}
	return ui.OneLine(place)
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
