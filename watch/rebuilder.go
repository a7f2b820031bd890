package watch

import (
	"context"
	"io/fs"

	"obmen/convert"
	"obmen/convert/source"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// waiting is a file with orders that it holds.
type waiting struct {
	file ledger.File
	keys []ledger.Key
}

// rebuilder rebuilds one route.
type rebuilder struct {
	*memory
	watcher *Watcher
	route   *inbox.Route
	writer  outbox.Writer
	halves  map[ledger.Key][]ledger.File // files that have only half of an order
	files   []waiting                    // in the order of their files

	messages map[string]map[string]bool // ids in the messages of the outbox, by name

	// Of the file that is converted now:
	file    ledger.File
	attempt *attempt
	waiting []ledger.Key // orders that it holds
	partial []ledger.Key // those of which it has only half
}

// convertArchived converts one archived file and notes what it must have become.
func (b *rebuilder) convertArchived(ctx context.Context, kept store.Bytes, path string, d fs.DirEntry) error {
	result, err := b.read(ctx, kept, path, d)
	if err != nil || result == nil {
		return err
	}
	if err := b.writeFindings(ctx, true); err != nil {
		return err
	}
	return b.join(ctx, b.watcher.Store().Input(kept.SHA256, b.file.Name))
}

// read converts one archived file; nil when it has no orders to read.
func (b *rebuilder) read(ctx context.Context, kept store.Bytes, path string, d fs.DirEntry) (*outbox.Result, error) {
	info, err := d.Info()
	if err != nil {
		return nil, err
	}
	b.file = ledger.File{Route: b.route.Name, SHA256: kept.SHA256, Name: store.PlainName(path), Size: kept.Size, Seen: info.ModTime()}
	result, err := b.convert(ctx, b.watcher.Store().Input(kept.SHA256, b.file.Name))
	if err != nil {
		return nil, err
	}
	if result.Files[0].Err != nil {
		b.sum.Left = append(b.sum.Left, path)
		return nil, nil
	}
	return result, nil
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
	b.writer.Named = func(set []outbox.Output) error { return b.attempt.noteSet(ctx, set) }
	opt := b.watcher.Options
	opt.Account = b.route.Account
	opt.Known = func(key convert.Key) (*convert.Known, error) { return b.known[ledger.Key(key)], nil }
	opt.Number = func(account string, key convert.Key) (string, error) {
		return b.watcher.Ledger.Number(ctx, account, ledger.Key(key))
	}
	opt.Dismissed = b.attempt.isDismissed
	return b.writer.Convert(ctx, ins, b.cat, opt)
}

func (b *rebuilder) restart() {
	b.attempt.restart()
	b.waiting, b.partial = nil, nil
}

// noteOutcome notes an outcome as a pass of the watcher does.
func (b *rebuilder) noteOutcome(o convert.Outcome) error {
	if o.Hold != nil {
		key := ledger.Key{Scope: o.Scope, Order: o.Order}
		b.waiting = append(b.waiting, key)
		if isPartial(o.Hold.Code) {
			b.partial = append(b.partial, key)
		}
	}
	return b.attempt.noteOutcome(o)
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
	if _, err := b.convert(ctx, ins...); err != nil {
		return err
	}
	return b.writeFindings(ctx, false)
}
