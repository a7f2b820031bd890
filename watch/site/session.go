package site

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"
)

// CookieName names the cookie of a session. Its value is hexadecimal digits, which need no quoting: 1C
// sends both back exactly as it read them.
const CookieName = "obmen"

// sessionTime is how long a session lives without a request. 1C waits for an answer up to half an hour,
// and loads a batch between two requests.
const sessionTime = time.Hour

// mostSessions is how many sessions a user has at a time: one that runs, one that begins after a crash, and one of
// a person who only tries the connection, which must not end the one that runs. Only the newest query counts.
const mostSessions = 3

// session is one run of 1C's exchange.
type session struct {
	user  string
	token string
	seen  time.Time // of the last request; guarded by sessions.mu

	mu      sync.Mutex // one request at a time; guards what follows
	queried bool       // a query was answered
	offer   *offer     // of the last query; nil when it was confirmed
	uploads uploads
}

// sessions holds the newest sessions of every user, by their tokens.
type sessions struct {
	mu      sync.Mutex
	byToken map[string]*session
	byUser  map[string][]*session // oldest first
}

// start begins a session, and returns the user's oldest, which is over, where there are too many.
func (s *sessions) start(user string, now time.Time) (begun, ended *session) {
	begun = &session{user: user, token: newToken(), seen: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byToken == nil {
		s.byToken, s.byUser = map[string]*session{}, map[string][]*session{}
	}
	s.byUser[user], s.byToken[begun.token] = append(s.byUser[user], begun), begun
	if len(s.byUser[user]) > mostSessions {
		ended = s.byUser[user][0]
		s.remove(ended)
	}
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
	for _, one := range s.byToken {
		if all || now.Sub(one.seen) > sessionTime {
			s.remove(one)
			ended = append(ended, one)
		}
	}
	return ended
}

// remove forgets a session. The caller holds the lock.
func (s *sessions) remove(one *session) {
	delete(s.byToken, one.token)
	rest := slices.DeleteFunc(s.byUser[one.user], func(o *session) bool { return o == one })
	if s.byUser[one.user] = rest; len(rest) == 0 {
		delete(s.byUser, one.user)
	}
}

// newToken returns 128 random bits.
func newToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
