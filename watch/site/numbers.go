package site

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"sync"

	"obmen/watch/ledger"
)

// NumbersFile is the name of a NumberLog in the state folder.
const NumbersFile = "site-numbers.jsonl"

// NumberLog is a second copy of the numbers under which 1C knows orders, beside the ledger. A ledger that
// is rebuilt takes them back: under another number an order would be a second document in 1C, and under
// one that was given before it would overwrite another order's.
type NumberLog struct {
	Path string

	mu   sync.Mutex
	last int // the highest number in the file
}

// entry is a line of the file.
type entry struct {
	Number   string `json:"number"`
	Exchange string `json:"exchange"`
	Scope    string `json:"scope"`
	Order    string `json:"order"`
}

// restoreAtOnce bounds the numbers of one transaction.
const restoreAtOnce = 1000

// Restore brings the file and the ledger together: each gets what only the other has.
func (l *NumberLog) Restore(ctx context.Context, book *ledger.Ledger) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(func(lot []ledger.SiteOrder) error { return book.SiteRestore(ctx, lot) }); err != nil {
		return err
	}
	missing, err := book.SiteNumbersAfter(ctx, l.last)
	if err != nil {
		return err
	}
	return l.append(missing)
}

// read hands on the numbers in the file, and notes the highest.
func (l *NumberLog) read(take func([]ledger.SiteOrder) error) error {
	f, err := os.Open(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var lot []ledger.SiteOrder
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // of a write that a power cut ended: it was never offered
		}
		n, err := strconv.Atoi(e.Number)
		if err != nil {
			continue
		}
		l.last = max(l.last, n)
		lot = append(lot, ledger.SiteOrder{Number: e.Number, Exchange: e.Exchange, Key: ledger.Key{Scope: e.Scope, Order: e.Order}})
		if len(lot) == restoreAtOnce {
			if err := take(lot); err != nil {
				return err
			}
			lot = lot[:0]
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return take(lot)
}

// append writes numbers that are about to be offered, those that the file does not have yet; it returns when
// they are durable.
func (l *NumberLog) append(orders []ledger.SiteOrder) error {
	var text []byte
	last := l.last
	for _, o := range orders {
		n, err := strconv.Atoi(o.Number)
		if err != nil || n <= l.last {
			continue
		}
		line, err := json.Marshal(entry{o.Number, o.Exchange, o.Scope, o.Order})
		if err != nil {
			return err
		}
		if text == nil {
			text = append(text, '\n') // ends a line that a power cut has left
		}
		text = append(append(text, line...), '\n')
		last = max(last, n)
	}
	if text == nil {
		return nil
	}
	f, err := os.OpenFile(l.Path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		l.last = last
	}
	return err
}
