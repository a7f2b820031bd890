package watch

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/watch/drop"
)

// settler tells which files of an inbox have stopped changing. It is the same at start-up and at run time.
type settler struct {
	r     *Route
	disk  drop.FS
	seen  map[string]*sighting // by path
	later map[string]*postponed
	queue []settled // found by the last scan and not given out yet
	news  bool      // the last scan saw a file that is new or has changed

	include, exclude patterns
	entered          func(dir string) // told every sub-folder that is looked into; may be nil
	touch            func()           // told every file; may be nil
}

type sighting = Steady[drop.Observation]

// postponed is a file that had settled and turned out to be incomplete.
type postponed struct {
	first time.Time // monotonic
	last  drop.Observation
	why   string
}

// settled is a file that is ready to be claimed.
type settled struct {
	path string
	name string // without the folders below the inbox
	side string // its side file with the charset; empty without one
}

func newSettler(disk drop.FS, r *Route) *settler {
	return &settler{r: r, disk: disk, seen: map[string]*sighting{}, later: map[string]*postponed{}}
}

// compile reads the patterns of the route.
func (s *settler) compile() (err error) {
	if s.include, err = compilePatterns(s.r.Include); err != nil {
		return err
	}
	s.exclude, err = compilePatterns(s.r.Exclude)
	return err
}

// idle says whether no file is waiting to settle.
func (s *settler) idle() bool { return len(s.seen) == 0 && len(s.later) == 0 && len(s.queue) == 0 }

// pause is how long to sleep between two looks at changing files.
func (s *settler) pause() time.Duration { return max(s.r.Settle/observations, 10*time.Millisecond) }

// next gives up to n files that have settled, in the order of their paths. The inbox is scanned again only
// when all that the last scan found is given out: a scan for every few files would look at a hundred
// thousand of them a thousand times. What has changed or gone since that scan is left to the next one.
func (s *settler) next(n int) (list []settled, err error) {
	if len(s.queue) == 0 {
		list, err = s.scan()
		fresh := min(n, len(list))
		s.queue = list[fresh:]
		return list[:fresh], err
	}
	for len(list) < n && len(s.queue) > 0 {
		f := s.queue[0]
		s.queue = s.queue[1:]
		s.tell()
		if s.look(f.path) {
			f.side = s.side(f.path)
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return s.next(n) // all of them have gone: what is there now?
	}
	return list, nil
}

// giveBack takes back files that are not claimed yet: they come next.
func (s *settler) giveBack(list []settled) { s.queue = append(slices.Clip(list), s.queue...) }

// anew makes the next files come from a new scan.
func (s *settler) anew() { s.queue = nil }

// taken forgets a file that was claimed.
func (s *settler) taken(path string) { delete(s.seen, path) }

// tell tells that one more file is looked at.
func (s *settler) tell() {
	if s.touch != nil {
		s.touch()
	}
}

// scan looks at the inbox once and gives the files that have settled, in the order of their paths.
func (s *settler) scan() (ready []settled, err error) {
	present := map[string]bool{}
	s.news = false
	err = drop.WalkDir(s.disk, s.r.Inbox, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != s.r.Inbox:
			return nil // gone meanwhile
		case err != nil:
			return err
		case d.IsDir():
			return s.enter(path, d)
		case s.leave(d):
			return nil
		}
		present[path] = true
		s.tell()
		if s.look(path) {
			ready = append(ready, settled{path, d.Name(), s.side(path)})
		}
		return nil
	})
	s.forget(present)
	return ready, err
}

// enter goes down into sub-folders as deep as the route says, never into hidden ones: obmen's own are.
func (s *settler) enter(path string, d fs.DirEntry) error {
	if path == s.r.Inbox {
		return nil
	}
	rel, err := filepath.Rel(s.r.Inbox, path)
	if err != nil || strings.HasPrefix(d.Name(), ".") || strings.Count(rel, string(filepath.Separator)) >= s.r.Depth {
		return fs.SkipDir
	}
	if s.entered != nil {
		s.entered(path)
	}
	return nil
}

// Names that systems and programs leave lying about, and names of files that are still being written.
var (
	junkNames    = []string{"thumbs.db", "desktop.ini", "icon\r", "@eadir"}
	junkPrefixes = []string{".", "~$", "._"}
	junkSuffixes = []string{".tmp", ".part", ".partial", ".crdownload", ".filepart", ".download", CharsetSuffix}
)

// leave says whether a file is none of the route's business. Links, pipes and devices never are: opening
// one may block for ever, or lead elsewhere.
func (s *settler) leave(d fs.DirEntry) bool {
	name := strings.ToLower(d.Name())
	if !d.Type().IsRegular() || has(junkNames, name, strings.EqualFold) || has(junkPrefixes, name, strings.HasPrefix) || has(junkSuffixes, name, strings.HasSuffix) {
		return true
	}
	if s.r.Done != "" && strings.HasSuffix(d.Name(), s.r.Done) {
		return true
	}
	return len(s.include) > 0 && !s.include.match(d.Name()) || s.exclude.match(d.Name())
}

func has(list []string, name string, is func(name, part string) bool) bool {
	for _, part := range list {
		if is(name, part) {
			return true
		}
	}
	return false
}

func (s *settler) side(path string) string {
	if info, err := s.disk.Lstat(path + CharsetSuffix); err == nil && info.Mode().IsRegular() {
		return path + CharsetSuffix
	}
	return ""
}

// look observes a file and says whether it is ready.
func (s *settler) look(path string) bool {
	now, err := s.disk.Observe(path)
	if err != nil || drop.BeingWritten(path) { // gone, or open elsewhere: look again
		return false
	}
	if late := s.later[path]; late != nil && late.last == (drop.Observation{}) {
		late.last = now
	}
	if s.r.Done != "" {
		_, err := s.disk.Lstat(path + s.r.Done)
		return err == nil && s.due(path, now)
	}
	sight := s.seen[path]
	if sight == nil {
		sight = new(sighting)
		s.seen[path] = sight
	}
	if sight.Look(now) {
		s.news = true
		return false
	}
	return sight.For(s.r.Settle) && s.due(path, now)
}

// due holds an incomplete file back until it has changed, or until patience ends.
func (s *settler) due(path string, now drop.Observation) bool {
	late := s.later[path]
	return late == nil || late.last != now || time.Since(late.first) >= s.r.patience()
}

// postpone notes that a file which had settled ends in the middle.
func (s *settler) postpone(name, why string) {
	path := filepath.Join(s.r.Inbox, name)
	if late := s.later[path]; late != nil {
		late.last, late.why = drop.Observation{}, why
		return
	}
	s.later[path] = &postponed{first: time.Now(), why: why}
}

// overdue says whether a postponed file has had its time.
func (s *settler) overdue(name string, patience time.Duration) bool {
	late := s.later[filepath.Join(s.r.Inbox, name)]
	if late == nil || time.Since(late.first) < patience {
		return false
	}
	delete(s.later, filepath.Join(s.r.Inbox, name))
	return true
}

// forget drops what is not there any more.
func (s *settler) forget(present map[string]bool) {
	for path := range s.seen {
		if !present[path] {
			delete(s.seen, path)
		}
	}
	for path, late := range s.later {
		if !present[path] && time.Since(late.first) >= s.r.patience() {
			delete(s.later, path)
		}
	}
}
