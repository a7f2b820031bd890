package layout_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"obmen/convert/document"
	"obmen/templates"
)

func TestControlTotals(t *testing.T) {
	b := document.Batch{Documents: []document.Document{
		{Amounts: document.Amounts{Currency: "USD", Total: dec("0.10")}}, {Amounts: document.Amounts{Currency: "EUR", Total: dec("1")}}, {Amounts: document.Amounts{Currency: "USD", Total: dec("0.20")}},
	}}
	got := render(t, "<a>{{len .Documents}}:{{range .Sums}} {{.Currency}} {{.Count}} {{.Total | money}}{{end}}</a>", b)
	if want := "<a>3: EUR 1 1.00 USD 2 0.30</a>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := render(t, "<a>{{range .Sums}}x{{else}}none{{end}}</a>", document.Batch{}); got != "<a>none</a>" {
		t.Errorf("without documents: %s", got)
	}
}

// An account prints its name; behind it are its constants, in the header and in each document.
func TestAccount(t *testing.T) {
	constants := map[string]string{"contract": "№ 1 & Co", "Договор": "Основной"}
	b := document.Batch{Account: "eu", Constants: constants, Documents: []document.Document{{Sale: document.Sale{Account: "de"}, Assignment: document.Assignment{Constants: constants}}}}
	for text, want := range map[string]string{
		"{{.Account}} {{.Account.Name}}":                                     "eu eu",
		"{{.Account.contract}}|{{.Account.Договор}}|{{.Account.none}}|":      "№ 1 &amp; Co|Основной||",
		"{{range .Constants}}{{.Name}}={{.Value}};{{end}}":                   "contract=№ 1 &amp; Co;Договор=Основной;",
		"{{range .Documents}}{{.Account}} {{.Account.Договор}}{{end}}":       "de Основной",
		"{{range .Documents}}{{$.Account}} {{.Constants.contract}}{{end}}":   "eu № 1 &amp; Co",
		"{{with .Account.contract}}yes{{end}}{{with .Account.x}}no{{end}}":   "yes",
		`{{if eq .Account "eu"}}{{.Account.Name | trunc 1}}{{end}}`:          "e",
		`{{$a := .Account}}{{range .Documents}}{{$a.contract}}{{end}}`:       "№ 1 &amp; Co",
		`{{range .Documents}}{{index .Constants "Договор"}}{{end}}{{/* */}}`: "Основной",
	} {
		if got := render(t, "<a>"+text+"</a>", b); got != "<a>"+want+"</a>" {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The digest in a header is that of the bytes that follow, whatever they are.
func TestDigest(t *testing.T) {
	const text = "<f>\r\n<h a=\"{{digest \"part\" .}}\">{{digest \"part\" . | trunc 8}}</h>{{template \"part\" .}}</f>" +
		"{{define \"part\"}}<d n=\"{{len .Documents}}\">\n{{range .Documents}}<n c=\"{{.Comment}}\">{{.Comment}}</n>{{range .Lines}}<l>{{.Name}}</l>{{end}}{{end}}</d>{{end}}"
	for _, b := range []document.Batch{{}, varied(true), varied(false), many(300)} {
		l := compile(t, compiler(text), "x", nil)
		out, report := write(t, l, b)
		whole := string(out)
		part := whole[strings.Index(whole, "<d "):strings.LastIndex(whole, "</f>")]
		sum := sha256.Sum256([]byte(part))
		want := hex.EncodeToString(sum[:])
		if !strings.HasPrefix(whole, "<f>\r\n<h a=\""+want+"\">"+want[:8]+"</h><d ") {
			t.Errorf("%.120s\nwant the digest %s", whole, want)
		}
		counts := map[string]int{}
		for _, r := range report.Replaced {
			if counts[r.Document+" "+r.Field]++; counts[r.Document+" "+r.Field] > 1 {
				t.Errorf("%s %s is reported twice", r.Document, r.Field)
			}
		}
	}
}

// A file may say which template wrote it.
func TestTemplateHash(t *testing.T) {
	l := compile(t, compiler("<a>{{.Template}}</a>"), "x", nil)
	if out, _ := write(t, l, document.Batch{}); string(out) != "<a>"+l.Hash()+"</a>" || len(l.Hash()) != 64 {
		t.Errorf("%s, want %s", out, l.Hash())
	}
}

// What salesorder says of itself is true, and its own schema holds.
func TestSalesorder(t *testing.T) {
	out, _ := ours(t, "salesorder", nil, varied(false))
	text := string(out)
	orders := text[strings.Index(text, "<orders>") : strings.LastIndex(text, "</orders>")+len("</orders>")]
	sum := sha256.Sum256([]byte(orders))
	for _, want := range []string{
		"<sha256>" + hex.EncodeToString(sum[:]) + "</sha256>",
		"<currency>USD</currency>\n\t\t\t\t<count>2</count>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%.1500s", want, text)
		}
	}
	if strings.ContainsRune(text, '\r') {
		t.Error("a line ends in CR")
	}
	golden(t, "salesorder.xml", out)
	schema, err := templates.FS.ReadFile("salesorder/salesorder.xsd")
	if err != nil || !strings.Contains(string(schema), `name="sha256"`) {
		t.Errorf("the schema is not with the layout: %v", err)
	}
}
