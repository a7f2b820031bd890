package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// visit is one request of a person.
type visit struct {
	server  *Server
	w       http.ResponseWriter
	r       *http.Request
	words   *words.Words
	session *session   // nil before the login
	actor   desk.Actor // who is logged in
	desk    *desk.Desk // which acts as the person
	now     time.Time
}

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{server: s, w: w, r: r, words: words.In(s.language(r)), now: time.Now()}
	v.session = s.sessions.find(r, v.now)
	if v.session == nil {
		return v
	}
	if v.actor = v.session.actor; v.session.ByPassword { // who was removed, or has another role now, notices at once
		hash, role := s.Outside.User(v.session.User)
		if hash == nil {
			v.session = nil
			return v
		}
		v.actor.Role = role
	}
	v.desk = s.Desk.As(v.actor)
	return v
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// field returns a field of a form or of the query, without blanks around it.
func (v *visit) field(name string) string { return strings.TrimSpace(v.r.FormValue(name)) }

// tell shows a message above the next page.
func (v *visit) tell(t words.Text) { v.session.addNotice(notice{Text: t}) }

// mayWork reports whether the person may change anything.
func (v *visit) mayWork() bool { return v.actor.Role >= roles.Work }

// mayAdminister reports whether the person may do all.
func (v *visit) mayAdminister() bool { return v.actor.Role >= roles.Admin }

// showsPersonal reports whether the person may see data of buyers.
func (v *visit) showsPersonal() bool { return v.server.Options.ShowPersonal && v.mayWork() }

// languageCookie keeps the language that a person has chosen.
const languageCookie = "obmen-language"

// language returns the one that a person has chosen, else the settings, else the browser.
func (s *Server) language(r *http.Request) string {
	if lang := r.URL.Query().Get("language"); slices.Contains(words.Languages(), lang) {
		return lang
	}
	if c, err := r.Cookie(languageCookie); err == nil && slices.Contains(words.Languages(), c.Value) {
		return c.Value
	}
	if s.Options.Language != "" {
		return s.Options.Language
	}
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		lang, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
		if slices.Contains(words.Languages(), lang) {
			return lang
		}
	}
	return words.English
}
