package web

import (
	"strings"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// filesPage is the page of all files.
type filesPage struct {
	Waiting []desk.FileStatus // in the inbox, or being worked on
	Refused []desk.RefusedFile
	Out     []desk.SentSet // in the outbox
	Query   string
	Found   []desk.FileStatus
	More    bool // there are more than are shown
}

// mostFound is how many files are listed.
const mostFound = 50

var _ = addPage(page{Name: "files", Place: 40, Role: roles.Look, Fill: func(v *visit) (any, error) {
	status, err := v.desk.Status(v.ctx(), desk.StatusOptions{})
	if err != nil {
		return nil, err
	}
	p := &filesPage{Waiting: status.Files, Refused: v.desk.Refused(), Query: v.field("q")}
	if p.Out, err = v.desk.OutboxSets(v.ctx()); err != nil {
		return nil, err
	}
	p.Found, err = v.desk.FindFiles(v.ctx(), p.Query, mostFound+1)
	if p.More = len(p.Found) > mostFound; p.More {
		p.Found = p.Found[:mostFound]
	}
	return p, err
}})

var _ = addAction(action{Path: "files/requeue", Role: roles.Work, Do: func(v *visit) (string, error) {
	done, err := v.desk.RequeueRefused(v.ctx(), v.field("id"))
	if err == nil {
		v.tell(words.New("web.files.requeued", "File", baseOf(done.To)))
	}
	v.server.Changed()
	return "/files", err
}})

var _ = addFile(action{Path: "files/refused", Role: roles.Work, Do: func(v *visit) (string, error) {
	f, err := v.desk.OpenRefused(v.ctx(), v.field("id"))
	if err != nil {
		return "", err
	}
	return "", v.send(f)
}})

var _ = addFile(action{Path: "files/output", Role: roles.Work, Do: func(v *visit) (string, error) {
	f, err := v.desk.OpenOutput(v.ctx(), v.field("set"), v.field("name"))
	if err != nil {
		return "", err
	}
	return "", v.send(f)
}})

var _ = addFile(action{Path: "files/kept", Role: roles.Work, Do: func(v *visit) (string, error) {
	f, err := v.desk.OpenKept(v.ctx(), v.field("sum"))
	if err != nil {
		return "", err
	}
	return "", v.send(f)
}})

// baseOf is the name at the end of a path of any system.
func baseOf(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }
