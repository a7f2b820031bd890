package bsltest

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

func xmlFiles() Host {
	return Host{
		Names: map[string]any{"типузлаxml": constants("НачалоЭлемента", "КонецЭлемента", "Текст", "СекцияCDATA")},
		Types: map[string]Func{
			"чтениеxml": func([]any) (any, error) { return &xmlReader{}, nil },
			"записьxml": func([]any) (any, error) { return &xmlWriter{}, nil },
		},
	}
}

// xmlReader is ЧтениеXML: blanks between elements are left out, an empty element has an end of its own.
type xmlReader struct {
	file *os.File
	dec  *xml.Decoder
	tok  xml.Token
}

func (r *xmlReader) Put(string, any) bool { return false }

func (r *xmlReader) Get(name string) (any, bool) {
	switch name {
	case "типузла":
		switch r.tok.(type) {
		case xml.StartElement:
			return constant("НачалоЭлемента"), true
		case xml.EndElement:
			return constant("КонецЭлемента"), true
		case xml.CharData:
			return constant("Текст"), true
		}
		return nil, true
	case "локальноеимя":
		switch t := r.tok.(type) {
		case xml.StartElement:
			return t.Name.Local, true
		case xml.EndElement:
			return t.Name.Local, true
		}
		return "", true
	case "значение":
		t, _ := r.tok.(xml.CharData)
		return string(t), true
	}
	return nil, false
}

func (r *xmlReader) Method(name string) Func {
	switch name {
	case "открытьфайл":
		return onPaths(1, r.open)
	case "закрыть":
		return func([]any) (any, error) { r.file.Close(); return nil, nil }
	case "прочитать":
		return func([]any) (any, error) { return r.next() }
	case "значениеатрибута":
		return ofTexts(1, func(s []string) any {
			start, _ := r.tok.(xml.StartElement)
			for _, a := range start.Attr {
				if a.Name.Local == s[0] {
					return a.Value
				}
			}
			return nil
		})
	}
	return nil
}

func (r *xmlReader) open(s []string) (err error) {
	if r.file, err = os.Open(s[0]); err != nil {
		return err
	}
	r.dec = xml.NewDecoder(r.file)
	r.dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(in), nil
	}
	return nil
}

func (r *xmlReader) next() (any, error) {
	for {
		tok, err := r.dec.Token()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return nil, Raise("%v", err)
		}
		switch t := tok.(type) {
		case xml.CharData:
			if strings.TrimSpace(string(t)) == "" {
				continue
			}
			tok = t.Copy()
		case xml.StartElement, xml.EndElement:
		default:
			continue
		}
		r.tok = tok
		return true, nil
	}
}

// xmlWriter is ЗаписьXML. The file has its text when it is closed, with a byte order mark as the platform
// writes it.
type xmlWriter struct {
	plain
	name string
	b    strings.Builder
	open []string
	tag  bool // the start tag still takes attributes
}

func (w *xmlWriter) Method(name string) Func {
	switch name {
	case "открытьфайл":
		return func(args []any) (any, error) {
			s, err := texts(args, 2)
			if err != nil || s[1] != "UTF-8" {
				return nil, &Fault{0, "ОткрытьФайл takes a name and UTF-8"}
			}
			w.name = s[0]
			if err := os.WriteFile(w.name, nil, 0o666); err != nil {
				return nil, Raise("%v", err)
			}
			return nil, nil
		}
	case "записатьобъявлениеxml":
		return ofTexts(0, func([]string) any { w.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`); return nil })
	case "записатьначалоэлемента":
		return ofTexts(1, func(s []string) any {
			w.endTag()
			w.b.WriteString("<" + s[0])
			w.open, w.tag = append(w.open, s[0]), true
			return nil
		})
	case "записатьатрибут":
		return w.attribute
	case "записатьтекст":
		return ofTexts(1, func(s []string) any {
			w.endTag()
			_ = xml.EscapeText(&w.b, []byte(s[0])) // a strings.Builder takes everything
			return nil
		})
	case "записатьконецэлемента":
		return w.end
	case "закрыть":
		return w.close
	}
	return nil
}

func (w *xmlWriter) endTag() {
	if w.tag {
		w.b.WriteString(">")
		w.tag = false
	}
}

func (w *xmlWriter) attribute(args []any) (any, error) {
	s, err := texts(args, 2)
	if err != nil || !w.tag {
		return nil, &Fault{0, "an attribute takes two texts inside a start tag"}
	}
	w.b.WriteString(" " + s[0] + `="`)
	_ = xml.EscapeText(&w.b, []byte(s[1]))
	w.b.WriteString(`"`)
	return nil, nil
}

func (w *xmlWriter) end([]any) (any, error) {
	if len(w.open) == 0 {
		return nil, &Fault{0, "no element is open"}
	}
	w.endTag()
	last := len(w.open) - 1
	w.b.WriteString("</" + w.open[last] + ">")
	w.open = w.open[:last]
	return nil, nil
}

func (w *xmlWriter) close([]any) (any, error) {
	if len(w.open) > 0 {
		return nil, &Fault{0, "element " + w.open[len(w.open)-1] + " is open"}
	}
	if err := os.WriteFile(w.name, []byte("\ufeff"+w.b.String()), 0o666); err != nil {
		return nil, Raise("%v", err)
	}
	return nil, nil
}
