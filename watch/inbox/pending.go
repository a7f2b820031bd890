package inbox

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/watch/drop"
	"obmen/watch/store"
)

// Pending lists what lies in a route's folders and is not done, as far as a look at the folders shows.
type Pending struct {
	Inbox   []FileStatus // with a reason only where a look shows one
	Left    []FileStatus // in the inbox too, and never read as they are: links, pipes, sub-folders …
	Claimed []string     // the names they were dropped with
}

// FileStatus is a file that has not been claimed yet.
type FileStatus struct {
	Path string `json:"path"` // below the inbox
	Why  string `json:"why"`  // in words: "size still changes"
}

// Pending looks at the route's folders.
func (r *Route) Pending() (p Pending, err error) {
	s := newStabilizer(drop.OS{}, r)
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
			if err = s.enterFolder(path, d); err == nil {
				return nil
			}
		}
		if why := cmp.Or(s.stranger(d), sideAlone(path, d)); why != "" {
			p.Left = append(p.Left, FileStatus{r.pathInInbox(path), why})
		} else if !d.IsDir() && !s.ignores(d) {
			p.Inbox = append(p.Inbox, FileStatus{r.pathInInbox(path), s.waitReason(path)})
		}
		return err
	})
	if err != nil {
		return Pending{}, err
	}
	names, err := listClaims(drop.OS{}, r.claimDir())
	for _, name := range names {
		p.Claimed = append(p.Claimed, DroppedName(name))
	}
	return p, err
}

// sideAlone is the reason why a file that names the encoding of another one stays: that one is not there.
func sideAlone(path string, d fs.DirEntry) string {
	if !d.Type().IsRegular() || !strings.HasSuffix(strings.ToLower(path), store.CharsetSuffix) {
		return ""
	}
	of := path[:len(path)-len(store.CharsetSuffix)]
	if _, err := os.Lstat(of); !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return fmt.Sprintf("names the encoding of %s, which is not there", filepath.Base(of))
}

// stranger is the reason why something in the inbox is never read though a person may wait for that; empty for
// hidden files, for what systems leave lying about, and for what the route's patterns leave out.
func (s *stabilizer) stranger(d fs.DirEntry) string {
	name := strings.ToLower(d.Name())
	switch {
	case matchesAny(junkPrefixes, name, strings.HasPrefix) || matchesAny(junkNames, name, strings.EqualFold) || strings.HasSuffix(name, store.CharsetSuffix):
		return ""
	case d.IsDir() && s.route.Depth == 0:
		return "a folder: only files are read; depth in obmen.toml lets obmen look into folders"
	case d.IsDir():
		return fmt.Sprintf("a folder that is too deep: depth in obmen.toml is %d", s.route.Depth)
	case d.Type()&fs.ModeSymlink != 0:
		return "a link, which is never followed: drop the file itself"
	case !d.Type().IsRegular():
		return "no regular file"
	case isUnfinished(name):
		return "its name says that it is still being written"
	case IsBackup(name):
		return "its name says that it is an old copy, as editors keep them: rename it if it shall be read"
	}
	return ""
}

// waitReason is the reason why a file waits, as far as a look shows it.
func (s *stabilizer) waitReason(path string) string {
	if drop.BeingWritten(path) {
		return "open in another program"
	}
	if s.route.Done == "" {
		return ""
	}
	if _, err := s.disk.Lstat(path + s.route.Done); errors.Is(err, fs.ErrNotExist) {
		return "waits for its marker " + filepath.Base(path) + s.route.Done
	}
	return ""
}
