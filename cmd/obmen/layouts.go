package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/watch"
	"obmen/watch/ledger"
)

// layouts keeps the layouts in force for a watcher. A template that is saved counts in the next round. One
// with mistakes is told once and leaves the version before it in force, which also lies in the state
// folder for the next start: so orders wait for nobody, and no order goes out in a shape that nobody chose.
type layouts struct {
	cfg  *config.Config
	kept string // folder of the last good versions of one's own templates
	tell func(watch.Event)

	mu   sync.Mutex // every route asks
	list []*layout.Layout
	seen []string // by layout: what its folder was like when last looked at
	save []saving // by layout
}

// openLayouts compiles the layouts in use. A broken template of one's own that has no earlier version is
// an error: nothing ever went out by it.
func openLayouts(ctx context.Context, cfg *config.Config, kept string, tell func(watch.Event)) (*layouts, error) {
	l := &layouts{cfg: cfg, kept: kept, tell: tell}
	missing := templatesFolder(cfg)
	if missing != nil && !slices.ContainsFunc(cfg.Layouts, l.hasEarlier) {
		return nil, missing
	}
	for i, name := range cfg.Layouts {
		if slices.Contains(cfg.Layouts[:i], name) {
			continue
		}
		compiled, err := l.begin(ctx, name, missing)
		if err != nil {
			earlier, found := l.earlier(name)
			if !found {
				return nil, ui.InSettings(err)
			}
			l.broken(name, err)
			compiled = earlier
		}
		l.list = append(l.list, compiled)
		l.save = append(l.save, saving{settle: cfg.Watch.Settle})
	}
	return l, nil
}

// begin compiles a layout at the start. Those of one's own that were in force before the folder of all of
// them went missing are not there.
func (l *layouts) begin(ctx context.Context, name string, missing error) (*layout.Layout, error) {
	save := saving{settle: l.cfg.Watch.Settle}
	for {
		state := l.state(name)
		if missing != nil && l.hasEarlier(name) {
			l.seen = append(l.seen, state)
			return nil, missing
		}
		compiled, err := l.compile(name)
		if err == nil || !l.own(name) || ctx.Err() != nil || save.done(state) { // perhaps it is being saved
			l.seen = append(l.seen, state)
			return compiled, err
		}
		time.Sleep(save.settle / 4)
	}
}

// current looks at the folders and gives the layouts in force.
func (l *layouts) current() []*layout.Layout {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, old := range l.list {
		state := l.state(old.Name())
		if state == l.seen[i] {
			l.save[i].stop()
			continue
		}
		if !l.save[i].done(state) {
			continue
		}
		compiled, err := l.renew(old.Name())
		if after := l.state(old.Name()); after != state { // saved while it was read
			l.save[i].done(after)
			continue
		}
		l.seen[i] = state
		switch {
		case err != nil:
			l.broken(old.Name(), err)
		case compiled.Hash() != old.Hash():
			l.list = slices.Clone(l.list) // somebody may be writing by the one before
			l.list[i] = compiled
			l.changed(compiled)
		}
	}
	return l.list
}

// changing is for how long templates have been changing.
func (l *layouts) changing() (longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.save {
		longest = max(longest, l.save[i].lasts())
	}
	return longest
}

// errGone is a folder of one's own that was there when the watcher started: the built-in template of its
// name is not what its owner chose.
var errGone = errors.New("the folder of the template is gone")

func (l *layouts) renew(name string) (*layout.Layout, error) {
	if l.hasEarlier(name) && !l.own(name) {
		return nil, tmpl.Mistakes{{File: name, Text: errGone.Error(), Advice: "put it back, or start obmen again to use the built-in one"}}
	}
	return l.compile(name)
}

// compile compiles a layout as it is now, and keeps what is good.
func (l *layouts) compile(name string) (*layout.Layout, error) {
	compiled, err := layout.Compile(layoutFS(l.cfg.Folders.Templates, name), name, l.cfg.Layout[name])
	if err != nil {
		return nil, located(err, l.cfg.Folders.Templates, l.own(name))
	}
	if err := l.keep(name, compiled.Hash()); err != nil {
		l.tell(watch.Event{Kind: watch.Alert, File: name, Text: "the template cannot be kept: " + err.Error(), Hint: "look at the rights of the state folder; the layout works"})
	}
	return compiled, nil
}

func (l *layouts) own(name string) bool {
	return ownLayout(l.cfg.Folders.Templates, name)
}

func (l *layouts) state(name string) string {
	if !l.own(name) {
		return ""
	}
	return folderState(filepath.Join(l.cfg.Folders.Templates, name))
}

// earlier compiles the last good version of a template of one's own.
func (l *layouts) earlier(name string) (*layout.Layout, bool) {
	compiled, err := layout.Compile(os.DirFS(l.kept), name, l.cfg.Layout[name])
	return compiled, err == nil
}

func (l *layouts) hasEarlier(name string) bool {
	_, found := l.earlier(name)
	return found
}

// keep copies the files of a good template of one's own into the state folder; of a built-in one nothing
// stays there. A program that is killed in between has no earlier version, and keeps one at its next start.
func (l *layouts) keep(name, hash string) error {
	target, temp := filepath.Join(l.kept, name), filepath.Join(l.kept, "."+name+".new")
	if !l.own(name) {
		return os.RemoveAll(target)
	}
	if before, found := l.earlier(name); found && before.Hash() == hash {
		return nil
	}
	if err := os.RemoveAll(temp); err != nil { // of a program that was killed
		return err
	}
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	own := template{name: name, fsys: os.DirFS(l.cfg.Folders.Templates)}
	for _, file := range own.files() {
		data, err := fs.ReadFile(own.fsys, path.Join(name, file))
		if err == nil {
			err = os.WriteFile(filepath.Join(temp, file), data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	if err := os.RemoveAll(target); err != nil {
		return err
	}
	return os.Rename(temp, target)
}

// broken tells every mistake of a template, and what happens meanwhile.
func (l *layouts) broken(name string, err error) {
	var mistakes tmpl.Mistakes
	if !errors.As(err, &mistakes) {
		mistakes = tmpl.Mistakes{{File: name, Text: err.Error()}}
	}
	for _, m := range mistakes {
		place := m
		place.Text = ""
		l.tell(watch.Event{Kind: watch.Alert, File: strings.TrimSuffix(place.Error(), ": "), Text: m.Text, Hint: m.Advice})
	}
	l.tell(watch.Event{Kind: watch.Alert, File: "layout " + name, Text: "the template as it was before stays in force", Hint: "mend it and save it: obmen looks by itself"})
}

func (l *layouts) changed(now *layout.Layout) {
	l.tell(watch.Event{
		Kind: watch.Renewed, File: "layout " + now.Name(), Text: "it has changed, now " + now.Hash()[:hashShown],
		Hint: "what went out stays as it is; `obmen replay` lays it out anew",
	})
}

// compare tells which layouts are not those that the newest outputs were written by.
func (l *layouts) compare(ctx context.Context, book *ledger.Ledger) error {
	for _, now := range l.list {
		last, err := book.LastTemplate(ctx, now.Name())
		if err != nil {
			return err
		}
		if last != "" && last != now.Hash() {
			l.changed(now)
		}
	}
	return nil
}

// located names the files of mistakes as their owner finds them.
func located(err error, own string, isOwn bool) error {
	var mistakes tmpl.Mistakes
	if !errors.As(err, &mistakes) || !isOwn {
		return err
	}
	list := slices.Clone(mistakes)
	for i := range list {
		list[i].File = filepath.Join(own, filepath.FromSlash(list[i].File))
	}
	return list
}
