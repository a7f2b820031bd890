package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/convert/document"
	"obmen/watch/drop"
)

// The names of the log of numbers in the state folder: today's, and that of a time when only orders that 1C
// fetched itself had counted numbers.
const (
	NumbersFile    = "numbers.jsonl"
	oldNumbersFile = "site-numbers.jsonl"
)

// numberLog is a second copy of the numbers under which 1C knows orders, beside the ledger. A ledger that is
// rebuilt takes them back: under another number an order would be a second document in 1C, and under one that
// was given before it would overwrite another order's.
type numberLog struct {
	path string
	left []NumberedOrder // that could not be written so far

	joined bool // it has what the ledger has, but for left, and no more

	copyPath string        // of a further copy on another disk; empty for none
	grown    chan struct{} // has an element when the copy lacks something; closed at the end
	copied   chan struct{} // closed when no more is copied
}

// NumbersCopy is the name of the further copy of the log. Archives leave names alone that begin with a point.
const NumbersCopy = ".numbers.jsonl"

// logEntry is a line of the file.
type logEntry struct {
	Number   string `json:"number"`
	Exchange string `json:"exchange,omitempty"`
	Scope    string `json:"scope"`
	Order    string `json:"order"`
	Old      bool   `json:"old,omitempty"` // of an older rule
}

const (
	// restoreAtOnce bounds the numbers of one transaction.
	restoreAtOnce = 1000
	// longestEntry is the longest line of the log: twice what the longest numbers and names come to.
	longestEntry = 64 << 10
)

// LogNumbers keeps a second copy of all numbers in a folder from now on, and brings the two together: each
// gets what only the other has. It comes before any new number is given. The folder copyTo, if it is named,
// gets a third one beside the work that goes on, for a disk that is lost as a whole: best of its effort.
func (l *Ledger) LogNumbers(ctx context.Context, dir, copyTo string) error {
	log := &numberLog{path: filepath.Join(dir, NumbersFile)}
	if copyTo != "" {
		log.copyPath, log.grown, log.copied = filepath.Join(copyTo, NumbersCopy), make(chan struct{}, 1), make(chan struct{})
	}
	if err := l.joinLog(ctx, log, filepath.Join(dir, oldNumbersFile)); err != nil {
		return err
	}
	l.numbers.mu.Lock()
	l.numbers.log, l.numbers.last = log, map[string]int{}
	l.numbers.mu.Unlock()
	if copyTo != "" {
		log.grown <- struct{}{}
		go log.keepCopy(log.grown)
	}
	return nil
}

// LogNumbersApart keeps a second copy of the numbers that this process gives from now on, in a file of a name of its
// own: of several nodes one has the log, and takes into it what the others have when it begins.
func (l *Ledger) LogNumbersApart(dir, name string) {
	l.numbers.mu.Lock()
	defer l.numbers.mu.Unlock()
	l.numbers.log = &numberLog{path: filepath.Join(dir, apartPrefix+FileNameOf(name)+filepath.Ext(NumbersFile))}
}

// apartPrefix begins the names of logs of single nodes.
const apartPrefix = "numbers-"

// FileNameOf is the name of a node as a part of a file's name.
func FileNameOf(node string) string {
	return strings.NewReplacer("/", "-", `\`, "-", ":", "-").Replace(node)
}

// apartLogs are the logs of single nodes.
func apartLogs(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), apartPrefix) && filepath.Ext(e.Name()) == filepath.Ext(NumbersFile) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, err
}

// joinLog brings ledger and log together. The logs of single nodes go into the one log; what a node writes into its own
// meanwhile is in the ledger, too.
//
// To read the whole log and to count the ledger's numbers takes seconds where there are millions: it is left out when
// both are as the last program left them.
func (l *Ledger) joinLog(ctx context.Context, log *numberLog, old string) error {
	defer func() { log.joined = true }() // with an error there is no log
	apart, err := apartLogs(filepath.Dir(log.path))
	if err != nil {
		return err
	}
	if _, err := os.Stat(old); len(apart) == 0 && errors.Is(err, fs.ErrNotExist) && l.hasParted(log.path) {
		return nil
	}
	lines, err := readLog(log.path, nil)
	if err != nil {
		return err
	}
	from := append([]string{old, log.path}, apart...)
	if lines == 0 && log.copyPath != "" {
		from = append(from, log.copyPath)
	}
	var rows int
	if err := l.reader.QueryRowContext(ctx, `SELECT count(*) FROM numbers`).Scan(&rows); err != nil {
		return l.wrapError("read", err)
	}
	_, err = os.Stat(old)
	if lines == rows && lines > 0 && len(apart) == 0 && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, path := range from {
		if _, err := readLog(path, l.restorer(ctx)); err != nil {
			return err
		}
	}
	if err := l.writeLog(ctx, log.path); err != nil {
		return err
	}
	for _, path := range append(apart, old) {
		if err := drop.RemoveFile(drop.OS{}, path); err != nil {
			return err
		}
	}
	return nil
}

// copyPatience is how long the end of the program waits for the last numbers to be copied.
const copyPatience = 2 * time.Second

// keepCopy brings the copy up to date whenever the log grows. What fails is tried again the next time.
func (g *numberLog) keepCopy(grown <-chan struct{}) {
	defer close(g.copied)
	for range grown {
		_ = g.copyLog() // its disk may be away; the next number tries again
	}
}

// copyLog adds to the copy what it lacks; a copy that is no beginning of the log is made again.
func (g *numberLog) copyLog() error {
	log, err := os.Open(g.path)
	if err != nil {
		return err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return err
	}
	before, err := os.Stat(g.copyPath)
	if err != nil || before.Size() > info.Size() || !sameEnd(log, g.copyPath, before.Size()) {
		return drop.ReplaceFile(drop.OS{}, g.copyPath, 0o600, func(w io.Writer) error {
			_, err := io.Copy(w, io.NewSectionReader(log, 0, info.Size()))
			return err
		})
	}
	to, err := os.OpenFile(g.copyPath, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, io.NewSectionReader(log, before.Size(), info.Size()-before.Size()))
	if err == nil && drop.Durable {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}

// sameEnd reports whether the last bytes of a copy are those of the log at that place.
func sameEnd(log io.ReaderAt, path string, size int64) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	n := min(size, 4096)
	a, b := make([]byte, n), make([]byte, n)
	_, err1 := log.ReadAt(a, size-n)
	_, err2 := f.ReadAt(b, size-n)
	return err1 == nil && err2 == nil && bytes.Equal(a, b)
}

// stop ends the copying.
func (g *numberLog) stop() {
	if g == nil || g.grown == nil {
		return
	}
	close(g.grown)
	select {
	case <-g.copied:
	case <-time.After(copyPatience): // the disk of the copy hangs; the next start goes on
	}
	g.grown = nil
}

var (
	restoreNumber = registerStatement(`INSERT INTO numbers VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`)
	restoreSite   = registerStatement(`INSERT INTO site_orders (number, exchange, order_id, scope) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING`)
)

// restorer takes entries of a log into the ledger.
func (l *Ledger) restorer(ctx context.Context) func([]logEntry) error {
	return func(lot []logEntry) error {
		return l.Group(ctx, func(t *Tx) error {
			for _, e := range lot {
				value := document.FirstDigits(e.Number)
				if !e.Old {
					value = document.NumberValue(e.Number)
				}
				if _, err := t.execStatement(restoreNumber, e.Order, e.Scope, e.Number, value, !e.Old); err != nil {
					return err
				}
				if e.Exchange == "" {
					continue
				}
				if _, err := t.execStatement(restoreSite, e.Number, e.Exchange, e.Order, e.Scope); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// readLog counts the whole lines of a log; take, if there is one, gets them. A line of a write that a power
// cut ended is left out: nothing went out under its number.
func readLog(path string, take func([]logEntry) error) (n int, err error) {
	f, err := drop.OpenRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestEntry)
	var lot []logEntry
	for lines.Scan() {
		if !bytes.HasSuffix(lines.Bytes(), []byte{'}'}) {
			continue
		}
		n++
		var e logEntry
		if take == nil || json.Unmarshal(lines.Bytes(), &e) != nil || e.Number == "" {
			continue
		}
		if lot = append(lot, e); len(lot) == restoreAtOnce {
			if err := take(lot); err != nil {
				return n, err
			}
			lot = lot[:0]
		}
	}
	if err := lines.Err(); err != nil {
		return n, fmt.Errorf("%s: %w", path, err)
	}
	if len(lot) == 0 {
		return n, nil
	}
	return n, take(lot)
}

// writeLog writes the whole log from the ledger.
func (l *Ledger) writeLog(ctx context.Context, path string) error {
	return drop.ReplaceFile(drop.OS{}, path, 0o600, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		for _, counted := range []string{"1", "0"} { // each in the order of an index: sorting them would take memory
			if err := l.writeNumbers(ctx, out, counted); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

// writeNumbers writes the numbers that were counted (1), or those of older rules (0).
func (l *Ledger) writeNumbers(ctx context.Context, out io.Writer, counted string) error {
	return eachRow(ctx, l.reader, `SELECT numbers.number, coalesce(exchange, ''), numbers.scope, numbers.order_id FROM numbers
		LEFT JOIN site_orders ON site_orders.number = numbers.number AND site_orders.order_id = numbers.order_id AND site_orders.scope = numbers.scope
		WHERE counted = `+counted+` ORDER BY value, numbers.order_id`, nil,
		func(scan func(...any) error) error {
			e := logEntry{Old: counted == "0"}
			if err := scan(&e.Number, &e.Exchange, &e.Scope, &e.Order); err != nil {
				return err
			}
			return writeEntry(out, e)
		})
}

func writeEntry(w io.Writer, e logEntry) error {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	return err
}

// append writes numbers that are about to go out; it returns when they are durable.
func (g *numberLog) append(list []NumberedOrder) (err error) {
	g.left = append(g.left, list...)
	text := bytes.NewBufferString("\n") // ends a line that a power cut has left
	for _, o := range g.left {
		if err := writeEntry(text, logEntry{o.Number, o.Exchange, o.Scope, o.Order, !o.Counted}); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(g.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text.Bytes()); err == nil && drop.Durable {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	g.left = nil
	if g.grown != nil {
		select {
		case g.grown <- struct{}{}:
		default: // it is told already
		}
	}
	return nil
}

// isSiteExchange reports whether 1C fetches the documents of an exchange itself.
func isSiteExchange(name string) bool { return strings.HasPrefix(name, SitePrefix) }
