package ledger

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/json"
	"io"
	"sync"
	"time"

	kflate "github.com/klauspost/compress/flate" // three times as fast on texts as short as these

	"obmen/convert/document"
	"obmen/convert/money"
)

// deflated begins a snapshot that is compressed: documents have most of their words in common, and the ledger
// keeps one for every order. JSON, as older ledgers kept it, begins otherwise.
const deflated = 1

// Packer makes the snapshots of documents that the ledger keeps. It belongs to one goroutine.
type Packer struct {
	w   *kflate.Writer
	buf bytes.Buffer
}

// Pack returns the snapshot of a document; it is valid until the next call.
func (p *Packer) Pack(d *document.Document) ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	p.buf.Reset()
	p.buf.WriteByte(deflated)
	if p.w == nil {
		if p.w, err = kflate.NewWriter(&p.buf, kflate.BestSpeed); err != nil {
			return nil, err
		}
	} else {
		p.w.Reset(&p.buf)
	}
	if _, err := p.w.Write(text); err != nil {
		return nil, err
	}
	err = p.w.Close() // the last bytes come now
	return p.buf.Bytes(), err
}

// Document returns the document of a snapshot; nil without one, or when an older obmen wrote it.
func UnpackDocument(snapshot []byte) *document.Document {
	d := new(document.Document)
	if !readSnapshot(snapshot, d) {
		return nil
	}
	return d
}

// Figures are what a document adds to a sum.
type Figures struct {
	Date     time.Time
	Currency string
	Total    money.Amount
}

// ReadFigures returns the figures of a snapshot's document; false where Document returns nil.
func ReadFigures(snapshot []byte) (f Figures, ok bool) {
	ok = readSnapshot(snapshot, &f)
	return f, ok
}

// inflaters are used again: a new one takes 40 KB, which is more than a snapshot.
var inflaters = sync.Pool{New: func() any { return &inflater{r: flate.NewReader(bytes.NewReader(nil))} }}

type inflater struct {
	r    io.ReadCloser
	text bytes.Buffer
}

// readSnapshot reads what to has room for, and reports whether there is a snapshot that it understands.
func readSnapshot(snapshot []byte, to any) bool {
	if len(snapshot) == 0 {
		return false
	}
	if snapshot[0] != deflated {
		return json.Unmarshal(snapshot, to) == nil
	}
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.text.Reset()
	if f.r.(flate.Resetter).Reset(bytes.NewReader(snapshot[1:]), nil) != nil {
		return false
	}
	if _, err := f.text.ReadFrom(f.r); err != nil {
		return false
	}
	return json.Unmarshal(f.text.Bytes(), to) == nil
}

// OldNumber is the number under which an order went out before numbers were counted: the one that its snapshot
// has, in older ones the marketplace's. What a purge has left no snapshot of counts as the last rule made it.
func OldNumber(order string, snapshot []byte) string {
	d := UnpackDocument(snapshot)
	if d == nil {
		return document.ShortNumber(order, document.NumberLength)
	}
	return cmp.Or(d.Number1C, d.Number, order)
}
