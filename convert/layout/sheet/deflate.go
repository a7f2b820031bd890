package sheet

import (
	"bytes"
	"io"
	"runtime"
	"slices"

	"github.com/klauspost/compress/flate"
)

// level costs as much as level 5 on a sheet's rows and makes 7 % less of them; the standard library's own
// level 6 makes 3 % less still and takes four times as long.
const level = 6

// blockSize is how much is compressed at a time. Blocks know nothing of each other, so that all cores
// work at once and the bytes are the same on any number of them; at this size that costs 1 % of the
// file.
const blockSize = 512 << 10

// block is a piece of a deflate stream, with its buffers, which are used again.
type block struct {
	text   []byte
	packed bytes.Buffer
	err    error
	done   chan struct{}
}

// smallText is what most blocks of a workbook's fixed parts hold. A text that outgrows it gets room for a whole block.
const smallText = 64 << 10

// add puts bytes behind those of the block, which has room for them.
func (b *block) add(p []byte) {
	if size := len(b.text) + len(p); size > cap(b.text) && size > smallText {
		b.text = slices.Grow(b.text, blockSize-len(b.text))
	}
	b.text = append(b.text, p...)
}

// freeBlocks are not in use. A sync.Pool would lose them at every second collection, of which there are many where
// memory is kept small, and they are large.
var freeBlocks = make(chan *block, 4*runtime.GOMAXPROCS(0))

func takeBlock() *block {
	select {
	case b := <-freeBlocks:
		return b
	default:
		return new(block)
	}
}

func (b *block) giveBack() {
	b.text, b.done = b.text[:0], nil
	select {
	case freeBlocks <- b:
	default:
	}
}

// compressors are large, and more of them than cores would only wait for each other: a block takes one while it is
// compressed. A nil one is still to be made.
var compressors = func() chan *flate.Writer {
	all := make(chan *flate.Writer, runtime.GOMAXPROCS(0))
	for range cap(all) {
		all <- nil
	}
	return all
}()

func newCompressor() *flate.Writer {
	w, err := flate.NewWriter(nil, level)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}

// compress compresses the block. Every block but the last ends at a byte, so that the next can follow.
func (b *block) compress(last bool) {
	w := <-compressors
	defer func() { compressors <- w }()
	if w == nil {
		w = newCompressor()
	}
	b.packed.Reset()
	w.Reset(&b.packed)
	_, b.err = w.Write(b.text)
	switch {
	case b.err != nil:
	case last:
		b.err = w.Close()
	default:
		b.err = w.Flush()
	}
}

// writeTo waits for the packed block, writes it, and gives the block back.
func (b *block) writeTo(w io.Writer) error {
	if b.done != nil {
		<-b.done
	}
	err := b.err
	if err == nil {
		_, err = w.Write(b.packed.Bytes())
	}
	b.giveBack()
	return err
}

// deflater is a deflate stream that is compressed on all cores. What fits into one block is compressed
// where it is, at the end. A deflater that is not closed leaves nothing behind but work that ends by
// itself.
type deflater struct {
	w       io.Writer
	current *block
	behind  []*block // being compressed, the oldest first
}

// Deflate makes the compressor of a zip archive's file.
func Deflate(w io.Writer) (io.WriteCloser, error) {
	return &deflater{w: w, current: takeBlock()}, nil
}

func (d *deflater) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if len(d.current.text) == blockSize {
			if err := d.sendBlock(); err != nil {
				return written, err
			}
		}
		n := min(len(p), blockSize-len(d.current.text))
		d.current.add(p[:n])
		p = p[n:]
		written += n
	}
	return written, nil
}

// sendBlock sends the full block away and begins another. It waits while every core has one.
func (d *deflater) sendBlock() error {
	full := d.current
	full.done = make(chan struct{})
	go func() {
		defer close(full.done)
		full.compress(false)
	}()
	d.behind = append(d.behind, full)
	d.current = takeBlock()
	return d.drainTo(runtime.GOMAXPROCS(0))
}

// drainTo writes what is compressed until no more than most blocks are behind.
func (d *deflater) drainTo(most int) error {
	for len(d.behind) > most {
		oldest := d.behind[0]
		d.behind = d.behind[1:]
		if err := oldest.writeTo(d.w); err != nil {
			return err
		}
	}
	return nil
}

func (d *deflater) Close() error {
	d.current.compress(true)
	if err := d.drainTo(0); err != nil {
		return err
	}
	return d.current.writeTo(d.w)
}
