package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"obmen/convert/source"
	"obmen/convert/source/mapped"
	"obmen/watch"
	"obmen/watch/drop"
)

// Sources are the mappings in force for a watcher: one's own that is saved counts for the next file. One with
// mistakes is reported once and leaves those before it in force.
type Sources struct {
	Dir    string        // folder of one's own mappings; it need not be there
	Settle time.Duration // how long files must stay unchanged; 0: what is there counts
	Tell   func(watch.Event)

	mu     sync.Mutex // every route asks
	state  string
	good   *mapped.Set
	saving saving
}

var _ source.Recognizer = (*Sources)(nil)

// OpenSources begins with the mappings that were loaded at the start.
func OpenSources(s *Sources, loaded *mapped.Set) *Sources {
	s.good, s.state, s.saving.settle = loaded, folderState(s.Dir), s.Settle
	return s
}

func folderState(dir string) string {
	var b strings.Builder
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == drop.LockName || strings.HasSuffix(d.Name(), drop.Unfinished) {
			return nil // what a change of a catalog leaves beside it
		}
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}

// Current returns the newest good mappings.
func (s *Sources) Current() *mapped.Set {
	set, events := s.loadNewest()
	for _, e := range events { // whoever is told may ask for the mappings
		s.Tell(e)
	}
	return set
}

// loadNewest returns the newest good mappings and what there is to tell.
func (s *Sources) loadNewest() (*mapped.Set, []watch.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := folderState(s.Dir)
	if state == s.state {
		s.saving.stopWaiting()
		return s.good, nil
	}
	if !s.saving.hasSettled(state) {
		return s.good, nil
	}
	own, err := mapped.Load(os.DirFS(s.Dir), s.Dir)
	if after := folderState(s.Dir); s.Settle > 0 && after != state { // saved while it was read
		s.saving.hasSettled(after)
		return s.good, nil
	}
	s.state = state
	if err != nil {
		return s.good, s.brokenEvents(err)
	}
	s.good = mapped.NewSet(own...)
	return s.good, []watch.Event{{
		Kind: watch.Renewed, File: s.Dir, Text: "mappings have changed",
		Hint: "files that come now are read by them; `obmen requeue` brings back those that were refused",
	}}
}

// brokenEvents tell every mistake, and what happens meanwhile.
func (s *Sources) brokenEvents(err error) (list []watch.Event) {
	var mistakes mapped.Mistakes
	if !errors.As(err, &mistakes) {
		mistakes = mapped.Mistakes{{File: s.Dir, Text: err.Error(), Advice: "look at the rights of the folder"}}
	}
	for _, m := range mistakes {
		list = append(list, watch.Event{Kind: watch.Alert, File: m.Place(), Text: m.Text, Hint: m.Advice})
	}
	return append(list, watch.Event{Kind: watch.Alert, File: s.Dir, Text: "the mappings as they were before stay in force", Hint: "mend the file and save it: obmen notices"})
}

// Changing returns for how long the files have been changing.
func (s *Sources) Changing() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saving.waitedFor()
}

// Claims is that of source.Recognizer.
func (s *Sources) Claims(head []byte) []source.Claim { return s.Current().Claims(head) }

// Formats is that of source.Recognizer.
func (s *Sources) Formats() []source.Format { return s.Current().Formats() }
