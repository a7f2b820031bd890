package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// PutOptions name a file that is dropped and the route it is for; an empty route is the only one.
type PutOptions struct {
	Name  string
	Route string
}

// Put is a file that was dropped.
type Put struct {
	Route  string `json:"route"`
	Name   string `json:"name"` // in the inbox
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// mostNames is how many names are tried for a file whose own is taken by another.
const mostNames = 100

// Put drops a file into the inbox of a route. When it returns, the file is whole and durable there, or nothing is
// left of it.
func (d *Desk) Put(ctx context.Context, opt PutOptions, r io.ReadSeeker) (*Put, error) {
	name := drop.SafeName(path.Base(strings.ReplaceAll(opt.Name, `\`, "/")))
	if err := d.begin(ctx, roles.Work, "put", name); err != nil {
		return nil, err
	}
	route, err := d.routeNamed(opt.Route)
	if err != nil {
		return nil, err
	}
	if err := folder.CheckSpace(route.Inbox, folder.DefaultFree); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		done, err := drop.Folder{Dir: route.Inbox}.Put(ctx, numbered(name, n), r)
		taken, exists := errors.AsType[*drop.ExistsError](err)
		if exists && !taken.Same && n < mostNames {
			continue
		}
		if err != nil && !exists {
			return nil, err
		}
		return &Put{route.Name, numbered(name, n), done.SHA256, done.Size}, nil
	}
}

// numbered is the nth name for a file.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := path.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
}

// routeNamed returns a route; with an empty name the only one.
func (d *Desk) routeNamed(name string) (*inbox.Route, error) {
	i := slices.IndexFunc(d.Routes, func(r inbox.Route) bool { return r.Name == name })
	if name == "" && len(d.Routes) == 1 {
		i = 0
	}
	if i < 0 {
		return nil, words.Refuse(words.New("requeue.no-route", "Route", name), words.New("requeue.name-route", "Settings", d.Settings))
	}
	return &d.Routes[i], nil
}

// FileBySum returns how a dropped file stands, by its bytes and without its sets; what the ledger has not seen yet lies in the inbox.
func (d *Desk) FileBySum(ctx context.Context, put *Put) (FileStatus, error) {
	files, err := d.Ledger.Files(ctx, ledger.FileFilter{Route: put.Route, SHA256: put.SHA256, Limit: 1})
	if err != nil || len(files) == 0 {
		return FileStatus{Route: put.Route, Name: put.Name, State: "inbox"}, err
	}
	st := fileStatus(&files[0])
	st.Name = put.Name
	return st, nil
}
