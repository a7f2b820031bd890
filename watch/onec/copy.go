package onec

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"obmen/convert/layout"
	"obmen/watch/drop"
)

// errOther refuses a copy of the one file that is not as the file is now.
var errOther = fmt.Errorf("%w: it is no copy of the file as it is now: more has come since 1C has read it, and all its orders stay in it", errNoAnswer)

// copyOf is the exchange of whose one file an answer NAME.ok is a copy, the one that 1C has read; nil for any other.
func (c *Connection) copyOf(name, path string) *layout.Exchange {
	stem, ok := strings.CutSuffix(strings.ToLower(name), ".ok")
	if !ok {
		return nil
	}
	x := ExchangeOfFile(c.Layouts, name[:len(stem)])
	if x == nil {
		return nil
	}
	head, err := readWords(c.FS, path)
	if text := bytes.TrimPrefix(head, markUTF8); err != nil || !bytes.HasPrefix(text, []byte("<?xml")) {
		return nil
	}
	return x
}

// readCopy confirms all orders of the one file where the answer is the file itself: nothing has come since.
func (c *Connection) readCopy(ctx context.Context, x *layout.Exchange, path string) error {
	defer c.Registry.Lock(x.Name())()
	answer, end, err := digest(c.FS, path)
	if err != nil {
		return err
	}
	now, _, err := digest(c.FS, filepath.Join(c.Route.Outbox, x.Name()))
	switch {
	case err != nil:
		return err
	case answer != now && end != '>':
		return errCut
	case answer != now:
		return errOther
	}
	orders, err := c.Ledger.AcknowledgeWritten(ctx, x.Name(), c.Now())
	if err == nil {
		c.Monitor.Answered(x.Name(), fmt.Sprintf("1C has loaded all %d orders of %s", orders, x.Name()))
	}
	return err
}

// digest is the sum of a file, and its last byte that is no blank.
func digest(disk drop.FS, path string) (sum [sha256.Size]byte, end byte, err error) {
	r, err := disk.Open(path)
	if err != nil {
		return sum, 0, err
	}
	defer r.Close()
	h := sha256.New()
	block := make([]byte, 64<<10)
	for {
		n, err := r.Read(block)
		h.Write(block[:n])
		if text := bytes.TrimSpace(block[:n]); len(text) > 0 {
			end = text[len(text)-1]
		}
		if err == io.EOF {
			return [sha256.Size]byte(h.Sum(nil)), end, nil
		}
		if err != nil {
			return sum, 0, err
		}
	}
}
