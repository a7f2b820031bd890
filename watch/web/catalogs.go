package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"

	"obmen/convert/catalog"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// catalogsPage is the page of the catalogs: what is loaded, or what an upload would change.
type catalogsPage struct {
	State  *desk.CatalogState
	Names  []string // of the catalogs
	Upload *desk.Comparison
	Own    []desk.SourceFile // mappings
}

var _ = addPage(page{Name: "catalogs", Place: 50, Role: roles.Look, Fill: func(v *visit) (any, error) {
	p := &catalogsPage{}
	for _, f := range catalog.Columns() {
		p.Names = append(p.Names, f.File)
	}
	var err error
	if upload := v.field("upload"); upload != "" && v.mayWork() {
		p.Upload, err = v.desk.CompareCatalog(upload)
		return p, err
	}
	if p.Own, err = v.desk.SourceFiles(); err != nil {
		return p, err
	}
	p.State, err = v.desk.ShowCatalogs()
	return p, err
}})

// mostCatalog bounds a catalog that is sent, in bytes.
const mostCatalog = 128 << 20

// partOf reads a form with a file up to its part of that name; fields before it are returned.
func (v *visit) partOf(name string, most int64) (part *multipart.Part, fields map[string]string, err error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most+mostForm)
	reader, err := v.r.MultipartReader()
	if err != nil {
		return nil, nil, words.Refuse(words.New("web.error.form"), words.New("web.error.form-cure"))
	}
	fields = map[string]string{}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, nil, words.Refuse(words.New("web.catalogs.no-file"), words.New("web.catalogs.choose-file"))
		}
		if err != nil {
			return nil, nil, err
		}
		if part.FormName() == name {
			return part, fields, nil
		}
		const mostField = 1 << 10
		text, err := io.ReadAll(io.LimitReader(part, mostField))
		if err != nil {
			return nil, nil, err
		}
		fields[part.FormName()] = string(text)
	}
}

var _ = addAction(action{Path: "catalogs/upload", Role: roles.Work, Do: func(v *visit) (string, error) {
	part, fields, err := v.partOf("file", mostCatalog)
	if err != nil {
		return "", err
	}
	if part.FileName() == "" {
		return "", words.Refuse(words.New("web.catalogs.no-file"), words.New("web.catalogs.choose-file"))
	}
	name := strings.ToLower(filepath.Base(part.FileName()))
	if chosen := fields["name"]; chosen != "" {
		name = chosen
	}
	upload, err := v.desk.StageCatalog(name, part)
	if err != nil {
		return "", err
	}
	return "/catalogs?upload=" + upload, nil
}})

var _ = addAction(action{Path: "catalogs/replace", Role: roles.Work, Do: func(v *visit) (string, error) {
	done, err := v.desk.ReplaceCatalog(v.ctx(), v.field("upload"), v.field("hash"))
	if err != nil {
		return "/catalogs?upload=" + v.field("upload"), err
	}
	v.tell(words.New("web.catalogs.replaced", "File", done.File))
	return "/catalogs", nil
}})
