package watch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/source"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/onec"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// Rebuilt counts what a rebuild found.
type Rebuilt struct {
	Files, Orders, Sets, Held, Dismissed, Answers int
	Left                                          []string // archived files that told nothing
}

// Rebuild fills a new ledger from what is left of an old one: it converts every archived file again,
// publishes nothing, and takes each order that goes through for exported. Orders that held.csv names
// count as held; they and whatever is held with today's catalogs are tried again by the next watcher. Those
// that dismissed.csv names stay dismissed.
// Sets whose files are not in the outbox count as taken by 1C, unless an archived answer says more.
//
// What it cannot know: sets and documents as older catalogs and settings made them. Where those have
// changed since, the names of sets differ, answers to them are left, and the next change of such an
// order may be told as a change of more than it was. Files that the archive's retention has removed
// are forgotten: dropped again, they go out again, under the same document ids. The caller holds the
// lock of the state folder.
func (w *Watcher) Rebuild(ctx context.Context) (sum Rebuilt, err error) {
	cat, err := w.Catalog()
	if err != nil {
		return sum, err
	}
	temp, err := os.MkdirTemp(w.State, "rebuild-")
	if err != nil {
		return sum, err
	}
	defer os.RemoveAll(temp)
	if err := os.MkdirAll(w.Store().Folder().Dir, 0o700); err != nil {
		return sum, err
	}
	gone, err := w.dismissedAll(ctx)
	if err != nil {
		return sum, err
	}
	sum.Dismissed = len(gone)
	archives := map[string]bool{}
	for i := range w.Routes {
		r := &w.Routes[i]
		if archives[r.Archive] { // the files of a shared archive are those of its first route
			continue
		}
		archives[r.Archive] = true
		b := &rebuilder{watcher: w, route: r, cat: cat, sum: &sum, held: heldBefore(r.HeldPath()), known: map[ledger.Key]*convert.Known{}, halves: map[ledger.Key][]ledger.File{}, messages: map[string]map[string]bool{}, dismissed: gone}
		b.writer = outbox.Writer{
			Folder: drop.Folder{Dir: temp}, Layouts: w.Layouts, Discard: true, Exchanges: true, Each: b.each, Restart: b.restart,
			Plan: func(context.Context, []outbox.Output) error { return nil },
		}
		b.writer.Fetched = w.fetchedIn(r.Name)
		err := b.archive(ctx)
		if b.attempt != nil {
			err = errors.Join(err, b.attempt.close())
		}
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// waiting is a file with orders that it holds.
type waiting struct {
	file ledger.File
	keys []ledger.Key
}

// rebuilder rebuilds one route.
type rebuilder struct {
	watcher *Watcher
	route   *inbox.Route
	cat     *catalog.Snapshot
	writer  outbox.Writer
	sum     *Rebuilt
	held    map[[2]string]bool
	known   map[ledger.Key]*convert.Known // exported so far
	halves  map[ledger.Key][]ledger.File  // files that have only half of an order
	waits   []waiting                     // in the order of their files

	dismissed dismissed

	messages map[string]map[string]bool // ids in the messages of the outbox, by name

	// Of the file that is converted now:
	file    ledger.File
	attempt *attempt
	waiting []ledger.Key // orders that it holds
	partial []ledger.Key // those of which it has only half
}

// archive goes through the archived files, oldest day first, and then through 1C's answers.
func (b *rebuilder) archive(ctx context.Context) error {
	var answers []string
	err := filepath.WalkDir(b.route.Archive, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(strings.TrimSuffix(d.Name(), store.EncryptedSuffix), store.CharsetSuffix):
			return nil
		}
		if onec.ExchangeOf(b.watcher.Layouts, store.PlainName(path)) != nil {
			return nil // 1C's numbers are learnt from its next message
		}
		acks, err := onec.ReadAnswer(b.watcher.fs(), path, b.watcher.Now())
		if err == nil && len(acks) > 0 {
			answers = append(answers, path)
			return nil
		}
		return b.take(ctx, path, d)
	})
	if err != nil {
		return err
	}
	for _, path := range answers {
		if err := b.answer(ctx, path); err != nil {
			return err
		}
	}
	return b.retry(ctx)
}

// take converts one archived file and notes what it must have become.
func (b *rebuilder) take(ctx context.Context, path string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	kept, err := b.keep(ctx, path)
	if err != nil {
		return err
	}
	b.file = ledger.File{Route: b.route.Name, SHA256: kept.SHA256, Name: store.PlainName(path), Size: kept.Size, Seen: info.ModTime()}
	in, err := b.watcher.Store().ExistingInput(kept.SHA256, b.file.Name)
	if err != nil {
		return err
	}
	result, err := b.convert(ctx, in)
	if err != nil {
		return err
	}
	if result.Files[0].Err != nil {
		b.sum.Left = append(b.sum.Left, path)
		return nil
	}
	if err := b.note(ctx, result, true); err != nil {
		return err
	}
	return b.join(ctx, in)
}

// keep copies an archived file back into the state folder, where it was when it was converted.
func (b *rebuilder) keep(ctx context.Context, path string) (store.Bytes, error) {
	kept, err := b.watcher.Store().Keep(ctx, func(w io.Writer) error {
		r, err := b.watcher.Encryption.Open(path)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(w, r)
		return err
	})
	if err != nil {
		return kept, err
	}
	side := filepath.Join(filepath.Dir(path), store.PlainName(path)+store.CharsetSuffix)
	if store.Encrypted(path) {
		side += store.EncryptedSuffix
	}
	text, err := b.watcher.Encryption.ReadText(side)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = b.watcher.Store().KeepCharset(ctx, kept.SHA256, text)
	}
	return kept, err
}

func (b *rebuilder) convert(ctx context.Context, ins ...source.Input) (*outbox.Result, error) {
	k := &worker{watcher: b.watcher, route: b.route, current: current{dismissed: b.dismissed}}
	if b.attempt != nil {
		if err := b.attempt.close(); err != nil {
			return nil, err
		}
	}
	b.attempt = k.newAttempt(&ledger.Work{File: b.file})
	b.restart()
	opt := b.watcher.Options
	opt.Account = b.route.Account
	opt.Known = func(key convert.Key) (*convert.Known, error) { return b.known[ledger.Key(key)], nil }
	opt.Dismissed = b.attempt.isDismissed
	return b.writer.Convert(ctx, ins, b.cat, opt)
}

func (b *rebuilder) restart() {
	b.attempt.restart()
	b.waiting, b.partial = nil, nil
}

// each notes an outcome as a pass of the watcher does.
func (b *rebuilder) each(o convert.Outcome) error {
	if o.Hold != nil {
		key := ledger.Key{Scope: o.Scope, Order: o.Order}
		b.waiting = append(b.waiting, key)
		if isPartial(o.Hold.Code) {
			b.partial = append(b.partial, key)
		}
	}
	return b.attempt.note(o)
}

// join converts a file together with those that came before it and have the other half of its orders.
func (b *rebuilder) join(ctx context.Context, in source.Input) error {
	ins := []source.Input{in}
	var seen []ledger.File
	for _, key := range b.partial {
		for _, other := range b.halves[key] {
			if seen = appendFile(seen, other); len(seen) == len(ins) {
				kept, err := b.watcher.Store().ExistingInput(other.SHA256, other.Name)
				if err != nil {
					return err
				}
				ins = append(ins, kept)
			}
		}
		b.halves[key] = append(b.halves[key], b.file)
	}
	if len(ins) == 1 {
		return nil
	}
	result, err := b.convert(ctx, ins...)
	if err != nil {
		return err
	}
	return b.note(ctx, result, false)
}
