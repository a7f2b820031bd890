package sample

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Template is document.xml of the layout native for one base.
type Template struct {
	XML   []byte
	Notes []string // in words: what keeps the sample's value, and what is missing
}

// Error says why no template can be made of a sample.
type Error struct {
	Text   string
	Advice string
}

func (e *Error) Error() string { return e.Text }

// Hint says what the user does next.
func (e *Error) Hint() string { return e.Advice }

const exportOrder = "export an order that has lines, with its customer and its products, by 1C's processor for XML data"

// Native makes a template of a sample or a schema. The document is the one of that name, or the likeliest
// when it is empty.
func Native(data []byte, document string) (*Template, error) {
	root, err := read(data)
	if err != nil {
		return nil, err
	}
	list, err := objects(root)
	if err != nil {
		return nil, err
	}
	w := &writer{objects: list, prefixes: map[string]string{}}
	order, err := w.order(document)
	if err != nil {
		return nil, err
	}
	if w.referred(order, productNames) == nil {
		return nil, &Error{order.name.Local + " has no rows with a product", exportOrder}
	}
	if table := w.wrapped(order); table != nil {
		return nil, &Error{
			fmt.Sprintf("the rows of %s stand in an element <%s> of their own: 1C writes each row as an element %s", table.name.Local, table.children[0].name.Local, table.name.Local),
			exportOrder,
		}
	}
	return w.template(order), nil
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

// writer writes one template.
type writer struct {
	objects  []*element
	prefixes map[string]string // of namespaces beside the platform's usual ones
	b        strings.Builder
	notes    []string
}

// order finds the document.
func (w *writer) order(name string) (*element, error) {
	var found []string
	documents := map[string]*element{}
	for _, o := range w.objects {
		local, ok := strings.CutPrefix(o.name.Local, "DocumentObject.")
		if _, again := documents[local]; !ok || again {
			continue
		}
		documents[local] = o
		found = append(found, local)
	}
	if d, ok := documents[name]; ok {
		return d, nil
	}
	if len(found) == 0 {
		return nil, &Error{"there is no document in it", exportOrder}
	}
	several := &Error{"it has the documents " + strings.Join(found, ", "), "name the one that is an order: --document " + found[0]}
	if name != "" {
		return nil, several
	}
	if len(found) == 1 {
		return documents[found[0]], nil
	}
	for _, likely := range orderNames {
		if i := slices.IndexFunc(found, func(f string) bool { return flat(f) == likely }); i >= 0 {
			return documents[found[i]], nil
		}
	}
	return nil, several
}

func (w *writer) template(order *element) *Template {
	w.catalog(order, customerNames, "CustomersWithoutID", customerRules, w.referred(order, customerNames))
	w.catalog(order, productNames, "ProductsWithoutID", productRules, w.referred(order, productNames))
	w.document(order)
	body := w.b.String()
	var head strings.Builder
	head.WriteString("\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n")
	fmt.Fprintf(&head, `<V8Exch:_1CV8DtUD xmlns:V8Exch="%s" xmlns:core="%s" xmlns:v8="%s" xmlns:xs="%s" xmlns:xsi="%s"`, exchangeSpace, coreSpace, configSpace, schemaSpace, xsiSpace)
	for i := range len(w.prefixes) {
		for space, prefix := range w.prefixes {
			if prefix == "n"+strconv.Itoa(i+1) {
				fmt.Fprintf(&head, ` xmlns:%s="%s"`, prefix, escape(space))
			}
		}
	}
	head.WriteString(">\r\n\t<V8Exch:Data>\r\n")
	return &Template{
		XML:   []byte(head.String() + body + "\t</V8Exch:Data>\r\n\t<PredefinedData/>\r\n</V8Exch:_1CV8DtUD>\r\n"),
		Notes: w.notes,
	}
}

// referred is the reference to a customer or product: in the header or in a row.
func (w *writer) referred(e *element, names string) *element {
	for _, c := range e.children {
		if len(c.children) == 0 && slices.Contains(strings.Fields(names), flat(c.name.Local)) {
			return c
		}
	}
	for _, c := range e.children {
		if found := w.referred(c, names); len(c.children) > 0 && found != nil {
			return found
		}
	}
	return nil
}

// wrapped is a table whose rows lie in a further element each, as no exchange of 1C writes them: a template of it would
// leave the rows empty.
func (w *writer) wrapped(order *element) *element {
	for _, table := range order.children {
		for _, row := range table.children {
			if len(row.children) > 0 && w.referred(row, productNames) != nil {
				return table
			}
		}
	}
	return nil
}

// catalog writes the objects that 1C does not know yet.
func (w *writer) catalog(order *element, names, field string, r rule, ref *element) {
	if ref == nil {
		w.note("%s has no element called %s or the like: none is referred to", order.name.Local, strings.Fields(names)[0])
		return
	}
	object := w.object(ref)
	if object == nil {
		w.note("the sample has no object behind %s: those that your catalogs have no id of must be in 1C already, or be exported with the sample", ref.name.Local)
		return
	}
	w.line(2, "{{- range .%s}}", field)
	w.open(object)
	for _, c := range object.children {
		if len(c.children) > 0 {
			continue // a tabular section of a new object is empty
		}
		w.leaf(3, object, c, r)
	}
	w.line(2, "</%s>", w.qualified(object.name))
	w.line(2, "{{- end}}")
}

// object is the catalog object that a reference leads to: by its type, or by its id.
func (w *writer) object(ref *element) *element {
	catalog, typed := strings.CutPrefix(ref.typ.Local, "CatalogRef.")
	for _, o := range w.objects {
		local, ok := strings.CutPrefix(o.name.Local, "CatalogObject.")
		id := o.child("Ref")
		if ok && (typed && local == catalog || !typed && id != nil && id.value() == ref.value()) {
			ref.typ = config("CatalogRef." + local)
			return o
		}
	}
	return nil
}

func (w *writer) document(order *element) {
	w.line(2, "{{- range $order := .Documents}}")
	w.open(order)
	done := map[string]bool{}
	for _, c := range order.children {
		switch {
		case done[c.name.Local]:
		case len(c.children) > 0:
			done[c.name.Local] = true
			w.section(order, c)
		default:
			w.leaf(3, order, c, documentRules)
		}
	}
	w.line(2, "</%s>", w.qualified(order.name))
	w.line(2, "{{- end}}")
}

// section writes a tabular section: every row is an element of its name. One that has no products is left
// empty.
func (w *writer) section(order, row *element) {
	lines := "Lines"
	switch {
	case w.referred(row, productNames) == nil:
		w.note("the rows of %s are left out: they have no product", row.name.Local)
		return
	case w.other(order, row) && isServices(row.name.Local):
		lines = "Services"
	case w.other(order, row):
		lines = "Goods"
	}
	w.line(3, "{{- range .%s}}", lines)
	w.line(3, "<%s>", w.qualified(row.name))
	for _, c := range row.children {
		w.leaf(4, row, c, lineRules)
	}
	w.line(3, "</%s>", w.qualified(row.name))
	w.line(3, "{{- end}}")
}

func isServices(name string) bool {
	name = flat(name)
	return strings.Contains(name, "услуг") || strings.Contains(name, "service")
}

// other reports whether goods and services have sections of their own.
func (w *writer) other(order, row *element) bool {
	for _, c := range order.children {
		if len(c.children) > 0 && w.referred(c, productNames) != nil && isServices(c.name.Local) != isServices(row.name.Local) {
			return true
		}
	}
	return false
}

// leaf writes an element with a field or with the sample's value.
func (w *writer) leaf(depth int, in, e *element, r rule) {
	name := w.qualified(e.name)
	value, ruled := r[flat(e.name.Local)]
	if e.ofVATEnum() {
		value, ruled = `{{if eq (vat "none" .VATRate) "none"}}БезНДС{{else if .VATRate}}НДС{{.VATRate | vat}}{{else}}`+escape(e.value())+`{{end}}`, true
	}
	if !ruled {
		value = strings.ReplaceAll(escape(e.text), "{{", `{{"{{"}}`)
		if shown := strings.TrimSpace(e.text); shown != "" && shown != noReference && shown != noDate {
			w.note("%s.%s keeps the sample's value %s", in.name.Local, e.name.Local, shown)
		}
	}
	value = strings.ReplaceAll(value, lengthMark, strconv.Itoa(length(e)))
	attributes := ""
	if e.typ.Local != "" {
		attributes = fmt.Sprintf(` xsi:type="%s"`, w.qualified(e.typ))
	}
	switch {
	case e.isNil && !ruled:
		w.line(depth, `<%s xsi:nil="true"/>`, name)
	case value == "":
		w.line(depth, "<%s%s/>", name, attributes)
	default:
		w.line(depth, "<%s%s>%s</%s>", name, attributes, value, name)
	}
}

// Lengths of numbers and codes in 1C: where a sample tells none or a very short one, its usual ones.
const (
	usualCode   = 9
	usualNumber = 11
)

// length is how long a number or code may be. 1C fills its own ones up to the whole length.
func length(e *element) int {
	n := utf8.RuneCountInString(e.value())
	if n == 0 && flat(e.name.Local) == "number" {
		return usualNumber
	}
	return max(n, usualCode)
}

func (w *writer) open(object *element) { w.line(2, "<%s>", w.qualified(object.name)) }

func (w *writer) line(depth int, format string, args ...any) {
	w.b.WriteString(strings.Repeat("\t", depth))
	fmt.Fprintf(&w.b, format+"\r\n", args...)
}

func (w *writer) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

func (w *writer) qualified(name xml.Name) string {
	switch name.Space {
	case configSpace:
		return "v8:" + name.Local
	case schemaSpace:
		return "xs:" + name.Local
	case coreSpace:
		return "core:" + name.Local
	case "":
		return name.Local
	}
	prefix, ok := w.prefixes[name.Space]
	if !ok {
		prefix = "n" + strconv.Itoa(len(w.prefixes)+1)
		w.prefixes[name.Space] = prefix
	}
	return prefix + ":" + name.Local
}

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a builder takes everything
	}
	return b.String()
}
