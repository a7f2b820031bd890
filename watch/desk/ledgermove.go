package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres"
)

// LedgerMove copies a ledger between a state folder and a server.
type LedgerMove struct {
	Place      LedgerPlace // both places
	OntoServer bool        // else into the state folder
}

// MovedLedger is what was copied.
type MovedLedger struct {
	Rows  int
	To    string
	Aside string // where the file lies that was copied; empty when a server was
}

// Run copies the ledger while nothing else works with either: no watcher, on no node.
func (m LedgerMove) Run(ctx context.Context) (moved MovedLedger, err error) {
	lock, err := drop.LockDir(m.Place.State)
	if err != nil {
		return moved, err
	}
	defer lock.Release()
	name := filepath.Join(m.Place.State, LedgerFile)
	if _, err := os.Stat(name); m.OntoServer && errors.Is(err, fs.ErrNotExist) {
		return moved, words.Refuse(words.New("desk.no-ledger", "State", m.Place.State), words.New("move.other-way"))
	}
	opt := ledgerOptions
	opt.Password = m.Place.Password
	server, err := ledger.Open(ctx, m.Place.Address, opt)
	if err != nil {
		return moved, err
	}
	defer server.Close()
	node, err := server.Server().Join(ctx, "obmen ledger move", true)
	if other, ok := errors.AsType[*postgres.OthersError](err); ok {
		return moved, words.Refuse(words.New("node.taken", "Node", other.Node), words.New("move.stop"))
	}
	if err != nil {
		return moved, err
	}
	defer node.Leave(ctx)
	file, err := ledger.Open(ctx, name, ledgerOptions)
	if err != nil {
		return moved, err
	}
	from, to := server, file
	moved.To = name
	if m.OntoServer {
		from, to, moved.To = file, server, postgres.Place(m.Place.Address)
	}
	moved.Rows, err = from.CopyTo(ctx, to)
	if err = errors.Join(err, file.Close()); err != nil || !m.OntoServer {
		return moved, err
	}
	moved.Aside = name + ".moved-" + time.Now().Format("20060102-150405")
	return moved, os.Rename(name, moved.Aside)
}
