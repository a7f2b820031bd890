package sample

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

const small = `<x:_1CV8DtUD xmlns:x="http://www.1c.ru/V8/1CV8DtUD/" xmlns:c="http://v8.1c.ru/8.1/data/enterprise/current-config" xmlns:o="urn:other" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><x:Data>
<c:DocumentObject.SalesOrder><c:Ref>1</c:Ref><c:Kind xsi:type="o:Kind">a &lt; b</c:Kind><c:Products><c:Product>2</c:Product></c:Products></c:DocumentObject.SalesOrder></x:Data></x:_1CV8DtUD>`

var action = regexp.MustCompile(`\{\{[^}]*\}\}`)

// FuzzNative: whatever a sample holds, the template is XML around its actions, or there is an error that
// tells what to do.
func FuzzNative(f *testing.F) {
	schema, err := os.ReadFile("../native/current-config.xsd")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{small, string(schema), "", "<a/>", strings.ReplaceAll(small, "Kind", "Ref"), strings.ReplaceAll(small, "a &lt; b", "{{.X}}")} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		made, err := Native(data, "")
		if err != nil {
			refused, ok := errors.AsType[*Error](err)
			if !ok || refused.Hint() == "" {
				t.Fatalf("no hint: %v", err)
			}
			return
		}
		d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(action.ReplaceAllString(string(made.XML), ""), "\ufeff")))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, made.XML)
			}
		}
	})
}

// A type of another namespace keeps it, and a text that looks like an action stays a text.
func TestForeignTypes(t *testing.T) {
	made, err := Native([]byte(strings.ReplaceAll(small, "a &lt; b", "a &lt; {{b}}")), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{` xmlns:n1="urn:other"`, `<v8:Kind xsi:type="n1:Kind">a &lt; {{"{{"}}b}}</v8:Kind>`} {
		if !strings.Contains(string(made.XML), want) {
			t.Errorf("%s is not in\n%s", want, made.XML)
		}
	}
}

// A rate of VAT is one of the enumeration with its type and without, and no catalog's name becomes one. The
// day of delivery is the order's.
func TestRatesAndDays(t *testing.T) {
	for value, want := range map[string]string{
		"НДС20": `НДС{{.VATRate | vat}}{{else}}НДС20{{end}}</v8:СтавкаНДС>`, " БезНДС ": `НДС{{.VATRate | vat}}{{else}}`, "20%": `<v8:СтавкаНДС>20%</v8:СтавкаНДС>`,
	} {
		text := strings.ReplaceAll(small, "<c:Product>2</c:Product>", "<c:Product>2</c:Product><c:СтавкаНДС>"+value+"</c:СтавкаНДС>")
		text = strings.ReplaceAll(text, "<c:Products>", "<c:ДатаДоставки>2026-11-02T00:00:00</c:ДатаДоставки><c:Products>")
		made, err := Native([]byte(text), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(made.XML); !strings.Contains(got, want) || !strings.Contains(got, `<v8:ДатаДоставки>{{if .DeliverBy}}`) {
			t.Errorf("%s: no %s in\n%s", value, want, got)
		}
	}
}
