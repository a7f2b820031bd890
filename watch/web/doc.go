// Package web is the page: what a person sees of a running exchange in a browser, and does there. It is served by
// obmen watch. Every operation is a function of package desk; the page has none of its own.
//
// # How a page is added
//
// One file NAME.go and one template pages/NAME.html. The file adds the page to the menu and says who may see it:
//
//	var _ = addPage(page{Name: "held", Place: 30, Role: desk.Look, Fill: func(v *visit) (any, error) {
//		return v.desk.Held(v.ctx(), desk.HeldOptions{})
//	}})
//
// The address is /NAME, the words are those of web.NAME.title (menu and heading) and of whatever the template says:
//
//	{{define "content"}}<p>{{say "web.held.none"}}</p>{{range .Data.Held}}…{{end}}{{end}}
//
// In a template .Data is what Fill returned, .MayWork and .MayAdminister are what the person may do; see view. The functions of templates stand in template.go: say, count, text, number,
// amount, moment, day and so on; each answers in the language of the visit. A part of a page that changes while one
// looks at it has an id and the attribute data-live: the script replaces it by its newest state, and without scripts
// the page is loaded again.
//
// What a form does is an action of its own: a POST to /NAME/VERB, followed by a page that shows what came of it:
//
//	var _ = addAction(action{Path: "held/dismiss", Role: desk.Work, Do: func(v *visit) (string, error) {
//		done, err := v.desk.Dismiss(v.ctx(), desk.DismissOptions{Orders: v.r.PostForm["order"], Why: v.field("why")})
//		v.tell(words.Count("web.held.dismissed", len(done.Dismissed)))
//		return "/held", err
//	}})
//
// v.desk acts as the person who is logged in: desk refuses what the role may not do, and keeps the trail of what was
// done. An error is shown with its next step above the page that the form was on. Words are in page.en.toml and
// page.ru.toml of package words, below web.NAME; a test holds that both have all of them.
package web
