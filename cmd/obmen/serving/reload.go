package serving

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
)

// settingsEvery is how often it is looked whether the settings were changed.
const settingsEvery = 2 * time.Second

// reload looks after the file of settings of a running watcher. A change is checked at once and told; it counts
// when SIGHUP asks for it.
type reload struct {
	path    string
	signals chan os.Signal
	wanted  chan struct{} // a person has asked for it on the page
	again   atomic.Bool   // the watcher ends in order to start once more
}

func newReload(path string) *reload {
	if path == "" {
		path = config.FileName
	}
	r := &reload{path: path, signals: make(chan os.Signal, 1), wanted: make(chan struct{}, 1)}
	if len(reloadSignals) > 0 {
		signal.Notify(r.signals, reloadSignals...)
	}
	return r
}

func (r *reload) close() { signal.Stop(r.signals) }

// asked reports whether the watcher has ended in order to start once more.
func (r *reload) asked() bool { return r.again.Swap(false) }

// restarts reports whether the watcher ends in order to start once more; a nil reload never does.
func (r *reload) restarts() bool { return r != nil && r.again.Load() }

// apply asks for the settings as they are now, unless something is wrong with them.
func (r *reload) apply() error {
	if err := checkStart(r.path); err != nil {
		return err
	}
	select {
	case r.wanted <- struct{}{}:
	default: // it is asked for already
	}
	return nil
}

// watch ends the watcher by stop when changed settings are to be applied and are good.
func (r *reload) watch(ctx context.Context, stop func(), out *watchReport) {
	text := r.read()
	for {
		apply := false
		select {
		case <-ctx.Done():
			return
		case <-r.signals:
			apply = true
		case <-r.wanted:
			apply = true
			r.settled(ctx) // the page that says so loads its parts
		case <-time.After(settingsEvery):
			now := r.read()
			if now == nil || bytes.Equal(now, text) {
				continue
			}
			if text = now; !bytes.Equal(r.settled(ctx), now) {
				continue // still being saved
			}
		}
		if r.tell(out, apply) && apply {
			r.again.Store(true)
			stop()
			return
		}
	}
}

// read returns the text of the settings; nil while it cannot be read.
func (r *reload) read() []byte {
	text, err := config.ReadText(r.path)
	if err != nil {
		return nil
	}
	return text
}

// settled returns the text a moment later: an editor may still be writing.
func (r *reload) settled(ctx context.Context) []byte {
	select {
	case <-ctx.Done():
	case <-time.After(settingsEvery / 4):
	}
	return r.read()
}

// tell checks the settings and reports whether they are good.
func (r *reload) tell(out *watchReport, apply bool) (good bool) {
	w := out.s.Words()
	err := checkStart(r.path)
	switch {
	case err != nil:
		out.s.PrintError(err)
		out.s.PrintProblem(w.Say("reload.bad", "Settings", r.path), w.Say("reload.mend", "Command", config.Command(r.path, "check")))
		out.alerts.setSettings(w.Say("alert.settings", "Command", config.Command(r.path, "check")))
		return false
	case apply:
		out.s.Note("reload.applied", "Settings", r.path)
	default:
		out.s.PrintProblem(w.Say("reload.good", "Settings", r.path), w.Say("reload.apply"))
	}
	out.alerts.setSettings("")
	return true
}

// checkStart reports what would keep a watcher from starting with the settings as they are.
func checkStart(path string) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	if err := canStart(cfg); err != nil {
		return err
	}
	if _, err := setup.LoadEncryption(cfg); err != nil {
		return err
	}
	if err := storeStops(cfg); err != nil {
		return err
	}
	layouts, err := setup.LoadLayouts(cfg, cfg.Layouts)
	if err != nil {
		return err
	}
	if err := checkExchanges(cfg, layouts); err != nil {
		return err
	}
	if errs := checkSite(cfg); len(errs) > 0 {
		return ui.Errors(errs)
	}
	for i := range cfg.Notify {
		if _, err := notifyChannel(cfg, &cfg.Notify[i]); err != nil {
			return err
		}
	}
	return nil
}
