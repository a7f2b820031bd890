package watch

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/ledger"
)

// lookEvery is how often the outbox is compared with the ledger: often enough for people, rarely enough
// for a share.
const lookEvery = 10 * time.Second

// answers reads what 1C says of the sets: a file NAME.ok, NAME.err or NAME.xml in ack, where NAME is
// that of an exchange file, with or without its extension; or the exchange file taken out of the outbox.
func (k *worker) answers(ctx context.Context) error {
	k.pulse.beat(k.place("ack folder", k.r.Ack))
	entries, err := k.w.fs().ReadDir(k.r.Ack)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	defer k.w.lock(k.r.Ack)()
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := k.answer(ctx, e.Name()); err != nil {
			return err
		}
	}
	if !k.looked.IsZero() && time.Since(k.looked) < lookEvery {
		return nil
	}
	k.looked = time.Now()
	k.pulse.beat(k.place("outbox", k.r.Outbox))
	if err := k.replies(ctx); err != nil {
		return err
	}
	return k.taken(ctx)
}

// answer reads one answer and puts it into the archive.
func (k *worker) answer(ctx context.Context, name string) error {
	path := filepath.Join(k.r.Ack, name)
	k.pulse.touch()
	var acks []ledger.Ack
	var err error
	if x := k.w.exchangeOf(name); x != nil {
		err = k.reply(ctx, x, path)
	} else {
		acks, err = k.w.readAnswer(path, k.w.Now())
	}
	if errors.Is(err, os.ErrNotExist) { // read by another route that has the same folder
		return nil
	}
	for i := 0; err == nil && i < len(acks); i++ {
		err = k.w.Ledger.Acknowledge(ctx, acks[i])
	}
	dir := k.r.Archive
	if err != nil {
		var unknown *ledger.UnknownError
		var state *ledger.StateError
		var bad *xml.SyntaxError
		if !errors.As(err, &unknown) && !errors.As(err, &state) && !errors.As(err, &bad) && !errors.Is(err, errNoAnswer) && !errors.Is(err, errNoMessage) {
			return err
		}
		dir = k.r.Quarantine
		k.tell(Event{Kind: Alert, File: name, Text: "an answer of 1C that means nothing to obmen: " + err.Error(), Hint: "it lies in quarantine; compare its name with the exchange file it is about"})
	}
	folder, err := k.today(dir)
	if err != nil {
		return err
	}
	if _, err = folder.Move(ctx, path, name); errors.Is(err, os.ErrNotExist) {
		return nil // taken away again
	}
	return err
}

// answerFile is an answer with a result for each order:
//
//	<ack><order id="302-…" result="ok" number="0000-000123"/><order id="…" result="error">why</order></ack>
type answerFile struct {
	Orders []struct {
		ID     string `xml:"id,attr"`
		Result string `xml:"result,attr"`
		Number string `xml:"number,attr"`
		Text   string `xml:",chardata"`
	} `xml:"order"`
}

var errNoAnswer = errors.New("neither .ok, nor .err, nor .xml")

// readAnswer understands the three kinds of answers.
func (w *Watcher) readAnswer(path string, now time.Time) ([]ledger.Ack, error) {
	ext := filepath.Ext(path)
	kind := strings.ToLower(ext)
	if kind != ".ok" && kind != ".err" && kind != ".xml" {
		return nil, errNoAnswer
	}
	text, err := w.read(path)
	if err != nil {
		return nil, err
	}
	ack := ledger.Ack{Name: strings.TrimSuffix(filepath.Base(path), ext), Text: strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")), At: now}
	switch kind {
	case ".ok":
		ack.OK = true
		return []ledger.Ack{ack}, nil
	case ".err":
		return []ledger.Ack{ack}, nil
	}
	return readResults(text, ack)
}

func readResults(text []byte, ack ledger.Ack) (list []ledger.Ack, err error) {
	var f answerFile
	if err := xml.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	ack.Name = strings.TrimSuffix(strings.TrimSuffix(ack.Name, ".ok"), ".err")
	for _, o := range f.Orders {
		ack.Order, ack.OK, ack.Number1C, ack.Text = o.ID, o.Result == "ok", o.Number, strings.TrimSpace(o.Text)
		list = append(list, ack)
	}
	return list, nil
}

// taken notes the sets whose files 1C has taken out of the outbox, and alerts about those that nobody
// takes or answers.
func (k *worker) taken(ctx context.Context) error {
	sets, err := k.w.Ledger.Sets(ctx, ledger.SetFilter{Route: k.r.Name, States: []ledger.SetState{ledger.Published}, NoOrders: true})
	if err != nil {
		return err
	}
	for i := range sets {
		if k.visible(&sets[i]) {
			continue
		}
		if err := k.w.Ledger.Taken(ctx, sets[i].Stem, k.w.Now()); err != nil {
			return err
		}
	}
	if k.r.AckWithin <= 0 {
		return nil
	}
	late, err := k.w.Ledger.Overdue(ctx, k.w.Now().Add(-k.r.AckWithin))
	if err != nil {
		return err
	}
	for _, set := range late {
		if set.Route == k.r.Name && !k.overdue[set.Stem] {
			k.overdue[set.Stem] = true
			k.tell(Event{Kind: Alert, File: set.Stem, Text: fmt.Sprintf("1C has not answered %s since %s", set.Stem, set.Published.Format(time.DateTime)), Hint: "look at the scheduled job of 1C and at the rights of its account on outbox and ack"})
		}
	}
	return nil
}

// visible says whether any file of a set is in the outbox. What goes out in messages is never taken
// away: only 1C's own message says that it has it.
func (k *worker) visible(set *ledger.Set) bool {
	for _, o := range set.Outputs {
		if o.Message() {
			return true
		}
		if _, err := k.w.fs().Lstat(filepath.Join(k.r.Outbox, o.Name)); !errors.Is(err, os.ErrNotExist) {
			return true
		}
	}
	return false
}
