package watch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// requestDir holds what people have asked the watcher to do; it lies in the state folder.
const requestDir = "requests"

// requestTime is how long a command may take to write its request, before what it was writing counts as
// left over by one that was killed.
const requestTime = time.Hour

// Request asks the watcher to convert kept files once more. It is carried out in the next round, or at
// the next start.
type Request struct {
	Route string        `json:"route"`
	Why   string        `json:"why"` // the command that asks
	Files []RequestFile `json:"files"`
	Quiet bool          `json:"quiet,omitempty"` // nobody waits for an answer where nothing goes out
}

// RequestFile is one kept file of a request. What is held in it gets another chance; the orders in Anew
// are published once more though nothing has changed.
type RequestFile struct {
	SHA256 string        `json:"sha256"`
	Name   string        `json:"name"`
	Anew   []ledger.Key  `json:"anew,omitempty"`
	Others []ledger.File `json:"others,omitempty"` // files with the other half of its orders
}

// PutRequest hands a request to the watcher of a state folder; it is durable when PutRequest returns.
func PutRequest(ctx context.Context, state string, r Request) error {
	dir := filepath.Join(state, requestDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return r.put(ctx, drop.Folder{Dir: dir, Mode: 0o600})
}

func (r *Request) put(ctx context.Context, folder drop.Folder) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = folder.Put(ctx, rand.Text()+".json", strings.NewReader(string(text)+"\n"))
	return err
}

// requests carries out what people have asked for. A request is removed when it is carried out, and may
// be carried out twice when the program is killed in between: that changes nothing but what was asked
// for anew.
func (k *worker) requests(ctx context.Context) (worked bool, err error) {
	dir := filepath.Join(k.w.State, requestDir)
	entries, err := k.w.fs().ReadDir(dir)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		mine, err := k.request(ctx, filepath.Join(dir, e.Name()))
		if err != nil {
			return worked, err
		}
		worked = worked || mine
	}
	return worked, nil
}

// request carries out one request if it is for this route.
func (k *worker) request(ctx context.Context, path string) (mine bool, err error) {
	text, err := k.w.read(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // another route's worker was faster
	}
	if err != nil {
		return false, err
	}
	var r Request
	if err := json.Unmarshal(text, &r); err != nil {
		k.tell(Event{Kind: Alert, File: filepath.Base(path), Text: "a request that cannot be read: " + err.Error(), Hint: "give the command once more"})
		return false, k.w.fs().Remove(path)
	}
	if r.Route != k.r.Name {
		return false, nil
	}
	k.stale = true // the command may have ended a hold, or brought one back
	for _, f := range r.Files {
		if err := k.asked(ctx, &r, f); err != nil {
			return true, err
		}
	}
	return true, k.w.fs().Remove(path)
}

// asked converts one kept file once more.
func (k *worker) asked(ctx context.Context, r *Request, f RequestFile) error {
	if _, err := k.w.fs().Lstat(k.w.rawPath(f.SHA256)); errors.Is(err, os.ErrNotExist) {
		k.tell(Event{
			Kind: Alert, File: f.Name, Text: r.Why + ": the kept bytes of the file are gone",
			Hint: "if the archive has it: obmen requeue " + f.Name + "; when it was read, give the command once more",
		})
		return nil
	}
	if len(f.Anew) > 0 {
		k.anew = map[ledger.Key]*ledger.Order{}
		defer func() { k.anew = nil }()
	}
	for _, key := range f.Anew {
		o, found, err := k.w.Ledger.Order(ctx, key)
		if err != nil {
			return err
		}
		if found {
			k.anew[key] = &o
		}
	}
	return k.again(ctx, ledger.File{Route: k.r.Name, SHA256: f.SHA256, Name: f.Name}, f.Others, !r.Quiet)
}
