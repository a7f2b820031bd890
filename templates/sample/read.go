// Package sample makes a template of the layout native out of what a base of 1C says of itself: an order
// that was exported from it, or the schema of its configuration.
//
// The platform reads objects only when all their elements are there, in the configuration's own order.
// So the order and the set of elements are the sample's. What stands for a thing that an
// order tells (a customer, a quantity, a date) becomes a field; everything else keeps the sample's value:
// the organisation, the warehouse and the price type of a typical order are so those of every order.
package sample

import (
	"encoding/xml"
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
