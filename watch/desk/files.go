package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// RefusedFile is a file in quarantine, with its reason.
type RefusedFile struct {
	ID     string // stands for its place; nothing can be learned from it
	Name   string // that it came with
	Route  string
	At     time.Time
	Size   int64
	Reason string
	Hint   string

	path string
}

// mostRefused bounds the files of quarantine that are listed.
const mostRefused = 500

// Refused lists the files in quarantine that have their reason beside them, the newest first.
func (d *Desk) Refused() (list []RefusedFile) {
	d.walkRefused(func(path string) bool {
		if f, ok := readRefused(path); ok {
			list = append(list, f)
		}
		return true
	})
	slices.SortStableFunc(list, func(a, b RefusedFile) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Name, b.Name)) })
	return list[:min(len(list), mostRefused)]
}

// readRefused reads the reason beside a file; false when the file itself is gone.
func readRefused(path string) (f RefusedFile, ok bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return f, false
	}
	var reason struct{ File, Reason, Hint, Route, Time string }
	if text, err := drop.ReadFile(drop.OS{}, path+reasonSuffix, 1<<20); err == nil {
		_ = json.Unmarshal(text, &reason) // a broken note leaves the file without words
	}
	at, err := time.Parse(time.RFC3339, reason.Time)
	if err != nil {
		at = info.ModTime()
	}
	sum := sha256.Sum256([]byte(path))
	return RefusedFile{
		ID: hex.EncodeToString(sum[:12]), Name: cmp.Or(reason.File, filepath.Base(path)), Route: reason.Route, At: at, Size: info.Size(),
		Reason: reason.Reason, Hint: reason.Hint, path: path,
	}, true
}

func (d *Desk) refusedByID(id string) (RefusedFile, error) {
	list := d.Refused()
	if i := slices.IndexFunc(list, func(f RefusedFile) bool { return f.ID == id }); i >= 0 {
		return list[i], nil
	}
	return RefusedFile{}, words.Refuse(words.New("files.gone"), words.New("files.look-again"))
}

// RequeueRefused puts a file of quarantine back into the inbox, by its id.
func (d *Desk) RequeueRefused(ctx context.Context, id string) (*Requeued, error) {
	f, err := d.refusedByID(id)
	if err != nil {
		return nil, err
	}
	return d.Requeue(ctx, f.path, "")
}

// File is a file to read; the caller closes it.
type File struct {
	io.ReadCloser
	Name string
}

// OpenRefused opens a file of quarantine, by its id. Such files have buyers' data.
func (d *Desk) OpenRefused(ctx context.Context, id string) (*File, error) {
	f, err := d.refusedByID(id)
	if err != nil {
		return nil, err
	}
	if err := d.begin(ctx, roles.Work, "download", f.Name); err != nil {
		return nil, err
	}
	r, err := os.Open(f.path)
	return &File{r, f.Name}, err
}

// OpenOutput opens a file of a set as long as 1C has not taken it away.
func (d *Desk) OpenOutput(ctx context.Context, stem, name string) (*File, error) {
	sets, err := d.Ledger.Sets(ctx, ledger.SetFilter{Stem: stem, NoOrders: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	gone := words.Refuse(words.New("files.taken", "File", name), words.New("files.replay"))
	if len(sets) == 0 || stem == "" {
		return nil, gone
	}
	i := slices.IndexFunc(sets[0].Outputs, func(o ledger.Output) bool { return o.Name == name })
	route, err := d.routeNamed(sets[0].Route)
	if i < 0 || err != nil {
		return nil, gone
	}
	if err := d.begin(ctx, roles.Work, "download", name); err != nil {
		return nil, err
	}
	r, err := os.Open(filepath.Join(route.Outbox, sets[0].Outputs[i].Name)) // the ledger's name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone
	}
	return &File{r, name}, err
}

// OpenKept opens the kept copy of a dropped file, by its bytes, as it came.
func (d *Desk) OpenKept(ctx context.Context, sum string) (*File, error) {
	files, err := d.Ledger.Files(ctx, ledger.FileFilter{SHA256: cmp.Or(sum, "-"), Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, words.Refuse(words.New("files.gone"), words.New("files.look-again"))
	}
	if err := d.begin(ctx, roles.Work, "download", files[0].Name); err != nil {
		return nil, err
	}
	kept, err := d.keptCopies()
	if err != nil {
		return nil, err
	}
	in, err := kept.ExistingInput(files[0].SHA256, files[0].Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, words.Refuse(words.New("explain.kept-gone", "File", files[0].Name), words.New("files.in-archive"))
	}
	if err != nil {
		return nil, err
	}
	r, err := in.Open()
	return &File{r, files[0].Name}, err
}

// FindFiles lists the files that came, the newest first and without their sets: those with a text in their names, or
// all.
func (d *Desk) FindFiles(ctx context.Context, part string, limit int) ([]FileStatus, error) {
	records, err := d.Ledger.Files(ctx, ledger.FileFilter{Part: part, Limit: limit, Newest: true})
	if err != nil {
		return nil, err
	}
	slices.Reverse(records)
	list := make([]FileStatus, len(records))
	for i := range records {
		list[i] = fileStatus(&records[i])
	}
	return list, nil
}
