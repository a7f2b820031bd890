package source

import (
	"encoding/xml"
	"fmt"
)

// xmlToken is a piece of XML: of a start its name and its attribute "currency", of a text what it says.
// The zero value is anything else, such as a comment. The text is good until the next token.
type xmlToken struct {
	kind     xmlKind
	name     string
	currency string
	text     []byte
}

type xmlKind byte

const (
	xmlStart xmlKind = 1 + iota
	xmlEnd
	xmlText
)

// xmlTokens are the tokens of a file.
type xmlTokens interface {
	next() (xmlToken, error)
	offset() int64 // behind the last token
	line() int     // at the end of the last token
}

// standardXML reads tokens by encoding/xml.
type standardXML struct{ *xml.Decoder }

func (s standardXML) offset() int64 { return s.InputOffset() }

func (s standardXML) line() int {
	line, _ := s.InputPos()
	return line
}

func (s standardXML) next() (xmlToken, error) {
	tok, err := s.Token()
	if err != nil {
		return xmlToken{}, err
	}
	switch t := tok.(type) {
	case xml.StartElement:
		start := xmlToken{kind: xmlStart, name: t.Name.Local}
		for _, a := range t.Attr {
			if a.Name.Local == "currency" {
				start.currency = a.Value
			}
		}
		return start, nil
	case xml.EndElement:
		return xmlToken{kind: xmlEnd, name: t.Name.Local}, nil
	case xml.CharData:
		return xmlToken{kind: xmlText, text: t}, nil
	case xml.Directive:
		return xmlToken{}, fmt.Errorf("%w: a document type declaration at byte %d", ErrHostile, s.InputOffset())
	}
	return xmlToken{}, nil
}
