package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/fetch/spapi"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// fetchDir is the folder below state where an account keeps its access token, its lock and how it stands.
func fetchDir(cfg *config.Config, account string) string {
	return filepath.Join(cfg.Folders.State, "fetch", drop.SafeName(account))
}

// tokenFile keeps the access token between runs, for nobody else to read.
type tokenFile struct{ path string }

var _ spapi.TokenCache = tokenFile{}

// LoadToken gives what was stored. A file that cannot be used is none: a new token costs one request.
func (f tokenFile) LoadToken(context.Context) ([]byte, error) {
	text, err := os.ReadFile(f.path)
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

// fetchStatus is how the fetching of an account stands, for obmen status.
type fetchStatus struct {
	Account string     `json:"account"`
	Running bool       `json:"running"`
	Started time.Time  `json:"started,omitzero"`
	Ended   time.Time  `json:"ended,omitzero"`
	Until   time.Time  `json:"until,omitzero"` // all that changed before it is in the inbox
	Pages   int        `json:"pages"`          // of the last run
	Orders  int        `json:"orders"`
	Error   string     `json:"error,omitempty"`
	Hint    string     `json:"hint,omitempty"`
	Next    time.Time  `json:"next,omitzero"` // when watch fetches again
	Wait    *fetchWait `json:"wait,omitempty"`
}

type fetchWait struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

const fetchStatusFile = "status.json"

// readFetchStatus reads what the last run wrote; the zero value when there is none.
func readFetchStatus(dir string) (st fetchStatus, err error) {
	text, err := os.ReadFile(filepath.Join(dir, fetchStatusFile))
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(text, &st)
}

// write replaces the status. One that cannot be written stops nothing: a disk that is full tells of
// itself when a page is put.
func (st fetchStatus) write(dir string) {
	if text, err := json.MarshalIndent(st, "", "  "); err == nil {
		_ = config.WritePrivate(filepath.Join(dir, fetchStatusFile), append(text, '\n'))
	}
}
