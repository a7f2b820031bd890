package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// dropped is a file that was dropped in a session.
type dropped struct {
	put desk.Put
	err error
}

// droppedFile is how a dropped file stands.
type droppedFile struct {
	desk.FileStatus
	Failed *failure // it could not be put
}

// dropPage is the page on which files are dropped.
type dropPage struct {
	Routes []string // empty where there is only one
	Mine   []droppedFile
	Last   []desk.FileStatus
}

// How much is dropped at a time.
const (
	mostUpload  = 2 << 30 // bytes of one file
	mostFiles   = 200     // in one go
	mostDropped = 50      // that a session remembers
	lastFiles   = 10      // that are shown of all
)

var _ = addPage(page{Name: "drop", Place: 20, Role: roles.Look, Fill: func(v *visit) (any, error) {
	p := &dropPage{}
	if len(v.desk.Routes) > 1 {
		for i := range v.desk.Routes {
			p.Routes = append(p.Routes, v.desk.Routes[i].Name)
		}
	}
	for _, one := range v.session.dropped() {
		if one.err != nil {
			f := v.failure(one.err)
			p.Mine = append(p.Mine, droppedFile{desk.FileStatus{Name: one.put.Name}, &f})
			continue
		}
		st, err := v.desk.FileBySum(v.ctx(), &one.put)
		if err != nil {
			return nil, err
		}
		p.Mine = append(p.Mine, droppedFile{FileStatus: st})
	}
	var err error
	p.Last, err = v.desk.FindFiles(v.ctx(), "", lastFiles)
	return p, err
}})

func (s *session) dropped() []dropped {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.drops)
}

// addDropped puts a file before the others.
func (s *session) addDropped(d dropped) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops = append([]dropped{d}, s.drops[:min(len(s.drops), mostDropped-1)]...)
}

var _ = addAction(action{Path: "drop/files", Role: roles.Work, Do: func(v *visit) (string, error) {
	route, n := "", 0
	err := v.eachPart(func(name string, part *multipart.Part) error {
		if part.FileName() == "" {
			text, err := io.ReadAll(io.LimitReader(part, mostForm))
			if name == "route" {
				route = string(text)
			}
			return err
		}
		if n++; n > mostFiles {
			return words.Refuse(words.New("web.drop.too-many", "N", mostFiles), words.New("web.drop.too-many-cure"))
		}
		put, err := v.putPart(route, part)
		if err != nil {
			put = &desk.Put{Name: part.FileName()}
		}
		v.session.addDropped(dropped{*put, err})
		return nil
	})
	if err == nil && n == 0 {
		err = words.Refuse(words.New("web.drop.no-file"), words.New("web.drop.choose"))
	}
	v.server.Changed()
	return "/drop", err
}})

// eachPart hands on the parts of a form with files, one after the other as they come.
func (v *visit) eachPart(take func(name string, part *multipart.Part) error) error {
	broken := words.Refuse(words.New("web.error.form"), words.New("web.error.form-cure"))
	parts, err := v.r.MultipartReader()
	if err != nil {
		return broken
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken
		}
		if err := take(part.FormName(), part); err != nil {
			return err
		}
	}
}

// putPart puts a file of a form into the inbox, by way of a file of our own: what ends in its middle never gets there.
func (v *visit) putPart(route string, part *multipart.Part) (*desk.Put, error) {
	file, err := v.takePart(part)
	if err != nil {
		return nil, err
	}
	defer forget(file)
	return v.desk.Put(v.ctx(), desk.PutOptions{Name: part.FileName(), Route: route}, file)
}

// takePart copies a file of a form into a temporary file of the state folder.
func (v *visit) takePart(part *multipart.Part) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Join(v.server.Desk.State, Dir), "upload-*.tmp")
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(file, io.LimitReader(part, mostUpload+1))
	switch {
	case err != nil:
		err = words.Refuse(words.New("web.drop.cut"), words.New("web.drop.again"))
	case n > mostUpload:
		err = words.Refuse(words.New("web.drop.too-large", "GB", mostUpload>>30), words.New("web.drop.by-folder"))
	}
	if err != nil {
		forget(file)
		return nil, err
	}
	return file, nil
}

// forget removes a temporary file; what stays of a killed program goes at the next start.
func forget(file *os.File) {
	_ = file.Close()
	_ = os.Remove(file.Name())
}

// send answers with a file.
func (v *visit) send(f *desk.File) error {
	defer f.Close()
	v.w.Header().Set("Content-Type", "application/octet-stream")
	v.w.Header().Set("Content-Disposition", disposition(f.Name))
	v.w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(v.w, f) // who left gets no more
	return nil
}

// disposition names a file that is downloaded, in any letters.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain, url.PathEscape(name))
}
