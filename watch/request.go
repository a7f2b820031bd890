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

// requestLimit bounds the size of a request, in bytes: one that names every order of years.
const requestLimit = 256 << 20

// Request asks the watcher to convert kept files once more. It is carried out in the next round, or at
// the next start.
type Request struct {
	Route string        `json:"route"`
	Why   string        `json:"why"` // the command that asks
	Files []RequestFile `json:"files"`
	Quiet bool          `json:"quiet,omitempty"` // no person waits for an answer where nothing goes out
}

// RequestFile is one kept file of a request. What is held in it gets another chance; the orders in Republish
// are published once more though nothing has changed.
type RequestFile struct {
	SHA256    string        `json:"sha256"`
	Name      string        `json:"name"`
	Republish []ledger.Key  `json:"anew,omitempty"`
	Others    []ledger.File `json:"others,omitempty"` // files with the other half of its orders
}

// PutRequest hands a request to the watcher of a state folder; it is durable when PutRequest returns.
func PutRequest(ctx context.Context, state string, r Request) error {
	dir := filepath.Join(state, requestDir)
	if err := drop.MakeDirs(drop.OS{}, dir, 0o700); err != nil {
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

// carryOutRequests carries out what people have asked for. A request is removed when it is carried out, and may
// be carried out twice when the program is killed in between: that changes nothing but what was asked to be
// published once more.
func (k *worker) carryOutRequests(ctx context.Context) (worked bool, err error) {
	names, err := k.watcher.listRequests()
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, name := range names {
		mine, err := k.carryOut(ctx, filepath.Join(k.watcher.requestFolder(), name))
		if err != nil {
			return worked, err
		}
		worked = worked || mine
	}
	return worked, nil
}

// listRequests returns the names of the requests that wait.
func (w *Watcher) listRequests() (names []string, err error) {
	entries, err := w.fs().ReadDir(w.requestFolder())
	for _, e := range entries {
		if e.Type().IsRegular() && filepath.Ext(e.Name()) == ".json" {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// carryOut carries out one request if it is for this route.
func (k *worker) carryOut(ctx context.Context, path string) (mine bool, err error) {
	text, err := drop.ReadFile(k.watcher.fs(), path, requestLimit)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // another route's worker was faster
	}
	if err != nil {
		return false, err
	}
	var r Request
	if err := json.Unmarshal(text, &r); err != nil {
		k.report(Event{Kind: Alert, File: filepath.Base(path), Text: "a request that cannot be read: " + err.Error(), Hint: "give the command once more"})
		return false, k.watcher.fs().Remove(path)
	}
	if r.Route != k.route.Name {
		return false, nil
	}
	k.lists.stale = true // the command may have ended a hold, or brought one back
	if err := k.loadDismissed(ctx); err != nil {
		return true, err
	}
	for _, f := range r.Files {
		if err := k.rerunRequested(ctx, &r, f); err != nil {
			return true, err
		}
	}
	return true, k.watcher.fs().Remove(path)
}

// rerunRequested converts one kept file once more.
func (k *worker) rerunRequested(ctx context.Context, r *Request, f RequestFile) error {
	var republish map[ledger.Key]*ledger.Order
	if len(f.Republish) > 0 {
		republish = map[ledger.Key]*ledger.Order{}
	}
	for _, key := range f.Republish {
		o, found, err := k.watcher.Ledger.Order(ctx, key)
		if err != nil {
			return err
		}
		if found {
			republish[key] = &o
		}
	}
	return k.rerun(ctx, rerun{
		file:   ledger.File{Route: k.route.Name, SHA256: f.SHA256, Name: f.Name},
		others: f.Others, why: r.Why, republish: republish, answer: !r.Quiet,
	})
}
