package watch

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"

	"obmen/convert/document"
	"obmen/watch/drop"
)

// deflated begins facts that are compressed: a document says much in words that all documents have, and
// the ledger keeps one for every order. JSON, as older ones kept it, begins otherwise.
const deflated = 1

// factsInMemory is how many bytes of facts of one dropped file are held in memory: those of some thousand orders.
const factsInMemory = 4 << 20

// scratch is the folder for what does not fit into memory; it need not outlive a crash.
func (w *Watcher) scratch() drop.Folder { return drop.Folder{Dir: w.State, Temp: w.State} }

// packer makes facts of documents. It belongs to one goroutine.
type packer struct {
	w   *flate.Writer
	buf bytes.Buffer
}

// pack gives the facts of a document; they are valid until the next call.
func (p *packer) pack(d *document.Document) ([]byte, error) {
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

// Document is what an order's facts say; nil without facts, or when they are of an older obmen.
func Document(facts []byte) *document.Document {
	if len(facts) == 0 {
		return nil
	}
	if facts[0] == deflated {
		text, err := io.ReadAll(flate.NewReader(bytes.NewReader(facts[1:])))
		if err != nil {
			return nil
		}
		facts = text
	}
	d := new(document.Document)
	if json.Unmarshal(facts, d) != nil {
		return nil
	}
	return d
}
