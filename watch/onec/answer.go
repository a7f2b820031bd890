package onec

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

// lookEvery is how often the outbox is compared with the ledger: often enough for people, rarely enough
// for a share.
const lookEvery = 10 * time.Second

// ReadAnswers reads what 1C says of the sets: a file NAME.ok, NAME.err or NAME.xml in ack, where NAME is
// that of an exchange file, with or without its extension; or the exchange file taken out of the outbox.
func (c *Connection) ReadAnswers(ctx context.Context) error {
	c.Monitor.Beat(folder.Place("ack folder", c.Route.Ack))
	entries, err := c.FS.ReadDir(c.Route.Ack)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	defer c.Registry.Lock(c.Route.Ack)()
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := c.readAnswerFile(ctx, e.Name()); err != nil {
			return err
		}
	}
	if !c.looked.IsZero() && time.Since(c.looked) < lookEvery {
		return nil
	}
	c.looked = time.Now()
	c.Monitor.Beat(folder.Place(folder.Outbox, c.Route.Outbox))
	if err := c.readReplies(ctx); err != nil {
		return err
	}
	return c.noteTaken(ctx)
}

// readAnswerFile reads one answer and puts it into the archive.
func (c *Connection) readAnswerFile(ctx context.Context, name string) error {
	path := filepath.Join(c.Route.Ack, name)
	c.Monitor.Progress()
	var acks []ledger.Ack
	var err error
	if x := ExchangeOf(c.Layouts, name); x != nil {
		err = c.readReply(ctx, x, path)
	} else {
		acks, err = ReadAnswer(c.FS, path, c.Now())
	}
	if errors.Is(err, os.ErrNotExist) { // read by another route that has the same folder
		return nil
	}
	for i := 0; err == nil && i < len(acks); i++ {
		err = c.Ledger.Acknowledge(ctx, acks[i])
	}
	understood := err == nil
	if err != nil {
		var unknown *ledger.UnknownError
		var state *ledger.StateError
		var bad *xml.SyntaxError
		if !errors.As(err, &unknown) && !errors.As(err, &state) && !errors.As(err, &bad) && !errors.Is(err, errNoAnswer) && !errors.Is(err, errNoMessage) {
			return err
		}
		c.Monitor.Alert(name, "an answer of 1C that means nothing to obmen: "+err.Error(), "it lies in quarantine; compare its name with the exchange file it is about")
	}
	if err := c.FileAway(ctx, path, name, understood); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil // taken away again
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

// ReadAnswer understands the three kinds of answers.
func ReadAnswer(disk drop.FS, path string, now time.Time) ([]ledger.Ack, error) {
	ext := filepath.Ext(path)
	kind := strings.ToLower(ext)
	if kind != ".ok" && kind != ".err" && kind != ".xml" {
		return nil, errNoAnswer
	}
	text, err := drop.ReadFile(disk, path)
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

// noteTaken notes the sets whose files 1C has taken out of the outbox, and alerts about those that 1C
// neither takes nor answers.
func (c *Connection) noteTaken(ctx context.Context) error {
	sets, err := c.Ledger.Sets(ctx, ledger.SetFilter{Route: c.Route.Name, States: []ledger.SetState{ledger.Published}, NoOrders: true})
	if err != nil {
		return err
	}
	for i := range sets {
		if Visible(c.FS, c.Route.Outbox, &sets[i]) {
			continue
		}
		if err := c.Ledger.Taken(ctx, sets[i].Stem, c.Now()); err != nil {
			return err
		}
	}
	if c.Route.AckWithin <= 0 {
		return nil
	}
	late, err := c.Ledger.Overdue(ctx, c.Now().Add(-c.Route.AckWithin))
	if err != nil {
		return err
	}
	for _, set := range late {
		if set.Route == c.Route.Name && !c.overdue[set.Stem] {
			c.overdue[set.Stem] = true
			c.Monitor.Alert(set.Stem, fmt.Sprintf("1C has not answered %s since %s", set.Stem, set.Published.Format(time.DateTime)), "look at the scheduled job of 1C and at the rights of its account on outbox and ack")
		}
	}
	return nil
}
