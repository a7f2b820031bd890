package serving

import (
	"context"
	"maps"
	"slices"
	"sync"

	"obmen/watch"
	"obmen/watch/ledger/postgres"
)

// parts are the groups of routes that a node has.
type parts struct {
	node  *postgres.Node
	names []string // of all groups

	mu      sync.Mutex
	mine    map[string]bool               // those of this node
	working map[string]context.CancelFunc // those on which it works
	changed chan struct{}                 // closed when mine has changed
	told    int64                         // what all nodes have done, as far as is known
}

func newParts(node *postgres.Node, groups []watch.Group) *parts {
	p := &parts{node: node, mine: map[string]bool{}, working: map[string]context.CancelFunc{}, changed: make(chan struct{})}
	for _, g := range groups {
		p.names = append(p.names, g.Name)
	}
	return p
}

// Take is watch.Sharing's.
func (p *parts) Take(ctx context.Context, group string) (context.Context, error) {
	for {
		p.mu.Lock()
		if p.mine[group] && p.working[group] == nil {
			mine, stop := context.WithCancel(ctx)
			p.working[group] = stop
			p.mu.Unlock()
			return mine, nil
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-changed:
		}
	}
}

// Return is watch.Sharing's. The server hears of it when the parts are balanced next.
func (p *parts) Return(group string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stop := p.working[group]; stop != nil {
		stop()
	}
	delete(p.working, group)
}

// balance brings this node's part of the work to what it should be, and reports whether the node leads.
func (p *parts) balance(ctx context.Context) (leads bool, err error) {
	share, err := p.node.Balance(ctx, p.names)
	if err != nil {
		return false, err
	}
	leads = slices.Contains(share.Mine, postgres.LeadShare)
	mine := map[string]bool{}
	for _, group := range share.Mine {
		mine[group] = true
	}
	for _, group := range share.Return {
		delete(mine, group)
	}
	p.setMine(mine)
	ended := slices.DeleteFunc(share.Return, func(group string) bool { return !p.endWork(group) })
	return leads, p.node.Return(ctx, ended...)
}

// endWork has the work on a group end, and reports whether none is under way.
func (p *parts) endWork(group string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	stop := p.working[group]
	if stop != nil {
		stop()
	}
	return stop == nil
}

func (p *parts) setMine(mine map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	same := maps.Equal(p.mine, mine)
	if p.mine = mine; same { // thousands may wait for groups of others
		return
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// othersWorked reports whether other nodes have done something since it was asked last.
func (p *parts) othersWorked() bool {
	told := p.node.ToldByOthers()
	before := p.told
	p.told = told
	return told != before
}
