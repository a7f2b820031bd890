package web

import (
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// onecPage is the page of 1C: what it got, and what it said.
type onecPage struct {
	*desk.SentSets
	Sites []desk.SiteState
}

var _ = addPage(page{Name: "onec", Place: 60, Role: roles.Look, Fill: func(v *visit) (any, error) {
	sites, err := v.desk.SiteStates(v.ctx())
	if err != nil {
		return nil, err
	}
	sent, err := v.desk.SentSets(v.ctx(), v.now)
	return &onecPage{sent, sites}, err
}})

var _ = addAction(action{Path: "onec/again", Role: roles.Work, Do: func(v *visit) (string, error) {
	opt := desk.ReplayOptions{Set: v.field("set"), Failed: v.field("set") == ""}
	done, err := v.desk.Replay(v.ctx(), opt)
	if err == nil {
		v.tell(words.Count("web.onec.sent-again", len(done.Orders)))
	}
	if back := v.field("back"); back == "files" {
		return "/files", err
	}
	return "/onec", err
}})
