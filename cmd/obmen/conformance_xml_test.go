package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	rootElement = "<КоммерческаяИнформация"
	namespaceOf = `<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2"`
)

var schemas = []string{"commerceml-2.08.xsd", "commerceml-2.09.xsd", "commerceml-2.10.xsd"}

// Every exchange file is valid by 1C's schemas, once it has the namespace that 1C's own loaders do
// not want.
func TestSchemas(t *testing.T) {
	xmllint, dir := need(t, "xmllint"), shared(t, "onec/commerceml")
	files := namespaced(t, exchangeFiles(t))
	for _, schema := range schemas {
		t.Run(schema, func(t *testing.T) {
			words, err := validate(xmllint, filepath.Join(dir, schema), files)
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

// The validation above finds what it is there to find.
func TestSchemasFind(t *testing.T) {
	xmllint, dir := need(t, "xmllint"), shared(t, "onec/commerceml")
	c := convertAll(t, createAll(t, hardCases(t)))
	good := namespaced(t, c.paths(".xml")[:1])[0]
	text := read(t, good)
	for name, change := range map[string]*strings.Replacer{
		"an element too many":  strings.NewReplacer("<Роль>Продавец</Роль>", "<Роль>Продавец</Роль><Роль>Продавец</Роль>"),
		"an element too few":   strings.NewReplacer("<ХозОперация>Заказ товара</ХозОперация>", ""),
		"no number":            strings.NewReplacer("<Количество>", "<Количество>много "),
		"without a namespace":  strings.NewReplacer(namespaceOf, rootElement),
		"a word that is none":  strings.NewReplacer("Заказ товара", "Заказ"),
		"a text of no length":  strings.NewReplacer("<Ид>", "<Ид>"+strings.Repeat("1", 99)),
		"another order inside": strings.NewReplacer("<Валюта>", "<Курс>1</Курс><Валюта>", "<Курс>1</Курс>\r\n", ""),
	} {
		for _, schema := range schemas {
			bad := filepath.Join(t.TempDir(), "bad.xml")
			changed := change.Replace(text)
			if err := os.WriteFile(bad, []byte(changed), 0o666); err != nil {
				t.Fatal(err)
			}
			if words, err := validate(xmllint, filepath.Join(dir, schema), []string{bad}); changed == text || err == nil {
				t.Errorf("%s passes %s: %s", name, schema, words)
			}
		}
	}
}

// validate checks many files in one process.
func validate(xmllint, schema string, files []string) (words string, err error) {
	out, err := exec.Command(xmllint, append([]string{"--noout", "--schema", schema}, files...)...).CombinedOutput()
	return string(out), err
}

// exchangeFiles lists the XML files that the samples expect, and those of fresh conversions.
func exchangeFiles(t *testing.T) (files []string) {
	t.Helper()
	expected, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "expected", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, expected...)
	for _, c := range everything(t) {
		files = append(files, c.paths(".xml")...)
	}
	t.Logf("%d files, %d of them expected by samples", len(files), len(expected))
	return files
}

// namespaced copies exchange files and gives the copies the namespace of the schemas.
func namespaced(t *testing.T, files []string) (copies []string) {
	t.Helper()
	dir := t.TempDir()
	for i, file := range files {
		text := strings.Replace(read(t, file), rootElement, namespaceOf, 1)
		path := filepath.Join(dir, fmt.Sprintf("%03d-%s", i, filepath.Base(file)))
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, path)
	}
	return copies
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var loneReturn = regexp.MustCompile("\r[^\n]")

// What 1C's loaders want of the bytes: a byte order mark, CRLF, no namespace. A line end within a text
// is the text's own.
func TestExchangeBytes(t *testing.T) {
	for _, file := range exchangeFiles(t) {
		text := read(t, file)
		switch {
		case !strings.HasPrefix(text, "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"+rootElement+" ВерсияСхемы=\"2.10\""):
			t.Errorf("%s begins with %.200q", file, text)
		case strings.Contains(text, ">\n") || loneReturn.MatchString(text):
			t.Errorf("%s: not every line ends in CRLF", file)
		case strings.Contains(text, "xmlns"):
			t.Errorf("%s has a namespace", file)
		}
	}
}

// headers makes commerceml-parser tell what it finds at the head of each order.
const headers = `
const {OrdersParser} = require('commerceml-parser/dist/orders-parser');
const {createReadStream} = require('fs');
(async () => {
  const found = [];
  for (const file of process.argv.slice(1)) {
    const orders = [], parser = new OrdersParser();
    let schema = '';
    parser.onCommercialInformation(c => { schema = c.schemaVersion; });
    parser.onDocument(d => { orders.push({ID: d.id, Number: d.number, Date: d.date, Operation: d.operation, Role: d.role, Currency: d.currency}); });
    await parser.parse(createReadStream(file));
    found.push({Schema: schema, Orders: orders});
  }
  console.log(JSON.stringify(found));
})().catch(e => { console.error(e); process.exit(1); });
`

// Another program that reads CommerceML finds the same orders.
func TestCommercemlParser(t *testing.T) {
	node, modules := need(t, "node"), commercemlParser(t)
	files := exchangeFiles(t)
	type head struct{ ID, Number, Date, Operation, Role, Currency string }
	type heads struct {
		Schema string
		Orders []head
	}
	cmd := exec.Command(node, append([]string{"-e", headers, "--"}, files...)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v:\n%s", err, stderr.String())
	}
	var got, want []heads
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		h := heads{Schema: "2.10"}
		for _, d := range parseExchange(t, file).Documents {
			h.Orders = append(h.Orders, head{d.ID, d.Number, d.Date, d.Operation, d.Role, d.Currency})
		}
		want = append(want, h)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-the file +commerceml-parser):\n%s", diff)
	}
}
