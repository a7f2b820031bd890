package ui

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"obmen/convert/source"
)

// progressDelay is how long a run may take before it shows its progress: short runs stay quiet.
const progressDelay = time.Second

// Progress shows on a terminal how many bytes of the inputs are read.
type Progress struct {
	w     io.Writer
	total int64
	read  atomic.Int64
	stop  chan struct{}
	ended sync.WaitGroup
	once  sync.Once
}

// NewProgress shows nothing unless w is a terminal.
func NewProgress(w io.Writer, ins []source.Input) *Progress {
	p := &Progress{w: w, stop: make(chan struct{})}
	for _, in := range ins {
		if info, err := os.Stat(in.Name); err == nil {
			p.total += info.Size()
		}
	}
	if IsTerminal(w) {
		p.w = Raw(w) // the line is taken away by codes that the filter would show
		p.ended.Add(1)
		go p.show()
	}
	return p
}

// IsTerminal reports whether a person reads what is written.
func IsTerminal(w io.Writer) bool {
	f := Raw(w)
	if f == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Watch counts what is read of the inputs.
func (p *Progress) Watch(ins []source.Input) []source.Input {
	out := make([]source.Input, len(ins))
	for i, in := range ins {
		open := in.Open
		in.Open = func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			return &countingReader{r, p}, nil
		}
		out[i] = in
	}
	return out
}

type countingReader struct {
	io.ReadCloser
	p *Progress
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.p.read.Add(int64(n))
	return n, err
}

func (p *Progress) show() {
	defer p.ended.Done()
	tick := time.NewTicker(progressDelay)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			fmt.Fprint(p.w, "\r\x1b[K")
			return
		case <-tick.C:
			fmt.Fprintf(p.w, "\r\x1b[K%d of %d MB read", p.read.Load()>>20, p.total>>20)
		}
	}
}

// Done takes the line away.
func (p *Progress) Done() {
	p.once.Do(func() { close(p.stop) })
	p.ended.Wait()
}
