package postgres

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// renewals is how often a node renews within a term.
const renewals = 5

// Leader is the node that leads.
type Leader struct {
	Node  string // as it named itself
	Since time.Time
	Left  time.Duration // until its term ends; negative when it has
}

// Leads reports whether it still does.
func (l Leader) Leads() bool { return l.Node != "" && l.Left > 0 }

// Leader tells which node leads. Times are the server's.
func (d *Database) Leader(ctx context.Context) (l Leader, err error) {
	var since, left int64
	err = d.Reader.QueryRowContext(ctx, `SELECT node, since, coalesce((extract(epoch FROM until - clock_timestamp()) * 1000)::bigint, 0)
		FROM turn, heartbeat`).Scan(&l.Node, &since, &left)
	l.Since, l.Left = time.UnixMilli(since).UTC(), time.Duration(left)*time.Millisecond
	return l, err
}

// Lease is the lead of a node, which it renews until it is released or lost.
type Lease struct {
	Epoch int64

	d    *Database
	lost chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex
	until time.Time // by this machine's clock, and no later than by the server's
}

// Lead waits until no other node leads, and takes the lead; a server that does not answer it asks again. Waiting is told
// of each look at another that leads.
func (d *Database) Lead(ctx context.Context, node string, waiting func(Leader)) (*Lease, error) {
	for {
		lease, leader, err := d.tryOrLook(ctx, node)
		if lease != nil || err != nil {
			return lease, err
		}
		if leader.Leads() && waiting != nil {
			waiting(leader)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(max(leader.Left, 0)+d.opt.Term/50, d.opt.Term/renewals)):
		}
	}
}

// tryOrLook takes the lead if no node has it, or tells which has. A server that does not answer may do so later.
func (d *Database) tryOrLook(ctx context.Context, node string) (lease *Lease, leader Leader, err error) {
	if lease, err = d.tryLead(ctx, node); lease == nil && err == nil {
		leader, err = d.Leader(ctx)
	}
	if fault, known := Judge(err); known && fault.Temporary && ctx.Err() == nil {
		err = nil
	}
	return lease, leader, err
}

// tryLead takes the lead if no node has it. A write that goes on ends first.
func (d *Database) tryLead(ctx context.Context, node string) (*Lease, error) {
	tx, err := d.lead.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	var free bool
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(until < clock_timestamp(), true) FROM heartbeat`).Scan(&free); err != nil || !free {
		return nil, err
	}
	var epoch int64
	err = tx.QueryRowContext(ctx, `UPDATE turn SET epoch = epoch + 1, node = ?1, since = (extract(epoch FROM clock_timestamp()) * 1000)::bigint
		RETURNING epoch`, node).Scan(&epoch)
	if err != nil {
		return nil, err
	}
	// Another may have been faster while this one waited for the row.
	asked := time.Now()
	err = tx.QueryRowContext(ctx, `UPDATE heartbeat SET epoch = ?1, until = clock_timestamp() + ?2 * interval '1 millisecond'
		WHERE coalesce(until < clock_timestamp(), true) RETURNING 1`, epoch, d.opt.Term.Milliseconds()).Scan(new(int))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	d.epoch.Store(epoch)
	return d.newLease(ctx, epoch, asked), nil
}

func (d *Database) newLease(ctx context.Context, epoch int64, asked time.Time) *Lease {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &Lease{Epoch: epoch, d: d, lost: make(chan struct{}), stop: stop, until: asked.Add(d.opt.Term)}
	l.done.Go(func() { l.keep(ctx) })
	return l
}

// Lost is closed when the lead is lost.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Certain reports whether this node leads for certain, by the clocks of this machine: that which the system sets, and
// that which only counts on.
func (l *Lease) Certain() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	return now.Before(l.until) && now.Round(0).Before(l.until.Round(0))
}

// keep renews until the lease is released, or its term has ended without.
func (l *Lease) keep(ctx context.Context) {
	tick := time.NewTicker(l.d.opt.Term / renewals)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := time.Now()
		renewed, err := l.renew(ctx)
		switch {
		case renewed:
			l.mu.Lock()
			l.until = asked.Add(l.d.opt.Term)
			l.mu.Unlock()
		case ctx.Err() != nil:
			return
		case err == nil || !l.Certain(): // another leads, or may
			close(l.lost)
			return
		}
	}
}

// renew reports whether the lead is still this node's. A term that has ended is not renewed: another may be about to
// begin its own.
func (l *Lease) renew(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, l.d.opt.Term/renewals)
	defer cancel()
	result, err := l.d.lead.ExecContext(ctx, `UPDATE heartbeat SET until = clock_timestamp() + ?2 * interval '1 millisecond'
		WHERE epoch = ?1 AND until > clock_timestamp()`, l.Epoch, l.d.opt.Term.Milliseconds())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Release gives the lead up: the next node need not wait until the term ends. Nothing may be under way any more.
func (l *Lease) Release(ctx context.Context) error {
	l.stop()
	l.done.Wait()
	l.mu.Lock()
	l.until = time.Time{}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.d.opt.Term)
	defer cancel()
	_, err := l.d.lead.ExecContext(ctx, `UPDATE heartbeat SET until = NULL WHERE epoch = ?1`, l.Epoch)
	return err
}
