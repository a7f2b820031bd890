package sample

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Namespaces of the platform's data.
const (
	exchangeSpace = "http://www.1c.ru/V8/1CV8DtUD/"
	configSpace   = "http://v8.1c.ru/8.1/data/enterprise/current-config"
	coreSpace     = "http://v8.1c.ru/data"
	schemaSpace   = "http://www.w3.org/2001/XMLSchema"
	xsiSpace      = "http://www.w3.org/2001/XMLSchema-instance"
)

// element is an element of a sample.
type element struct {
	name     xml.Name
	typ      xml.Name // xsi:type
	isNil    bool
	text     string
	children []*element
	attrs    map[string]string // those without a namespace
}

// read reads a file whole: samples are small.
func read(data []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &element{}
	open := []*element{root}
	spaces := []map[string]string{{}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, &Error{"not XML: " + err.Error(), exportOrder}
		}
		top := open[len(open)-1]
		switch k := token.(type) {
		case xml.StartElement:
			e, inner := started(k, spaces[len(spaces)-1])
			top.children = append(top.children, e)
			open, spaces = append(open, e), append(spaces, inner)
		case xml.EndElement:
			open, spaces = open[:len(open)-1], spaces[:len(spaces)-1]
		case xml.CharData:
			top.text += string(k)
		}
	}
	if len(root.children) != 1 {
		return nil, &Error{"not XML: it has no root element", exportOrder}
	}
	return root.children[0], nil
}

// started is an element with its attributes, and the prefixes that mean something inside it.
func started(start xml.StartElement, around map[string]string) (*element, map[string]string) {
	e := &element{name: start.Name, attrs: map[string]string{}}
	inner := map[string]string{}
	for prefix, space := range around {
		inner[prefix] = space
	}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns":
			inner[a.Name.Local] = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			inner[""] = a.Value
		case a.Name.Space == "":
			e.attrs[a.Name.Local] = a.Value
		}
	}
	for _, a := range start.Attr {
		if a.Name.Space != xsiSpace {
			continue
		}
		switch a.Name.Local {
		case "type":
			e.typ = resolve(a.Value, inner)
		case "nil":
			e.isNil = a.Value == "true" || a.Value == "1"
		}
	}
	return e, inner
}

func resolve(name string, spaces map[string]string) xml.Name {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		prefix, local = "", name
	}
	return xml.Name{Space: spaces[prefix], Local: local}
}

func (e *element) child(local string) *element {
	for _, c := range e.children {
		if c.name.Local == local {
			return c
		}
	}
	return nil
}

func (e *element) value() string { return strings.TrimSpace(e.text) }

// objects lists the objects of a sample: those of an exchange file, or the one that a file is.
func objects(root *element) ([]*element, error) {
	switch {
	case root.name == xml.Name{Space: schemaSpace, Local: "schema"}:
		return fromSchema(root), nil
	case root.name.Space == exchangeSpace:
		if data := root.child("Data"); data != nil {
			return data.children, nil
		}
	case strings.HasPrefix(root.name.Local, "DocumentObject."):
		return []*element{root}, nil
	}
	return nil, &Error{"neither data of 1C's platform nor a schema of its configuration: the root element is <" + root.name.Local + ">", exportOrder}
}
