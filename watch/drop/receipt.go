package drop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// receiptExt ends the names of receipts: empty files in Temp.
const receiptExt = ".receipt"

func (f Folder) receiptPath(name string) string { return filepath.Join(f.temp(), name+receiptExt) }

// errScattered says that a set is not in one place.
var errScattered = errors.New("it is not where the others of its set are: the folder went away for a moment")

// Dismiss removes receipts: what they stand for is noted elsewhere by now.
func (f Folder) Dismiss(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := f.removeFile(ctx, f.receiptPath(name)); err != nil {
			return refusedBy("remove", f.receiptPath(name), err)
		}
	}
	return nil
}

// SweepReceipts removes the receipts that an earlier run has left, but for those that are still needed.
func (f Folder) SweepReceipts(ctx context.Context, needed func(name string) bool) error {
	entries, err := f.fs().ReadDir(f.temp())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return refusedBy("sweep", f.temp(), err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), receiptExt)
		if !ok || !e.Type().IsRegular() || needed(name) {
			continue
		}
		if err := f.Dismiss(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Planned is a file that an earlier run had staged, or said it had.
type Planned struct {
	Name    string // to be published under
	SHA256  string
	Size    int64
	Receipt string
}

// Adopt publishes a file that an earlier run had staged and not published. Where it is not staged any
// more, its name or its receipt proves that it was published, and it may have been taken away since;
// without both, known is false, and it has to be made again. A name that holds other bytes is an
// *ExistsError as long as the file is staged.
func (f Folder) Adopt(ctx context.Context, p Planned) (known bool, err error) {
	to := filepath.Join(f.Dir, p.Name)
	entries, err := f.fs().ReadDir(f.temp()) // one look: what it shows is of one place
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, refusedBy("adopt", to, err)
	}
	receipt := false
	for _, e := range entries {
		receipt = receipt || e.Name() == p.Receipt+receiptExt
		if filepath.Ext(e.Name()) != tempExt || !e.Type().IsRegular() {
			continue
		}
		from := filepath.Join(f.temp(), e.Name())
		same, err := f.isPlanned(from, p)
		if err != nil {
			return false, refusedBy("adopt", from, fmt.Errorf("it may be %s: %w", p.Name, err))
		}
		if same {
			return true, f.publishStaged(ctx, from, to, p)
		}
	}
	if _, err := f.fs().Lstat(to); err == nil || receipt {
		return true, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, refusedBy("adopt", to, err)
	}
	return false, nil
}

// isPlanned reports whether a staged file has the bytes of the planned one.
func (f Folder) isPlanned(path string, p Planned) (bool, error) {
	info, err := f.fs().Lstat(path)
	if err != nil || info.Size() != p.Size {
		return false, err
	}
	sum, err := f.hashFile(path)
	return sum == p.SHA256, err
}

func (f Folder) publishStaged(ctx context.Context, from, to string, p Planned) error {
	err := retry(ctx, func() error { return f.fs().Rename(from, to) })
	if errors.Is(err, fs.ErrExist) {
		err = f.checkName(&Published{Path: to, SHA256: p.SHA256, Size: p.Size})
	}
	if err != nil {
		return refusedBy("adopt", to, err)
	}
	return refusedBy("sync", f.Dir, f.fs().SyncDir(f.Dir))
}
