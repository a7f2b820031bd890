package fetching

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// Dir is the folder below state where an account keeps its access token, its lock and how it stands.
func Dir(cfg *config.Config, account string) string {
	return filepath.Join(cfg.Folders.State, "fetch", drop.SafeName(account))
}

// mostState is far more than what is kept between runs has, in bytes.
const mostState = 16 << 20

// tokenFile keeps the access token between runs, for nobody else to read.
type tokenFile struct{ path string }

var _ spapi.TokenCache = tokenFile{}

// LoadToken gives what was stored. A file that cannot be used is none: a new token costs one request.
func (f tokenFile) LoadToken(context.Context) ([]byte, error) {
	text, err := drop.ReadSmall(f.path, mostState)
	if err != nil {
		return nil, nil
	}
	if text, err = config.Unprotect(text); err != nil {
		return nil, nil
	}
	return text, nil
}

// StoreToken replaces what was stored.
func (f tokenFile) StoreToken(_ context.Context, text []byte) error {
	text, err := config.Protect(text)
	if err != nil {
		return err
	}
	return config.WritePrivate(f.path, text)
}

// ledgerRates keeps Amazon's limits in the ledger, where all programs see them.
type ledgerRates struct{ book *ledger.Ledger }

var _ spapi.RateStore = ledgerRates{}

// UpdateRate tries again until nobody else changed the text meanwhile.
func (r ledgerRates) UpdateRate(ctx context.Context, key string, change func(string) string) error {
	for {
		old, _, err := r.book.Cursor(ctx, "rate "+key)
		if err != nil {
			return err
		}
		text := change(old)
		if text == old {
			return nil
		}
		swapped, err := r.book.SwapCursor(ctx, "rate "+key, old, text)
		if err != nil || swapped {
			return err
		}
	}
}

// lock keeps other runs away from an account; its folder is made. A node locks a folder of its own there: one that is frozen
// must not keep the account from those that have taken over.
func lock(cfg *config.Config, account string, t *turn) (unlock func(), err error) {
	dir := Dir(cfg, account)
	lock, err := lockFolder(dir)
	switch {
	case err == nil && t != nil:
		_ = lock.Release() // no run of a person works there
		lock, err = lockFolder(filepath.Join(dir, t.folder()))
	case err == nil && nodeWorks(dir):
		_ = lock.Release()
		err = &drop.LockedError{Dir: dir}
	}
	if locked, ok := errors.AsType[*drop.LockedError](err); ok {
		return nil, ui.WithHint(fmt.Errorf("account %s is being fetched by another obmen, process %d: %w", account, locked.PID, err),
			"let it end: `"+cfg.Command("status")+"` shows how far it is; obmen watch fetches by itself")
	}
	if err != nil {
		return nil, err
	}
	return func() {
		_ = lock.Release()
		if t != nil {
			_ = os.RemoveAll(filepath.Join(dir, t.folder()))
		}
	}, nil
}

func lockFolder(dir string) (*drop.Lock, error) {
	if err := drop.MakeDirs(drop.OS{}, dir, 0o700); err != nil {
		return nil, ui.WithHint(err, "look at the rights of the state folder")
	}
	return drop.LockDir(dir)
}

// nodePrefix begins the names of the folders that nodes lock.
const nodePrefix = "node-"

// nodeWorks reports whether a node works on the account of a folder.
func nodeWorks(dir string) bool {
	list, _ := filepath.Glob(filepath.Join(dir, nodePrefix+"*"))
	return slices.ContainsFunc(list, isFolderLocked)
}

const fetchStatusFile = "status.json"

// ReadStatus reads what the last run wrote; the zero value when there is none.
func ReadStatus(dir string) (st fetch.Status, err error) {
	text, err := drop.ReadSmall(filepath.Join(dir, fetchStatusFile), mostState)
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(text, &st)
}

// writeStatus replaces the status. A status that cannot be written stops nothing: a disk that is full
// shows when a page is put.
func writeStatus(dir string, st fetch.Status) {
	if text, err := json.MarshalIndent(st, "", "  "); err == nil {
		_ = config.WritePrivate(filepath.Join(dir, fetchStatusFile), append(text, '\n'))
	}
}

// State is how the fetching of an account stands, in status --json.
type State struct {
	Account  string `json:"account"`
	Running  bool   `json:"running"`
	Cut      bool   `json:"cut,omitempty"`      // the last run was killed; the next goes on where it was
	Until    string `json:"until,omitempty"`    // all that changed before it is in the inbox
	Ended    string `json:"ended,omitempty"`    // the last run
	Next     string `json:"next,omitempty"`     // when watch fetches again
	Backfill string `json:"backfill,omitempty"` // the options of the backfill that runs or was killed
	Pages    int    `json:"pages"`              // of the run that runs, or of the last
	Orders   int    `json:"orders"`
	Waits    string `json:"waits,omitempty"` // why and until when it waits
	Error    string `json:"error,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

// States returns how all accounts stand that are fetched. A status that says "running" counts only while
// a process holds the account's lock: its writer may have been killed.
func States(cfg *config.Config, watching bool) []State {
	list := []State{}
	for _, a := range cfg.Fetch {
		dir := Dir(cfg, a.Account)
		st, err := ReadStatus(dir)
		j := State{
			Account: a.Account, Until: ui.Stamp(st.Until), Ended: ui.Stamp(st.Ended), Pages: st.Pages, Orders: st.Orders, Error: st.Error, Hint: st.Hint,
		}
		if err != nil {
			j.Error, j.Hint = err.Error(), "look at the rights of "+dir
		}
		if j.Running = st.Running && isLocked(dir); j.Running && st.Wait != nil && time.Now().Before(st.Wait.Until) {
			j.Waits = fmt.Sprintf("until %s: %s", ui.Clock(st.Wait.Until), st.Wait.Why)
		}
		if j.Cut = st.Running && !j.Running; j.Cut || j.Running {
			j.Backfill = st.Backfill
		}
		if watching && a.Every > 0 && !j.Running {
			j.Next = ui.Stamp(st.Next)
		}
		list = append(list, j)
	}
	return list
}

// isLocked reports whether another process works on the account of a folder.
func isLocked(dir string) bool { return isFolderLocked(dir) || nodeWorks(dir) }

func isFolderLocked(dir string) bool {
	lock, err := drop.LockDir(dir)
	if err == nil {
		_ = lock.Release()
	}
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}

// Print writes how an account stands, in a line.
func (j *State) Print(s ui.Streams) {
	fmt.Fprintf(s.Out, "fetch      %s  %s\n", j.Account, s.Words().Phrase(j.sentence()))
	if j.Error != "" {
		s.WriteProblem(s.Out, "           "+j.Error, j.Hint)
	}
}

// sentence is how far the account is, in one sentence.
func (j *State) sentence() string {
	got := ui.Plural(j.Orders, "order", "orders") + " on " + ui.Plural(j.Pages, "page", "pages")
	var b strings.Builder
	switch {
	case j.Running:
		b.WriteString("runs: " + got)
		if j.Waits != "" {
			b.WriteString(", waits " + j.Waits)
		}
	case j.Cut && j.Backfill != "":
		b.WriteString("was cut short behind " + got + "; obmen fetch " + j.Backfill + " goes on there")
	case j.Cut:
		b.WriteString("was cut short behind " + got + "; the next run goes on there")
	case j.Ended == "":
		b.WriteString("has not run yet")
	default:
		b.WriteString("ended " + ui.Local(j.Ended))
		if j.Error == "" {
			b.WriteString(": " + got)
		}
	}
	if j.Until != "" {
		b.WriteString(", complete until " + ui.Local(j.Until))
	}
	if j.Next != "" {
		b.WriteString(", next " + ui.Local(j.Next))
	}
	return b.String()
}
