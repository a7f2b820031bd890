package layout_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
)

// Each template is put inside <a>…</a> and a loop over two documents.
func TestLanguage(t *testing.T) {
	first, second := multiLine(), bare()
	first.Lines = first.Lines[:2]
	b := document.Batch{Account: "acc", Documents: []document.Document{first, second}}
	tests := []struct{ name, text, want string }{
		{"root", `{{$.Account}};`, "acc;acc;"},
		{"variable", `{{$d := .}}{{range .Lines}}{{$d.Number}}:{{.Kind}} {{end}};`, "171-2000001-1000001:goods 171-2000001-1000001:goods ;1001:cod ;"},
		{"index", `{{range $i, $l := .Lines}}{{if $i}},{{end}}{{$l.Quantity}}{{end}};`, "2,1.5;1;"},
		{"range else", `{{range .Lines}}{{if .Service}}s{{end}}{{else}}none{{end}};`, ";s;none;"},
		{"with else", `{{with .Comment}}{{.}}{{else}}{{.Number}}{{end}};`, "Amazon.de, FBA;1001;"},
		{"else with", `{{with .Comment}}{{.}}{{else with .Number}}n{{.}}{{end}};`, "Amazon.de, FBA;n1001;"},
		{"with record", `{{with .Customer.Address}}{{.City}}{{end}};`, "Berlin;;"},
		{"else if", `{{if eq .Currency "USD"}}u{{else if eq .Currency "EUR" "GBP"}}e{{else}}-{{end}};`, "e;-;"},
		{"and or not", `{{if and .VATStated (not .Cancelled) (or .Comment .Total)}}1{{else}}0{{end}};`, "1;0;"},
		{"or text", `{{or .StatusText .Status "none"}};`, "Shipped;none;"},
		{"compare", `{{if gt .Total 60}}gt {{end}}{{if ge .Total 60.99}}ge {{end}}{{if lt .Total 1}}lt {{end}}{{if le .Total 0}}le {{end}}{{if ne .Number "1001"}}ne{{end}};`, "gt ge ne;lt le ;"},
		{"amounts", `{{.Total}} {{.Total | money}} {{.Total | qty}} {{qty 2.50}} {{money 1}} {{money 0.125}};`, "60.99 60.99 60.99 2.5 1.00 0.125;0.00 0.00 0 2.5 1.00 0.125;"},
		{"dates", `{{.Date}} {{.Date | date "02.01.2006 15:04"}};`, "2026-11-22T18:04:05 22.11.2026 18:04;2026-01-02T00:00:00 02.01.2026 00:00;"},
		{"vat", `{{range .Lines}}{{.VATRate}}/{{vat .VATRate}}/{{.VATRate | vat "нет"}} {{end}};`, "19%/19/19 7%/7/7 ;// ;"},
		{"texts", `{{.Customer.Name | trunc 4}}|{{trunc 3 (text .Total)}}|{{.Comment | default "пусто"}};`, "Иван|60.|Amazon.de, FBA;|0.0|пусто;"},
		{"made texts", `{{or .PurchaseOrder (.Total | money)}} {{eq (.Total | money) "0.00"}} {{if .Total | money}}!{{end}};`, "60.99 false !;0.00 true !;"},
		{"equal", `{{eq .Cancelled false}}{{eq .Date .Updated}}{{ne .Total .VAT}}{{range .Lines}}{{eq .VATRate .VATRate}}{{end}};`, "truefalsetruetruetrue;truefalsefalsetrue;"},
		{"constants", `{{.Constants.Соглашение}}{{index .Constants "нет"}}{{if .Constants}}!{{end}};`, "Розница!;;"},
		{"flags", `{{.Cancelled}}{{eq 1 1.0}};`, "falsetrue;falsetrue;"},
		{"digits", `{{digits 4 4 .Number}};`, "false;true;"},
		{"length", `{{len .Lines}};`, "2;1;"},
		{"trim", "  {{- .Currency -}}  ;", "EUR;RUB;"},
		{"comment", `{{/* nothing */}}<!-- a comment --><![CDATA[<&>]]>;`, "<!-- a comment --><![CDATA[<&>]]>;<!-- a comment --><![CDATA[<&>]]>;"},
		{"rate", `{{rate .Rate .Nominal}};`, "98.2341;0;"},
		{"attributes", `<b {{if .VATStated}}c="1"{{else}}c='2'{{end}} d="{{.Number}}"/>`, `<b c="1" d="171-2000001-1000001"/><b c='2' d="1001"/>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := b
			if test.name == "range else" {
				b.Documents = append(b.Documents[:2:2], document.Document{})
			}
			got := render(t, "<a>{{range .Documents}}"+test.text+"{{end}}</a>", b)
			if want := "<a>" + test.want + "</a>"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A template of one's own sees what it is handed as . and as $.
func TestDefine(t *testing.T) {
	text := `<a>{{range .Documents}}{{template "x" .Customer}}{{end}}</a>{{define "x"}}<b>{{$.TaxID}}{{.Code}}</b>{{end}}`
	got := render(t, text, document.Batch{Documents: []document.Document{multiLine(), bare()}})
	if want := "<a><b>00-000045</b><b>7700000000</b></a>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A rate is divided by its nominal without losing a digit.
func TestRate(t *testing.T) {
	for _, test := range []struct{ rate, nominal, want string }{
		{"98.2341", "1", "98.2341"},
		{"63.1234", "100", "0.631234"},
		{"0.123456", "10000", "0.0000123456"},
		{"100", "100", "1"},
		{"10", "3", "3.333333"},
		{"5", "0", "5"},
		{"250", "10", "25"},
	} {
		d := document.Document{Amounts: document.Amounts{Rate: dec(test.rate), Nominal: dec(test.nominal)}}
		got := render(t, "<a>{{range .Documents}}{{rate .Rate .Nominal}}{{end}}</a>", document.Batch{Documents: []document.Document{d}})
		if got != "<a>"+test.want+"</a>" {
			t.Errorf("%s for %s: %s, want %s", test.rate, test.nominal, got, test.want)
		}
	}
}

// What a setting decides may hold half an element.
func TestSettings(t *testing.T) {
	text := `<a>{{if eq (setting "profile") "container"}}<c>{{end}}{{.Account}}{{if eq (setting "profile") "container"}}</c>{{end}}</a>`
	for profile, want := range map[string]string{"": "<a>x</a>", "container": "<a><c>x</c></a>"} {
		l := compile(t, compiler(text), "x", map[string]string{"profile": profile})
		if got, _ := write(t, l, document.Batch{Account: "x"}); string(got) != want {
			t.Errorf("profile %q: %s, want %s", profile, got, want)
		}
	}
}

func TestHash(t *testing.T) {
	hash := func(text string, settings map[string]string) string {
		return compile(t, compiler(text), "x", settings).Hash()
	}
	plain := hash(`<a b="{{setting "s"}}"/>`, nil)
	if again := hash(`<a b="{{setting "s"}}"/>`, nil); again != plain {
		t.Error("the same layout has two hashes")
	}
	if hash(`<a b="{{setting "s"}}" />`, nil) == plain || hash(`<a b="{{setting "s"}}"/>`, map[string]string{"s": "1"}) == plain {
		t.Error("another template or setting has the same hash")
	}
}

// Every function is described, and the table where people look it up is made of that; -update makes it.
func TestFunctions(t *testing.T) {
	const readme = "../../templates/commerceml/README.md"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := "| function | meaning |\n|---|---|\n"
	for _, f := range tmpl.Functions() {
		if word, _, _ := strings.Cut(f.Usage, " "); word != f.Name || f.Meaning == "" {
			t.Errorf("%s is not described", f.Name)
		}
		want += "| `" + f.Usage + "` | " + f.Meaning + " |\n"
	}
	table := regexp.MustCompile("(?m)^\\| function \\| meaning \\|\n(\\|.*\n)*")
	if *update {
		text = table.ReplaceAllLiteral(text, []byte(want))
		if err := os.WriteFile(readme, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, string(table.Find(text))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", readme, diff)
	}
}
