// Package site answers 1C's own "Обмен с сайтом" over HTTP as if obmen were the site:
//
//	checkauth ─▶ query ─▶ success        1C fetches its orders
//	checkauth ─▶ init ─▶ file … [import] 1C sends numbers and states back, or its products
//
// Only success confirms: the orders of the session's last query count as taken then, and in no other way.
// A crash, a lost connection or a second session offers them again, which does no harm, because 1C looks
// an order up by its number.
//
// 1C loads a batch in one transaction, and never sends success when one of its orders cannot be written.
// So a batch that was not confirmed twice is halved until the culprit is alone, while other orders pass
// in between; the culprit is refused, and all others get through. See Doubt.
//
// The words of the protocol are those of 1C-Bitrix's published description of the exchange; answers have
// the form that the strictest known client wants. Protocol errors answer 200 with a text that begins with
// "failure", because clients look at the text and some of them at nothing else.
package site

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"obmen/watch/drop"
	"obmen/watch/httpdoor"
	"obmen/watch/site/cml"
)

// Paths are the addresses that are answered. The second is what 1C asks for when the address of the site
// has no path.
var Paths = []string{"/1c_exchange", "/bitrix/admin/1c_exchange.php"}

// Server answers 1C. Its fields are set before it is used and not changed after.
type Server struct {
	Queue    Queue
	Answers  Answers
	Products Products // nil refuses products
	// Password returns the hash of a user's password, nil for an unknown user.
	Password func(user string) []byte
	Uploads  drop.Folder // for what 1C sends, while it is read
	Batch    int         // orders a query; 0 means DefaultBatch
	Bitrix   bool        // the schema version of init is 3.1, as the exchange module of 1C-Bitrix wants it
	Statuses []string    // states of orders, for 1C's table of correspondence
	Report   func(Event) // may be called from several goroutines; nil drops events
	Now      func() time.Time

	sessions sessions
	logins   httpdoor.Logins
	users    sync.Map // *user by name
	ending   sync.WaitGroup
}

// user is what is remembered of a user from session to session.
type user struct {
	mu    sync.Mutex // held while the next offer is chosen or one is confirmed, never while 1C is waited for
	offer *offer     // the last one, confirmed or not; nil at first
}

// Kind is the kind of an Event.
type Kind string

// The kinds of events.
const (
	LoggedIn    Kind = "logged-in"
	WrongLogin  Kind = "wrong-login"
	Offered     Kind = "offered"
	Confirmed   Kind = "confirmed"
	Unconfirmed Kind = "unconfirmed"
	Refused     Kind = "refused" // 1C does not accept an order
	Received    Kind = "received"
	Unknown     Kind = "unknown" // 1C speaks of an order that it did not get here
	Differs     Kind = "differs" // 1C has another currency or sum than it got: Err
	Dropped     Kind = "dropped" // 1C has cancelled an order or marked it for deletion: Err
	Broken      Kind = "broken"  // something went wrong: Err
)

// Event is something that happened. No buyer's data is in it.
type Event struct {
	Kind   Kind
	User   string
	File   string // that 1C sent
	Number string // of the one order it is about
	Orders int
	Err    error
}

func (s *Server) report(e Event) {
	if s.Report != nil {
		s.Report(e)
	}
}

func (s *Server) user(name string) *user {
	u, _ := s.users.LoadOrStore(name, &user{})
	return u.(*user)
}

// Handler returns the handler of the Paths.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, path := range Paths {
		mux.HandleFunc(path, s.serve)
		mux.HandleFunc(path+"/", s.serve)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusNotFound, textType, failure("the address of the exchange is "+Paths[0]))
	})
	return mux
}

// request is one request of 1C.
type request struct {
	w       http.ResponseWriter
	r       *http.Request
	session *session
	user    *user
}

// param returns a parameter of the query string.
func (q *request) param(name string) string { return strings.TrimSpace(q.r.URL.Query().Get(name)) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.expire()
	q := &request{w: w, r: r}
	kind, mode := strings.ToLower(q.param("type")), strings.ToLower(q.param("mode"))
	if kind != "sale" && kind != "catalog" {
		q.fail("type must be sale or catalog")
		return
	}
	if mode == "checkauth" {
		s.checkauth(q)
		return
	}
	if q.session = s.sessions.find(r, s.Now()); q.session == nil {
		q.fail("there is no session, or it is over: begin with mode=checkauth")
		return
	}
	q.session.mu.Lock()
	defer q.session.mu.Unlock()
	q.user = s.user(q.session.user)
	s.serveMode(q, kind, mode)
}

// serveMode answers a request of a session.
func (s *Server) serveMode(q *request, kind, mode string) {
	if kind == "catalog" && s.Products == nil {
		q.fail("products are not taken from 1C here: products = false in the settings of obmen")
		return
	}
	answer := map[string]func(*request){
		"sale/init": s.init, "sale/query": s.query, "sale/success": s.success, "sale/info": s.info,
		"sale/file": s.file, "sale/import": s.importOrders,
		"catalog/init": s.init, "catalog/file": s.file, "catalog/import": s.importProducts,
		"catalog/deactivate": succeed, "catalog/complete": succeed,
	}[kind+"/"+mode]
	if answer == nil {
		q.fail("mode " + quote(mode) + " is not known for type=" + kind)
		return
	}
	answer(q)
}

func succeed(q *request) { q.text("success") }

// checkauth begins a session: three lines, of which 1C sends the second and third back as a cookie.
func (s *Server) checkauth(q *request) {
	name, password, given := q.r.BasicAuth()
	hash := s.Password(name)
	if !given || !s.logins.Check(q.r.Context(), name, []byte(password), hash) {
		s.wrongLogin(q, name, given)
		return
	}
	begun, ended := s.sessions.start(name, s.Now())
	if ended != nil {
		s.ending.Go(func() { s.end(ended) })
	}
	s.report(Event{Kind: LoggedIn, User: name})
	http.SetCookie(q.w, &http.Cookie{Name: CookieName, Value: begun.token, HttpOnly: true, Path: "/"})
	q.text("success", CookieName, begun.token)
}

// wrongLogin names only users that exist: what else was typed may be a password.
func (s *Server) wrongLogin(q *request, name string, given bool) {
	q.w.Header().Set("WWW-Authenticate", `Basic realm="obmen", charset="UTF-8"`)
	if !given {
		write(q.w, http.StatusUnauthorized, textType, failure("name and password are missing"))
		return
	}
	if s.Password(name) == nil {
		name = ""
	}
	s.report(Event{Kind: WrongLogin, User: name})
	if !s.logins.Delay(q.r.Context()) {
		q.w.Header().Set("Retry-After", "5")
		write(q.w, http.StatusTooManyRequests, textType, failure("too many wrong passwords at this moment: try again"))
		return
	}
	write(q.w, http.StatusUnauthorized, textType, failure("wrong name or password"))
}

// init tells how files are to be sent: exactly two lines, to a client that names its version four.
func (s *Server) init(q *request) {
	lines := []string{"zip=no", "file_limit=" + decimal(PartLimit)}
	if q.param("version") != "" {
		version := "2.09"
		if s.Bitrix {
			version = "3.1"
		}
		lines = append(lines, "sessid="+q.session.token, "version="+version)
	}
	q.text(lines...)
}

// expire ends sessions that have gone quiet.
func (s *Server) expire() {
	for _, one := range s.sessions.expire(s.Now(), false) {
		s.ending.Go(func() { s.end(one) })
	}
}

// end lets go of what a session has sent, and reports what it never finished.
func (s *Server) end(one *session) {
	one.mu.Lock()
	defer one.mu.Unlock()
	for _, name := range one.uploads.close() {
		s.report(Event{Kind: Broken, User: one.user, File: name, Err: errUnfinished})
	}
}

// Close ends all sessions, once no request is being answered any more. Their clients begin new ones.
func (s *Server) Close() {
	for _, one := range s.sessions.expire(s.Now(), true) {
		s.end(one)
	}
	s.ending.Wait()
}

func (s *Server) batch() int { return cmp.Or(s.Batch, DefaultBatch) }

// tryOrders takes a file of orders as soon as it is complete: many versions of 1C ask for no import.
func (s *Server) tryOrders(q *request, u *upload) {
	if !u.looksComplete() {
		q.text("success")
		return
	}
	switch err := s.takeOrders(q, u); {
	case errors.Is(err, cml.ErrTruncated): // the next part has the rest
		q.text("success")
	case err != nil:
		s.refuseFile(q, u, err)
	default:
		q.text("success")
	}
}

var errUnfinished = errors.New("1C began to send a file and never sent its end: repeat the exchange in 1C")

// context is that of work that must not stop half way when the client hangs up.
func (q *request) context() context.Context { return context.WithoutCancel(q.r.Context()) }

// text answers lines without an end behind the last one: 1C counts the lines.
func (q *request) text(lines ...string) {
	write(q.w, http.StatusOK, textType, []byte(strings.Join(lines, "\n")))
}

// fail answers a protocol error.
func (q *request) fail(why string) { write(q.w, http.StatusOK, textType, failure(why)) }

// Times for slow clients. A batch is loaded between two requests, never within one.
const (
	headerTime = 10 * time.Second
	readTime   = 5 * time.Minute // for a part of PartLimit over a slow line
	writeTime  = 10 * time.Minute
	idleTime   = 2 * time.Minute
	headerSize = 32 << 10
)

// HTTP returns the server with the bounds that a port needs which others can reach.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerSize,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // broken connections and TLS handshakes of scanners
	}
}
