package source

import (
	"encoding/xml"
	"fmt"
)

// Token is a piece of XML: of a start its name and its attribute "currency", of a text what it says.
// The zero value is anything else, such as a comment. The text is good until the next token.
type Token struct {
	kind     xmlKind
	name     string
	currency string
	text     []byte
}

type xmlKind byte

const (
	Start xmlKind = 1 + iota
	End
	xmlText
)

// Tokens are the tokens of a file.
type Tokens interface {
	next() (Token, error)
	offset() int64 // behind the last token
	line() int     // at the end of the last token
}

// StandardReader reads tokens by encoding/xml.
type StandardReader struct{ *xml.Decoder }

func (s StandardReader) offset() int64 { return s.InputOffset() }

func (s StandardReader) line() int {
	line, _ := s.InputPos()
	return line
}

func (s StandardReader) next() (Token, error) {
	tok, err := s.Token()
	if err != nil {
		return Token{}, err
	}
	switch t := tok.(type) {
	case xml.StartElement:
		start := Token{kind: Start, name: t.Name.Local}
		for _, a := range t.Attr {
			if a.Name.Local == "currency" {
				start.currency = a.Value
			}
		}
		return start, nil
	case xml.EndElement:
		return Token{kind: End, name: t.Name.Local}, nil
	case xml.CharData:
		return Token{kind: xmlText, text: t}, nil
	case xml.Directive:
		return Token{}, fmt.Errorf("%w: a document type declaration at byte %d", ErrHostile, s.InputOffset())
	}
	return Token{}, nil
}
