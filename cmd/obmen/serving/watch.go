// Package serving runs a watcher with all that works beside it: the log, alerts, the reports of the day, the page, the
// server of a site, monitoring and fetches. Its commands are watch, and those that look at the settings before it starts
// or set up what it needs: check, service, site, notify, web and open.
package serving

import (
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
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/metrics"
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
		return (&shift{Options: opt, s: s}).run(ctx, new(*place))
	}
	reload := newReload(opt.Config)
	defer reload.close()
	var kept *place
	defer func() {
		if kept != nil { // it could not begin once more
			kept.release(ctx)
		}
	}()
	for {
		err := (&shift{Options: opt, s: s, reload: reload}).run(ctx, &kept)
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
