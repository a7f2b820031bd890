package onec

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

// lookEvery is how often the outbox is compared with the ledger: often enough for a person who waits, rarely enough
// for a share.
const lookEvery = 10 * time.Second

// cutPatience is how long an answer that is empty or ends in the middle may still grow: 1C writes it straight
// into the folder, and pauses.
const cutPatience = time.Minute

// Limits of answers, in bytes.
const (
	answerLimit = 16 << 20 // with a result for each order
	wordsLimit  = 64 << 10 // read of an answer that is words only
)

// pendingAnswer is a file in ack that has not been read.
type pendingAnswer struct {
	steady drop.Steady[drop.Observation]
	since  time.Time // monotonic: when it was first cut or refused
	due    time.Time // monotonic: not tried before
	tries  int
}

// ReadAnswers reads what 1C says of the sets: a file NAME.ok, NAME.err or NAME.xml in ack, where NAME is
// that of an exchange file, with or without its extension; or the exchange file taken out of the outbox.
// What is wrong with one of them stops no other.
func (c *Connection) ReadAnswers(ctx context.Context) error {
	if err := c.readAck(ctx); err != nil {
		return err
	}
	if !c.look.at.IsZero() && time.Since(c.look.at) < lookEvery {
		return nil
	}
	c.look.at = time.Now()
	c.Monitor.Beat(folder.Place(folder.Outbox, c.Route.Outbox))
	c.look.outbox = c.outboxChanged()
	if err := c.readReplies(ctx); err != nil {
		return err
	}
	return c.noteTakenWhenDue(ctx)
}

// Idle reports whether no answer waits to be read.
func (c *Connection) Idle() bool {
	for _, p := range c.pending {
		if p.due.IsZero() {
			return false
		}
	}
	return true
}

// HasNews looks at the folders, and reports whether there may be something new for ReadAnswers.
func (c *Connection) HasNews() bool {
	c.Monitor.Beat(folder.Place("ack folder", c.Route.Ack))
	entries, err := c.FS.ReadDir(c.Route.Ack)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true
	}
	for _, e := range entries {
		if p := c.pending[e.Name()]; isAnswer(e) && (p == nil || !time.Now().Before(p.due)) {
			return true
		}
	}
	c.Monitor.Beat(folder.Place(folder.Outbox, c.Route.Outbox))
	return time.Since(c.look.at) >= lookEvery && !c.outboxChanged().Equal(c.look.outbox)
}

func isAnswer(e fs.DirEntry) bool { return e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") }

func (c *Connection) readAck(ctx context.Context) error {
	c.Monitor.Beat(folder.Place("ack folder", c.Route.Ack))
	entries, err := c.FS.ReadDir(c.Route.Ack)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	defer c.Registry.Lock(c.Route.Ack)()
	there := map[string]bool{}
	for _, e := range entries {
		if !isAnswer(e) {
			continue
		}
		there[e.Name()] = true
		if err := c.readWhenSettled(ctx, e.Name()); err != nil {
			return err
		}
	}
	for name := range c.pending {
		if !there[name] {
			delete(c.pending, name)
		}
	}
	return nil
}

// readWhenSettled reads an answer that has stopped changing.
func (c *Connection) readWhenSettled(ctx context.Context, name string) error {
	path := filepath.Join(c.Route.Ack, name)
	c.Monitor.Progress()
	seen, err := c.FS.Observe(path)
	if err != nil {
		delete(c.pending, name)
		return nil // gone, or for the next look
	}
	p := c.pending[name]
	if p == nil {
		p = &pendingAnswer{}
		c.pending[name] = p
	}
	if p.steady.Look(seen) {
		p.due, p.since = time.Time{}, time.Time{}
	}
	if !p.steady.For(c.Route.Settle) || time.Now().Before(p.due) {
		return nil
	}
	done, err := c.readAndFileAway(ctx, name, p)
	if done && err == nil {
		delete(c.pending, name)
	}
	return err
}

// readAndFileAway reads one answer and moves it into the archive, or into quarantine with the reason. It is not
// done where the answer may still grow, or its bytes cannot be had.
func (c *Connection) readAndFileAway(ctx context.Context, name string, p *pendingAnswer) (done bool, err error) {
	path := filepath.Join(c.Route.Ack, name)
	var acks []ledger.Ack
	if x := ExchangeOf(c.Layouts, name); x != nil {
		err = c.readReply(ctx, x, path)
	} else if x := c.copyOf(name, path); x != nil {
		err = c.readCopy(ctx, x, path)
	} else {
		acks, err = ReadAnswerFile(c.FS, path, c.Now())
	}
	var disk *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist): // read by another route that has the same folder
		return true, nil
	case (errors.Is(err, errCut) || errors.Is(err, errNoMessage)) && c.mayGrow(p):
		return false, nil
	case errors.As(err, &disk):
		c.postpone(name, p, disk)
		return false, nil
	case err == nil:
		err = c.acknowledge(ctx, acks)
	}
	if err != nil && !isFaultOfAnswer(err) {
		return false, err
	}
	reason := ""
	if err != nil {
		reason = err.Error()
		c.Monitor.Alert(name, "an answer of 1C that obmen cannot match: "+reason, "it lies in quarantine; compare its name with the exchange file it is about")
	}
	if err := c.FileAway(ctx, path, name, reason); !errors.Is(err, fs.ErrNotExist) {
		return true, err
	}
	return true, nil // taken away again
}

// mayGrow reports whether an answer that is cut has time to grow; a run that ends has none to give.
func (c *Connection) mayGrow(p *pendingAnswer) bool {
	if p.since.IsZero() {
		p.since = time.Now()
	}
	left := cutPatience - time.Since(p.since)
	if c.Once || left <= 0 {
		return false
	}
	p.due = time.Now().Add(left) // a change comes before
	return true
}

// postpone leaves an answer whose bytes the disk does not give, and reports it once.
func (c *Connection) postpone(name string, p *pendingAnswer, disk *fs.PathError) {
	if p.tries == 0 {
		c.Monitor.Alert(name, "an answer of 1C cannot be read: "+disk.Err.Error(), "give the account that runs obmen the right to read the files of "+c.Route.Ack+"; it is tried again, other files go on")
	}
	p.tries++
	p.due = time.Now().Add(min(time.Second<<min(p.tries, 9), 5*time.Minute))
}

// isFaultOfAnswer reports whether an answer is at fault, and not the ledger.
func isFaultOfAnswer(err error) bool {
	var unknown *ledger.UnknownError
	var state *ledger.StateError
	var size *drop.SizeError
	return errors.As(err, &unknown) || errors.As(err, &state) || errors.As(err, &size) || errors.Is(err, errNoAnswer) || errors.Is(err, errNoMessage) || errors.Is(err, ledger.ErrNotAsWritten)
}

// acknowledge notes the results of one answer, all that can be noted; the error tells of the others.
func (c *Connection) acknowledge(ctx context.Context, acks []ledger.Ack) error {
	var bad []error
	var good []ledger.Ack
	err := c.Ledger.Group(ctx, func(t *ledger.Tx) error {
		bad, good = nil, nil
		for _, a := range acks {
			err := c.acknowledgeOne(t, a)
			switch {
			case err == nil:
				good = append(good, a)
			case isFaultOfAnswer(err):
				bad = append(bad, err)
			default:
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.reportAnswers(good)
	if len(bad) == 0 {
		return nil
	}
	return &unmatchedError{bad, len(acks)}
}

// errNamesNoOrder refuses an answer to the one file as a whole.
var errNamesNoOrder = fmt.Errorf("%w: it has to be a copy of the file that 1C has read, or to name the orders, for the file may have grown since: <ack><order id=\"000001\" result=\"ok\"/></ack>; orders without an answer leave the file after keep_days", errNoAnswer)

func (c *Connection) acknowledgeOne(t *ledger.Tx, a ledger.Ack) error {
	x := ExchangeOfFile(c.Layouts, a.Name)
	switch {
	case x == nil:
		return t.Acknowledge(a)
	case a.Order == "":
		return errNamesNoOrder
	}
	return t.AcknowledgeQueued(x.Name(), a)
}

// ExchangeOfFile returns the exchange whose one file has that name, with or without its extension; nil for another name.
func ExchangeOfFile(layouts []*layout.Layout, name string) *layout.Exchange {
	for _, l := range layouts {
		if x := l.Exchange(); x != nil && x.File != "" && (name == x.File || name == x.Name()) {
			return x
		}
	}
	return nil
}

// unmatchedError refuses some of the results of one answer.
type unmatchedError struct {
	bad []error
	of  int
}

func (e *unmatchedError) Error() string {
	if e.of == 1 {
		return e.bad[0].Error()
	}
	return fmt.Sprintf("%d of its %d results cannot be matched, the others count: %s", len(e.bad), e.of, e.bad[0])
}

func (e *unmatchedError) Unwrap() []error { return e.bad }

// reportAnswers reports what 1C says: each refusal, and how many orders it has loaded.
func (c *Connection) reportAnswers(acks []ledger.Ack) {
	loaded, name := 0, ""
	for _, a := range acks {
		name = a.Name
		if a.OK {
			loaded++
			continue
		}
		what := a.Name
		if a.Order != "" {
			what = "order " + a.Order + " of " + a.Name
		}
		c.Monitor.Lasting(a.Name, strings.TrimSuffix("1C refused "+what+": "+oneParagraph(a.Text), ": "), "mend the cause in 1C, then send it once more: obmen replay")
	}
	switch {
	case loaded == 0:
	case len(acks) == 1 && acks[0].Order == "":
		c.Monitor.Answered(name, "1C has loaded "+name)
	default:
		c.Monitor.Answered(name, fmt.Sprintf("1C has loaded %d of the %d orders that it answers of %s", loaded, len(acks), name))
	}
}

func oneParagraph(text string) string { return strings.Join(strings.Fields(text), " ") }

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

var errCut = fmt.Errorf("%w: it is empty or ends in the middle", errNoAnswer)

// ReadAnswerFile understands the three kinds of answers, in any encoding that 1C, batch files and editors write.
func ReadAnswerFile(disk drop.FS, path string, now time.Time) ([]ledger.Ack, error) {
	ext := filepath.Ext(path)
	ack := ledger.Ack{Name: strings.TrimSuffix(filepath.Base(path), ext), At: now}
	switch strings.ToLower(ext) {
	case ".ok", ".err":
		text, err := readWords(disk, path)
		ack.OK, ack.Text = strings.EqualFold(ext, ".ok"), cleanText(decodeText(text))
		return []ledger.Ack{ack}, err
	case ".xml":
		text, err := drop.ReadFile(disk, path, answerLimit)
		if err != nil {
			return nil, err
		}
		return readResults(text, ack)
	}
	return nil, fmt.Errorf("%w: neither .ok, nor .err, nor .xml", errNoAnswer)
}

// readWords reads the beginning of an answer that is words only: its name has said the rest.
func readWords(disk drop.FS, path string) ([]byte, error) {
	r, err := disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, wordsLimit))
}

func readResults(text []byte, ack ledger.Ack) (list []ledger.Ack, err error) {
	plain, err := decodeXML(text)
	if err != nil {
		return nil, err
	}
	var f answerFile
	if len(bytes.TrimSpace(plain)) == 0 {
		return nil, errCut
	}
	err = xml.Unmarshal(plain, &f)
	var bad *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.As(err, &bad) && strings.Contains(bad.Msg, "unexpected EOF"):
		return nil, errCut
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	ack.Name = strings.TrimSuffix(strings.TrimSuffix(ack.Name, ".ok"), ".err")
	for _, o := range f.Orders {
		ack.Order, ack.OK, ack.Number1C, ack.Text = o.ID, o.Result == "ok", o.Number, cleanText(o.Text)
		list = append(list, ack)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: it names no order", errNoAnswer)
	}
	return list, nil
}
