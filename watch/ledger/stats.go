package ledger

import (
	"context"
	"database/sql"
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

// Stats returns the figures, of one state of the ledger. It counts nothing that grows with the history.
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
	s.Bytes, err = l.engine.size(ctx)
	return s, l.wrapError("read", err)
}

func (s *Stats) countAll(ctx context.Context, tx *sql.Tx) error {
	if err := s.readCounts(ctx, tx); err != nil {
		return err
	}
	var held, waiting int64
	err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM files WHERE running = 1),
		(SELECT count(*) FROM dismissals), (SELECT coalesce(min(since), 0) FROM holds),
		coalesce((SELECT min(published) FROM (SELECT min(published) AS published FROM sets WHERE state = 'published' AND published > 0
			UNION ALL SELECT min(published) FROM sets WHERE state = 'taken' AND published > 0) AS waiting), 0)`).Scan(&s.Running, &s.Dismissed, &held, &waiting)
	s.HeldFrom, s.Waiting = fromMillis(held), fromMillis(waiting)
	return err
}

// readCounts reads what triggers count.
func (s *Stats) readCounts(ctx context.Context, tx *sql.Tx) error {
	return eachRow(ctx, tx, `SELECT what, name, n FROM counts WHERE n <> 0`, nil, func(scan func(...any) error) error {
		var what, name string
		var n int
		if err := scan(&what, &name, &n); err != nil {
			return err
		}
		switch what {
		case "files":
			s.Files[FileState(name)] = n
		case "orders":
			s.Orders[OrderState(name)] = n
		case "holds":
			s.Holds[name] = n
		case "sets":
			s.Sets[SetState(name)] = n
		}
		return nil
	})
}
