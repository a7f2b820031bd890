package serving

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/journal"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/outbox"
	"obmen/watch/service"
)

// openLog opens the log of a watcher and returns streams that write into it.
func openLog(cfg *config.Config, format string, s ui.Streams) (ui.Streams, *journal.Log, error) {
	if service.IsService() && cfg.Log.File == "" { // no one sees what a service of Windows prints
		cfg.Log.File = filepath.Join(cfg.Folders.State, "obmen.log")
	}
	log, err := journal.New(journal.Options{
		Stderr: s.Err, Journal: config.InJournal(ui.Raw(s.Err)), Format: cmp.Or(format, cfg.Log.Format), Level: cfg.Log.Level,
		File: cfg.Log.File, FileMB: cfg.Log.FileMB, Keep: cfg.Log.Keep,
		System: service.EventLog(),
		Safe:   func(w io.Writer) io.Writer { return ui.NewSafeWriter(w) },
	})
	if err != nil {
		return s, nil, ui.InSettings(err)
	}
	s.Err, s.Log = &journal.Lines{Log: log.Logger}, log.Logger
	return s, log, nil
}

// logStart writes the line that tells what runs with which settings.
func logStart(log *slog.Logger, cfg *config.Config) {
	var routes, accounts []string
	for _, r := range cfg.Routes() {
		routes = append(routes, r.Name)
	}
	for i := range cfg.Options.Accounts {
		accounts = append(accounts, cfg.Options.Accounts[i].Name)
	}
	site := ""
	if cfg.Site != nil {
		site = cfg.Site.Listen
	}
	kept := ""
	if cfg.Store.Bucket != nil {
		kept = cfg.Store.Bucket.String()
	}
	page := cmp.Or(cfg.Web.Listen, "off")
	f := cfg.Folders
	log.Info(service.Started, "version", setup.Version, "go", runtime.Version(), "settings", absolute(cfg.Path), "routes", routes, "accounts", accounts,
		"inbox", absolute(f.Inbox), "outbox", absolute(f.Outbox), "archive", absolute(f.Archive), "quarantine", absolute(f.Quarantine),
		"catalogs", absolute(f.Catalogs), "state", absolute(f.State), "kept", kept,
		"page", page, "site", site)
}

// absolute is a path from the root, where it can be told.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// mostHoldsKnown bounds what is remembered of held orders that were told.
const mostHoldsKnown = 100_000

// eventLog writes what a watcher reports as records. Held orders are told when they are new: each try shows all
// of them once more.
type eventLog struct {
	log   *slog.Logger
	w     *words.Words
	known map[[3]string]bool // what was told: route, order and code of held orders
}

func (l *eventLog) write(e *watch.Event, place string) {
	log := l.log.With(journal.Route, e.Route, journal.File, ui.OneLine(e.File))
	switch e.Kind {
	case watch.Converted:
		l.converted(log, e, l.w.Phrase("converted"), place)
	case watch.Cured:
		l.converted(log, e, l.w.Phrase("tried again"), "")
	case watch.Republished:
		l.converted(log, e, l.w.Phrase("sent again"), "")
	default:
		log.Log(context.Background(), levelOf(e.Kind), l.w.Phrase(e.Text), "place", place, journal.Hint, l.w.Phrase(e.Hint))
	}
}

// levelOf is how much an event matters.
func levelOf(kind watch.EventKind) slog.Level {
	switch kind {
	case watch.Waiting, watch.Alert, watch.Quarantined:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// converted tells what came of a file: one line, one for each of its first held orders that is new, and one for
// each note. held.csv has all. What is new here is told, even if the log had the same line for other catalogs.
func (l *eventLog) converted(log *slog.Logger, e *watch.Event, what, place string) {
	if e.Result == nil {
		log.Info(what, "place", place)
		return
	}
	sum := &e.Result.Summary
	fresh := l.newHolds(e.Route, e.Result)
	ctx := journal.AlwaysTold(context.Background())
	log.Info(what, "exported", sum.Exported, "held", sum.Held, "skipped", skippedOf(e.Result), "place", place)
	for _, o := range fresh {
		why, cure := l.w.Hold(string(o.Hold.Code), o.Hold.Sentence, o.Hold.Cure, o.Hold.File)
		log.WarnContext(ctx, l.w.Phrase("order "+ui.OneLine(o.Order)+" is held, "+string(o.Hold.Code)+": "+why), journal.Hint, cure)
	}
	for _, n := range e.Result.Notes {
		log.WarnContext(ctx, l.w.Phrase(n.Text))
	}
}

func skippedOf(r *outbox.Result) (n int) {
	for _, of := range r.Summary.Rules {
		n += of
	}
	return n
}

// newHolds are the held orders of a result that were not told before.
func (l *eventLog) newHolds(route string, r *outbox.Result) (fresh []convert.Outcome) {
	for i := range r.Held {
		if l.isNew([3]string{route, r.Held[i].Order, string(r.Held[i].Hold.Code)}) {
			fresh = append(fresh, r.Held[i])
		}
	}
	return fresh
}

// isNew reports whether something was not told before.
func (l *eventLog) isNew(key [3]string) bool {
	if l.known == nil || len(l.known) > mostHoldsKnown {
		l.known = map[[3]string]bool{}
	}
	fresh := !l.known[key]
	l.known[key] = true
	return fresh
}
