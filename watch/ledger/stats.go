package ledger

import (
	"context"
	"database/sql"
	"os"
	"time"
)

// Stats are the figures of a status page.
type Stats struct {
	Files     map[FileState]int
	Running   int // files whose last attempt has not ended
	Orders    map[OrderState]int
	Holds     map[string]int // by code
	Sets      map[SetState]int
	Dismissed int       // orders
	HeldFrom  time.Time // since when the oldest hold waits; zero without one
	Waiting   time.Time // when the oldest set without 1C's answer was published; zero without one
	Bytes     int64     // of the ledger and its log
}

// Stats counts, in one state of the ledger.
func (l *Ledger) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Files: map[FileState]int{}, Orders: map[OrderState]int{}, Holds: map[string]int{}, Sets: map[SetState]int{}}
	tx, err := l.reader.BeginTx(ctx, nil)
	if err != nil {
		return s, l.wrapError("read", err)
	}
	defer tx.Rollback()
	if err := s.countAll(ctx, tx); err != nil {
		return s, l.wrapError("read", err)
	}
	for _, path := range []string{l.path, l.path + "-wal"} {
		if info, err := os.Stat(path); err == nil { // no log: nothing was written since it was emptied
			s.Bytes += info.Size()
		}
	}
	return s, nil
}

func (s *Stats) countAll(ctx context.Context, tx *sql.Tx) error {
	if err := tally(ctx, tx, `SELECT state, count(*) FROM files GROUP BY state`, s.Files); err != nil {
		return err
	}
	if err := tally(ctx, tx, `SELECT state, count(*) FROM orders GROUP BY state`, s.Orders); err != nil {
		return err
	}
	if err := tally(ctx, tx, `SELECT code, count(*) FROM holds GROUP BY code`, s.Holds); err != nil {
		return err
	}
	if err := tally(ctx, tx, `SELECT state, count(*) FROM sets GROUP BY state`, s.Sets); err != nil {
		return err
	}
	var held, waiting int64
	err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM files WHERE running = 1),
		(SELECT count(*) FROM dismissals), (SELECT coalesce(min(since), 0) FROM holds),
		(SELECT coalesce(min(published), 0) FROM sets WHERE state IN ('published', 'taken'))`).Scan(&s.Running, &s.Dismissed, &held, &waiting)
	s.HeldFrom, s.Waiting = fromMillis(held), fromMillis(waiting)
	return err
}

// tally reads pairs of a name and a count.
func tally[K ~string](ctx context.Context, tx *sql.Tx, query string, into map[K]int) error {
	_, err := collectRows(ctx, tx, query, nil, func(scan func(...any) error) (name K, err error) {
		var n int
		err = scan(&name, &n)
		into[name] = n
		return name, err
	})
	return err
}
