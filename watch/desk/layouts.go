package desk

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

	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/watch"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// Layouts are the layouts in force for a watcher. A template that is saved counts in the next round. One with
// mistakes is reported once and leaves the version before it in force, which also lies in the state folder for
// the next start: so no order waits for a template, and none goes out in a shape that its owner did not choose.
type Layouts struct {
	templates Templates
	settle    time.Duration
	kept      string // folder of the last good versions of one's own templates
	tell      func(watch.Event)

	mu    sync.Mutex // every route asks
	list  []*layout.Layout
	seen  []string // by layout: what its folder was like when last looked at
	save  []saving // by layout
	wrong []bool   // by layout: its templates have mistakes, those before them are in force
}

// OpenLayouts compiles the layouts in use. kept is the folder of the last good versions, settle the time that a
// template must stay unchanged. A broken template of one's own that has no earlier version is an error: nothing
// ever went out by it.
func OpenLayouts(ctx context.Context, t Templates, names []string, settle time.Duration, kept string, tell func(watch.Event)) (*Layouts, error) {
	l := &Layouts{templates: t, settle: settle, kept: kept, tell: tell}
	missing := t.CheckFolder()
	if missing != nil && !slices.ContainsFunc(names, l.hasEarlier) {
		return nil, missing
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		compiled, err := l.compileFirst(ctx, name, missing)
		if err != nil {
			earlier, found := l.lastGood(name)
			if !found {
				return nil, err
			}
			l.reportBroken(name, err)
			compiled = earlier
		}
		l.list = append(l.list, compiled)
		l.wrong = append(l.wrong, err != nil)
		l.save = append(l.save, saving{settle: settle})
	}
	return l, nil
}

// compileFirst compiles a layout at the start. Those of one's own that were in force before the folder of all of
// them went missing are not there.
func (l *Layouts) compileFirst(ctx context.Context, name string, missing error) (*layout.Layout, error) {
	save := saving{settle: l.settle}
	for {
		state := l.folderState(name)
		if missing != nil && l.hasEarlier(name) {
			l.seen = append(l.seen, state)
			return nil, missing
		}
		compiled, err := l.compileNow(name)
		if err == nil || !l.isOwn(name) || ctx.Err() != nil || save.hasSettled(state) { // perhaps it is being saved
			l.seen = append(l.seen, state)
			return compiled, err
		}
		time.Sleep(save.settle / 4)
	}
}

// Current looks at the folders and returns the layouts in force.
func (l *Layouts) Current() []*layout.Layout {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, old := range l.list {
		state := l.folderState(old.Name())
		if state == l.seen[i] {
			l.save[i].stopWaiting()
			continue
		}
		if !l.save[i].hasSettled(state) {
			continue
		}
		compiled, err := l.compileAgain(old.Name())
		if after := l.folderState(old.Name()); after != state { // saved while it was read
			l.save[i].hasSettled(after)
			continue
		}
		l.seen[i] = state
		l.wrong[i] = err != nil
		switch {
		case err != nil:
			l.reportBroken(old.Name(), err)
		case compiled.Hash() != old.Hash():
			l.list = slices.Clone(l.list) // another route may be writing by the one before
			l.list[i] = compiled
			l.reportChanged(compiled)
		}
	}
	return l.list
}

// Stale returns the names of layouts whose templates have mistakes: those before them are in force.
func (l *Layouts) Stale() (names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, compiled := range l.list {
		if l.wrong[i] {
			names = append(names, "layout "+compiled.Name())
		}
	}
	return names
}

// Changing returns for how long templates have been changing.
func (l *Layouts) Changing() (longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.save {
		longest = max(longest, l.save[i].waitedFor())
	}
	return longest
}

// errGone is a folder of one's own that was there when the watcher started: the built-in template of its
// name is not what its owner chose.
var errGone = errors.New("the folder of the template is gone")

func (l *Layouts) compileAgain(name string) (*layout.Layout, error) {
	if l.hasEarlier(name) && !l.isOwn(name) {
		return nil, tmpl.Mistakes{{File: name, Text: errGone.Error(), Advice: "put it back, or start obmen again to use the built-in one"}}
	}
	return l.compileNow(name)
}

// compileNow compiles a layout as it is now, and keeps what is good.
func (l *Layouts) compileNow(name string) (*layout.Layout, error) {
	compiled, err := l.templates.Compile(name)
	if err != nil {
		return nil, err
	}
	if err := l.keepGood(name, compiled.Hash()); err != nil {
		l.tell(watch.Event{Kind: watch.Alert, File: name, Text: "the template cannot be kept: " + err.Error(), Hint: "look at the rights of the state folder; the layout works"})
	}
	return compiled, nil
}

func (l *Layouts) isOwn(name string) bool {
	return l.templates.IsOwn(name)
}

func (l *Layouts) folderState(name string) string {
	if !l.isOwn(name) {
		return ""
	}
	return folderState(filepath.Join(l.templates.Own, name))
}

// lastGood compiles the last good version of a template of one's own.
func (l *Layouts) lastGood(name string) (*layout.Layout, bool) {
	compiled, err := layout.Compile(os.DirFS(l.kept), name, l.templates.Settings[name])
	return compiled, err == nil
}

func (l *Layouts) hasEarlier(name string) bool {
	_, found := l.lastGood(name)
	return found
}

// keepGood copies the files of a good template of one's own into the state folder; of a built-in one nothing
// stays there. A program that is killed in between has no earlier version, and keeps one at its next start.
func (l *Layouts) keepGood(name, hash string) error {
	target, temp := filepath.Join(l.kept, name), filepath.Join(l.kept, "."+name+".new")
	if !l.isOwn(name) {
		return os.RemoveAll(target)
	}
	if before, found := l.lastGood(name); found && before.Hash() == hash {
		return nil
	}
	if err := os.RemoveAll(temp); err != nil { // of a program that was killed
		return err
	}
	if err := drop.MakeDirs(drop.OS{}, temp, 0o700); err != nil {
		return err
	}
	own := os.DirFS(l.templates.Own)
	for _, file := range LayoutFiles(own, name) {
		data, err := layout.ReadTemplate(own, path.Join(name, file))
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

// reportBroken reports every mistake of a template, and what happens meanwhile.
func (l *Layouts) reportBroken(name string, err error) {
	var mistakes tmpl.Mistakes
	if !errors.As(err, &mistakes) {
		mistakes = tmpl.Mistakes{{File: name, Text: err.Error()}}
	}
	for _, m := range mistakes {
		place := m
		place.Text = ""
		l.tell(watch.Event{Kind: watch.Alert, File: strings.TrimSuffix(place.Error(), ": "), Text: m.Text, Hint: m.Advice})
	}
	l.tell(watch.Event{Kind: watch.Alert, File: "layout " + name, Text: "the template as it was before stays in force", Hint: "mend it and save it: obmen notices"})
}

func (l *Layouts) reportChanged(now *layout.Layout) {
	l.tell(watch.Event{
		Kind: watch.Renewed, File: "layout " + now.Name(), Text: "it has changed, now " + now.Hash()[:HashShown],
		Hint: "what went out stays as it is; `obmen replay` writes it by the new one",
	})
}

// Compare reports which layouts are not those that the newest outputs were written by.
func (l *Layouts) Compare(ctx context.Context, book *ledger.Ledger) error {
	for _, now := range l.list {
		last, err := book.LastTemplate(ctx, now.Name())
		if err != nil {
			return err
		}
		if last != "" && last != now.Hash() {
			l.reportChanged(now)
		}
	}
	return nil
}

// Templates are where layouts come from: a folder of one's own, whose layouts win, and the built-in ones.
type Templates struct {
	Own      string // folder; empty for none
	BuiltIn  fs.FS
	Settings map[string]map[string]string // by layout
	File     string                       // of the settings, for messages
}

// CheckFolder reports a folder of one's own that is not there, if the settings name one: without it orders would go
// out by templates that their owner did not choose.
func (t *Templates) CheckFolder() error {
	if t.Own == "" || isFolder(t.Own) {
		return nil
	}
	return tmpl.Mistakes{{
		File: t.Own, Text: "there is no such folder of templates",
		Advice: "correct templates in " + t.File + ", or leave it out to use the built-in layouts; `obmen template copy` makes the folder",
	}}
}

// Load compiles layouts, each once.
func (t *Templates) Load(names []string) ([]*layout.Layout, error) {
	if err := t.CheckFolder(); err != nil {
		return nil, err
	}
	var list []*layout.Layout
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		l, err := t.Compile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// Compile compiles a layout. Mistakes name the files of one's own as their owner finds them.
func (t *Templates) Compile(name string) (*layout.Layout, error) {
	from := t.BuiltIn
	if t.IsOwn(name) {
		from = os.DirFS(t.Own)
	}
	l, err := layout.Compile(from, name, t.Settings[name])
	if err != nil && t.IsOwn(name) {
		err = LocateMistakes(err, t.Own)
	}
	return l, err
}

// IsOwn reports whether the folder of one's own has that layout.
func (t *Templates) IsOwn(name string) bool {
	if t.Own == "" || !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(os.DirFS(t.Own), name)
	return err == nil && info.IsDir()
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// LayoutFiles lists what the engine reads of a layout: document.xml and workbooks.
func LayoutFiles(fsys fs.FS, name string) (list []string) {
	for _, pattern := range []string{"document.xml", "sheet*.xlsx"} {
		found, _ := fs.Glob(fsys, path.Join(name, pattern)) // the pattern is right
		for _, f := range found {
			list = append(list, path.Base(f))
		}
	}
	return list
}

// LocateMistakes puts the folder of templates before the files of mistakes.
func LocateMistakes(err error, own string) error {
	var mistakes tmpl.Mistakes
	if !errors.As(err, &mistakes) {
		return err
	}
	list := slices.Clone(mistakes)
	for i := range list {
		list[i].File = filepath.Join(own, filepath.FromSlash(list[i].File))
	}
	return list
}
