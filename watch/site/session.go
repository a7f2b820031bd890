package site

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// CookieName names the cookie of a session. Its value is hexadecimal digits, which need no quoting: 1C
// sends both back exactly as it read them.
const CookieName = "obmen"

// sessionTime is how long a session lives without a request. 1C waits for an answer up to half an hour,
// and loads a batch between two requests.
const sessionTime = time.Hour

// session is one run of 1C's exchange. A user has one at a time.
type session struct {
	user  string
	token string
	seen  time.Time // of the last request; guarded by sessions.mu

	mu      sync.Mutex // one request at a time; guards what follows
	queried bool       // a query was answered
	offer   *offer     // of the last query; nil when it was confirmed
	uploads uploads
}

// sessions holds the newest session of every user, by its token.
type sessions struct {
	mu      sync.Mutex
	byToken map[string]*session
	byUser  map[string]*session
}

// start begins a session, and returns the user's one before, which is over.
func (s *sessions) start(user string, now time.Time) (begun, ended *session) {
	begun = &session{user: user, token: newToken(), seen: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byToken == nil {
		s.byToken, s.byUser = map[string]*session{}, map[string]*session{}
	}
	if ended = s.byUser[user]; ended != nil {
		delete(s.byToken, ended.token)
	}
	s.byUser[user], s.byToken[begun.token] = begun, begun
	return begun, ended
}

// find returns the session of a request, nil without one.
func (s *sessions) find(r *http.Request, now time.Time) *session {
	cookie, err := r.Cookie(CookieName)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byToken[cookie.Value]
	if found == nil || now.Sub(found.seen) > sessionTime {
		return nil
	}
	found.seen = now
	return found
}

// expire removes and returns the sessions that have gone quiet; with all it is every session.
func (s *sessions) expire(now time.Time, all bool) (ended []*session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, one := range s.byToken {
		if all || now.Sub(one.seen) > sessionTime {
			delete(s.byToken, token)
			delete(s.byUser, one.user)
			ended = append(ended, one)
		}
	}
	return ended
}

// newToken returns 128 random bits.
func newToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
