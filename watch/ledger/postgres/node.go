package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// renewals is how often a node renews its place within a term.
const renewals = 5

// Node is a process that works with the ledger beside others, for as long as it renews its place among them. Its number
// is greater than those of all that joined before.
type Node struct {
	Number int64

	d      *Database
	lost   chan struct{}
	stop   context.CancelFunc
	done   sync.WaitGroup
	told   atomic.Int64 // what this node has done
	others atomic.Int64 // what the others have, as of the last Balance

	mu    sync.Mutex
	until time.Time // by this machine's clock, and no later than by the server's
}

// OthersError refuses to join: the ledger is not free for a process that wants it alone, or another has it alone.
type OthersError struct{ Node string }

func (e *OthersError) Error() string { return fmt.Sprintf("the ledger is in use by %s", e.Node) }

// Hint returns the next step, one line.
func (e *OthersError) Hint() string { return "stop it first, or leave the work to it" }

// Join adds this process to the nodes, under a name for messages. One that wants to be alone is refused while another
// works, and refuses those that come later. Errors are *OthersError or the server's.
func (d *Database) Join(ctx context.Context, name string, alone bool) (*Node, error) {
	tx, err := d.Writer.BeginTx(ctx, nil) // a write that goes on ends first
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if err := removeSilent(ctx, tx); err != nil {
		return nil, err
	}
	var others int
	var other string
	err = tx.QueryRowContext(ctx, `SELECT count(*), coalesce(min(name), '') FROM nodes WHERE ?1 = 1 OR alone`, alone).Scan(&others, &other)
	if err == nil && others > 0 {
		err = &OthersError{other}
	}
	if err != nil {
		return nil, err
	}
	n := &Node{d: d, lost: make(chan struct{}), until: time.Now().Add(d.opt.Term)}
	err = tx.QueryRowContext(ctx, `INSERT INTO nodes (name, since, until, alone)
		VALUES (?1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, clock_timestamp() + ?2 * interval '1 millisecond', ?3 = 1) RETURNING number`,
		name, d.opt.Term.Milliseconds(), alone).Scan(&n.Number)
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	d.node.Store(n.Number)
	ctx, n.stop = context.WithCancel(context.WithoutCancel(ctx))
	n.done.Go(func() { n.keepRenewing(ctx) })
	return n, nil
}

// removeSilent removes the nodes whose term has ended, and frees what they had.
func removeSilent(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM nodes WHERE until < clock_timestamp();
		UPDATE shares SET node = 0 WHERE node <> 0 AND node NOT IN (SELECT number FROM nodes)`)
	return err
}

// Lost is closed when this process is no node any more: it was silent for a term.
func (n *Node) Lost() <-chan struct{} { return n.lost }

// Certain reports whether this process is a node for certain, by the clocks of this machine: that which the system sets,
// and that which only counts on.
func (n *Node) Certain() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	return now.Before(n.until) && now.Round(0).Before(n.until.Round(0))
}

// Pace is how often a node renews its place, and should balance its part of the work.
func (n *Node) Pace() time.Duration { return n.d.opt.Term / renewals }

// Tell counts something that this node has done. The others hear of it with the next renewal.
func (n *Node) Tell() { n.told.Add(1) }

// ToldByOthers is what the other nodes have done so far, as of the last Balance.
func (n *Node) ToldByOthers() int64 { return n.others.Load() }

// keepRenewing renews until the node leaves, or its term has ended without.
func (n *Node) keepRenewing(ctx context.Context) {
	tick := time.NewTicker(n.Pace())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		renewed, err := n.renew(ctx)
		switch {
		case renewed:
			n.mu.Lock()
			n.until = asked.Add(n.d.opt.Term)
			n.mu.Unlock()
		case ctx.Err() != nil:
			return
		case err == nil || !n.Certain(): // its place is gone, or may be
			close(n.lost)
			return
		}
	}
}

// renew reports whether this process still is a node. A term that has ended is not renewed: others may be about to take
// over what it had.
func (n *Node) renew(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, n.Pace())
	defer cancel()
	result, err := n.d.renewer.ExecContext(ctx, `UPDATE nodes SET until = clock_timestamp() + ?2 * interval '1 millisecond', told = ?3
		WHERE number = ?1 AND until > clock_timestamp()`, n.Number, n.d.opt.Term.Milliseconds(), n.told.Load())
	if err != nil {
		return false, err
	}
	count, err := result.RowsAffected()
	return count > 0, err
}

// Leave gives up all that this node had: the others need not wait until its term ends. Nothing may be under way any more.
func (n *Node) Leave(ctx context.Context) error {
	n.stop()
	n.done.Wait()
	n.mu.Lock()
	n.until = time.Time{}
	n.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.d.opt.Term)
	defer cancel()
	defer n.d.node.Store(0)
	_, err := n.d.renewer.ExecContext(ctx, `UPDATE shares SET node = 0 WHERE node = `+n.number()+`; DELETE FROM nodes WHERE number = `+n.number())
	return err
}

func (n *Node) number() string { return strconv.FormatInt(n.Number, 10) }
