package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source"
)

// reader reads the inputs of a run in their order and hands on each order once: whole, with the
// items that came in another file, and in its newest revision only.
//
// A file that turns out to be broken in its middle, or an older revision that was handed on before the
// newer one came, makes the pass dirty: what was handed on is thrown away and a second pass knows
// better. So the usual run reads everything once, and no order of a refused file ever leaves.
type reader struct {
	inputs  []source.Input
	sources source.Recognizer
	scope   func(*order.Order) string
	refused map[int]*source.FileError // by input

	newest    *seenOrders // orders of which several revisions came
	seen      *seenOrders
	waiting   []order.Order            // orders whose items are missing so far
	fragments map[string][]order.Order // items whose orders are elsewhere, by order id
	unread    *seenOrders              // orders that cannot be read, by their ids alone
	files     []File
	paths     map[pathOf]bool // of the user's own mappings: whether it led somewhere
	dirty     bool
}

// pathOf is a path of a mapping, in words.
type pathOf struct{ format, text string }

// newReader wants its close called.
func newReader(inputs []source.Input, ms *matchers) *reader {
	memory := func() *seenOrders { return &seenOrders{scratch: ms.opt.Scratch, most: ms.opt.inMemory} }
	return &reader{
		inputs: inputs, sources: ms.opt.Sources, scope: ms.scopeOf, refused: map[int]*source.FileError{}, paths: map[pathOf]bool{},
		newest: memory(), seen: memory(), unread: memory(),
	}
}

// close lets go of what is remembered on the disk.
func (g *reader) close() error {
	return errors.Join(g.newest.close(), g.seen.close(), g.unread.close())
}

// File is what became of one input.
type File struct {
	Name   string
	Format string // empty when it was not recognised
	Err    *source.FileError
	Orders int
	Notes  []Note // on how the run's files of this format were read; those of the format's first file
}

// readOrder is what the gatherer hands on: an order, one that cannot be read, or one that a rule leaves
// out or that must wait already.
type readOrder struct {
	order *order.Order     // with bad only its format, id and account
	bad   *source.RowError // nil for an order that could be read
	rule  Rule
	hold  *Hold
	file  int
}

// readAll reads all inputs once. It reports whether the pass was clean; a dirty one must be done again.
func (g *reader) readAll(ctx context.Context, yield func(readOrder) error) (clean bool, err error) {
	if err := errors.Join(g.seen.close(), g.unread.close()); err != nil { // of the pass before
		return false, err
	}
	g.waiting, g.fragments, g.dirty = nil, map[string][]order.Order{}, false
	g.files = make([]File, len(g.inputs))
	for i, in := range g.inputs {
		g.files[i].Name = in.Name
		if refusal := g.refused[i]; refusal != nil {
			g.files[i].Err = refusal
			continue
		}
		if err := g.readFile(ctx, i, yield); err != nil {
			return false, err
		}
	}
	if err := g.takeWaiting(yield); err != nil {
		return false, err
	}
	return !g.dirty, nil
}

// readFile reads one input. Only the caller's own errors and a cancelled context are returned.
func (g *reader) readFile(ctx context.Context, i int, yield func(readOrder) error) error {
	f := &g.files[i]
	format, err := source.Detect(g.inputs[i], g.sources)
	if err != nil {
		g.refuseFile(i, err)
		return ctx.Err()
	}
	f.Format = format.Name()
	var alien []*source.RowError // bodies that are known and are no orders
	for o, err := range g.read(ctx, format, g.inputs[i]) {
		var bad *source.RowError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &bad) && errors.Is(bad.Err, source.ErrNotOrders):
			alien, err = append(alien, bad), nil
		case errors.As(err, &bad):
			err = g.takeUnreadable(i, bad, yield)
		case err != nil:
			g.dirty = g.dirty || f.Orders > 0
			g.refuseFile(i, err)
			return nil
		default:
			f.Orders++
			err = g.takeOrder(i, &o, yield)
		}
		if err != nil {
			return err
		}
	}
	if len(alien) > 0 && f.Orders == 0 && ctx.Err() == nil {
		g.refuseFile(i, &source.FileError{At: alien[0].At, Err: alien[0].Err, Advice: alien[0].Advice})
		return nil
	}
	for _, bad := range alien { // among orders they are named like bad orders: nothing is passed over
		if err := g.takeUnreadable(i, bad, yield); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// read yields the orders of an input, and remembers which of the user's paths led somewhere.
func (g *reader) read(ctx context.Context, f source.Format, in source.Input) iter.Seq2[order.Order, error] {
	n, ok := f.(source.PathNoter)
	if !ok {
		return f.Read(ctx, in)
	}
	return n.ReadNoting(ctx, in, func(path string, met bool) {
		key := pathOf{f.Name(), path}
		g.paths[key] = g.paths[key] || met
	})
}

// notePaths tells of paths that led nowhere in any file of the run.
func (g *reader) notePaths() {
	for _, key := range slices.SortedFunc(maps.Keys(g.paths), func(a, b pathOf) int {
		return cmp.Or(strings.Compare(a.format, b.format), strings.Compare(a.text, b.text))
	}) {
		i := slices.IndexFunc(g.files, func(f File) bool { return f.Format == key.format })
		if i >= 0 && !g.paths[key] {
			g.files[i].Notes = append(g.files[i].Notes, Note{"path-" + key.text, key.text})
		}
	}
}

// takeUnreadable counts and hands on an order that its reader refused.
func (g *reader) takeUnreadable(file int, bad *source.RowError, yield func(readOrder) error) error {
	g.files[file].Orders++
	if err := g.unread.set(keyOf("", bad.Order), revision{}); err != nil {
		return err
	}
	known := &order.Order{Format: g.files[file].Format, Identifiers: order.Identifiers{ID: bad.Order, Account: bad.Account}}
	return yield(readOrder{order: known, bad: bad, file: file})
}

func (g *reader) refuseFile(i int, err error) {
	var refusal *source.FileError
	if !errors.As(err, &refusal) {
		refusal = &source.FileError{At: order.Origin{File: g.inputs[i].Name}, Err: err, Advice: "check the file and try again"}
	}
	g.refused[i], g.files[i].Err = refusal, refusal
}

// takeOrder takes in an order or a fragment of one.
func (g *reader) takeOrder(file int, o *order.Order, yield func(readOrder) error) error {
	if o.Fragment {
		g.files[file].Orders--
		g.fragments[o.ID] = append(g.fragments[o.ID], *o)
		return nil
	}
	setMarketplace(o)
	rule, clash, err := g.checkRepeated(o)
	switch {
	case err != nil:
		return err
	case clash != nil:
		return yield(readOrder{order: o, hold: clash, file: file})
	case rule != "":
		return yield(readOrder{order: o, rule: rule, file: file})
	}
	if o.Missing == order.ItemsMissing && (&Account{}).skipRule(o) == "" {
		g.waiting = append(g.waiting, *o)
		return nil
	}
	return yield(readOrder{order: o, file: file})
}

// setMarketplace names the marketplace of an Amazon order whose source leaves it out (the New Orders report).
func setMarketplace(o *order.Order) {
	if o.Marketplace != "" || !fromAmazon(o) || o.MultiChannel {
		return
	}
	if m, ok := order.Infer(o.Currency, o.ShipTo.Country); ok {
		o.Marketplace = m.Country
	}
}

// checkRepeated reports whether this revision of an order is not to go on: it came before, or a newer one did;
// or why it is a question which of two states holds.
func (g *reader) checkRepeated(o *order.Order) (rule Rule, clash *Hold, err error) {
	key, rev := keyOf(g.scope(o), o.ID), revisionOf(o)
	if best, ok, err := g.newest.get(key); err != nil || ok && best != rev {
		return SkipOlder, nil, err
	}
	before, again, err := g.seen.get(key)
	switch {
	case err != nil:
		return "", nil, err
	case !again:
		return "", nil, g.seen.set(key, rev)
	case before.print == rev.print || before.updated == rev.updated:
		return SkipDuplicate, clashOf(o, before, rev), nil
	case rev.updated > before.updated:
		g.dirty = true
		return "", nil, errors.Join(g.seen.set(key, rev), g.newest.set(key, rev))
	}
	return SkipOlder, nil, nil
}

// clashOf returns why an order that repeats a number and a time cannot be passed over: it says something else
// than the first. Where nothing says when it was changed, Amazon's numbers are unique, and a shop's are not:
// two shops have an order 1001 each.
func clashOf(o *order.Order, before, now revision) *Hold {
	switch {
	case before.print == now.print:
		return nil
	case before.updated == 0 && !fromAmazon(o):
		return sameNumber(o)
	case before.updated != 0 && before.hasOtherSums(now):
		return sameTime(o)
	}
	return nil
}

func sameNumber(o *order.Order) *Hold {
	return &Hold{
		Code:     SameNumber,
		Sentence: fmt.Sprintf("another order %s came before this one with other contents, and neither says when it was changed", o.ID),
		Cure:     "of two shops convert each alone, with --account NAME; of two states of one order leave out the older",
	}
}

func sameTime(o *order.Order) *Hold {
	return &Hold{
		Code: SameTime,
		Sentence: fmt.Sprintf("order %s came before with other quantities or amounts, and both say that they were changed at the same time, %s",
			o.ID, o.Updated.UTC().Format("2006-01-02 15:04:05Z")),
		Cure: "find out which file is right, an old copy may lie beside it; then convert or drop that one again, alone",
	}
}

// takeWaiting hands on what waited for its other half until the end of the input. Items of an order that came
// whole, or that is counted as unreadable, tell nothing more about it.
func (g *reader) takeWaiting(yield func(readOrder) error) error {
	for i := range g.waiting {
		o := &g.waiting[i]
		if parts, ok := g.fragments[o.ID]; ok {
			delete(g.fragments, o.ID)
			joinFragments(o, parts)
		}
		if err := yield(readOrder{order: o}); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(g.fragments) {
		part := &g.fragments[id][0]
		_, whole, err := g.seen.get(keyOf(g.scope(part), id))
		if err != nil {
			return err
		}
		_, unread, err := g.unread.get(keyOf("", id))
		if err != nil {
			return err
		}
		if whole || unread {
			continue
		}
		if err := yield(readOrder{order: part}); err != nil {
			return err
		}
	}
	return nil
}

// joinFragments returns an order the items of its fragments, each item once. Of several pages one must be the last;
// the order in which the files were given changes nothing.
func joinFragments(o *order.Order, parts []order.Order) {
	parts = slices.SortedStableFunc(slices.Values(parts), byPage)
	last := false
	for _, part := range parts {
		last = last || part.Missing == order.NothingMissing
		o.CancelRequested = o.CancelRequested || part.CancelRequested
		for _, l := range part.Lines {
			if l.ID == "" || !slices.ContainsFunc(o.Lines, func(k order.Line) bool { return k.ID == l.ID }) {
				o.Lines = append(o.Lines, l)
			}
		}
		if o.Currency == "" {
			o.Currency = part.Currency
		}
	}
	if last {
		o.Missing = order.NothingMissing
	}
}

// byPage puts the last page last, and the others by their first items: their own order is nowhere told.
func byPage(a, b order.Order) int {
	return cmp.Or(strings.Compare(string(b.Missing), string(a.Missing)), strings.Compare(firstItem(a), firstItem(b)))
}

func firstItem(o order.Order) string {
	if len(o.Lines) == 0 {
		return ""
	}
	return o.Lines[0].ID
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
