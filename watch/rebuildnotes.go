package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"obmen/convert"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/onec"
	"obmen/watch/outbox"
)

// heldOrders are the orders that were held when the ledger was lost, by account and number.
type heldOrders map[[2]string][]heldRow

// heldRow is what a list of held orders tells of one.
type heldRow struct {
	route string // whose list it is: the order came through it
	file  string
	code  convert.Code
}

func (h heldOrders) has(account, number string) bool { return len(h[[2]string{account, number}]) > 0 }

// heldBefore are the orders that were held when the ledger was lost: on the list of any route, or on one that could
// not take its place. A list that cannot be read may hold any order, so it is an error.
func (w *Watcher) heldBefore() (heldOrders, error) {
	held := heldOrders{}
	for i := range w.Routes {
		r := &w.Routes[i]
		for _, path := range []string{r.HeldPath(), spareList(r)} {
			if err := held.addList(r.Name, path); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return held, nil
}

// addList adds what the list of a route tells.
func (h heldOrders) addList(route, path string) error {
	text, err := drop.ReadFile(drop.OS{}, path, listLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	rows := outbox.NewTableReader(text)
	for head := true; ; head = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(row) > 3 && !head {
			key := [2]string{row[1], row[0]}
			h[key] = append(h[key], heldRow{route, fileOfOrigin(row[2]), convert.Code(row[3])})
		}
	}
}

// keptList is where a route's list of held orders is kept when a rebuild does not find all of them.
const keptList = "held-before-rebuild.csv"

// findLost lists the orders that were held and of which no archived file tells: their files are too old for the
// archive, or were taken out of it. The list that names them is kept under another name, since the watcher writes it again.
func (m *memory) findLost() error {
	if m.sum.Lost = m.missing().numbers(); len(m.sum.Lost) == 0 {
		return nil
	}
	for i := range m.watcher.Routes {
		r := &m.watcher.Routes[i]
		text, err := drop.ReadFile(drop.OS{}, r.HeldPath(), listLimit)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		path := filepath.Join(r.Quarantine, strings.TrimSuffix(keptList, ".csv")+r.Lists+".csv")
		if err := drop.ReplaceFile(drop.OS{}, path, outbox.ListMode, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		}); err != nil {
			return err
		}
		m.sum.KeptLists = append(m.sum.KeptLists, path)
	}
	return nil
}

// missing are the orders that were held and that no file read so far has.
func (m *memory) missing() missingOrders {
	found := map[ledger.Key]bool{}
	for key := range m.known {
		found[key] = true
	}
	for key := range m.waits {
		found[key] = true
	}
	for key := range m.dismissed {
		found[key] = true
	}
	for _, b := range m.list {
		for _, w := range b.files {
			for _, key := range w.keys {
				found[key] = true
			}
		}
	}
	numbers := map[string]bool{}
	for key := range found {
		numbers[key.Order] = true
	}
	missing := missingOrders{}
	for of, rows := range m.held {
		account, number := of[0], of[1]
		isFound := found[ledger.Key{Scope: account, Order: number}] || found[ledger.Key{Scope: convert.AmazonScope, Order: number}]
		for _, row := range rows {
			route, account := row.route, account
			if row.code == RouteUnknown { // the list of its first route tells no more than that
				route, account = "", ""
			}
			if number != "" && !isFound && !(account == "" && numbers[number]) {
				key := [2]string{route, number}
				missing[key] = append(missing[key], missingOrder{account, row})
			}
		}
	}
	return missing
}

// missingOrders are orders that were held and that no file read so far has, by route and number. The route is empty
// where it was unknown before.
type missingOrders map[[2]string][]missingOrder

type missingOrder struct {
	account string // empty for an order that could not be read, or whose route was unknown
	heldRow
}

// find returns what is listed of an order under a route, or where the route was unknown; false when it is not listed.
// The account counts where each has numbers of its own.
func (all missingOrders) find(route, account string, key ledger.Key) (heldRow, bool) {
	for _, r := range []string{route, ""} {
		for _, o := range all[[2]string{r, key.Order}] {
			if o.account == account || o.account == "" || key.Scope == convert.AmazonScope {
				return o.heldRow, true
			}
		}
	}
	return heldRow{}, false
}

// numbers returns the orders' numbers, each once.
func (all missingOrders) numbers() (list []string) {
	for of := range all {
		list = append(list, of[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// writeFindings writes down what a file has become: its orders, their sets, and itself.
func (b *rebuilder) writeFindings(ctx context.Context, first bool) error {
	orders, err := b.orders()
	if err != nil {
		return err
	}
	sets, err := b.sets()
	if err != nil {
		return err
	}
	b.sum.Orders += len(orders)
	b.sum.Sets += len(sets)
	if !first {
		return b.watcher.Ledger.Import(ctx, orders, sets, nil)
	}
	b.sum.Files++
	if len(b.waiting) > 0 {
		b.files = append(b.files, waiting{b.file, b.waiting})
	}
	return b.watcher.Ledger.Import(ctx, orders, sets, []ledger.FileRecord{{
		File: b.file, Outcome: "converted", Reason: "known from a rebuild", Counts: b.attempt.found.counts, Ended: b.file.Seen,
	}})
}

// orders are those that went through, less what was held when the ledger was lost.
func (b *rebuilder) orders() (list []ledger.Order, err error) {
	err = b.attempt.eachExported(func(e *exportedOrder) error {
		o := e.Order
		if b.held.has(o.Account, o.Order) {
			b.waiting = append(b.waiting, o.Key)
			b.attempt.found.counts.Exported--
			b.attempt.found.counts.Held++
			return nil
		}
		facts, err := b.attempt.spill.ReadSpan(e.Snapshot)
		if err != nil {
			return err
		}
		o.Facts, o.Exported = bytes.Clone(facts), b.file.Seen
		list = append(list, o)
		b.known[o.Key] = &convert.Known{Updated: o.Updated, Fingerprint: o.Fingerprint, Document: exportedBefore(&o).Document}
		return nil
	})
	slices.SortFunc(list, func(a, b ledger.Order) int { return strings.Compare(a.Document, b.Document) })
	return list, err
}

// sets are the sets that those orders went out in, as far as can be told.
func (b *rebuilder) sets() (list []ledger.Set, err error) {
	at := b.file.Seen
	return list, b.attempt.eachSet(func(set ledger.Set, _ []exportedOrder) error {
		set.Created, set.Published, set.State = at, at, ledger.Taken
		if b.visible(&set) {
			set.State = ledger.Published
		}
		set.Orders = slices.DeleteFunc(set.Orders, func(m ledger.Member) bool { return b.held.has(set.Account, m.Order) })
		for i := range set.Orders {
			set.Orders[i].SHA256 = b.file.SHA256
		}
		if len(set.Orders) > 0 {
			list = append(list, set)
		}
		return nil
	})
}

// visible reports whether a set is in the outbox. Of what goes out in messages only the message that lies
// there tells: what stands in it was perhaps never read, and goes out once more; what does not stand in
// it was confirmed.
func (b *rebuilder) visible(set *ledger.Set) bool {
	there := false
	set.Queued = slices.DeleteFunc(set.Queued, func(l ledger.QueuedDocument) bool {
		if strings.HasPrefix(l.Exchange, ledger.SitePrefix) { // 1C cannot be asked what it has fetched
			there = true
			return false
		}
		in := b.message(l.Exchange)[l.ID]
		there = there || in
		return !in
	})
	files := *set
	files.Outputs = slices.DeleteFunc(slices.Clone(set.Outputs), func(o ledger.Output) bool { return o.Message() })
	return there || onec.Visible(b.watcher.fs(), b.route.Outbox, &files)
}

// message is every id that stands in the message in the outbox.
func (b *rebuilder) message(name string) map[string]bool {
	ids, known := b.messages[name]
	if !known {
		ids = map[string]bool{}
		text, _ := drop.ReadFile(b.watcher.fs(), filepath.Join(b.route.Outbox, name), listLimit) // none: nothing waits in it
		for _, id := range anyID.FindAll(text, -1) {
			ids[string(id)] = true
		}
		b.messages[name] = ids
	}
	return ids
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// answer notes what 1C said of a set.
func (m *memory) answer(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	acks, err := onec.ReadAnswerFile(m.watcher.fs(), path, info.ModTime().Round(time.Millisecond))
	for i := 0; err == nil && i < len(acks); i++ {
		err = m.watcher.Ledger.Acknowledge(ctx, acks[i])
	}
	var unknown *ledger.UnknownError
	var state *ledger.StateError
	if errors.As(err, &unknown) || errors.As(err, &state) {
		m.sum.Left = append(m.sum.Left, path)
		return nil
	}
	m.sum.Answers++
	return err
}

// retry asks the next watcher for another try at what is held and did not go out in another file.
func (b *rebuilder) retry(ctx context.Context) error {
	r := Request{Route: b.route.Name, Why: "obmen ledger rebuild", Quiet: true}
	for _, w := range b.files {
		file := RequestFile{SHA256: w.file.SHA256, Name: w.file.Name}
		n := 0
		for _, key := range w.keys {
			if b.known[key] != nil {
				continue
			}
			n++
			b.waits[key] = true
			for _, other := range b.halves[key] {
				if other.SHA256 != w.file.SHA256 {
					file.Others = appendFile(file.Others, other)
				}
			}
		}
		if n > 0 {
			r.Files = append(r.Files, file)
		}
	}
	if len(r.Files) == 0 || b.watcher.routeNamed(b.route.Name) == nil {
		return nil
	}
	return PutRequest(ctx, b.watcher.State, r)
}
