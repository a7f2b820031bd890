package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"obmen/convert"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// CopyDamaged holds the orders of a file whose kept copy is missing or damaged, and the archive has it no more.
const CopyDamaged convert.Code = "copy-damaged"

// restock looks whether the kept copies of a re-run are there and whole, and takes those that are not from the
// archive. Without its own bytes a file is not converted: its orders are held, and false is returned. A file with
// the other half of an order is left out.
func (k *worker) restock(ctx context.Context, r *rerun) (whole bool, err error) {
	bad, err := k.restockFile(ctx, r.file)
	if err != nil {
		return false, err
	}
	if bad != nil {
		return false, k.holdDamaged(ctx, r, bad)
	}
	var others []ledger.File
	for _, f := range r.others {
		bad, err := k.restockFile(ctx, f)
		if err != nil {
			return false, err
		}
		if bad == nil {
			others = append(others, f)
		}
	}
	r.others = others
	return true, nil
}

// restockFile returns what is wrong with the kept copy of a file, when the archive does not have it either.
func (k *worker) restockFile(ctx context.Context, f ledger.File) (bad, err error) {
	kept := k.inbox.Store
	bad = kept.Verify(f.SHA256)
	if bad == nil || !errors.Is(bad, store.ErrDamaged) && !errors.Is(bad, fs.ErrNotExist) {
		return nil, bad
	}
	paths, err := k.archivedAs(f.Name)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		same, err := kept.Restock(ctx, f.SHA256, path)
		if err != nil {
			bad = errors.Join(bad, err)
			continue
		}
		if same {
			return nil, nil
		}
	}
	return bad, nil
}

// archivedAs lists the files of the archive that may have been dropped under a name.
func (k *worker) archivedAs(name string) (paths []string, err error) {
	stem, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem, ext = name[:i], name[i:]
	}
	k.heartbeat.beat(folder.Place(folder.Archive, k.route.Archive))
	err = drop.WalkDir(k.watcher.fs(), k.route.Archive, func(path string, d fs.DirEntry, err error) error {
		k.heartbeat.progress()
		if err != nil {
			return err
		}
		plain := strings.TrimSuffix(d.Name(), store.EncryptedSuffix)
		if d.Type().IsRegular() && strings.HasPrefix(plain, stem) && strings.HasSuffix(plain, ext) {
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}

// holdDamaged holds what waits of a file that cannot be read again.
func (k *worker) holdDamaged(ctx context.Context, r *rerun, bad error) error {
	const cure = "drop the same file once more, from a backup or from the marketplace"
	what := "the kept copy is missing"
	if errors.Is(bad, store.ErrDamaged) {
		what = "the kept copy was changed"
	}
	if r.why != "" {
		k.report(Event{Kind: Alert, File: r.file.Name, Text: r.why + ": " + what + ", and the archive does not have the file", Hint: cure})
	}
	holds, err := k.watcher.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.route.Name, SHA256: r.file.SHA256})
	if err != nil {
		return err
	}
	news := 0
	for i := range holds {
		h := &holds[i]
		if h.Code == string(CopyDamaged) {
			continue
		}
		news++
		h.Code, h.Cure, h.File, h.Add, h.Details.Lines = string(CopyDamaged), cure, "", nil, nil
		h.Sentence = fmt.Sprintf("%s of %s, and the archive does not have the file: the order cannot be tried again", what, r.file.Name)
	}
	if news == 0 {
		return nil
	}
	a, err := k.beginRerun(ctx, *r)
	if err != nil || a == nil {
		return err
	}
	if err := a.work.Finish(ctx, ledger.Result{Holds: holds, Outcome: "converted", Counts: ledger.Counts{Held: len(holds)}, At: a.now()}); err != nil {
		return err
	}
	if r.why == "" {
		k.report(Event{Kind: Alert, File: r.file.Name, Text: fmt.Sprintf("%s, and the archive does not have the file; orders held: %d", what, len(holds)), Hint: cure})
	}
	return k.listsChanged(ctx)
}

// noticeRestocked tries orders again whose file came once more after its kept copy was damaged.
func (k *worker) noticeRestocked(ctx context.Context, sha256 string) error {
	holds, err := k.watcher.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.route.Name, SHA256: sha256, Code: string(CopyDamaged), Limit: 1})
	if len(holds) > 0 {
		k.cures = cures{needed: true, tried: k.cures.tried}
	}
	return err
}

// stopsRound reports whether an error is no single file's: the ledger's, or one of a folder that is not there.
func stopsRound(ctx context.Context, err error) bool {
	_, broken := errors.AsType[*ledger.Error](err)
	_, paused := errors.AsType[*folder.PauseError](err)
	_, late := errors.AsType[*ledger.DismissedError](err)
	return ctx.Err() != nil || broken || paused || late
}
