// Package outbox writes batches as output sets: staged where nobody looks, named by their content, and
// published together, the workbook before the XML that 1C waits for.
package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
	"obmen/watch/drop"
)

// Output is one published file.
type Output struct {
	Path      string
	Set       string // stem that all files of the output set share
	Layout    string
	Template  string // the layout's hash: a changed template has another
	SHA256    string
	Size      int64
	Count     int      // of orders
	Orders    []string // their numbers, in the order of the file; with KeepOrders or Plan, and for Named
	Documents []string // their ids in 1C; likewise
	Sums      []Sum    // of the documents' totals; one of each currency
	Already   bool     // the very same file was there from an earlier run
	Notes     []string // characters that had to be replaced, by order and field
	// Exchange is the name of the message that the documents go out in; then the output is no file of
	// its own, and has neither hash nor size.
	Exchange string
}

// Sum is an amount of one currency.
type Sum struct {
	Currency money.Currency
	Amount   money.Amount
}

// Writer turns orders into output sets of a folder. It belongs to one goroutine.
type Writer struct {
	Folder  drop.Folder
	Layouts []*layout.Layout
	Publishing
	// Fetched returns the layout of an account's orders that 1C fetches itself, and the name of their
	// exchange; an empty name for orders that are published. It may be nil.
	Fetched func(account string) (*layout.Layout, string)
	Held    *HeldList // gets the held orders; may be nil

	Steps
	// Numbers, if set, are those of the documents: they are saved before anything can be seen.
	Numbers *NumberFile

	set     *drop.Set
	laying  []*layingOut // batches that are being written, oldest first
	pending []pending
}

// Publishing is how files get out.
type Publishing struct {
	Discard    bool   // lay everything out and publish nothing
	KeepOrders bool   // tell every order's outcome
	Ready      string // suffix of an empty marker that is published behind each set; empty for none
	Verify     bool   // read every published file back: on a share only that shows what it holds
	Exchanges  bool   // documents of a layout with an exchange go out in messages, which somebody else writes
	Together   bool   // staged files stay open, and the disk is not waited for: Settle does that for many writers
}

// Steps are told what happens, in the order in which it does; each may be nil.
type Steps struct {
	// Each is told every outcome with its whole document; Restart, that they begin again; Named, the files of a set
	// when they are staged and have their names: it alone learns which orders those have; Plan, what is
	// about to become visible, when all of it is durable and nothing can be seen yet; if its error means
	// that nothing was noted, it calls Reset. Each may be nil.
	Each    func(convert.Outcome) error
	Restart func()
	Named   func([]Output) error
	Plan    func(context.Context, []Output) error
}

// pending is a staged file that waits for its name.
type pending struct {
	file   *drop.Staged
	stem   string // without what tells it from another file of that name
	ext    string
	name   string
	output Output

	exchange string // of documents that go out in messages: then there is no file
	fetched  bool   // 1C fetches the documents of the exchange
	sum      string // the hash of what it would have been
}

// freeStem adds a number to a stem whose names hold other bytes: somebody changed a published file, or put
// one of that name there. Nothing is overwritten, and the outputs say so.
func (w *Writer) freeStem(stem string, files []pending) (string, error) {
	number := ""
	for n := 2; ; n++ {
		taken := ""
		for i := range files {
			f := &files[i]
			if f.exchange != "" {
				f.name = f.exchange
				continue
			}
			f.name = f.stem + number + fileSuffix(files, i)
			other, err := w.Folder.HoldsOther(f.name, f.file.SHA256(), f.file.Size())
			if err != nil {
				return "", err
			}
			if other && taken == "" {
				taken = f.name
			}
		}
		if taken == "" {
			return stem + number, nil
		}
		number = fmt.Sprintf("-%d", n)
		for i := range files {
			files[i].output.Notes = append(files[i].output.Notes, "the name "+taken+" is taken by a file with other content; look who put or changed it there")
		}
	}
}

// Reset throws away what was staged.
func (w *Writer) Reset() error {
	w.stopBatches()
	w.pending = nil
	if w.set == nil {
		return nil
	}
	set := w.set
	w.set = nil
	return set.Abort()
}

// listOutputs returns staged files with the paths under which they will be visible.
func (w *Writer) listOutputs(staged []pending) []Output {
	outputs := make([]Output, len(staged))
	for i, p := range staged {
		outputs[i] = p.output
		outputs[i].Path = filepath.Join(w.Folder.Dir, p.name)
		if p.fetched {
			outputs[i].Path = p.name
		}
	}
	return outputs
}

// planAndShow plans the staged files and makes them visible.
func (w *Writer) planAndShow(ctx context.Context, outputs []Output) error {
	if w.Discard || len(outputs) == 0 {
		return nil
	}
	if w.Numbers != nil {
		if err := w.Numbers.Save(); err != nil {
			return err
		}
	}
	if w.Plan != nil {
		if err := MakeDurable(w); err != nil {
			return err
		}
		if err := w.Plan(ctx, outputs); err != nil {
			_ = w.Leave(nil)
			return err
		}
	}
	return w.Show(ctx, outputs)
}

// MakeDurable makes durable what writers of one disk have staged; they share its waits.
func MakeDurable(writers ...*Writer) error {
	var sets []*drop.Set
	for _, w := range writers {
		if w.set == nil {
			continue
		}
		last := ""
		for i := range w.pending {
			if p := &w.pending[i]; p.file != nil && p.output.Set != last {
				last = p.output.Set
				w.set.Receipt(last)
			}
		}
		sets = append(sets, w.set)
	}
	return drop.MakeAllDurable(sets...)
}

// Staged is how many files are staged.
func (w *Writer) Staged() int { return len(w.pending) }

// Leave forgets what was staged and lets it lie for Complete: the ledger knows of it, or perhaps does. What it does
// not know of is removed; noted reports that of a set, nil of all.
func (w *Writer) Leave(noted func(stem string) bool) error {
	set, staged := w.set, w.pending
	w.set, w.pending = nil, nil
	if set == nil || noted == nil {
		return nil
	}
	last, lost := "", false
	var gone []*drop.Staged
	var stems []string
	for i := range staged {
		if stem := staged[i].output.Set; stem != last {
			last, lost = stem, !noted(stem)
			if lost {
				stems = append(stems, stem)
			}
		}
		if lost && staged[i].file != nil {
			gone = append(gone, staged[i].file)
		}
	}
	return set.Discard(stems, gone)
}

// Show makes the staged files visible; outputs are those that Stage gave, and learn what was there already.
func (w *Writer) Show(ctx context.Context, outputs []Output) error {
	turns := publishOrder(outputs)
	entries := make([]drop.Entry, len(turns))
	for i, turn := range turns {
		entries[i] = drop.Entry{File: w.pending[turn].file, Name: w.pending[turn].name}
	}
	if len(entries) == 0 {
		return nil
	}
	done, err := w.set.Publish(ctx, entries...)
	if err != nil {
		return err
	}
	for i := range done {
		outputs[turns[i]].Already = done[i].Already
		if !w.Verify {
			continue
		}
		if err := w.Folder.Verify(ctx, entries[i].Name, done[i].SHA256); err != nil {
			return err
		}
	}
	return w.markReady(ctx, outputs)
}

// publishOrder is the order in which files get their names, set by set: what 1C looks for comes last, so that
// whoever sees an exchange file sees its workbook too. What goes out in messages has no turn.
func publishOrder(outputs []Output) []int {
	var list []int
	for i := range outputs {
		if outputs[i].Exchange == "" {
			list = append(list, i)
		}
	}
	for first := 0; first < len(list); {
		end := first
		for end < len(list) && outputs[list[end]].Set == outputs[list[first]].Set {
			end++
		}
		slices.SortStableFunc(list[first:end], func(a, b int) int {
			return cmp.Compare(publishRank(outputs[a].Path), publishRank(outputs[b].Path))
		})
		first = end
	}
	return list
}

func publishRank(path string) int {
	if filepath.Ext(path) == ".xml" {
		return 1
	}
	return 0
}

// markReady publishes an empty marker behind each set, for readers that wait for one.
func (w *Writer) markReady(ctx context.Context, outputs []Output) error {
	turns := publishOrder(outputs)
	for i, turn := range turns {
		out := outputs[turn]
		if w.Ready == "" || i+1 < len(turns) && outputs[turns[i+1]].Set == out.Set {
			continue
		}
		_, err := w.Folder.Put(ctx, filepath.Base(out.Path)+w.Ready, strings.NewReader(""))
		var taken *drop.ExistsError
		if err != nil && !errors.As(err, &taken) {
			return err
		}
	}
	return nil
}

// Complete publishes the files of a set that was planned before a crash, from what was staged then. A
// file that is neither staged nor visible was published and taken away if the set's receipt is there. If
// it is not, known is false: the set was staged elsewhere, or somebody removed it, and has to be made
// again.
func (w *Writer) Complete(ctx context.Context, outputs []Output) (known bool, err error) {
	turns := publishOrder(outputs)
	for _, turn := range turns {
		out := &outputs[turn]
		known, err := w.Folder.Adopt(ctx, drop.Planned{Name: out.Path, SHA256: out.SHA256, Size: out.Size, Receipt: out.Set})
		if err != nil || !known {
			return false, err
		}
	}
	return true, w.markReady(ctx, outputs)
}

// Finished says that the ledger has published sets: their receipts have done their duty.
func (w *Writer) Finished(ctx context.Context, stems ...string) error {
	if w.set == nil {
		return w.Folder.ForgetReceipts(ctx, stems...)
	}
	return w.set.ForgetReceipts(ctx, stems...)
}

// hashLength is how many hex digits of a set's hash stand in its name: 48 bits, enough for every set
// that one account will ever write.
const hashLength = 12

// longestAccount keeps names within 100 characters, layout and extension included.
const longestAccount = 50

// nameWords name the output set of a batch: account, day of its newest order. The hash of its content comes
// when that is written.
func nameWords(b document.Batch) layout.FileWords {
	day := b.Created
	for i := range b.Documents {
		if d := b.Documents[i].Date; i == 0 || d.After(day) {
			day = d
		}
	}
	account := drop.SafeName(b.Account)
	return layout.FileWords{Account: account[:min(len(account), longestAccount)], Date: day.Format("20060102")}
}

func safeLayout(name string) string { return strings.ToLower(drop.SafeName(name)) }

// fileSuffix is the extension of a layout's file, with the layout's name before it where two layouts would
// have one name.
func fileSuffix(files []pending, i int) string {
	f := &files[i]
	for j := range files {
		if j != i && files[j].exchange == "" && files[j].stem == f.stem && files[j].ext == f.ext {
			return "-" + safeLayout(f.output.Layout) + f.ext
		}
	}
	return f.ext
}

func (w *Writer) describeOutput(l *layout.Layout, b document.Batch, report tmpl.Report) Output {
	out := Output{Layout: l.Name(), Template: l.Hash(), Count: len(b.Documents), Notes: replacementNotes(report)}
	for i := range b.Documents {
		d := &b.Documents[i]
		if w.KeepOrders || w.Plan != nil || w.Named != nil {
			out.Orders, out.Documents = append(out.Orders, d.Number), append(out.Documents, d.ID)
		}
		out.addSum(money.Currency(d.Currency), d.Total)
	}
	return out
}

func (o *Output) addSum(c money.Currency, a money.Amount) {
	i := slices.IndexFunc(o.Sums, func(s Sum) bool { return s.Currency == c })
	if i < 0 {
		i = len(o.Sums)
		o.Sums = append(o.Sums, Sum{Currency: money.Currency(strings.Clone(string(c)))}) // the text of its order may go
	}
	o.Sums[i].Amount = o.Sums[i].Amount.Plus(a)
}

// replacementNotes says which texts could not be written as they were.
func replacementNotes(report tmpl.Report) (list []string) {
	for _, r := range report.Replaced {
		what := fmt.Sprintf("%d characters that the file cannot hold were replaced", r.Count)
		if r.Cut {
			what = "cut to the length that a cell of Excel holds"
		}
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s: %s", r.Document, r.Field, what)))
	}
	return list
}
