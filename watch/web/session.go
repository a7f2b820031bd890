package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// sessionCookie names the cookie of a session.
const sessionCookie = "obmen-page"

// How long a session lives without a request: that of a password a working day, that of a link from this machine as
// long as a bookmark should last.
const (
	passwordTime = 12 * time.Hour
	linkTime     = 30 * 24 * time.Hour
	mostSessions = 1000 // the oldest ends for a new one
)

// session is a person in a browser.
type session struct {
	User       string     `json:"user"`
	Role       roles.Role `json:"role"`
	ByPassword bool       `json:"by_password,omitempty"`
	Seen       time.Time  `json:"seen"` // guarded by sessions.mu

	actor desk.Actor

	mu      sync.Mutex
	notices []notice  // for the next page
	drops   []dropped // the newest first
	audited *auditResult
	guess   *sourceGuess // of a file that was sent last

	checkOf, checked string // account and answer of the last check of fetching
}

// notice is a line above a page: what was done, or why it was not.
type notice struct {
	Text words.Text
	Err  error
}

// mostNotices bounds what waits for the next page.
const mostNotices = 20

func (s *session) addNotice(n notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.notices) < mostNotices {
		s.notices = append(s.notices, n)
	}
}

// takeNotices returns what is to be shown now, once.
func (s *session) takeNotices() []notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.notices
	s.notices = nil
	return list
}

// sessions are the sessions by the hash of their token: who reads the file cannot log in with it. They outlive a
// restart.
type sessions struct {
	mu     sync.Mutex
	path   string
	byHash map[string]*session
}

// Dir is the page's folder in the state folder.
const Dir = "web"

// privateFile is for who runs obmen.
const privateFile = 0o600

// mostBytes is far more than the file of sessions has.
const mostBytes = 16 << 20

// open reads the sessions of earlier runs.
func (s *sessions) open(state string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byHash = map[string]*session{}
	dir := filepath.Join(state, Dir)
	if err := drop.MakeDirs(drop.OS{}, dir, 0o700); err != nil {
		return err
	}
	s.path = filepath.Join(dir, "sessions.json")
	text, err := drop.ReadSmall(s.path, mostBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if json.Unmarshal(text, &s.byHash) != nil { // who is in it logs in again
		s.byHash = map[string]*session{}
	}
	for hash, one := range s.byHash {
		if one == nil {
			delete(s.byHash, hash)
			continue
		}
		one.actor = desk.Actor{Name: one.User, Role: one.Role}
	}
	return nil
}

// start begins a session and returns its token.
func (s *sessions) start(one *session, now time.Time) (token string, err error) {
	token = rand.Text() + rand.Text()
	one.Seen, one.actor = now, desk.Actor{Name: one.User, Role: one.Role}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropOldest(now)
	s.byHash[hashToken(token)] = one
	return token, s.save()
}

// dropOldest ends the sessions whose time is over, and the oldest of too many.
func (s *sessions) dropOldest(now time.Time) {
	oldest := ""
	for hash, one := range s.byHash {
		if now.Sub(one.Seen) > one.lasts() {
			delete(s.byHash, hash)
		} else if oldest == "" || one.Seen.Before(s.byHash[oldest].Seen) {
			oldest = hash
		}
	}
	if len(s.byHash) >= mostSessions {
		delete(s.byHash, oldest)
	}
}

func (s *session) lasts() time.Duration {
	if s.ByPassword {
		return passwordTime
	}
	return linkTime
}

// find returns the session of a request; nil without one.
func (s *sessions) find(r *http.Request, now time.Time) *session {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byHash[hashToken(c.Value)]
	if one == nil || now.Sub(one.Seen) > one.lasts() {
		return nil
	}
	if now.Sub(one.Seen) > time.Hour { // so that the file is written seldom
		one.Seen = now
		_ = s.save() // what is lost is an hour
	}
	return one
}

// end ends the session of a request.
func (s *sessions) end(r *http.Request) error {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byHash, hashToken(c.Value))
	return s.save()
}

func (s *sessions) save() error {
	text, err := json.Marshal(s.byHash)
	if err != nil {
		return err
	}
	return drop.ReplaceFile(drop.OS{}, s.path, privateFile, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
