package catalog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"unicode/utf8"
)

// pieces are the bytes of a file, cut behind line ends: what was read of a large file can be let go
// piece by piece.
type pieces [][]byte

// pieceSize is how much is read at a time; a longer line makes a longer piece.
const pieceSize = 256 << 10

// readPieces reads a file.
func readPieces(fsys fs.FS, name string) (list pieces, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rest []byte
	for {
		buf := make([]byte, len(rest)+max(pieceSize, len(rest)))
		kept := copy(buf, rest)
		n, err := io.ReadFull(f, buf[kept:])
		buf = buf[:kept+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if len(buf) > 0 {
				list = append(list, buf)
			}
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		end := bytes.LastIndexByte(buf, '\n') + 1
		if rest = buf[end:]; end > 0 {
			list = append(list, buf[:end])
		}
	}
}

// sum is the SHA-256 of the file.
func (p pieces) sum() []byte {
	sum := sha256.New()
	for _, piece := range p {
		sum.Write(piece)
	}
	return sum.Sum(nil)
}

// lines is how many lines there are, about.
func (p pieces) lines() int {
	n := 1
	for _, piece := range p {
		n += bytes.Count(piece, []byte("\n"))
	}
	return n
}

// plain says whether the file is UTF-8 without a quotation mark and without zeros, so that each of its
// lines is a row, and whether its header is in the first piece.
func (p pieces) plain() bool {
	for _, piece := range p {
		if bytes.IndexByte(piece, '"') >= 0 || bytes.IndexByte(piece, 0) >= 0 || !utf8.Valid(piece) {
			return false
		}
	}
	const most = 3 // Excel's line "sep=;", the header, a row
	filled := 0
	for line := range bytes.Lines(p[0]) {
		if len(bytes.TrimSpace(line)) > 0 {
			if filled++; filled == most {
				return true
			}
		}
	}
	return false
}

// text gives the file as UTF-8: the first piece and the others where it is plain, else all in one.
func (p pieces) text() (first []byte, more pieces, err error) {
	if len(p) > 1 && p.plain() {
		return bytes.TrimPrefix(p[0], markUTF8), p[1:], nil
	}
	first, err = decode(bytes.Join(p, nil))
	return first, nil, err
}
