package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"obmen/watch/drop"
)

// Pending is what lies in a route's folders and is not done, as anybody can see it.
type Pending struct {
	Inbox   []FileStatus // with a reason only where a look tells one
	Left    []FileStatus // in the inbox too, and never read as they are: links, pipes, sub-folders …
	Claimed []string     // the names they were dropped with
}

// Pending looks at the route's folders.
func (r *Route) Pending() (p Pending, err error) {
	s := newSettler(drop.OS{}, r)
	if err := s.compile(); err != nil {
		return p, err
	}
	err = filepath.WalkDir(r.Inbox, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != r.Inbox:
			return nil // gone meanwhile
		case err != nil:
			return err
		}
		if d.IsDir() {
			if err = s.enter(path, d); err == nil {
				return nil
			}
		}
		if why := s.stranger(d); why != "" {
			p.Left = append(p.Left, FileStatus{r.below(path), why})
		} else if !d.IsDir() && !s.leave(d) {
			p.Inbox = append(p.Inbox, FileStatus{r.below(path), s.why(path)})
		}
		return err
	})
	if err != nil {
		return Pending{}, err
	}
	names, err := (&worker{w: &Watcher{}, r: r}).claimed()
	for _, name := range names {
		p.Claimed = append(p.Claimed, droppedName(name))
	}
	return p, err
}

// stranger says why something in the inbox is never read though somebody may wait for that; empty for what is
// hidden, what systems leave lying about, and what the route's patterns leave out.
func (s *settler) stranger(d fs.DirEntry) string {
	name := strings.ToLower(d.Name())
	switch {
	case has(junkPrefixes, name, strings.HasPrefix) || has(junkNames, name, strings.EqualFold) || strings.HasSuffix(name, CharsetSuffix):
		return ""
	case d.IsDir() && s.r.Depth == 0:
		return "a folder: only files are read; depth in obmen.toml lets obmen look into folders"
	case d.IsDir():
		return fmt.Sprintf("a folder that is too deep: depth in obmen.toml is %d", s.r.Depth)
	case d.Type()&fs.ModeSymlink != 0:
		return "a link, which is never followed: drop the file itself"
	case !d.Type().IsRegular():
		return "no regular file"
	case has(junkSuffixes, name, strings.HasSuffix):
		return "its name says that it is still being written"
	}
	return ""
}

// why is what a look tells of why a file waits.
func (s *settler) why(path string) string {
	if drop.BeingWritten(path) {
		return "open in another program"
	}
	if s.r.Done == "" {
		return ""
	}
	if _, err := s.disk.Lstat(path + s.r.Done); errors.Is(err, fs.ErrNotExist) {
		return "waits for its marker " + filepath.Base(path) + s.r.Done
	}
	return ""
}
