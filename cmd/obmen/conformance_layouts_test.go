package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obmen/cmd/obmen/converting"

	"golang.org/x/text/encoding/charmap"
)

// schemaCase is a layout with settings, and the schema that all its files keep.
type schemaCase struct {
	layout   string
	settings string                               // of [layout.NAME], one a line
	schema   func(t *testing.T) string            // its path
	holds    string                               // what one of the files has in it, at least
	adapt    func(text string) (validable string) // nil when the file is validated as it is
}

func ownSchema(name string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		path, err := filepath.Abs(filepath.Join("..", "..", "templates", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
}

func commercemlSchema(version string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return shared(t, "onec/commerceml/commerceml-"+version+".xsd")
	}
}

func testSchema(name string) func(*testing.T) string {
	return func(*testing.T) string { return filepath.Join("testdata", name) }
}

// unpacked takes the containers away, which no schema of 1C's has: each holds one document.
func unpacked(text string) string {
	return strings.NewReplacer("\t<Контейнер>\r\n", "", "\t</Контейнер>\r\n", "").Replace(text)
}

// namespace1251 gives CommerceML in windows-1251 the namespace of the schemas.
func namespace1251(text string) string {
	encode := func(s string) string {
		out, err := charmap.Windows1251.NewEncoder().String(s)
		if err != nil {
			panic(err) // a constant
		}
		return out
	}
	return strings.Replace(text, encode(rootElement), encode(namespaceOf), 1)
}

func (c *schemaCase) name() string {
	return strings.TrimSpace(c.layout + " " + strings.ReplaceAll(c.settings, "\n", ", "))
}

var schemaCases = []schemaCase{
	{layout: "salesorder", schema: ownSchema("salesorder/salesorder.xsd")},
	{layout: "native", schema: ownSchema("native/native.xsd")},
	{layout: "native", settings: "first = \"Description\"\nnumber = \"short\"", schema: ownSchema("native/native.xsd")},
	{layout: "enterprisedata", schema: enterpriseSchema("1_16_2"), holds: "<ОжидаемаяДатаПоступления>2026-11-17<"},
	{layout: "enterprisedata", settings: `version = "1.8"`, holds: "<ОжидаемаяДатаПоступления>2026-11-20<", schema: enterpriseSchema("1_8_6")},
	{layout: "enterprisedata", settings: `version = "1.16"`, holds: "<ОжидаемаяДатаПоступления>2026-11-20<", schema: enterpriseSchema("1_16_2")},
	{layout: "enterprisedata", settings: `version = "1.20"`, holds: "<ДатаДоставкиДоКлиента>2026-11-20<", schema: enterpriseSchema("1_20_2")},
	{layout: "enterprisedata", settings: `version = "1.21"`, holds: "<ДатаДоставкиДоКлиента>2026-11-20<", schema: enterpriseSchema("1_21_1")},
	{layout: "enterprisedata", settings: "number = \"full\"\ndocuments = \"posted\"\nskus = false", schema: enterpriseSchema("1_16_2")},
	{layout: "salesorder", settings: `encoding = "windows-1251"`, schema: ownSchema("salesorder/salesorder.xsd")},
	{layout: "commerceml", settings: `encoding = "windows-1251"`, schema: commercemlSchema("2.10"), adapt: namespace1251},
	{layout: "commerceml", settings: "version = \"2.08\"\nnamespace = true", schema: commercemlSchema("2.08")},
	{layout: "commerceml", settings: "version = \"2.09\"\nnamespace = true", schema: commercemlSchema("2.09")},
	{layout: "commerceml", settings: "version = \"2.10\"\nnamespace = true\nprofile = \"container\"", schema: commercemlSchema("2.10"), adapt: unpacked},
	{layout: "commerceml", settings: "version = \"3.1\"\nnamespace = true", schema: testSchema("commerceml-3.1-orders.xsd")},
	{layout: "commerceml", settings: "version = \"3.1\"\nnamespace = true\nprofile = \"container\"\nencoding = \"windows-1251\"", schema: testSchema("commerceml-3.1-orders.xsd")},
}

// Every layout lays out every sample, and the hard cases, so that its schema holds.
func TestLayoutSchemas(t *testing.T) {
	xmllint := need(t, "xmllint")
	for _, c := range schemaCases {
		t.Run(c.name(), func(t *testing.T) {
			files := layoutFiles(t, c.layout, c.settings)
			if !slices.ContainsFunc(files, func(file string) bool { return strings.Contains(read(t, file), c.holds) }) {
				t.Errorf("no file holds %s", c.holds)
			}
			if c.adapt != nil {
				files = adapted(t, files, c.adapt)
			}
			words, err := validate(xmllint, c.schema(t), files)
			for _, file := range files {
				if !strings.Contains(words, file+" validates\n") {
					t.Errorf("%s is not valid", file)
				}
			}
			if err != nil {
				t.Errorf("%v:\n%.4000s", err, words)
			}
		})
	}
}

// layoutFiles converts everything with one layout and gives its XML files.
func layoutFiles(t *testing.T, layout, settings string) (files []string) {
	t.Helper()
	for _, c := range convertEach(t, inputsWith(t, layout, settings)) {
		files = append(files, c.paths(".xml")...)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files", len(files))
	}
	return files
}

// inputsWith are all inputs, to be laid out by one layout with these settings.
func inputsWith(t *testing.T, layout, settings string) []converting.Options {
	t.Helper()
	list := everyInput(t)
	for i := range list {
		list[i].Layouts, list[i].Config = []string{layout}, withSettings(t, list[i].Config, layout, settings)
	}
	return list
}

// withSettings is a copy of a configuration with settings of a layout added.
func withSettings(t *testing.T, config, layout, settings string) string {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.Write(text)
	out.WriteString("\n[layout." + layout + "]\n" + settings + "\n")
	path := filepath.Join(t.TempDir(), "obmen.toml")
	if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// adapted copies files and changes the copies so that a schema can be asked about them.
func adapted(t *testing.T, files []string, adapt func(string) string) (copies []string) {
	t.Helper()
	for _, file := range files {
		path := filepath.Join(t.TempDir(), filepath.Base(file))
		if err := os.WriteFile(path, []byte(adapt(read(t, file))), 0o666); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, path)
	}
	return copies
}
