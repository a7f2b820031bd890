package epf

import (
	"bytes"
	"encoding/xml"
	"strings"
)

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
