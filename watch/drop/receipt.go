package drop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// receiptExt ends the names of receipts: files in Temp that list what was staged there, a line for each name. One
// without lines is of an obmen that wrote one for each name, and stands for its own.
const receiptExt = ".receipt"

// receiptLimit bounds the read of a receipt, in bytes: one that names a hundred thousand sets.
const receiptLimit = 16 << 20

// errScattered says that a set is not in one place.
var errScattered = errors.New("it is not where the others of its set are: the folder went away for a moment")

// receipt is one file for all names of sets that were made durable together.
type receipt struct {
	folder Folder
	path   string
	names  []string // that are still needed
}

// write makes a receipt durable, but for its place in the folder.
func (r *receipt) write() error {
	w, err := r.folder.fs().Create(r.path, 0o600)
	if err != nil {
		return refusedBy("create", r.path, err)
	}
	_, err = io.WriteString(w, strings.Join(r.names, "\n")+"\n")
	if err == nil {
		err = w.Sync()
	}
	return refusedBy("write", r.path, errors.Join(err, w.Close()))
}

// isMade reports whether the receipt was written.
func (r *receipt) isMade() bool { return r != nil && r.path != "" }

// leaveOut forgets names, and returns those that are not the receipt's.
func (r *receipt) leaveOut(names []string) (others []string) {
	gone := map[string]bool{}
	for _, name := range names {
		if gone[name] = slices.Contains(r.names, name); !gone[name] {
			others = append(others, name)
		}
	}
	r.names = slices.DeleteFunc(slices.Clone(r.names), func(name string) bool { return gone[name] })
	return others
}

// rewrite makes the file name what is still needed, and nothing else.
func (r *receipt) rewrite(ctx context.Context) error {
	old := *r
	if len(r.names) == 0 {
		return r.remove(ctx)
	}
	r.path = r.folder.newReceiptPath()
	if err := r.write(); err != nil {
		return err
	}
	if err := r.folder.fs().SyncDir(r.folder.temp()); err != nil {
		return refusedBy("sync", r.folder.temp(), err)
	}
	return old.remove(ctx)
}

func (f Folder) newReceiptPath() string { return filepath.Join(f.temp(), rand.Text()+receiptExt) }

// readReceipt reads a receipt of an earlier run.
func (f Folder) readReceipt(name string) (*receipt, error) {
	r := &receipt{folder: f, path: filepath.Join(f.temp(), name)}
	text, err := ReadFile(f.fs(), r.path, receiptLimit)
	if err != nil {
		return nil, refusedBy("read", r.path, err)
	}
	r.names = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(text) == 0 {
		r.names = []string{strings.TrimSuffix(name, receiptExt)}
	}
	return r, nil
}

// receipts are those that lie in Temp.
func (f Folder) receipts() (list []*receipt, err error) {
	entries, err := f.fs().ReadDir(f.temp())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refusedBy("sweep", f.temp(), err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != receiptExt || !e.Type().IsRegular() {
			continue
		}
		r, err := f.readReceipt(e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// ForgetReceipts makes receipts that an earlier run has left forget names: what they stand for is noted elsewhere by now.
func (f Folder) ForgetReceipts(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	return f.keepReceipts(ctx, func(name string) bool { return !slices.Contains(names, name) })
}

// SweepReceipts removes the receipts that an earlier run has left, but for those that are still needed.
func (f Folder) SweepReceipts(ctx context.Context, needed func(name string) bool) error {
	return f.keepReceipts(ctx, needed)
}

// keepReceipts makes receipts forget the names that are not needed.
func (f Folder) keepReceipts(ctx context.Context, needed func(name string) bool) error {
	list, err := f.receipts()
	if err != nil {
		return err
	}
	for _, r := range list {
		before := len(r.names)
		if r.names = slices.DeleteFunc(r.names, func(name string) bool { return !needed(name) }); len(r.names) == before && before > 0 {
			continue
		}
		if err := r.rewrite(ctx); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the file, if it is there.
func (r *receipt) remove(ctx context.Context) error {
	if !r.isMade() {
		return nil
	}
	path := r.path
	r.path = ""
	return refusedBy("remove", path, r.folder.removeFile(ctx, path))
}

// ForgetReceipts forgets receipts of the set: what they stand for is noted elsewhere by now. The file goes with the last of its
// names; those of an earlier run are looked for.
func (s *Set) ForgetReceipts(ctx context.Context, names ...string) error {
	if !s.receipt.isMade() {
		return s.folder.ForgetReceipts(ctx, names...)
	}
	others := s.receipt.leaveOut(names)
	if len(s.receipt.names) == 0 {
		if err := s.receipt.remove(ctx); err != nil {
			return err
		}
	}
	return s.folder.ForgetReceipts(ctx, others...)
}

// withdraw makes the receipt forget names whose files are about to be removed.
func (s *Set) withdraw(names []string) error {
	if !s.receipt.isMade() || len(names) == 0 {
		return nil
	}
	s.receipt.leaveOut(names)
	return s.receipt.rewrite(context.Background())
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
	for _, e := range entries {
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
	if _, err := f.fs().Lstat(to); err == nil {
		return true, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, refusedBy("adopt", to, err)
	}
	return f.hasReceipt(entries, p.Receipt)
}

// hasReceipt reports whether a receipt among the entries of Temp has a name. One that is gone by now was in another place.
func (f Folder) hasReceipt(entries []fs.DirEntry, name string) (bool, error) {
	for _, e := range entries {
		if filepath.Ext(e.Name()) != receiptExt {
			continue
		}
		r, err := f.readReceipt(e.Name())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if err == nil && slices.Contains(r.names, name) {
			return true, nil
		}
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
		err = f.settleName(&Published{Path: to, SHA256: p.SHA256, Size: p.Size})
	}
	if err != nil {
		return refusedBy("adopt", to, err)
	}
	return refusedBy("sync", f.Dir, f.fs().SyncDir(f.Dir))
}
