package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// live tells open pages that something has changed. What changed they find out themselves.
type live struct {
	mu     sync.Mutex
	next   chan struct{} // closed at the next change
	closed bool
	open   int
}

// mostLive bounds the pages that listen at a time; any more look again by hand.
const mostLive = 200

// wait returns what is closed at the next change; nil when no more changes are told.
func (l *live) wait() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	if l.next == nil {
		l.next = make(chan struct{})
	}
	return l.next
}

func (l *live) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != nil {
		close(l.next)
		l.next = nil
	}
}

func (l *live) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.wake()
}

// enter reports whether one more page may listen.
func (l *live) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.open >= mostLive {
		return false
	}
	l.open++
	return true
}

func (l *live) removeListener() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
}

// How often an open page looks again: at once when something happens, but not more often than a person can read, and
// sometimes though nothing was told.
const (
	liveAtMost  = 500 * time.Millisecond
	liveAtLeast = 15 * time.Second
)

// serveLive sends an event whenever something has changed, in the format of server-sent events.
func (s *Server) serveLive(v *visit) {
	if !s.live.enter() {
		http.Error(v.w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer s.live.removeListener()
	v.w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(v.w)
	fmt.Fprint(v.w, "retry: 3000\n\n")
	for {
		if out.Flush() != nil {
			return
		}
		changed := s.live.wait()
		if changed == nil {
			return
		}
		select {
		case <-v.ctx().Done():
			return
		case <-changed:
		case <-time.After(liveAtLeast):
		}
		select {
		case <-v.ctx().Done():
			return
		case <-time.After(liveAtMost):
		}
		fmt.Fprint(v.w, "event: change\ndata:\n\n")
	}
}
