package postgres

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
)

// LeadShare is the share that one node has for all: the page, alerts, fetches and what else there must be once. It
// counts for nothing when the others are shared out.
const LeadShare = "lead"

// Standing is how a node stands.
type Standing struct {
	Number int64
	Name   string // as it named itself
	Since  time.Time
	Left   time.Duration // until its term ends; negative when it has
	Told   int64         // what it has done, see Node.Tell
	Shares []string      // that it has, sorted
}

// Leads reports whether the node leads.
func (s *Standing) Leads() bool { return s.Left > 0 && slices.Contains(s.Shares, LeadShare) }

// Nodes lists the nodes, those that joined first at the front. Times are the server's.
func (d *Database) Nodes(ctx context.Context) (list []Standing, err error) {
	rows, err := d.Reader.QueryContext(ctx, `SELECT number, nodes.name, since, told, (extract(epoch FROM until - clock_timestamp()) * 1000)::bigint,
		coalesce((SELECT string_agg(shares.name, chr(10) ORDER BY shares.name) FROM shares WHERE node = number), '') FROM nodes ORDER BY number`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s Standing
		var since, left int64
		var shares string
		if err := rows.Scan(&s.Number, &s.Name, &since, &s.Told, &left, &shares); err != nil {
			return nil, err
		}
		s.Since, s.Left = time.UnixMilli(since).UTC(), time.Duration(left)*time.Millisecond
		if shares != "" {
			s.Shares = strings.Split(shares, "\n")
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// Share is what a node should change about its part of the work.
type Share struct {
	Mine   []string // shares that the node has
	Return []string // of these, what others should have; the node returns them when nothing is under way there
}

// Balance takes over what silent nodes had, takes free shares of those that are named as far as this node's part goes,
// and the lead if no node has it. Its part is that of all live nodes: an equal one, rounded up.
func (n *Node) Balance(ctx context.Context, names []string) (s Share, err error) {
	nodes, err := n.d.Nodes(ctx)
	if err != nil {
		return s, err
	}
	live, silent, taken := 0, false, 0
	others := int64(0)
	for i := range nodes {
		if nodes[i].Left <= 0 {
			silent = true
			continue
		}
		live++
		taken += len(nodes[i].Shares)
		if nodes[i].Number == n.Number {
			s.Mine = nodes[i].Shares
		} else {
			others += nodes[i].Told
		}
	}
	n.others.Store(others)
	part := (len(names) + max(live, 1) - 1) / max(live, 1)
	if silent || taken <= len(names) { // the lead is one more
		if s.Mine, err = n.takeFree(ctx, names, part); err != nil {
			return s, err
		}
	}
	own := slices.DeleteFunc(slices.Clone(s.Mine), func(name string) bool { return name == LeadShare })
	if more := len(own) - part; more > 0 {
		s.Return = own[len(own)-more:]
	}
	return s, nil
}

// takeFree returns the shares that the node has afterwards.
func (n *Node) takeFree(ctx context.Context, names []string, part int) (mine []string, err error) {
	tx, err := n.d.Writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if err := removeSilent(ctx, tx); err != nil {
		return nil, err
	}
	text := strings.Join(names, "\n")
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO shares (name) SELECT unnest(string_to_array(?1, chr(10))) ON CONFLICT DO NOTHING`, []any{LeadShare + "\n" + text}},
		{`UPDATE shares SET node = ?1 WHERE name = ?2 AND node = 0`, []any{n.Number, LeadShare}},
		{`UPDATE shares SET node = ?1 WHERE name IN (SELECT name FROM shares WHERE node = 0 AND name = ANY (string_to_array(?2, chr(10)))
			ORDER BY name LIMIT greatest(0, ?3 - (SELECT count(*) FROM shares WHERE node = ?1 AND name <> ?4)))`, []any{n.Number, text, part, LeadShare}},
	} {
		if _, err := tx.ExecContext(ctx, step.sql, step.args...); err != nil {
			return nil, err
		}
	}
	var all string
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(string_agg(name, chr(10) ORDER BY name), '') FROM shares WHERE node = ?1`, n.Number).Scan(&all); err != nil {
		return nil, err
	}
	if all != "" {
		mine = strings.Split(all, "\n")
	}
	return mine, tx.Commit()
}

// Return gives shares back, for others to take. Nothing of them may be under way here any more.
func (n *Node) Return(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	_, err := n.d.renewer.ExecContext(ctx, `UPDATE shares SET node = 0 WHERE name = ANY (string_to_array(?1, chr(10))) AND node = ?2`,
		strings.Join(names, "\n"), n.Number)
	return err
}

// IsNode reports whether this process is one of the nodes.
func (d *Database) IsNode() bool { return d.node.Load() != 0 }

// Counter returns how far a counter has come; false for one that nothing was taken of.
func (d *Database) Counter(ctx context.Context, name string) (last int, found bool, err error) {
	err = d.renewer.QueryRowContext(ctx, `SELECT last FROM counters WHERE name = ?1`, name).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return last, err == nil, err
}

// MoveCounter moves a counter on, apart from any transaction that goes on; false when another process was faster.
func (d *Database) MoveCounter(ctx context.Context, name string, from, to int) (moved bool, err error) {
	if _, err := d.renewer.ExecContext(ctx, `INSERT INTO counters VALUES (?1, ?2) ON CONFLICT DO NOTHING`, name, from); err != nil {
		return false, err
	}
	result, err := d.renewer.ExecContext(ctx, `UPDATE counters SET last = ?3 WHERE name = ?1 AND last = ?2`, name, from, to)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
