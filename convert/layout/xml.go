package layout

import (
	"context"
	"io"
	"sync"
)

// xmlWriter writes document.xml.
type xmlWriter struct {
	steps    []step
	encoding *encoding // nil is UTF-8
	states   sync.Pool
}

// compileXML compiles an XML template. Its $ and first dot are the batch.
func compileXML(p place, s *settings, e *encoding) []step {
	c := &compiler{place: p, settings: s, xml: &xmlCheck{place: p, encoding: e}}
	batch := loop(0, batchRecord)
	known := len(*p.found)
	steps := c.compile(batch, batch, 1)
	if len(*p.found) == known {
		c.xml.end()
	}
	return steps
}

func (x *xmlWriter) write(ctx context.Context, w io.Writer, b *file) (Report, error) {
	s, ok := x.states.Get().(*state)
	if !ok {
		s = &state{out: make([]byte, 0, flushAt+flushAt/4)}
	}
	defer x.states.Put(s)
	s.begin(ctx, w, b)
	s.encoding = x.encoding
	run(x.steps, s)
	return s.end()
}
