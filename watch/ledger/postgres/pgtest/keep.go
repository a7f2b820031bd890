package pgtest

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"obmen/watch/ledger/postgres"
)

// kept are connections that a ledger has closed, to be used by the next: to open one takes the server longer than most
// tests take.
var kept struct {
	sync.Mutex
	idle []*pgconn.PgConn
}

// KeepConnections makes all ledgers of the test program, which are on one server, use connections one after the other.
func KeepConnections() {
	postgres.Dial, postgres.HangUp = dial, hangUp
}

func dial(ctx context.Context, config *pgconn.Config) (*pgconn.PgConn, error) {
	var script strings.Builder
	script.WriteString("RESET ALL;")
	for name, value := range config.RuntimeParams {
		fmt.Fprintf(&script, "SET %s = '%s';", name, value)
	}
	for {
		c, err := takeOrOpen(ctx, config)
		if err != nil {
			return nil, err
		}
		if _, err := c.Exec(ctx, script.String()).ReadAll(); err == nil || ctx.Err() != nil {
			return c, err
		}
		_ = c.Close(ctx) // the server has ended meanwhile
	}
}

// takeOrOpen opens a connection without settings, to which it can be set back.
func takeOrOpen(ctx context.Context, config *pgconn.Config) (*pgconn.PgConn, error) {
	kept.Lock()
	defer kept.Unlock()
	if last := len(kept.idle) - 1; last >= 0 {
		c := kept.idle[last]
		kept.idle = kept.idle[:last]
		return c, nil
	}
	plain := config.Copy()
	plain.RuntimeParams = maps.Clone(plain.RuntimeParams)
	clear(plain.RuntimeParams)
	return pgconn.ConnectConfig(ctx, plain)
}

func hangUp(ctx context.Context, c *pgconn.PgConn) error {
	if c.IsClosed() || c.TxStatus() != 'I' {
		return c.Close(ctx)
	}
	kept.Lock()
	defer kept.Unlock()
	kept.idle = append(kept.idle, c)
	return nil
}
