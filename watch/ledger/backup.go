package ledger

import (
	"context"
	"os"
)

// Backup writes a whole copy of the ledger, in one state, into a new file that only its owner may read. Writers
// go on meanwhile.
func (l *Ledger) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite takes an empty file, and its rights
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return l.wrapError("back up", l.engine.backUp(ctx, l, path))
}
