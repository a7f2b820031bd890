package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"obmen/convert/document"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/httpdoor"
)

// Server is the page. Its fields are set before it is used and not changed after.
type Server struct {
	Desk    *desk.Desk
	Options Options
	Outside Outside

	started  time.Time // when it began to serve
	sessions sessions
	logins   httpdoor.Logins
	live     live
	figures  *desk.Figures
	closing  sync.Once
	stop     context.CancelFunc // of the counting
	counting sync.WaitGroup
}

// Options are the settings of the page.
type Options struct {
	Language     string   // of who has not chosen one; empty leaves it to the browser
	Hosts        []string // names under which the page is reached, beside those of this machine
	Secure       bool     // the browser speaks TLS, with obmen or with a proxy before it
	ShowPersonal bool     // buyers' data is shown to who may work
	Version      string   // of obmen
}

// Outside holds what the page cannot know itself: settings, secrets and the fetching of orders.
type Outside struct {
	// User returns the hash and the role of a user; nil for an unknown one.
	User func(name string) (hash []byte, role roles.Role)
	// HasUsers reports whether anyone can log in with a password.
	HasUsers func() bool
	// Fetches returns how the accounts stand whose orders are fetched.
	Fetches func() []Fetch
	// Apply lets the watcher start once more with the settings as they are now, or returns what is wrong with them: then
	// those before stay in force.
	Apply func() []error
	// Settings returns what was set up, Check what is wrong with it, Users who may log in.
	Settings func() Settings
	Check    func() []error
	Users    func() []UserRow
	// StoreSecrets stores secrets of an account, CheckFetch tries whether they do.
	StoreSecrets func(account string, values map[string]string) error
	CheckFetch   func(ctx context.Context, account, language string) string
	// Seen returns what configurations of 1C would hold after reading a document; nil where no models are there.
	Seen func(context.Context, *document.Document, *words.Words) []Seen
}

// Seen holds what a configuration of 1C would hold after reading a document, by a model of it.
type Seen struct{ Target, Text string }

// Fetch is how an account stands whose orders are fetched.
type Fetch struct {
	Account           string
	Running           bool
	Ended, Next       time.Time // zero when not known
	Orders            int       // of the run that runs, or of the last
	Waits, Error, Fix string    // empty when there is nothing to say; Fix is the next step of Error
}

// Times for slow clients.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	headerSize = 32 << 10
)

// HTTP returns the server with the bounds that a port needs which others can reach. Uploads and live pages take
// their own time, so that there is none for a whole request.
func (s *Server) HTTP() *http.Server {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerSize,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // broken connections and TLS handshakes of scanners
	}
	server.RegisterOnShutdown(s.close)
	return server
}

// Start reads the sessions of before, and counts what the charts show until the context ends.
func (s *Server) Start(ctx context.Context) error {
	if err := s.sessions.open(s.Desk.State); err != nil {
		return err
	}
	s.started = time.Now()
	s.removeUnfinished(ctx)
	s.figures = &desk.Figures{Ledger: s.Desk.Ledger}
	ctx, s.stop = context.WithCancel(ctx)
	s.counting.Go(func() { s.refreshFigures(ctx) })
	return nil
}

// The figures are brought up to date when something was reported, but not more often than countAtMost, and every
// countAtLeast though nothing was.
const (
	countAtMost  = time.Second
	countAtLeast = time.Minute
)

// refreshFigures keeps the figures up to date. What fails is tried again: the pages work without.
func (s *Server) refreshFigures(ctx context.Context) {
	for {
		changed := s.live.wait()
		first := !s.figures.Ready()
		if s.figures.Update(ctx, time.Now()) == nil && first {
			s.Changed()
		}
		pause := time.NewTimer(countAtLeast)
		select {
		case <-ctx.Done():
			return
		case <-changed: // nil when the page ends: then the context ends soon
		case <-pause.C:
		}
		pause.Reset(countAtMost)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// Changed lets the pages that are open look again.
func (s *Server) Changed() { s.live.wake() }

// Close ends what Start began, once no request is being answered any more.
func (s *Server) Close() {
	s.close()
	s.stop()
	s.counting.Wait()
}

// close ends the live connections, which never end otherwise.
func (s *Server) close() { s.closing.Do(s.live.close) }

// removeUnfinished removes what a killed program left of files that were being sent or written.
func (s *Server) removeUnfinished(ctx context.Context) {
	for _, path := range drop.UnfinishedIn(filepath.Join(s.Desk.State, Dir)) {
		_ = os.Remove(path)
	}
	s.Desk.RemoveUnfinished(ctx)
}

// stamp is the value of that header.
func (s *Server) stamp() string { return strconv.FormatInt(s.started.UnixNano(), 36) }

// startedHeader tells a script whether the program has started once more.
const startedHeader = "Obmen-Started"

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
