package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"

	"obmen/convert/document"
	"obmen/convert/layout"
)

// mostBatches bounds the batches that are laid out while later ones are read: each holds its documents
// in memory.
const mostBatches = 4

// batchLimit is how many batches are laid out at a time: one for each core keeps them all busy.
func batchLimit() int { return min(runtime.GOMAXPROCS(0), mostBatches) }

// layingOut is a batch whose files are being written, each in a goroutine of its own.
type layingOut struct {
	layouts []*layout.Layout
	words   layout.FileWords  // of its name, but for the hash
	names   []layout.FileName // by file
	files   []pending
	errs    []error // by file
	stop    context.CancelFunc
	running sync.WaitGroup
}

// startBatch begins to lay a batch out and comes back while that goes on. Batches get their names, and their
// errors are told, in the order in which they came: by a later call, or by nameFinished.
func (w *Writer) startBatch(ctx context.Context, b document.Batch) error {
	if w.set == nil {
		w.set = w.Folder.Stage()
	}
	ctx, stop := context.WithCancel(ctx)
	layouts, fetched := w.layoutsOf(b.Account)
	l := &layingOut{layouts: layouts, stop: stop, words: nameWords(b)}
	w.laying = append(w.laying, l)
	for _, of := range layouts {
		for _, part := range of.Parts() {
			f, err := w.stageFile(of, part, fetched)
			if err != nil {
				return err
			}
			l.files = append(l.files, f)
			l.names = append(l.names, of.FileName())
			l.errs = append(l.errs, nil)
		}
	}
	w.startFiles(ctx, l, b)
	return w.nameFinished(batchLimit())
}

// layoutsOf returns the layouts of an account's orders, and the name of the exchange by which 1C fetches
// them itself; it is empty when they are published.
func (w *Writer) layoutsOf(account string) (layouts []*layout.Layout, fetched string) {
	if w.Fetched == nil {
		return w.Layouts, ""
	}
	of, exchange := w.Fetched(account)
	if exchange == "" {
		return w.Layouts, ""
	}
	return []*layout.Layout{of}, exchange
}

// readers returns a function for what reads the files of an account's orders: it is asked for every order, and finds
// them once.
func (w *Writer) readers() func(account string) []*document.Reader {
	var known sync.Map
	return func(account string) []*document.Reader {
		if list, ok := known.Load(account); ok {
			return list.([]*document.Reader)
		}
		list := w.readersOf(account)
		known.Store(account, list)
		return list
	}
}

func (w *Writer) readersOf(account string) []*document.Reader {
	layouts, fetched := w.layoutsOf(account)
	readers := layout.Readers(layouts)
	if fetched == "" {
		return readers
	}
	for i := range readers {
		own := *readers[i]
		own.SixDigits = false // 1C gets the number that its site keeps for the order, see ledger.SiteNumbers: this one proves nothing
		readers[i] = &own
	}
	return readers
}

// stageFile stages a file. Documents that go out in messages, or that 1C fetches, have none: they are laid out
// all the same, for the name of their set, and so that what cannot be written is told now.
func (w *Writer) stageFile(of *layout.Layout, part layout.Part, fetched string) (f pending, err error) {
	f.ext = part.Ext()
	if fetched != "" {
		f.exchange, f.fetched = fetched, true
		return f, nil
	}
	if x := of.Exchange(); w.Exchanges && x != nil && filepath.Ext(x.Name()) == f.ext {
		f.exchange = x.Name()
		return f, nil
	}
	f.file, err = w.set.Create()
	return f, err
}

// smallBatch is how many orders are written at once by the writer's own goroutine: to wait for another core costs more.
const smallBatch = 16

// startFiles starts the writing of a batch's files.
func (w *Writer) startFiles(ctx context.Context, l *layingOut, b document.Batch) {
	start := l.running.Go
	if len(b.Documents) <= smallBatch {
		start = func(write func()) { write() }
	}
	i := 0
	for _, of := range l.layouts {
		for _, part := range of.Parts() {
			file, err := &l.files[i], &l.errs[i]
			start(func() { *err = w.writePart(ctx, of, part, file, b) })
			i++
		}
	}
}

// writePart writes one file and makes it durable, if nobody else will.
func (w *Writer) writePart(ctx context.Context, of *layout.Layout, part layout.Part, f *pending, b document.Batch) error {
	sum := sha256.New()
	to := io.Writer(sum)
	if f.file != nil {
		to = f.file
	}
	report, err := part.Write(ctx, to, b)
	if err != nil {
		return fmt.Errorf("layout %s: %w", of.Name(), err)
	}
	f.output = w.describeOutput(of, b, report)
	if f.output.Exchange = f.exchange; f.file == nil {
		f.sum = hex.EncodeToString(sum.Sum(nil))
		return nil
	}
	if w.Together {
		f.file.Begin()
	} else {
		err = f.file.Close()
	}
	f.output.SHA256, f.output.Size = f.file.SHA256(), f.file.Size()
	f.sum = f.output.SHA256
	return err
}

// nameFinished waits until at most so many batches are being laid out, and names those that are ready.
func (w *Writer) nameFinished(most int) error {
	for len(w.laying) > most {
		l := w.laying[0]
		w.laying = w.laying[1:]
		if err := w.nameBatch(l); err != nil {
			return err
		}
	}
	return nil
}

// nameBatch waits for a batch's files and gives them their names, which follow from their bytes, so that a
// name never stands for two contents and the same content never gets two names.
func (w *Writer) nameBatch(l *layingOut) error {
	l.wait()
	digest := sha256.New()
	for i, f := range l.files {
		if l.errs[i] != nil {
			return l.errs[i]
		}
		digest.Write([]byte(f.sum))
	}
	l.words.Hash = hex.EncodeToString(digest.Sum(nil))[:hashLength]
	l.words.Set = l.words.Account + "-" + l.words.Date + "-" + l.words.Hash
	for i := range l.files {
		l.words.Layout = safeLayout(l.files[i].output.Layout)
		l.files[i].stem = l.names[i].Of(l.words)
	}
	set, err := w.freeStem(l.words.Set, l.files)
	if err != nil {
		return err
	}
	for i := range l.files {
		l.files[i].output.Set = set
	}
	if err := w.tellNamed(l.files); err != nil {
		return err
	}
	w.pending = append(w.pending, l.files...)
	return nil
}

// tellNamed tells of a set, and keeps nothing that grows with its orders.
func (w *Writer) tellNamed(files []pending) error {
	if w.Named == nil {
		return nil
	}
	if err := w.Named(w.listOutputs(files)); err != nil {
		return err
	}
	for i := range files {
		if out := &files[i].output; !w.KeepOrders {
			out.Orders, out.Documents = nil, nil
		}
	}
	return nil
}

func (l *layingOut) wait() {
	l.running.Wait()
	l.stop()
}

// stopBatches stops what is being laid out.
func (w *Writer) stopBatches() {
	for _, l := range w.laying {
		l.stop()
	}
	for _, l := range w.laying {
		l.wait()
	}
	w.laying = nil
}
