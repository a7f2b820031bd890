package serving

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres"
)

// errPlaceLost ends the work of a node that was silent for too long; it joins the others once more.
var errPlaceLost = errors.New("other nodes have taken over")

// errLeads ends the work of a node that leads from now on, and begins once more as such.
var errLeads = errors.New("this node leads now")

// place is what lets this process work with the ledger and the folders: the lock of the state folder, or a place among
// the nodes with one ledger on a server.
type place struct {
	book  *ledger.Ledger
	lock  *drop.Lock
	node  *postgres.Node
	parts *parts // nil where this process does all the work

	name  string // of the node
	leads bool   // what there must be once for all is here
	lost  atomic.Bool
	risen atomic.Bool // it leads from now on
}

// takePlace opens the ledger and takes a place. With once, no other may work meanwhile. kept, if there is one, is a node
// that begins its work once more.
func takePlace(ctx context.Context, cfg *config.Config, opt Options, kept *place, s ui.Streams) (*place, error) {
	if kept != nil {
		return kept, kept.takePart(ctx, cfg)
	}
	if cfg.Ledger.Address != "" {
		return joinNodes(ctx, cfg, opt, s)
	}
	lock, err := lockState(ctx, cfg.Folders.State)
	if err != nil {
		return nil, err
	}
	book, err := setup.OpenLedger(ctx, cfg, opt.Fresh)
	if err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	return &place{book: book, lock: lock, leads: true}, nil
}

// serverPause is how long a node waits before it asks a server again that does not answer.
const serverPause = 2 * time.Second

func joinNodes(ctx context.Context, cfg *config.Config, opt Options, s ui.Streams) (*place, error) {
	book, err := setup.OpenLedger(ctx, cfg, opt.Fresh)
	if err != nil {
		return nil, err
	}
	p := &place{book: book, name: nodeName(), leads: true}
	if p.node, err = p.joinWhenFree(ctx, opt.Once, s); err == nil && !opt.Once {
		err = p.takePart(ctx, cfg)
	}
	if err == nil {
		return p, nil
	}
	if late := p.release(ctx); late != nil {
		err = errors.Join(err, late)
	}
	return nil, err
}

// joinWhenFree becomes one of the nodes. While another process has the ledger alone, it waits; with once it refuses.
func (p *place) joinWhenFree(ctx context.Context, once bool, s ui.Streams) (*postgres.Node, error) {
	told := ""
	for {
		node, err := p.book.Server().Join(ctx, p.name, once)
		other, refused := errors.AsType[*postgres.OthersError](err)
		fault, known := postgres.Judge(err)
		switch {
		case refused && once:
			return nil, words.Refuse(words.New("node.taken", "Node", other.Node), words.New("node.once"))
		case refused && told != other.Node:
			told = other.Node
			s.Note("node.waits", "Node", other.Node)
		case !refused && (err == nil || !known || !fault.Temporary):
			return node, err
		}
		if !waitForServer(ctx) {
			return nil, ctx.Err()
		}
	}
}

// takePart takes a first part of the work.
func (p *place) takePart(ctx context.Context, cfg *config.Config) error {
	p.risen.Store(false)
	p.parts = newParts(p.node, watch.Groups(cfg.Routes()))
	leads, err := p.parts.balance(ctx)
	p.leads = leads
	return err
}

// isServerAway reports whether the ledger's server does not answer just now.
func isServerAway(err error) bool {
	failed, ok := errors.AsType[*ledger.Error](err)
	return ok && failed.Temporary() && postgres.IsAddress(failed.Path)
}

// waitForServer waits a little before the server is asked again; false when the context has ended.
func waitForServer(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(serverPause):
		return true
	}
}

// nodeName names this process to the others.
func nodeName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// fs is the disk that the watcher works on: nil for the disk itself.
func (p *place) fs() drop.FS {
	if p.node == nil {
		return nil
	}
	return drop.Gate{FS: drop.OS{}, Holds: p.node.Certain}
}

// sharing hands the routes out; nil where all are this process's.
func (p *place) sharing() watch.Sharing {
	if p.parts == nil {
		return nil
	}
	return p.parts
}

// keepPart sees to this node's part of the work until the context ends, and ends the work by stop when its place is lost, or
// it has come to lead. changed is called when others have done something.
func (p *place) keepPart(ctx context.Context, stop, changed func(), s ui.Streams) {
	if p.node == nil {
		return
	}
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.node.Lost():
			p.lost.Store(true)
			stop()
			return
		case <-time.After(p.node.Pace()):
		}
		if p.parts == nil { // this process is alone
			continue
		}
		leads, err := p.parts.balance(ctx)
		if err != nil && ctx.Err() == nil && told != err.Error() { // it is tried again; without a server the place gets lost
			told = err.Error()
			s.PrintError(err)
		}
		if err == nil && leads && !p.leads {
			s.Note("node.leads")
			p.risen.Store(true)
			stop()
			return
		}
		if p.parts.othersWorked() {
			changed()
		}
	}
}

// tellOthers tells the other nodes that this one has done something.
func (p *place) tellOthers() {
	if p.node != nil {
		p.node.Tell()
	}
}

// whyEnded is why the work has ended for reasons of the nodes; nil for other reasons.
func (p *place) whyEnded() error {
	switch {
	case p.lost.Load():
		return errPlaceLost
	case p.risen.Load():
		return errLeads
	}
	return nil
}

// release lets other processes work with ledger and folders, and closes the ledger.
func (p *place) release(ctx context.Context) error {
	var err error
	switch {
	case p.lock != nil:
		err = p.lock.Release()
	case p.node != nil:
		err = p.node.Leave(ctx)
	}
	return errors.Join(err, p.book.Close())
}
