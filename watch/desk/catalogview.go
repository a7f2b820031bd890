package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// CatalogState holds what lies in the folder of the catalogs.
type CatalogState struct {
	Dir      string
	Files    []CatalogFileState
	Mistakes []CatalogMistake // while there are any, what was loaded before stays in force
	Notes    []CatalogMistake // remarks on what was loaded
	Products int              // in force
	People   int              // counterparties in force
}

// CatalogFileState is one of the catalogs.
type CatalogFileState struct {
	Name    string
	There   bool
	Needed  bool // there is no exchange without it
	Size    int64
	Changed Moment
}

// CatalogMistake is a mistake in a catalog, or a remark on it, with its line.
type CatalogMistake struct {
	catalog.Problem
	Shown string // the line; empty where the whole file is meant
}

// ShowCatalogs returns what lies in the folder of the catalogs, with its mistakes.
func (d *Desk) ShowCatalogs() (*CatalogState, error) {
	st := &CatalogState{Dir: d.Catalogs}
	entries, err := os.ReadDir(d.Catalogs)
	if err != nil {
		return nil, err
	}
	for _, columns := range catalog.Columns() {
		f := CatalogFileState{Name: columns.File, Needed: columns.Required}
		for _, e := range entries {
			info, err := e.Info()
			if err == nil && strings.EqualFold(e.Name(), columns.File) && !e.IsDir() {
				f.There, f.Size, f.Changed = true, info.Size(), Moment{info.ModTime()}
			}
		}
		st.Files = append(st.Files, f)
	}
	if cat, err := d.Catalog(); err == nil && cat != nil {
		st.Products, st.People = cat.Len()
	}
	st.Mistakes, st.Notes = lookedInto.problems(d)
	return st, nil
}

// mostMistakes is how many mistakes are shown with their lines.
const mostMistakes = 50

// withLines shows the lines of mistakes.
func (d *Desk) withLines(list []catalog.Problem) []CatalogMistake {
	list = list[:min(len(list), mostMistakes)]
	shown := make([]CatalogMistake, len(list))
	lines := map[string]map[int]string{}
	for i, p := range list {
		if _, read := lines[p.File]; !read && p.File != "" && p.Line > 0 {
			var numbers []int
			for _, q := range list {
				if q.File == p.File {
					numbers = append(numbers, q.Line)
				}
			}
			if f, err := d.readCatalogFile(p.File); err == nil {
				lines[p.File] = catalog.LinesAt(f.data, numbers)
			}
		}
		shown[i] = CatalogMistake{p, lines[p.File][p.Line]}
	}
	return shown
}

// lookedInto remembers what was wrong with a folder of catalogs as long as its files stay as they are: to read them
// for a look at a page would take most of a second where there are very many products.
var lookedInto catalogProblems

type catalogProblems struct {
	mu       sync.Mutex
	state    string
	found    []catalog.Problem
	refused  bool // found are mistakes, else remarks
	shown    []CatalogMistake
	hasShown bool // shown are those found, with their lines
}

// noteLoaded takes what the loading of a folder has found.
func (c *catalogProblems) noteLoaded(dir, state string, cat *catalog.Snapshot, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keepProblems(dir, state, cat, err)
}

func (c *catalogProblems) keepProblems(dir, state string, cat *catalog.Snapshot, err error) {
	c.state, c.found, c.shown, c.hasShown = stateOf(dir, state), nil, nil, false
	problems, refused := errors.AsType[catalog.Problems](err)
	if c.refused = refused; refused {
		c.found = problems
	} else if err == nil {
		c.found = cat.Notes
	}
}

func stateOf(dir, state string) string { return dir + "\n" + state }

func (c *catalogProblems) problems(d *Desk) (mistakes, notes []CatalogMistake) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state := folderState(d.Catalogs); stateOf(d.Catalogs, state) != c.state {
		cat, err := catalog.Load(os.DirFS(d.Catalogs))
		c.keepProblems(d.Catalogs, state, cat, err)
	}
	if !c.hasShown {
		c.shown, c.hasShown = d.withLines(c.found), true
	}
	if c.refused {
		return c.shown, nil
	}
	return nil, c.shown
}

// UploadsDir holds catalogs that a person has sent and not confirmed; it lies in the state folder.
const UploadsDir = "uploads"

// replacedDir holds the catalogs that an upload has replaced; it lies in the state folder.
const replacedDir = "replaced"

// uploadTime is how long a catalog that was sent may wait for its confirmation.
const uploadTime = 24 * time.Hour

// uploadName is the name of such a file, without its catalog.
var uploadName = regexp.MustCompile(`^[A-Z2-7]{20,40}$`)

// StageCatalog keeps a new catalog file until ReplaceCatalog, and returns its name there. Nothing counts yet.
func (d *Desk) StageCatalog(name string, r io.Reader) (upload string, err error) {
	if err := d.allow(roles.Work); err != nil {
		return "", err
	}
	if !isCatalogName(name) {
		return "", words.Refuse(words.New("upload.no-catalog", "File", name), words.New("upload.choose"))
	}
	dir := filepath.Join(d.State, UploadsDir)
	if err := drop.MakeDirs(drop.OS{}, dir, 0o700); err != nil {
		return "", err
	}
	sweepUploads(dir)
	data, err := drop.ReadAll(r, name, catalogLimit)
	if err != nil {
		return "", err
	}
	upload = rand.Text()
	return upload, drop.ReplaceFile(drop.OS{}, filepath.Join(dir, upload+"-"+name), 0o600, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func isCatalogName(name string) bool {
	return slices.ContainsFunc(catalog.Columns(), func(f catalog.FileColumns) bool { return f.File == name })
}

// sweepUploads removes what was never confirmed.
func sweepUploads(dir string) {
	entries, _ := os.ReadDir(dir) // nothing depends on it
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > uploadTime {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// Comparison holds what a new catalog file would change.
type Comparison struct {
	File     string
	Upload   string
	Hash     string // of the file in force, to be handed back with ReplaceCatalog
	Size     int64
	Change   catalog.Difference
	Mistakes []CatalogMistake // while there are any, the file cannot be taken
}

// CompareCatalog returns what an upload would change.
func (d *Desk) CompareCatalog(upload string) (*Comparison, error) {
	file, data, err := d.openUpload(upload)
	if err != nil {
		return nil, err
	}
	f, err := d.readCatalogFile(file)
	if err != nil {
		return nil, err
	}
	c := &Comparison{File: file, Upload: upload, Hash: f.hash, Size: int64(len(data))}
	if c.Hash == "" {
		c.Hash = noFile
	}
	if _, err := d.loadWith(f, data); err != nil {
		problems, ok := errors.AsType[catalog.Problems](err)
		if !ok {
			return nil, err
		}
		for _, p := range problems[:min(len(problems), mostMistakes)] {
			m := CatalogMistake{Problem: p}
			if p.File == file {
				m.Shown = catalog.LinesAt(data, []int{p.Line})[p.Line]
			}
			c.Mistakes = append(c.Mistakes, m)
		}
	}
	before, err := catalog.ReadFile(file, f.data)
	if err != nil {
		before = &catalog.File{Name: file} // broken: all of the new one is new
	}
	after, err := catalog.ReadFile(file, data)
	if err == nil {
		c.Change = catalog.Compare(before, after)
	}
	return c, nil
}

// openUpload finds an upload. No part of a path comes from outside.
func (d *Desk) openUpload(upload string) (file string, data []byte, err error) {
	gone := words.Refuse(words.New("upload.gone"), words.New("upload.again"))
	if !uploadName.MatchString(upload) {
		return "", nil, gone
	}
	for _, columns := range catalog.Columns() {
		data, err := drop.ReadFile(drop.OS{}, filepath.Join(d.State, UploadsDir, upload+"-"+columns.File), catalogLimit)
		if err == nil {
			return columns.File, data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", nil, err
		}
	}
	return "", nil, gone
}

// ReplaceCatalog takes an upload as the catalog, unless that changed since it was compared (hash) or the catalogs
// would have a mistake. The file before is kept in the state folder.
func (d *Desk) ReplaceCatalog(ctx context.Context, upload, hash string) (*Comparison, error) {
	if err := d.begin(ctx, roles.Work, "catalog", upload); err != nil {
		return nil, err
	}
	lock, err := d.lockCatalogs(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	file, data, err := d.openUpload(upload)
	if err != nil {
		return nil, err
	}
	f, err := d.readCatalogFile(file)
	if err != nil {
		return nil, err
	}
	if err := f.checkUnchanged(hash); err != nil {
		return nil, err
	}
	if _, err := d.loadWith(f, data); err != nil {
		return nil, refuseMistakes(file, err)
	}
	if err := d.keepReplaced(f, file); err != nil {
		return nil, err
	}
	if err := f.replace(data); err != nil {
		return nil, err
	}
	return &Comparison{File: file, Hash: hashOf(data)}, os.Remove(filepath.Join(d.State, UploadsDir, upload+"-"+file))
}

// keepReplaced keeps the file before: a wrong export can be taken back.
func (d *Desk) keepReplaced(f *catalogFile, file string) error {
	if f.hash == "" {
		return nil
	}
	dir := filepath.Join(d.State, replacedDir)
	if err := drop.MakeDirs(drop.OS{}, dir, 0o700); err != nil {
		return err
	}
	name := time.Now().UTC().Format("20060102-150405") + "-" + f.hash[:8] + "-" + file
	return drop.ReplaceFile(drop.OS{}, filepath.Join(dir, name), 0o600, func(w io.Writer) error {
		_, err := w.Write(f.data)
		return err
	})
}

// RemoveUnfinished removes what a killed program left of uploads, of catalogs and of mappings that were being written.
// What cannot be removed now goes at the next start.
func (d *Desk) RemoveUnfinished(ctx context.Context) {
	removeUnfinished(ctx, d.Catalogs, d.Catalogs, filepath.Join(d.State, UploadsDir), filepath.Join(d.State, replacedDir))
	removeUnfinished(ctx, d.Sources, d.Sources)
}

func folderState(dir string) string {
	var b strings.Builder
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == drop.LockName || strings.HasSuffix(d.Name(), drop.Unfinished) {
			return nil // what a change of a catalog leaves beside it
		}
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}
