package jsontree

import "sync"

// Batch holds the texts and nodes of several trees, one behind the other, so that they can be handed to
// another goroutine. It is used again after Release.
type Batch struct {
	text  []byte
	nodes []node
}

// TreeSpan is the place of a tree in a Batch.
type TreeSpan struct {
	from, to      int // in the text
	first, behind int // in the nodes
	escaped       bool
}

var batches = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch.
func NewBatch() *Batch {
	b := batches.Get().(*Batch)
	b.text, b.nodes = b.text[:0], b.nodes[:0]
	return b
}

// Release returns the batch back; of one with more than limit bytes nothing is kept.
func (b *Batch) Release(limit int) {
	if cap(b.text) <= limit {
		batches.Put(b)
	}
}

// Size returns the bytes of text that the batch holds.
func (b *Batch) Size() int { return len(b.text) }

// Append copies a tree into the batch. The document may change afterwards.
func (b *Batch) Append(d *Doc) TreeSpan {
	s := TreeSpan{from: len(b.text), first: len(b.nodes), escaped: d.escaped}
	b.text, b.nodes = append(b.text, d.text...), append(b.nodes, d.nodes...)
	s.to, s.behind = len(b.text), len(b.nodes)
	return s
}

// Load makes d the tree at s. It is good until the batch is released; the words that d has met stay.
func (b *Batch) Load(s TreeSpan, d *Doc) {
	*d = Doc{text: b.text[s.from:s.to], nodes: b.nodes[s.first:s.behind], escaped: s.escaped, words: d.words}
}
