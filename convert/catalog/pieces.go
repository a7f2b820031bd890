package catalog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"unicode/utf8"

	"obmen/convert/parallel"
)

// pieces are a file, cut between its rows: each can be read by itself, on whatever core is free, and what
// was read of a large file can be let go piece by piece.
type pieces []piece

// piece is some whole rows of a file.
type piece struct {
	text   []byte
	lines  int  // line ends in it
	quoted bool // whether it has a quotation mark: without one, each line is a row
	sound  bool // whether it is UTF-8 without zeros
}

// pieceSize is how much is read at a time; a longer row makes a longer piece.
const pieceSize = 1 << 20

// readPieces reads a file and cuts it into pieces of about a size.
func readPieces(r io.Reader, size int) (list pieces, err error) {
	err = parallel.Map(
		context.Background(),
		func(_ context.Context, emit func([]byte) bool) error {
			return cut(r, size, func(text []byte) { emit(text) })
		},
		func() func([]byte) piece { return newPiece },
		func(p piece) error {
			list = append(list, p)
			return nil
		},
	)
	return list, err
}

func newPiece(text []byte) piece {
	return piece{
		text:   text,
		lines:  bytes.Count(text, []byte("\n")),
		quoted: bytes.IndexByte(text, '"') >= 0,
		sound:  utf8.Valid(text) && bytes.IndexByte(text, 0) < 0,
	}
}

// cut reads a file to its end and gives its pieces.
func cut(r io.Reader, size int, emit func([]byte)) error {
	var rest []byte
	for {
		buf := make([]byte, len(rest)+max(size, len(rest)))
		kept := copy(buf, rest)
		n, err := io.ReadFull(r, buf[kept:])
		buf = buf[:kept+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if len(buf) > 0 {
				emit(buf)
			}
			return nil
		}
		if err != nil {
			return err
		}
		end := wholeRows(buf)
		if rest = buf[end:]; end > 0 {
			emit(buf[:end])
		}
	}
}

// wholeRows is how much of a text whole rows take: up to its last line end with an even number of
// quotation marks before it. In a file with a mark astray that is not true, and whoever reads the piece
// finds out.
func wholeRows(text []byte) int {
	marks := bytes.Count(text, []byte{'"'})
	for end := len(text); ; {
		at := bytes.LastIndexByte(text[:end], '\n')
		if at < 0 {
			return 0
		}
		if marks -= bytes.Count(text[at:end], []byte{'"'}); marks%2 == 0 {
			return at + 1
		}
		end = at
	}
}

// sum is the SHA-256 of the file.
func (p pieces) sum() []byte {
	sum := sha256.New()
	for _, piece := range p {
		sum.Write(piece.text)
	}
	return sum.Sum(nil)
}

func (p pieces) whole() []byte {
	list := make([][]byte, len(p))
	for i, piece := range p {
		list[i] = piece.text
	}
	return bytes.Join(list, nil)
}

// reader reads the file as if it had never been cut.
func (p pieces) reader() io.Reader {
	list := make([]io.Reader, len(p))
	for i, piece := range p {
		list[i] = bytes.NewReader(piece.text)
	}
	return io.MultiReader(list...)
}

// quoted says whether the file has a quotation mark.
func (p pieces) quoted() bool {
	for _, piece := range p {
		if piece.quoted {
			return true
		}
	}
	return false
}

// text gives the file as UTF-8 without a byte order mark, its header in the first piece.
func (p pieces) text() (pieces, error) {
	if !p.sound() {
		text, err := decode(p.whole())
		if err != nil {
			return nil, err
		}
		if p, err = readPieces(bytes.NewReader(text), pieceSize); err != nil {
			return nil, err
		}
	}
	if len(p) == 0 {
		return pieces{newPiece(nil)}, nil
	}
	p[0].text = bytes.TrimPrefix(p[0].text, markUTF8)
	if len(p) > 1 && !p[0].begun() {
		return pieces{newPiece(p.whole())}, nil
	}
	return p, nil
}

func (p pieces) sound() bool {
	for _, piece := range p {
		if !piece.sound {
			return false
		}
	}
	return len(p) == 0 || !bytes.HasPrefix(p[0].text, markZip)
}

// begun says whether a first piece has the header.
func (p piece) begun() bool {
	const most = 3 // Excel's line "sep=;", the header, a row
	filled := 0
	for line := range bytes.Lines(p.text) {
		if len(bytes.TrimSpace(line)) > 0 {
			if filled++; filled == most {
				return true
			}
		}
	}
	return false
}
