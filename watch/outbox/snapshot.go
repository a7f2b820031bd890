package outbox

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/json"
	"io"

	"obmen/convert/document"
)

// deflated begins a snapshot that is compressed: documents have most of their words in common, and the ledger
// keeps one for every order. JSON, as older ledgers kept it, begins otherwise.
const deflated = 1

// Packer makes the snapshots of documents that the ledger keeps. It belongs to one goroutine.
type Packer struct {
	w   *flate.Writer
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
		if p.w, err = flate.NewWriter(&p.buf, flate.BestSpeed); err != nil {
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
func Document(snapshot []byte) *document.Document {
	if len(snapshot) == 0 {
		return nil
	}
	if snapshot[0] == deflated {
		text, err := io.ReadAll(flate.NewReader(bytes.NewReader(snapshot[1:])))
		if err != nil {
			return nil
		}
		snapshot = text
	}
	d := new(document.Document)
	if json.Unmarshal(snapshot, d) != nil {
		return nil
	}
	return d
}

// OldNumber is the number under which an order went out before numbers were counted: the one that its snapshot
// has, in older ones the marketplace's. What a purge has left no snapshot of counts as the last rule made it.
func OldNumber(order string, snapshot []byte) string {
	d := Document(snapshot)
	if d == nil {
		return document.ShortNumber(order, document.NumberLength)
	}
	return cmp.Or(d.Number1C, d.Number, order)
}
