package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"obmen/watch/desk/words"
)

//go:embed pages
var pageFiles embed.FS

// view holds what a template works with.
type view struct {
	Language string
	Name     string // of the page
	Data     any    // what Fill returned
	User     string
	LoggedIn bool
	Version  string
	Path     string // of the page as it was asked for
	Menu     []menuEntry
	Notices  []shownNotice

	MayWork, MayAdminister, ShowsPersonal bool
}

type menuEntry struct {
	Name    string
	Current bool
}

type shownNotice struct {
	Bad        bool
	Text, Next string
}

// Title is the heading of the page.
func (v *view) Title() string { return words.In(v.Language).Say("web." + v.Name + ".title") }

// Other is the language that a person may change to.
func (v *view) Other() string {
	if v.Language == words.Russian {
		return words.English
	}
	return words.Russian
}

// render answers with a page.
func (v *visit) render(status int, name string, data any) {
	shown := &view{
		Language: v.words.Language, Name: name, Data: data, Version: v.server.Options.Version, Path: v.r.URL.RequestURI(), LoggedIn: v.session != nil,
	}
	if v.r.Method != http.MethodGet {
		shown.Path = "/today"
	}
	if v.session != nil {
		shown.User = v.actor.Name
		shown.MayWork, shown.MayAdminister, shown.ShowsPersonal = v.mayWork(), v.mayAdminister(), v.showsPersonal()
		shown.Menu = v.menu(name)
		if !v.isLive() { // no person sees the notices yet
			shown.Notices = v.shownNotices()
		}
	}
	v.w.Header().Set(startedHeader, v.server.stamp())
	var page bytes.Buffer
	if err := templateOf(v.words.Language, name).ExecuteTemplate(&page, "layout", shown); err != nil {
		http.Error(v.w, err.Error(), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(page.Bytes()) // who left sees nothing
}

// liveHeader marks a request of our script for the newest state of an open page.
const liveHeader = "Obmen-Live"

// isLive reports whether our script looks for what changed.
func (v *visit) isLive() bool { return v.r.Header.Get(liveHeader) != "" }

func (v *visit) menu(current string) (list []menuEntry) {
	for _, p := range pages {
		if p.Place > 0 && p.Role <= v.actor.Role {
			list = append(list, menuEntry{p.Name, p.Name == current})
		}
	}
	return list
}

func (v *visit) shownNotices() (list []shownNotice) {
	for _, n := range v.session.takeNotices() {
		if n.Err != nil {
			f := v.failure(n.Err)
			list = append(list, shownNotice{true, f.Text, f.Next})
			continue
		}
		list = append(list, shownNotice{Text: v.words.Text(n.Text)})
	}
	return list
}

var templates sync.Map // *template.Template by language and page

// templateOf returns the template of a page in a language.
func templateOf(lang, name string) *template.Template {
	key := lang + "/" + name
	if t, ok := templates.Load(key); ok {
		return t.(*template.Template)
	}
	t := template.Must(template.New("").Funcs(functions(words.In(lang))).ParseFS(pageFiles, "pages/layout.html", "pages/parts.html", "pages/"+name+".html"))
	templates.Store(key, t)
	return t
}

// functions are what templates may call.
func functions(w *words.Words) template.FuncMap {
	return template.FuncMap{
		"say":    w.Say,
		"count":  func(code string, n int, pairs ...any) string { return w.Text(words.Count(code, n, pairs...)) },
		"text":   w.Text,
		"phrase": w.Phrase,
		"reason": func(file, why string) string { return w.Phrase(strings.TrimPrefix(why, file+": ")) },
		"number": w.Number,
		"amount": w.Amount,
		"day":    func(t time.Time) string { return w.Day(t) },
		"minute": func(t time.Time) string { return w.Minute(t) },
		"when":   func(t time.Time) string { return spokenTime(w, t, time.Now()) },
		"size":   w.Size,
		"stamp":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"known":  func(code string) bool { return w.Has(code) },
		"join":   strings.Join,
		"pairs":  makePairs,
		"lines":  periodLines,
		"bad":    badFinding,
	}
}

// makePairs makes a map of names and values, for a part that takes several.
func makePairs(list ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(list); i += 2 {
		name, _ := list[i].(string)
		m[name] = list[i+1]
	}
	return m
}

// spokenTime is a time as one speaks of it: today with the clock alone.
func spokenTime(w *words.Words, t, now time.Time) string {
	if t.IsZero() {
		return w.Say("web.time.unknown")
	}
	local, today := t.Local(), now.Local()
	clock := local.Format("15:04")
	switch {
	case sameDay(local, today):
		return w.Say("web.time.today", "Clock", clock)
	case sameDay(local, today.AddDate(0, 0, -1)):
		return w.Say("web.time.yesterday", "Clock", clock)
	case sameDay(local, today.AddDate(0, 0, 1)):
		return w.Say("web.time.tomorrow", "Clock", clock)
	}
	return w.Minute(t)
}

func sameDay(a, b time.Time) bool {
	y1, m1, d1 := a.Date()
	y2, m2, d2 := b.Date()
	return y1 == y2 && m1 == m2 && d1 == d2
}
