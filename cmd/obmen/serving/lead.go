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
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres"
)

// errLeadLost ends the work of a node that another has taken over; it waits for its turn again.
var errLeadLost = errors.New("another node leads")

// lead is what lets this process alone work with the folders: the lock of the state folder, or among several nodes with
// one ledger on a server, the lead.
type lead struct {
	lock  *drop.Lock
	lease *postgres.Lease
	lost  atomic.Bool
}

// openAlone opens the ledger and takes the lead. Where another node leads, it waits; with once it refuses.
func openAlone(ctx context.Context, cfg *config.Config, opt Options, s ui.Streams) (*ledger.Ledger, *lead, error) {
	if cfg.Ledger.Address != "" {
		return openLeading(ctx, cfg, opt, s)
	}
	lock, err := lockState(ctx, cfg.Folders.State)
	if err != nil {
		return nil, nil, err
	}
	book, err := setup.OpenLedger(ctx, cfg, opt.Fresh)
	if err != nil {
		return nil, nil, errors.Join(err, lock.Release())
	}
	return book, &lead{lock: lock}, nil
}

// serverPause is how long a node waits before it asks a server again that does not answer.
const serverPause = 2 * time.Second

func openLeading(ctx context.Context, cfg *config.Config, opt Options, s ui.Streams) (*ledger.Ledger, *lead, error) {
	book, err := setup.OpenLedger(ctx, cfg, opt.Fresh)
	if err != nil {
		return nil, nil, err
	}
	told := ""
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	lease, err := book.Server().Lead(ctx, nodeName(), func(other postgres.Leader) {
		if opt.Once {
			stop(words.Refuse(words.New("lead.taken", "Node", other.Node), words.New("lead.once")))
		} else if told != other.Node {
			told = other.Node
			s.Note("lead.waits", "Node", other.Node)
		}
	})
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, nil, errors.Join(err, book.Close())
	}
	if told != "" {
		s.Note("lead.begins")
	}
	return book, &lead{lease: lease}, nil
}

// isServerAway reports whether the ledger's server does not answer just now.
func isServerAway(err error) bool {
	failed, ok := errors.AsType[*ledger.Error](err)
	return ok && failed.Temporary() && postgres.IsAddress(failed.Path)
}

// waitForServer waits a little before the server is asked again.
func waitForServer(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(serverPause):
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
func (l *lead) fs() drop.FS {
	if l.lease == nil {
		return nil
	}
	return drop.Gate{FS: drop.OS{}, Holds: l.lease.Certain}
}

// watch stops the work when the lead is lost.
func (l *lead) watch(ctx context.Context, stop func()) {
	if l.lease == nil {
		return
	}
	select {
	case <-ctx.Done():
	case <-l.lease.Lost():
		l.lost.Store(true)
		stop()
	}
}

// release lets another process work with the folders.
func (l *lead) release(ctx context.Context) error {
	if l.lease == nil {
		return l.lock.Release()
	}
	return l.lease.Release(ctx)
}
