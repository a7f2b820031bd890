package web

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

//go:embed static
var static embed.FS

// Handler returns the handler of all addresses.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for i := range pages {
		mux.HandleFunc("GET /"+pages[i].Name, s.visited(pages[i].Role, func(v *visit) { v.showPage(&pages[i]) }))
	}
	for i := range actions {
		mux.HandleFunc("POST /"+actions[i].Path, s.visited(actions[i].Role, func(v *visit) { v.act(&actions[i]) }))
	}
	for i := range files {
		mux.HandleFunc("GET /"+files[i].Path, s.visited(files[i].Role, func(v *visit) { v.download(&files[i]) }))
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/today", http.StatusSeeOther) })
	mux.HandleFunc("GET /live", s.visited(roles.Look, s.serveLive))
	mux.HandleFunc("GET /static/{name}", serveStatic)
	s.addDoor(mux)
	mux.HandleFunc("/", s.notFound)
	return s.guard(mux)
}

// visited hands a request to a handler that needs a person with a role.
func (s *Server) visited(role roles.Role, serve func(*visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r)
		switch {
		case v.session == nil:
			v.askToLogIn()
		case v.actor.Role < role:
			v.fail(http.StatusForbidden, words.Refuse(words.New("web.error.role"), words.New("web.error.role-cure")))
		default:
			serve(v)
		}
	}
}

// showPage answers with a page.
func (v *visit) showPage(p *page) {
	data, err := p.Fill(v)
	if err != nil {
		v.fail(http.StatusInternalServerError, err)
		return
	}
	v.render(http.StatusOK, p.Name, data)
}

// act does what a form asks for, and goes on to the next page.
func (v *visit) act(a *action) {
	if !strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/") { // an action reads those itself
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostForm)
		if err := v.r.ParseForm(); err != nil {
			v.fail(http.StatusBadRequest, words.Refuse(words.New("web.error.form"), words.New("web.error.form-cure")))
			return
		}
	}
	next, err := a.Do(v)
	if v.r.Context().Err() != nil || next == answered {
		return
	}
	if err != nil {
		v.session.addNotice(notice{Err: err})
	}
	if next == "" {
		next = "/" + strings.SplitN(a.Path, "/", 2)[0]
	}
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
}

// answered is what an action returns that has written its answer.
const answered = "answered"

// mostForm bounds a form without files.
const mostForm = 1 << 20

// download answers with a file, or with a page that has the reason.
func (v *visit) download(a *action) {
	if _, err := a.Do(v); err != nil {
		v.fail(http.StatusNotFound, err)
	}
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	if v.session == nil {
		v.askToLogIn()
		return
	}
	v.fail(http.StatusNotFound, words.Refuse(words.New("web.error.no-page"), words.New("web.error.no-page-cure")))
}

// failure holds what the page of an error shows.
type failure struct{ Text, Next string }

// fail answers with a page that has an error and its next step.
func (v *visit) fail(status int, err error) {
	v.render(status, "error", v.failure(err))
}

func (v *visit) failure(err error) failure {
	f := failure{Text: v.words.Phrase(v.words.Error(err))}
	var stepped interface{ NextStep() words.Text }
	var hinted interface{ Hint() string }
	switch {
	case errors.As(err, &stepped) && !stepped.NextStep().IsZero():
		f.Next = v.words.Text(stepped.NextStep())
	case errors.As(err, &hinted):
		f.Next = v.words.Phrase(hinted.Hint())
	}
	return f
}

// serveStatic answers with a part of the program; no name reaches the disk.
func serveStatic(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	text, err := static.ReadFile("static/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Etag", staticTag(text))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}

// page is one page of the menu.
type page struct {
	Name  string     // of its address, its template and its words
	Place int        // in the menu, from the left; 0 for a page that is not in it
	Role  roles.Role // who may see it
	Fill  func(*visit) (any, error)
}

// action answers a form or a link to a file.
type action struct {
	Path string     // below /
	Role roles.Role // who may do it
	Do   func(*visit) (next string, err error)
}

var (
	pages   []page
	actions []action
	files   []action
)

// addPage adds a page, from its own file.
func addPage(p page) bool {
	if slices.ContainsFunc(pages, func(other page) bool { return other.Name == p.Name }) {
		panic("two pages " + p.Name)
	}
	pages = append(pages, p)
	slices.SortStableFunc(pages, func(a, b page) int { return cmp.Compare(a.Place, b.Place) })
	return true
}

// addAction adds what a form does. Do returns the page to show next.
func addAction(a action) bool {
	if slices.ContainsFunc(actions, func(other action) bool { return other.Path == a.Path }) {
		panic("two actions " + a.Path)
	}
	actions = append(actions, a)
	return true
}

// addFile adds a download: a GET whose Do writes the answer itself. An error is shown as a page.
func addFile(a action) bool {
	files = append(files, a)
	return true
}
