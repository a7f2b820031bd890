package watch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// Small files share their waits for the disk: a group is planned with one commit of the ledger, published
// with one sync of the outbox, finished with one commit, put away with one sync of the archive. Every
// promise holds as for files one by one, for each step of all comes before the next step of any:
//
//   - Only files that the ledger has never seen share a group. One that kills the program is begun again
//     alone, so that it never makes others look like it.
//   - An order that an earlier file of the group has told of ends the group: what was exported before is
//     looked up in the ledger, and there it is only then. So does the half of an order.
//   - What fails is tried again one by one, and planned sets are completed as after a crash.
const (
	groupFiles   = claimAtOnce
	groupBytes   = 4 << 20 // of dropped files; a larger file waits for itself only
	groupOutputs = 200     // staged files are open until they are durable
)

// kept is a claimed file whose bytes are in the state folder.
type kept struct {
	claim, sha string
	size       int64
}

// snapshots copies the first claimed files into the state folder, and tells how many it has dealt with.
// Those that change meanwhile are given back.
func (k *worker) snapshots(ctx context.Context, claims []string) (list []kept, n int, err error) {
	if list, n, err = k.snapshotAll(ctx, claims[:k.fitting(claims)]); err == nil && n > 0 {
		return list, n, nil
	}
	sha, size, err := k.snapshot(ctx, claims[0])
	switch {
	case errors.Is(err, errChanging):
		return nil, 1, k.giveBack(ctx, claims[0], err.Error())
	case err != nil:
		return nil, 0, fmt.Errorf("%s: %w", droppedName(claims[0]), err)
	}
	return []kept{{claims[0], sha, size}}, 1, nil
}

// fitting is how many of the first claimed files may share a group by number and size.
func (k *worker) fitting(claims []string) int {
	left := int64(groupBytes)
	for i, claim := range claims {
		info, err := k.w.fs().Lstat(filepath.Join(k.claim().Dir, claim))
		if err != nil || i == groupFiles || info.Size() > left || k.w.Seal.on() {
			return i
		}
		left -= info.Size()
	}
	return len(claims)
}

// snapshotAll copies files until one refuses or has the bytes of another.
func (k *worker) snapshotAll(ctx context.Context, claims []string) (list []kept, n int, err error) {
	if len(claims) < 2 {
		return nil, 0, nil
	}
	k.pulse.beat(k.place("inbox", k.r.Inbox))
	set := k.w.raw().Stage()
	defer set.Abort()
	var entries []drop.Entry
	seen := map[string]bool{}
	for _, claim := range claims {
		file, err := set.Create()
		if err == nil {
			err = k.w.copySteady(touching{file, &k.pulse}, filepath.Join(k.claim().Dir, claim))
		}
		if err != nil || seen[file.SHA256()] {
			break
		}
		file.Begin()
		seen[file.SHA256()] = true
		entries = append(entries, drop.Entry{File: file, Name: file.SHA256()})
		list = append(list, kept{claim, file.SHA256(), file.Size()})
	}
	if _, err := set.Publish(ctx, entries...); err != nil {
		return nil, 0, err
	}
	for _, f := range list {
		if err := k.leftMarker(f.claim); err != nil {
			return nil, 0, err
		}
		if err := k.rawCharset(ctx, f.claim, f.sha); err != nil {
			return nil, 0, err
		}
	}
	return list, len(list), nil
}

// together takes the first of the files through as a group, and tells how many; none when the first of
// them has to go alone.
func (k *worker) together(ctx context.Context, files []kept) (n int, err error) {
	works, err := k.beginAll(ctx, files)
	if err != nil || len(works) == 0 {
		return 0, err
	}
	g := k.newGroup()
	for i, work := range works {
		if err = ctx.Err(); err == nil {
			err = g.add(ctx, files[i].claim, work)
		}
		if err != nil {
			err = errors.Join(err, g.end(ctx))
			for _, rest := range works[i:] { // to end the first of them once more does nothing
				err = errors.Join(err, rest.Fail(context.WithoutCancel(ctx), "the work on its group was stopped", false, k.w.Now()))
			}
			return i, err
		}
	}
	return len(works), g.end(ctx)
}

// beginAll begins the first files that the ledger has never seen, when there are more than one.
func (k *worker) beginAll(ctx context.Context, files []kept) (works []*ledger.Work, err error) {
	if len(files) < 2 {
		return nil, nil
	}
	err = k.w.Ledger.Group(ctx, func(t *ledger.Tx) error {
		for _, f := range files {
			w, err := t.BeginNew(k.fileOf(f))
			if err != nil || w == nil {
				return err
			}
			works = append(works, w)
		}
		return nil
	})
	return works, err
}

func (k *worker) fileOf(f kept) ledger.File {
	return ledger.File{Route: k.r.Name, SHA256: f.sha, Name: droppedName(f.claim), Size: f.size, Seen: k.w.Now()}
}

// errTold says that an order was told of by an earlier file of the group.
var errTold = errors.New("an earlier file of the group has the same order")

// group are files that are converted and staged, and wait to be published together.
type group struct {
	k      *worker
	disk   *drop.Late
	passes []*pass
	claims []string
	told   map[ledger.Key]bool
	staged int
}

func (k *worker) newGroup() *group {
	return &group{k: k, disk: drop.NewLate(k.w.fs()), told: map[ledger.Key]bool{}}
}

// add converts a file and stages what comes of it. Where that cannot wait for others, they go first.
func (g *group) add(ctx context.Context, claim string, work *ledger.Work) error {
	p, err := g.stage(ctx, work)
	if errors.Is(err, errTold) {
		if err := g.end(ctx); err != nil {
			return err
		}
		p, err = g.stage(ctx, work)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", droppedName(claim), errors.Join(err, p.fail(ctx, err.Error(), false)))
	case p.result.Files[0].Err != nil:
		return errors.Join(g.end(ctx), g.k.refused(ctx, claim, p, p.result.Files[0].Err), p.writer.Reset())
	}
	alone := p.incomplete()
	if alone {
		if err := g.end(ctx); err != nil {
			return errors.Join(err, p.writer.Reset())
		}
	}
	g.passes, g.claims, g.staged = append(g.passes, p), append(g.claims, claim), g.staged+p.writer.Staged()
	p.tell(g.told)
	if alone || g.staged >= groupOutputs {
		return g.end(ctx)
	}
	return nil
}

func (g *group) stage(ctx context.Context, work *ledger.Work) (*pass, error) {
	p := g.k.newPass(work)
	p.told = g.told
	writer := g.k.writer
	writer.Together = true
	if writer.Ready == "" { // or its marker could outlive a power cut that takes the names before it
		writer.Folder.FS = g.disk
	}
	p.writer = &writer
	err := p.stage(ctx, g.k.w.rawInput(work.File.SHA256, work.File.Name))
	if err != nil {
		err = errors.Join(err, p.writer.Reset())
	}
	return p, err
}

// end takes the staged files through to the archive, every step for all of them.
func (g *group) end(ctx context.Context) error {
	if len(g.passes) == 0 {
		return nil
	}
	defer func() {
		for _, p := range g.passes {
			_ = p.close() // what it keeps in memory: a group's files are small
		}
		g.passes, g.claims, g.staged = nil, nil, 0
		clear(g.told)
	}()
	ctx = context.WithoutCancel(ctx) // all is converted: what follows is milliseconds
	err := g.publish(ctx)
	if err == nil {
		err = g.finish(ctx)
	}
	if err == nil {
		return g.putAway(ctx)
	}
	why := err.Error()
	for _, p := range g.passes {
		err = errors.Join(err, p.fail(ctx, why, false))
	}
	return err
}

// publish makes all sets visible and durable. Nothing is visible before the ledger knows of all.
func (g *group) publish(ctx context.Context) error {
	var writers []*outbox.Writer
	for _, p := range g.passes {
		writers = append(writers, p.writer)
	}
	g.k.pulse.beat(g.k.place("outbox", g.k.r.Outbox))
	if err := outbox.Settle(writers...); err != nil {
		for _, w := range writers {
			err = errors.Join(err, w.Reset())
		}
		return err
	}
	if err := g.disk.Flush(); err != nil {
		return err
	}
	if err := g.plan(ctx); err != nil {
		return err
	}
	for _, p := range g.passes {
		if err := p.writer.Show(ctx, p.result.Outputs); err != nil {
			return errors.Join(err, g.disk.Flush())
		}
	}
	return g.disk.Flush()
}

// plan notes what is about to become visible. What was staged is removed if nothing was noted.
func (g *group) plan(ctx context.Context) error {
	err := g.k.still("outbox", g.k.r.Outbox)
	noted := false
	if err == nil {
		if err = g.each(ctx, (*pass).planAll); err == nil {
			return nil
		}
		for _, p := range g.passes {
			noted = noted || g.k.noted(ctx, p.sets)
		}
	}
	for _, p := range g.passes {
		if noted {
			p.writer.Leave()
			continue
		}
		err = errors.Join(err, p.writer.Reset())
	}
	return err
}

// finish ends the works: what they published and found out is in the ledger.
func (g *group) finish(ctx context.Context) error {
	for _, p := range g.passes {
		if err := g.k.meet(ctx, p); err != nil {
			return err
		}
	}
	if err := g.each(ctx, (*pass).finishIn); err != nil {
		return err
	}
	for _, p := range g.passes {
		if err := p.finished(ctx); err != nil {
			return err
		}
	}
	return nil
}

// each does one step of all works in one transaction.
func (g *group) each(ctx context.Context, step func(*pass, *ledger.Tx) error) error {
	return g.k.w.Ledger.Group(ctx, func(t *ledger.Tx) error {
		for _, p := range g.passes {
			if err := step(p, t); err != nil {
				return fmt.Errorf("%s: %w", p.work.File.Name, err)
			}
		}
		return nil
	})
}

// putAway archives the files, which are done.
func (g *group) putAway(ctx context.Context) error {
	places := make([]string, len(g.claims))
	var err error
	for i, claim := range g.claims {
		if places[i], err = g.k.putAway(ctx, g.disk, claim, g.k.r.Archive); err != nil {
			return errors.Join(err, g.disk.Flush())
		}
	}
	if err := g.disk.Flush(); err != nil {
		return err
	}
	for i, p := range g.passes {
		g.k.tell(Event{Kind: Converted, File: p.work.File.Name, Place: places[i], Result: p.result})
	}
	return g.k.heldChanged(ctx)
}

// incomplete says whether an order of the file waits for the rest of it, which is looked for in the ledger.
func (p *pass) incomplete() bool {
	return slices.ContainsFunc(p.holds, func(h ledger.Hold) bool { return h.Part != "" })
}

// tell notes the orders that the ledger will know more of when the pass is finished.
func (p *pass) tell(told map[ledger.Key]bool) {
	for _, o := range p.orders.list {
		told[o.Key] = true
	}
	for _, list := range [][]ledger.Member{p.known, p.gone} {
		for _, m := range list {
			told[m.Key] = true
		}
	}
	for _, list := range [][]ledger.Hold{p.holds, p.arrived} {
		for i := range list {
			told[list[i].Key] = true
		}
	}
}

// claimAll claims settled files, which share the waits for their folders.
func (k *worker) claimAll(ctx context.Context, files []settled) error {
	late := drop.NewLate(k.w.fs())
	var disk drop.FS = late
	if k.r.Done != "" { // a done-marker may go when its file is claimed for good, and not before
		disk = k.w.fs()
	}
	for _, f := range files {
		if err := k.take(ctx, disk, f); err != nil {
			return errors.Join(err, late.Flush())
		}
	}
	return late.Flush()
}
