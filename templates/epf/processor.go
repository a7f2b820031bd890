// Package epf writes external data processors of 1C:Enterprise: the .epf file itself and the XML files
// that Designer makes of one ("Выгрузить внешнюю обработку в файлы"). A processor has a module and no
// forms, so nothing here needs the platform.
//
// It lies below templates because what it wraps lies there: the modules of templates/<layout>/1c. It
// imports nothing of ours, and only commands import it.
//
// The container's format is not published by 1C; what stands here follows facts, onec 5, and is what
// unpackers of the community read.
package epf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// bom begins every text that 1C writes, and 1C expects it.
const bom = "\ufeff"

// classID is the kind of metadata: an external data processor. The kinds of its parts follow it in
// the description, each with the number of parts: none.
const classID = "c3831ec8-d8d5-4f93-8a22-f9bfae07327f"

var partKinds = []string{
	"2bcef0d1-0981-11d6-b9b8-0050bae0a95d", // tabular sections
	"3daea016-69b7-4ed4-9453-127911372fe6", // templates
	"d5b0e5ed-256d-401c-9c36-f630cafd8a62", // forms
	"ec6bb5e5-b7a8-4d75-bec9-658107a699cf", // attributes
}

// compatibility is the mode that platforms of today give new processors: 8.3.15.
const compatibility = 80315

// namespace is the root of the processors' ids, so that a processor exported again replaces itself.
var namespace = uuid.MustParse("0b5c2d0e-7f43-5d5c-8a50-2f6a4c1d9e10")

// Processor is an external data processor that has an object module and nothing else.
type Processor struct {
	Name    string // an identifier of 1C's language; the .epf and the dump are the same object by it
	Synonym string // how people see it, in Russian
	Module  string // the text of the object module; line ends become CRLF
}

// File is the .epf. The same processor gives the same bytes.
func (p Processor) File() []byte {
	object, metadata := p.id("object"), p.id("metadata")
	module := container([]entry{
		{"info", []byte(bom + `{3,1,0,"",0}`)},
		{"text", []byte(bom + p.module())},
	})
	entries := []entry{
		{object + ".0", module},
		{metadata, []byte(bom + p.description())},
		{"copyinfo", []byte(bom + "{4,\r\n{0},\r\n{0},\r\n{0},\r\n{0,0},\r\n{0}\r\n}")},
		{"root", []byte(bom + "{2," + metadata + ",}")},
		{"version", []byte(bom + fmt.Sprintf("{\r\n{216,0,\r\n{%d,0}\r\n}\r\n}", compatibility))},
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) }) // as the platform does
	entries = append(entries, entry{"versions", []byte(bom + p.versions(entries))})
	for i := range entries {
		entries[i].data = deflate(entries[i].data)
	}
	return container(entries)
}

// description names the processor and says that it has no parts.
func (p Processor) description() string {
	var b strings.Builder
	fmt.Fprintf(&b, "{1,\r\n{%s},1,\r\n{%s,\r\n{1,\r\n{4,%s,%s,\r\n", p.id("metadata"), classID, p.id("type"), p.id("value"))
	fmt.Fprintf(&b, "{0,\r\n{3,\r\n{1,0,%s},%s,\r\n{1,\"ru\",%s},\"\",0,0,%s,0}\r\n}", p.id("object"), quoted(p.Name), quoted(p.Synonym), uuid.Nil)
	fmt.Fprintf(&b, ",%s,\"\",%s},%d", uuid.Nil, uuid.Nil, len(partKinds))
	for _, kind := range partKinds {
		fmt.Fprintf(&b, ",\r\n{%s,0}", kind)
	}
	b.WriteString("\r\n}\r\n}\r\n}")
	return b.String()
}

// versions has an id for the state of each entry and one for all: they follow from the contents.
func (p Processor) versions(entries []entry) string {
	var all bytes.Buffer
	for _, e := range entries {
		all.WriteString(e.name)
		all.Write(e.data)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{1,%d,\"\",%s", len(entries)+2, uuid.NewSHA1(namespace, all.Bytes()))
	for _, e := range entries {
		fmt.Fprintf(&b, ",%s,%s", quoted(e.name), uuid.NewSHA1(namespace, append([]byte(e.name+"\x1f"), e.data...)))
	}
	fmt.Fprintf(&b, ",%s,%s}", quoted("versions"), uuid.NewSHA1(namespace, append([]byte("versions\x1f"), all.Bytes()...)))
	return b.String()
}

// id is the lasting id of one side of the processor.
func (p Processor) id(of string) string {
	return uuid.NewSHA1(namespace, []byte(p.Name+"\x1f"+of)).String()
}

// module is the module's text as Designer keeps it.
func (p Processor) module() string {
	text := strings.ReplaceAll(strings.TrimPrefix(p.Module, bom), "\r\n", "\n")
	return strings.ReplaceAll(text, "\n", "\r\n")
}

// quoted is a string of 1C's bracket notation.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Dump are the files that Designer would make of the processor and makes it from, by their paths:
// "1cv8 DESIGNER /LoadExternalDataProcessorOrReportFromFiles NAME.xml NAME.epf". Version 2.17 of the
// format is that of platform 8.3.20; newer ones read it.
func (p Processor) Dump() map[string][]byte {
	values := strings.NewReplacer(
		"{uuid}", p.id("metadata"), "{object}", p.id("object"), "{type}", p.id("type"), "{value}", p.id("value"),
		"{class}", classID, "{name}", escaped(p.Name), "{synonym}", escaped(p.Synonym), "\n", "\r\n",
	)
	return map[string][]byte{
		p.Name + ".xml":                  []byte(bom + values.Replace(dumpXML)),
		p.Name + "/Ext/ObjectModule.bsl": []byte(bom + p.module()),
	}
}

// escaped is a text as the content of an XML element.
func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer takes everything
	return b.String()
}

const dumpXML = `<?xml version="1.0" encoding="UTF-8"?>
<MetaDataObject xmlns="http://v8.1c.ru/8.3/MDClasses" xmlns:app="http://v8.1c.ru/8.2/managed-application/core" xmlns:cfg="http://v8.1c.ru/8.1/data/enterprise/current-config" xmlns:v8="http://v8.1c.ru/8.1/data/core" xmlns:xr="http://v8.1c.ru/8.3/xcf/readable" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="2.17">
	<ExternalDataProcessor uuid="{uuid}">
		<InternalInfo>
			<xr:ContainedObject>
				<xr:ClassId>{class}</xr:ClassId>
				<xr:ObjectId>{object}</xr:ObjectId>
			</xr:ContainedObject>
			<xr:GeneratedType name="ExternalDataProcessorObject.{name}" category="Object">
				<xr:TypeId>{type}</xr:TypeId>
				<xr:ValueId>{value}</xr:ValueId>
			</xr:GeneratedType>
		</InternalInfo>
		<Properties>
			<Name>{name}</Name>
			<Synonym>
				<v8:item>
					<v8:lang>ru</v8:lang>
					<v8:content>{synonym}</v8:content>
				</v8:item>
			</Synonym>
			<Comment/>
			<DefaultForm/>
			<AuxiliaryForm/>
		</Properties>
		<ChildObjects/>
	</ExternalDataProcessor>
</MetaDataObject>
`
