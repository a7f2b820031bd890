package tmpl

import (
	"context"
	"io"
	"sync"
)

// xmlWriter writes document.xml.
type XMLWriter struct {
	Steps    []Step
	Encoding *Encoding // nil is UTF-8
	states   sync.Pool
}

// CompileXML compiles an XML template. Its $ and first dot are the batch.
func CompileXML(p Place, s *Settings, e *Encoding) []Step {
	c := &Compiler{Place: p, Settings: s, xml: &xmlCheck{Place: p, encoding: e}}
	batch := Loop(0, BatchRecord)
	known := len(*p.Found)
	steps := c.Compile(batch, batch, 1)
	if len(*p.Found) == known {
		c.xml.checkEnd()
	}
	return steps
}

func (x *XMLWriter) Write(ctx context.Context, w io.Writer, b *File) (Report, error) {
	s, ok := x.states.Get().(*State)
	if !ok {
		s = &State{Out: make([]byte, 0, FlushAt+FlushAt/4)}
	}
	defer x.states.Put(s)
	s.Begin(ctx, w, b)
	s.encoding = x.Encoding
	Run(x.Steps, s)
	return s.End()
}
