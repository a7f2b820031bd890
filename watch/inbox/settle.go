package inbox

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/watch/drop"
	"obmen/watch/store"
)

// stabilizer finds the files of an inbox that have stopped changing. It is the same at start-up and at run time.
type stabilizer struct {
	route     *Route
	disk      drop.FS
	seen      map[string]*sighting // by path
	postponed map[string]*postponed
	queue     []Settled // found by the last scan and not returned yet
	news      bool      // the last scan saw a file that is new or has changed
	reach     int       // how many files the next scan looks at; 0 means firstReach
	more      bool      // the last scan did not look at all files

	include, exclude patterns
	entered          func(dir string) // called for every sub-folder that is looked into; may be nil
	progress         func()           // called for every file; may be nil
}

type sighting = drop.Steady[drop.Observation]

// postponed is a file that had settled and turned out to be incomplete.
type postponed struct {
	first time.Time        // monotonic
	read  int64            // bytes that were read of it; unknownSize when it changed meanwhile
	last  drop.Observation // with those bytes
	why   string
}

// unknownSize is that of a file which changed while it was read.
const unknownSize = -1

// Settled is a file that is ready to be claimed.
type Settled struct {
	path string
	name string // without the folders below the inbox
	side string // its side file with the charset; empty without one
}

func newStabilizer(disk drop.FS, r *Route) *stabilizer {
	return &stabilizer{route: r, disk: disk, seen: map[string]*sighting{}, postponed: map[string]*postponed{}}
}

// compile reads the patterns of the route.
func (s *stabilizer) compile() (err error) {
	if s.include, err = compilePatterns(s.route.Include); err != nil {
		return err
	}
	s.exclude, err = compilePatterns(s.route.Exclude)
	return err
}

// idle reports whether no file is waiting to settle.
func (s *stabilizer) idle() bool {
	return len(s.seen) == 0 && len(s.postponed) == 0 && len(s.queue) == 0 && !s.more
}

// pause is how long to sleep between two looks at changing files.
func (s *stabilizer) pause() time.Duration {
	return max(s.route.Settle/drop.Observations, 10*time.Millisecond)
}

// next returns up to n files that have settled, in the order of their paths. The inbox is scanned again only
// when all that the last scan found is returned: a scan for every few files would look at a hundred
// thousand of them a thousand times. What has changed or gone since that scan is left to the next one.
func (s *stabilizer) next(n int) (list []Settled, err error) {
	if len(s.queue) == 0 {
		list, err = s.scan()
		fresh := min(n, len(list))
		s.queue, list = list[fresh:], list[:fresh]
		for i := range list {
			list[i].side = s.sideFile(list[i].path)
		}
		return list, err
	}
	for len(list) < n && len(s.queue) > 0 {
		f := s.queue[0]
		s.queue = s.queue[1:]
		s.reportProgress()
		if s.observe(f.path) == settled {
			f.side = s.sideFile(f.path)
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return s.next(n) // all of them have gone: what is there now?
	}
	return list, nil
}

// requeue takes back files that are not claimed yet: they come next.
func (s *stabilizer) requeue(list []Settled) { s.queue = append(slices.Clip(list), s.queue...) }

// rescan makes the next files come from a new scan.
func (s *stabilizer) rescan() { s.queue = nil }

// forgetClaimed forgets a file that was claimed.
func (s *stabilizer) forgetClaimed(path string) { delete(s.seen, path) }

func (s *stabilizer) reportProgress() {
	if s.progress != nil {
		s.progress()
	}
}

// The first of very many files do not wait until all of them have been looked at three times: the first scan looks at
// so many that settle or may settle soon, and each further one at reachGrowth times as many, so that those behind have
// settled when those before them are done.
const (
	firstReach  = 1000
	reachGrowth = 4
)

// scan looks at the inbox once, as far as it reaches, and returns the files that have settled, in the order of their
// paths and without their side files.
func (s *stabilizer) scan() (ready []Settled, err error) {
	present := map[string]bool{}
	reach := cmp.Or(s.reach, firstReach)
	s.news, s.more = false, false
	err = drop.WalkDir(s.disk, s.route.Inbox, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != s.route.Inbox:
			return nil // gone meanwhile
		case err != nil:
			return err
		case d.IsDir():
			return s.enterFolder(path, d)
		case s.ignores(d):
			return nil
		}
		present[path] = true
		if reach == 0 {
			s.more = true
			return nil
		}
		s.reportProgress()
		switch s.observe(path) {
		case settled:
			ready = append(ready, Settled{path: path, name: d.Name()})
			reach--
		case settling:
			reach--
		}
		return nil
	})
	s.forgetMissing(present)
	if s.more {
		s.reach = reachGrowth * cmp.Or(s.reach, firstReach)
	} else {
		s.reach = 0
	}
	return ready, err
}

// enterFolder goes down into sub-folders as deep as the route says, never into hidden ones: obmen's own are.
func (s *stabilizer) enterFolder(path string, d fs.DirEntry) error {
	if path == s.route.Inbox {
		return nil
	}
	rel, err := filepath.Rel(s.route.Inbox, path)
	if err != nil || strings.HasPrefix(d.Name(), ".") || strings.Count(rel, string(filepath.Separator)) >= s.route.Depth {
		return fs.SkipDir
	}
	if s.entered != nil {
		s.entered(path)
	}
	return nil
}

// Names that systems and programs leave lying about, names of files that are still being written, and of copies
// that editors keep of what was before.
var (
	junkNames      = []string{"thumbs.db", "desktop.ini", "icon\r", "@eadir"}
	junkPrefixes   = []string{".", "~$", "._"}
	unfinished     = []string{".tmp", ".part", ".partial", ".crdownload", ".filepart", ".download"}
	backupSuffixes = []string{"~", ".bak", ".swp", ".orig", ".old"}
)

// isUnfinished reports whether a name is that of a file that a program is still writing.
func isUnfinished(lower string) bool { return matchesAny(unfinished, lower, strings.HasSuffix) }

// IsBackup reports whether a name is that of a copy that an editor keeps of the file before it was changed: its
// amounts are the old ones.
func IsBackup(name string) bool {
	lower := strings.ToLower(name)
	return matchesAny(backupSuffixes, lower, strings.HasSuffix) || len(lower) > 2 && strings.HasPrefix(lower, "#") && strings.HasSuffix(lower, "#")
}

// ignores reports whether a file is none of the route's business. Links, pipes and devices never are: opening
// one may block for ever, or lead elsewhere.
func (s *stabilizer) ignores(d fs.DirEntry) bool {
	name := strings.ToLower(d.Name())
	if !d.Type().IsRegular() || matchesAny(junkNames, name, strings.EqualFold) || matchesAny(junkPrefixes, name, strings.HasPrefix) {
		return true
	}
	if isUnfinished(name) || IsBackup(name) || strings.HasSuffix(name, store.CharsetSuffix) {
		return true
	}
	if s.route.Done != "" && strings.HasSuffix(d.Name(), s.route.Done) {
		return true
	}
	return len(s.include) > 0 && !s.include.match(d.Name()) || s.exclude.match(d.Name())
}

func matchesAny(list []string, name string, is func(name, part string) bool) bool {
	for _, part := range list {
		if is(name, part) {
			return true
		}
	}
	return false
}

func (s *stabilizer) sideFile(path string) string {
	if info, err := s.disk.Lstat(path + store.CharsetSuffix); err == nil && info.Mode().IsRegular() {
		return path + store.CharsetSuffix
	}
	return ""
}

// stage is how far a file has come.
type stage int

const (
	unsettled stage = iota // it changes, or waits for something
	settling               // it has not changed so far
	settled                // it is ready
)

// observe looks at a file and returns how far it has come.
func (s *stabilizer) observe(path string) stage {
	now, err := s.disk.Observe(path)
	if err != nil || drop.BeingWritten(path) { // gone, or open elsewhere: look again
		return unsettled
	}
	// Its writer may have gone on between the reading and now: what has another size is not what was read.
	if late := s.postponed[path]; late != nil && late.last == (drop.Observation{}) && late.read == now.Size {
		late.last = now
	}
	if s.route.Done != "" {
		_, err := s.disk.Lstat(path + s.route.Done)
		return settledIf(err == nil && s.isDue(path, now), unsettled)
	}
	sight := s.seen[path]
	isNew := sight == nil
	if isNew {
		sight = new(sighting)
		s.seen[path] = sight
	}
	due := s.isDue(path, now)
	if sight.Look(now) {
		s.news = true
		if isNew && due {
			return settling
		}
		return unsettled
	}
	if !due {
		return unsettled
	}
	return settledIf(sight.For(s.route.Settle), settling)
}

func settledIf(ready bool, or stage) stage {
	if ready {
		return settled
	}
	return or
}

// isDue reports whether a file that turned out to be incomplete has changed, or its patience has ended.
func (s *stabilizer) isDue(path string, now drop.Observation) bool {
	late := s.postponed[path]
	return late == nil || late.last != now || time.Since(late.first) >= s.route.patienceOrDefault()
}

// postpone notes that a file which had settled ends in the middle, after size bytes.
func (s *stabilizer) postpone(name, why string, size int64) {
	path := filepath.Join(s.route.Inbox, name)
	late := s.postponed[path]
	if late == nil {
		late = &postponed{first: time.Now()}
		s.postponed[path] = late
	}
	late.read, late.last, late.why = size, drop.Observation{}, why
}

// overdue reports whether a postponed file has had its time, and forgets it then.
func (s *stabilizer) overdue(name string, patience time.Duration) bool {
	late := s.postponed[filepath.Join(s.route.Inbox, name)]
	if late == nil || time.Since(late.first) < patience {
		return false
	}
	delete(s.postponed, filepath.Join(s.route.Inbox, name))
	return true
}

// forgetMissing forgets files that are not there any more.
func (s *stabilizer) forgetMissing(present map[string]bool) {
	for path := range s.seen {
		if !present[path] {
			delete(s.seen, path)
		}
	}
	for path, late := range s.postponed {
		if !present[path] && time.Since(late.first) >= s.route.patienceOrDefault() {
			delete(s.postponed, path)
		}
	}
}
