package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
)

// linkLasts is how long a link from obmen open may be used, once.
const linkLasts = 5 * time.Minute

// Link is who asked for a link that opens the page without a password: who may write into the state folder.
type Link struct {
	User  string    `json:"user"`
	Until time.Time `json:"until"`
}

const (
	linksDir    = "links"
	addressFile = "address"
)

// MakeLink returns the address that opens the page of a running watcher once, as an administrator. fs.ErrNotExist
// says that no page is served.
func MakeLink(state, user string, now time.Time) (string, error) {
	address, err := Address(state)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(state, Dir, linksDir)
	if err := drop.MakeDirs(drop.OS{}, dir, 0o700); err != nil {
		return "", err
	}
	token := rand.Text() + rand.Text()
	text, err := json.Marshal(Link{user, now.Add(linkLasts)})
	if err != nil {
		return "", err
	}
	return address + "/open?key=" + token, writePrivate(filepath.Join(dir, hashToken(token)), text)
}

// takeLink returns who made a link, and forgets it; false when there is no such link, or its time is over. What came
// with the request is compared with the names in the folder, and never becomes one.
func takeLink(state, token string, now time.Time) (link Link, ok bool) {
	dir := filepath.Join(state, Dir, linksDir)
	entries, _ := os.ReadDir(dir) // no folder, no link
	wanted := hashToken(token)
	for _, e := range entries {
		one, err := readLink(filepath.Join(dir, e.Name()))
		over := err != nil || now.After(one.Until)
		if !over && e.Name() != wanted {
			continue
		}
		removed := os.Remove(filepath.Join(dir, e.Name()))
		if e.Name() == wanted && !over && removed == nil { // of two at once one has removed it
			link, ok = one, true
		}
	}
	return link, ok
}

func readLink(path string) (link Link, err error) {
	text, err := drop.ReadFile(drop.OS{}, path, 1<<10)
	if err != nil {
		return link, err
	}
	return link, json.Unmarshal(text, &link)
}

// Address returns the address of the page that is served for a state folder; fs.ErrNotExist when none is.
func Address(state string) (string, error) {
	text, err := drop.ReadFile(drop.OS{}, filepath.Join(state, Dir, addressFile), 1<<10)
	return strings.TrimSpace(string(text)), err
}

// NoteAddress notes the address of the page while it is served; an empty one removes the note.
func NoteAddress(state, address string) error {
	path := filepath.Join(state, Dir, addressFile)
	if address == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return writePrivate(path, []byte(address+"\n"))
}

func writePrivate(path string, text []byte) error {
	return drop.ReplaceFile(drop.OS{}, path, privateFile, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
