package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"obmen/convert"
	"obmen/convert/source"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// process works on the claimed files, first claimed first.
func (k *worker) process(ctx context.Context) (worked bool, err error) {
	names, err := k.claimed()
	if err != nil {
		return false, err
	}
	names = k.tryable(names)
	var left error // of a run that ends: it does not wait for a file to come free
	for len(names) > 0 && ctx.Err() == nil {
		files, n, err := k.snapshots(ctx, names)
		if err != nil {
			if !k.stick(names[0], err) {
				return worked, err
			}
			names, left = names[1:], errors.Join(left, err)
			continue
		}
		for _, f := range files {
			delete(k.stuck, f.claim)
		}
		names, worked = names[n:], true
		if err := k.files(ctx, files); err != nil {
			return worked, err
		}
	}
	if !k.once {
		left = nil
	}
	return worked, left
}

// files works on claimed files whose bytes are kept: in groups, or one by one where that must be.
func (k *worker) files(ctx context.Context, list []kept) error {
	for len(list) > 0 && ctx.Err() == nil {
		n, err := k.together(ctx, list)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := k.file(ctx, list[0]); err != nil {
				return fmt.Errorf("%s: %w", droppedName(list[0].claim), err)
			}
			n = 1
		}
		list = list[n:]
	}
	return nil
}

// file takes one claimed file through to the archive or to quarantine.
func (k *worker) file(ctx context.Context, f kept) error {
	claim, name := f.claim, droppedName(f.claim)
	work, err := k.w.Ledger.Begin(ctx, k.fileOf(f))
	var poison *ledger.PoisonError
	var done *ledger.DoneError
	switch {
	case errors.As(err, &done):
		place, err := k.putAway(ctx, k.w.fs(), claim, k.r.Archive)
		if err != nil {
			return err
		}
		k.tell(Event{Kind: Repeated, File: name, Place: place, Text: "the same bytes came before as " + done.First.Name})
		return nil
	case errors.As(err, &poison):
		return k.quarantine(ctx, claim, poison.Error(), poison.Advice)
	case err != nil:
		return err
	}
	return k.work(ctx, claim, work)
}

// work converts a file that the ledger has begun, and puts it away.
func (k *worker) work(ctx context.Context, claim string, work *ledger.Work) error {
	name := droppedName(claim)
	p := k.newPass(work)
	defer p.close()
	if err := p.convert(ctx, k.w.rawInput(work.File.SHA256, name)); err != nil {
		return errors.Join(err, p.fail(ctx, err.Error(), false))
	}
	if refusal := p.result.Files[0].Err; refusal != nil {
		return k.refused(ctx, claim, p, refusal)
	}
	if err := k.meet(ctx, p); err != nil {
		return errors.Join(err, p.fail(ctx, err.Error(), false))
	}
	ctx = context.WithoutCancel(ctx) // the outputs are visible: what follows is milliseconds
	if err := p.finish(ctx); err != nil {
		return err
	}
	place, err := k.putAway(ctx, k.w.fs(), claim, k.r.Archive)
	if err != nil {
		return err
	}
	k.tell(Event{Kind: Converted, File: name, Place: place, Result: p.result})
	return k.heldChanged(ctx)
}

// meet asks for the file to be converted together with those that have the rest of its orders.
func (k *worker) meet(ctx context.Context, p *pass) error {
	parts, err := k.otherParts(ctx, p.holds)
	if err != nil || len(parts) == 0 {
		return err
	}
	f := p.work.File
	r := Request{
		Route: k.r.Name, Why: "the rest of an order came", Quiet: true,
		Files: []RequestFile{{SHA256: f.SHA256, Name: f.Name, Others: parts}},
	}
	raw := k.w.raw() // its temps are swept at every start; those of requests may be a command's
	return r.put(ctx, drop.Folder{Dir: filepath.Join(k.w.State, requestDir), Temp: filepath.Join(raw.Dir, drop.TempDir), Mode: raw.Mode, FS: raw.FS})
}

// unreadNow is the disk's refusal to give the bytes of a kept file: not the file's fault, and to be tried
// again. Half of what was asked for may be missing then, so nothing of it counts.
func unreadNow(files []convert.File) error {
	for i := range files {
		if files[i].Err == nil {
			continue
		}
		if disk, ok := errors.AsType[*fs.PathError](files[i].Err); ok {
			return disk
		}
	}
	return nil
}

// refused gives a file that ends in the middle time to grow (a run that ends when nothing is left to do
// has no time to give), and puts any other that cannot be read
// into quarantine.
func (k *worker) refused(ctx context.Context, claim string, p *pass, refusal *source.FileError) error {
	if errors.Is(refusal, source.ErrTruncated) && !k.once && !k.settler.overdue(droppedName(claim), k.r.patience()) {
		if err := p.fail(ctx, refusal.Error(), false); err != nil {
			return err
		}
		return k.giveBack(ctx, claim, refusal.Error())
	}
	if disk := unreadNow(p.result.Files); disk != nil {
		return errors.Join(disk, p.fail(ctx, refusal.Error(), false))
	}
	ctx = context.WithoutCancel(ctx)
	if err := p.fail(ctx, refusal.Error(), true); err != nil {
		return err
	}
	return k.quarantine(ctx, claim, refusal.Err.Error(), refusal.Advice)
}

// giveBack returns a claimed file to the inbox, to be looked at when it has changed.
func (k *worker) giveBack(ctx context.Context, claim, why string) error {
	name := droppedName(claim)
	marked, err := k.markDone(name)
	if err != nil {
		return err
	}
	place, err := drop.Folder{Dir: k.r.Inbox, FS: k.w.FS}.Move(ctx, filepath.Join(k.claim().Dir, claim), name)
	if err != nil {
		return err
	}
	k.settler.postpone(filepath.Base(place), why)
	if k.r.Done == "" || marked && filepath.Base(place) == name {
		return nil
	}
	return k.w.write(place+k.r.Done, "", 0o666) // the marker went when the file was claimed
}

// markDone calls a file complete that is about to be given back, before it is there: without its marker
// a program that is killed in between would leave it to wait for ever. Another file of that name has
// its own.
func (k *worker) markDone(name string) (marked bool, err error) {
	path := filepath.Join(k.r.Inbox, name)
	if _, err := k.w.fs().Lstat(path); k.r.Done == "" || !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	err = k.w.write(path+k.r.Done, "", 0o666)
	if errors.Is(err, fs.ErrExist) { // of a try before this one
		err = nil
	}
	return err == nil, err
}

// today is the day's folder of the archive or of quarantine. What is written there is written in one place
// for all days, where a start sweeps what a killed program has left.
func (k *worker) today(dir string) (drop.Folder, error) {
	folder := drop.Folder{Dir: filepath.Join(dir, k.w.Now().Format(dayFormat)), Temp: filepath.Join(dir, drop.TempDir), FS: k.w.FS}
	role := "archive"
	if dir == k.r.Quarantine {
		role = "quarantine"
	}
	if err := k.still(role, dir); err != nil {
		return folder, err
	}
	return folder, k.w.makeDir(folder.Dir, 0o777)
}

// quarantine puts a file aside that nobody can read, with the reason beside it. The reason comes first:
// a program that is killed in between finds the file still claimed, and no file ever lies there without.
func (k *worker) quarantine(ctx context.Context, claim, reason, hint string) error {
	ctx = context.WithoutCancel(ctx)
	name := droppedName(claim)
	if err := k.explain(ctx, name, name, reason, hint); err != nil {
		return err
	}
	place, err := k.putAway(ctx, k.w.fs(), claim, k.r.Quarantine)
	if err != nil {
		return err
	}
	if filepath.Base(place) != name {
		err = k.explain(ctx, filepath.Base(place), name, reason, hint)
	}
	k.tell(Event{Kind: Quarantined, File: name, Place: place, Text: reason, Hint: hint})
	return err
}

// explain writes why a file is in quarantine, if nobody has yet.
func (k *worker) explain(ctx context.Context, place, name, reason, hint string) error {
	text, err := json.MarshalIndent(map[string]string{
		"file": name, "reason": reason, "hint": hint, "time": k.w.Now().UTC().Format(time.RFC3339),
	}, "", "  ")
	if err != nil {
		return err
	}
	folder, err := k.today(k.r.Quarantine)
	if err != nil {
		return err
	}
	_, err = folder.Put(ctx, place+".reason.json", strings.NewReader(string(text)+"\n"))
	var taken *drop.ExistsError
	if errors.As(err, &taken) {
		err = nil
	}
	return err
}

// otherParts finds the kept files that have the rest of held orders: items without their order, an order
// without its items, other pages of its items.
func (k *worker) otherParts(ctx context.Context, holds []ledger.Hold) (files []ledger.File, err error) {
	for _, h := range holds {
		if h.Part == "" {
			continue
		}
		parts, err := k.w.Ledger.Parts(ctx, k.r.Name, h.Key)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			if part.SHA256 != h.SHA256 {
				files = appendFile(files, part)
			}
		}
	}
	return files, nil
}

func appendFile(files []ledger.File, f ledger.File) []ledger.File {
	for _, g := range files {
		if g.SHA256 == f.SHA256 {
			return files
		}
	}
	return append(files, f)
}

// originFile is the file of an origin as order.Origin prints it: "orders.json#/orders/0", "orders.txt:12" or
// "orders.txt:12:5". A row without an order number is known by its origin, so that a file read again must
// have its own name.
func originFile(origin string) string {
	if i := strings.LastIndex(origin, "#/"); i > 0 {
		origin = origin[:i]
	}
	for range 2 { // line and column
		i := strings.LastIndexByte(origin, ':')
		if i <= 0 {
			return origin
		}
		if _, err := strconv.Atoi(origin[i+1:]); err != nil {
			return origin
		}
		origin = origin[:i]
	}
	return origin
}
