package catalog

import (
	"context"
	"crypto/sha256"
	"io"
	"strings"
	"unicode/utf8"

	"obmen/convert/parallel"
)

// pieces are a file, cut between its rows: each can be read alone, on whatever core is free, and what
// was read of a large file can be let go piece by piece.
type pieces []piece

// piece is some whole rows of a file.
type piece struct {
	text   string
	lines  int  // line ends in it
	quoted bool // whether it has a quotation mark: without one, each line is a row
	sound  bool // whether it is UTF-8 without zeros
}

// pieceSize is how much is read at a time; a longer row makes a longer piece.
const pieceSize = 1 << 20

// readSize is how much is asked of the disk at a time: it stays in the core's own memory until it is used.
const readSize = 64 << 10

// readPieces reads a file and cuts it into pieces of about a size.
func readPieces(r io.Reader, size int) (list pieces, err error) {
	err = parallel.Map(
		context.Background(),
		func(_ context.Context, emit func(string) bool) error {
			return cutPieces(r, size, func(text string) { emit(text) })
		},
		func() func(string) piece { return newPiece },
		func(p piece) error {
			list = append(list, p)
			return nil
		},
	)
	return list, err
}

func newPiece(text string) piece {
	return piece{
		text:   text,
		lines:  strings.Count(text, "\n"),
		quoted: strings.IndexByte(text, '"') >= 0,
		sound:  utf8.ValidString(text) && strings.IndexByte(text, 0) < 0,
	}
}

// cutPieces reads a file to its end and gives its pieces.
func cutPieces(r io.Reader, size int, emit func(string)) error {
	rest, buf := "", make([]byte, readSize)
	for {
		var b strings.Builder
		room := max(size, len(rest))
		n, err := readFull(r, buf[:min(len(buf), room)]) // a small file needs no room for a large one
		if err != nil {
			return err
		}
		if n == len(buf) {
			b.Grow(len(rest) + room)
		}
		b.WriteString(rest)
		b.Write(buf[:n])
		more, err := io.CopyBuffer(&b, io.LimitReader(r, int64(room-n)), buf)
		if err != nil {
			return err
		}
		n += int(more)
		text := b.String()
		if n < room {
			if text != "" {
				emit(text)
			}
			return nil
		}
		end := wholeRows(text)
		if rest = text[end:]; end > 0 {
			emit(text[:end])
		}
	}
}

// readFull fills buf as far as the file goes.
func readFull(r io.Reader, buf []byte) (n int, err error) {
	n, err = io.ReadFull(r, buf)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n, err
}

// wholeRows is how much of a text whole rows take: up to its last line end with an even number of
// quotation marks before it. In a file with a mark astray that is not true, and whoever reads the piece
// finds out.
func wholeRows(text string) int {
	marks := strings.Count(text, `"`)
	for end := len(text); ; {
		at := strings.LastIndexByte(text[:end], '\n')
		if at < 0 {
			return 0
		}
		if marks -= strings.Count(text[at:end], `"`); marks%2 == 0 {
			return at + 1
		}
		end = at
	}
}

// hashSum is the SHA-256 of the file.
func (p pieces) hashSum() []byte {
	sum, buf := sha256.New(), make([]byte, readSize)
	for _, piece := range p {
		for text := piece.text; text != ""; {
			n := copy(buf, text)
			sum.Write(buf[:n])
			text = text[n:]
		}
	}
	return sum.Sum(nil)
}

// reader reads the file as if it had never been cut.
func (p pieces) reader() io.Reader {
	list := make([]io.Reader, len(p))
	for i, piece := range p {
		list[i] = strings.NewReader(piece.text)
	}
	return io.MultiReader(list...)
}

// size is the length of the file in bytes.
func (p pieces) size() int {
	n := 0
	for _, piece := range p {
		n += len(piece.text)
	}
	return n
}

func (p pieces) joined() string {
	var b strings.Builder
	for _, piece := range p {
		b.WriteString(piece.text)
	}
	return b.String()
}

func (p pieces) countLines() int {
	n := 1 // the last one may have no end
	for _, piece := range p {
		n += piece.lines
	}
	return n
}

// hasQuotes reports whether the file has a quotation mark.
func (p pieces) hasQuotes() bool {
	for _, piece := range p {
		if piece.quoted {
			return true
		}
	}
	return false
}

// asUTF8 returns the file as UTF-8 without a byte order mark, its header in the first piece.
func (p pieces) asUTF8() (pieces, error) {
	if !p.isSound() {
		var err error
		if p, err = p.decodeAll(); err != nil {
			return nil, err
		}
	}
	if len(p) == 0 {
		return pieces{newPiece("")}, nil
	}
	p[0].text = strings.TrimPrefix(p[0].text, markUTF8)
	if len(p) > 1 && !p[0].hasHeader() {
		return pieces{newPiece(p.joined())}, nil
	}
	return p, nil
}

func (p pieces) isSound() bool {
	for _, piece := range p {
		if !piece.sound {
			return false
		}
	}
	return len(p) == 0 || !strings.HasPrefix(p[0].text, markZip)
}

// decodeAll is the file in UTF-8. Windows-1251 is read piece by piece, for line ends and quotation marks are
// the same there; anything else in one go, which also tells what is wrong with it.
func (p pieces) decodeAll() (pieces, error) {
	if !hasMark(p[0].text) {
		var whole tally
		onEach(p, tallyOf, func(t tally) { whole.add(t) })
		if !whole.isBrokenUTF8() {
			var list pieces
			onEach(p, func(text string) piece { return newPiece(fromWindows1251(text)) }, func(piece piece) { list = append(list, piece) })
			if list.isSound() {
				return list, nil
			}
		}
	}
	text, err := decodeText(p.joined())
	if err != nil {
		return nil, err
	}
	return readPieces(strings.NewReader(text), pieceSize)
}

// onEach does something with all pieces, on all cores, and gives the results in their order.
func onEach[R any](p pieces, do func(text string) R, take func(R)) {
	_ = parallel.Map(
		context.Background(),
		func(_ context.Context, emit func(string) bool) error {
			for _, piece := range p {
				emit(piece.text)
			}
			return nil
		},
		func() func(string) R { return do },
		func(result R) error {
			take(result)
			return nil
		},
	)
}

// hasHeader reports whether a first piece has the header.
func (p piece) hasHeader() bool {
	const most = 3 // Excel's line "sep=;", the header, a row
	filled := 0
	for line := range strings.Lines(p.text) {
		if len(strings.TrimSpace(line)) > 0 {
			if filled++; filled == most {
				return true
			}
		}
	}
	return false
}

// Large files are read on all cores: each takes a piece, reads its rows as if they were a file of their
// own, and what it made of them is joined in the order of the file. Every piece begins and ends between
// two rows, unless a quotation mark is astray. Then a piece has a line that is not CSV, and all is read
// again in one go: only the reader of record can say where the mistake is.
