package sample

import (
	"encoding/xml"
	"strings"
)

// fromSchema makes an example of every object that a schema describes: all elements in their order, each
// with the empty value of its type.
func fromSchema(schema *element) (list []*element) {
	types := map[string]*element{}
	for _, c := range schema.children {
		if c.name.Local == "complexType" {
			types[c.attrs["name"]] = c
		}
	}
	seen := map[string]bool{}
	add := func(name string, body *element) {
		if isObject(name) && body != nil && !seen[name] {
			seen[name] = true
			list = append(list, &element{name: config(name), children: example(body, types)})
		}
	}
	for _, c := range schema.children {
		switch c.name.Local {
		case "complexType":
			add(c.attrs["name"], c)
		case "element":
			body := c.child("complexType")
			if body == nil {
				body = types[localPart(c.attrs["type"])]
			}
			add(c.attrs["name"], body)
		}
	}
	return list
}

func isObject(name string) bool {
	return strings.HasPrefix(name, "DocumentObject.") || strings.HasPrefix(name, "CatalogObject.")
}

func config(local string) xml.Name { return xml.Name{Space: configSpace, Local: local} }

func localPart(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

// example is the elements of a type.
func example(body *element, types map[string]*element) (list []*element) {
	for _, c := range body.children {
		switch c.name.Local {
		case "sequence", "all", "complexContent", "extension":
			list = append(list, example(c, types)...)
		case "choice": // any of them will do
			if len(c.children) > 0 {
				list = append(list, example(&element{children: c.children[:1]}, types)...)
			}
		case "element":
			list = append(list, leaf(c, types))
		}
	}
	return list
}

func leaf(declared *element, types map[string]*element) *element {
	typ := localPart(declared.attrs["type"])
	e := &element{name: config(declared.attrs["name"])}
	body := declared.child("complexType")
	if body == nil {
		body = types[typ]
	}
	if body != nil {
		e.children = example(body, types)
		return e
	}
	e.text = empty(typ)
	if strings.Contains(typ, "Ref.") && !strings.HasPrefix(typ, "DocumentRef.") && !strings.HasPrefix(typ, "EnumRef.") {
		e.typ = config(typ)
	}
	return e
}

// What stands for an empty reference and an empty date.
const (
	noReference = "00000000-0000-0000-0000-000000000000"
	noDate      = "0001-01-01T00:00:00"
)

// empty is the empty value of a type.
func empty(typ string) string {
	switch {
	case strings.HasPrefix(typ, "EnumRef."):
		return ""
	case strings.Contains(typ, "Ref."):
		return noReference
	}
	switch strings.ToLower(typ) {
	case "boolean":
		return "false"
	case "decimal", "integer", "int", "double", "float":
		return "0"
	case "datetime", "date":
		return noDate
	case "uuid":
		return noReference
	}
	return ""
}
