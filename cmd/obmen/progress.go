package main

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

// progress shows on a terminal how many bytes of the inputs are read.
type progress struct {
	w     io.Writer
	total int64
	read  atomic.Int64
	stop  chan struct{}
	ended sync.WaitGroup
	once  sync.Once
}

// newProgress shows nothing unless w is a terminal.
func newProgress(w io.Writer, ins []source.Input) *progress {
	p := &progress{w: w, stop: make(chan struct{})}
	for _, in := range ins {
		if info, err := os.Stat(in.Name); err == nil {
			p.total += info.Size()
		}
	}
	if terminal(w) {
		p.ended.Add(1)
		go p.show()
	}
	return p
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// watch counts what is read of the inputs.
func (p *progress) watch(ins []source.Input) []source.Input {
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
	p *progress
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.p.read.Add(int64(n))
	return n, err
}

func (p *progress) show() {
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

// done takes the line away.
func (p *progress) done() {
	p.once.Do(func() { close(p.stop) })
	p.ended.Wait()
}
