package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// addDoor adds the addresses that need no session.
func (s *Server) addDoor(mux *http.ServeMux) {
	mux.HandleFunc("GET /open", s.openByLink)
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { s.visit(w, r).showLogin(http.StatusOK, words.Text{}) })
	mux.HandleFunc("POST /login", s.logIn)
	mux.HandleFunc("POST /logout", s.logOut)
	mux.HandleFunc("GET /language", s.chooseLanguage)
}

// loginForm holds what the page of the login shows.
type loginForm struct {
	Users  bool // someone can log in with a password
	Wrong  words.Text
	User   string
	Target string // the page that was asked for
}

// askToLogIn leads to the login, and from there back to the page that was asked for.
func (v *visit) askToLogIn() {
	target := "/login"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/live" {
		target += "?" + url.Values{"to": {v.r.URL.RequestURI()}}.Encode()
	}
	if v.r.URL.Path == "/live" {
		http.Error(v.w, "no session", http.StatusUnauthorized)
		return
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
}

func (v *visit) showLogin(status int, wrong words.Text) {
	v.render(status, "login", loginForm{v.server.Outside.HasUsers(), wrong, v.field("user"), ownTarget(v.field("to"))})
}

// ownTarget is a page of ours; anything else leads to the first one.
func ownTarget(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return "/today"
	}
	return to
}

// openByLink begins a session for who has a link of obmen open.
func (s *Server) openByLink(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	link, ok := takeLink(s.Desk.State, r.URL.Query().Get("key"), v.now)
	if !ok {
		if v.session != nil {
			http.Redirect(w, r, "/today", http.StatusSeeOther)
			return
		}
		v.showLogin(http.StatusForbidden, words.New("web.login.link-over"))
		return
	}
	v.begin(&session{User: link.User, Role: roles.Admin}, "/today")
}

// logIn begins a session for who has a password.
func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	v := s.visit(w, r)
	name := v.field("user")
	hash, role := s.Outside.User(name)
	if !s.logins.Check(r.Context(), name, []byte(r.PostFormValue("password")), hash) {
		if !s.logins.Delay(r.Context()) {
			w.Header().Set("Retry-After", "5")
			v.showLogin(http.StatusTooManyRequests, words.New("web.login.too-many"))
			return
		}
		v.showLogin(http.StatusForbidden, words.New("web.login.wrong"))
		return
	}
	v.begin(&session{User: name, Role: role, ByPassword: true}, ownTarget(v.field("to")))
}

// begin begins a session and goes to a page.
func (v *visit) begin(one *session, target string) {
	token, err := v.server.sessions.start(one, v.now)
	if err != nil {
		v.fail(http.StatusInternalServerError, err)
		return
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, Secure: v.server.Options.Secure,
		SameSite: http.SameSiteStrictMode, MaxAge: int(one.lasts() / time.Second),
	})
	// A redirect would still count as the other page's visit, which gets no strict cookie: the page goes on itself.
	v.render(http.StatusOK, "opened", target)
}

func (s *Server) logOut(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.end(r); err != nil {
		s.visit(w, r).fail(http.StatusInternalServerError, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// chooseLanguage keeps the language that a person chooses.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: words.In(r.URL.Query().Get("language")).Language, Path: "/", HttpOnly: true,
		Secure: s.Options.Secure, SameSite: http.SameSiteStrictMode, MaxAge: int(365 * 24 * time.Hour / time.Second),
	})
	http.Redirect(w, r, ownTarget(r.URL.Query().Get("to")), http.StatusSeeOther)
}

// policy lets a page load nothing that obmen does not serve itself, run no script within the page, and be framed by
// no other page.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard refuses what comes from other pages, and under names that are not this machine's.
func (s *Server) guard(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protected := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !s.isOwnHost(r.Host) {
			http.Error(w, "this name is not one of obmen's; add it to hosts under [web] of obmen.toml", http.StatusMisdirectedRequest)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// isOwnHost reports whether a page was asked for under a name that no other page can give to this address: an address
// itself, localhost, or a name of the settings.
func (s *Server) isOwnHost(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	if _, err := netip.ParseAddr(host); err == nil || strings.EqualFold(host, "localhost") {
		return true
	}
	return slices.ContainsFunc(s.Options.Hosts, func(own string) bool { return strings.EqualFold(own, host) })
}

func staticTag(text []byte) string {
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}
