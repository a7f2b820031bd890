package layout_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/templates"
)

// mistakes compiles a template that must not compile.
func mistakes(t *testing.T, document string, settings map[string]string) tmpl.Mistakes {
	t.Helper()
	_, err := layout.Compile(compiler(document), "x", settings)
	var all tmpl.Mistakes
	if !errors.As(err, &all) {
		t.Fatalf("compiled: %v\n%s", err, document)
	}
	return all
}

// § stands before what is wrong; the text and hint must hold the words given.
func TestMistakes(t *testing.T) {
	in := func(s string) string { return "<a>\n{{range .Documents}}\n" + s + "\n{{end}}\n</a>" }
	tests := []struct{ name, text, says, hint string }{
		{"unknown field", in("\n§{{.Numbr}}"), `Document has no field "Numbr"`, "did you mean .Number?"},
		{"field of another record", in("§{{.ASIN}}"), `no field "ASIN"`, "ASIN is a field of Line"},
		{"Russian name", in("§{{.Склад}}"), `no field "Склад"`, "the field is .Warehouse"},
		{"field of a text", in("§{{.Number.X}}"), "Document.Number is text", ""},
		{"field of the root", "<a>§{{.Number}}</a>", "Batch has no field", "Number is a field of Document"},
		{"unknown function", in("§{{.Date | dat}}"), `no function "dat"`, "did you mean date?"},
		{"printf", in(`§{{printf "%s" .Number}}`), `no function "printf"`, "functions:"},
		{"kind of an argument", in("§{{.Number | money}}"), "Document.Number is text, not amount", "write money AMOUNT"},
		{"text from an amount", in("§{{.Total | trunc 5}}"), "Document.Total is amount, not text", "make it one with text"},
		{"arguments", in("§{{date .Date}}"), "wrong number of arguments: 1", "write date LAYOUT DATE"},
		{"layout of a date", in(`§{{.Date | date "dd.MM.yyyy"}}`), "is not a layout", "02.01.2006"},
		{"computed layout", in(`§{{.Date | date .Number}}`), "must be a text in quotes", ""},
		{"count", in(`§{{.Number | trunc 1.5}}`), "must be a whole number", ""},
		{"compare kinds", in(`§{{if eq .Total "1"}}{{end}}`), "Document.Total is amount, text is text", ""},
		{"record in a condition", in(`§{{if .Customer}}{{end}}`), "is a record and always there", ""},
		{"print a record", in(`§{{.Customer}}`), "is a record and cannot be printed", "ID, Code, Name"},
		{"print a list", in(`§{{.Lines}}`), "is a list and cannot be printed", "{{range .Lines}}"},
		{"range over a text", in(`§{{range .Number}}{{end}}`), "not a list", "{{with}}"},
		{"break", in(`§{{break}}`), "{{break}} is not supported", ""},
		{"assignment", in(`{{$x := .Number}}§{{$x = .Status}}`), "cannot be changed", ":="},
		{"undeclared variable", in(`§{{$x}}`), "undefined variable", ""},
		{"exponent", in(`§{{if eq .Total 1e3}}{{end}}`), "not a decimal number", ""},
		{"not a function", in(`§{{.Number .Date}}`), ".Number is not a function", ""},
		{"no }}", in("§{{.Number}"), "the {{ of this line has no }}", "{{.Number}}"},
		{"no }} at the end", "<a/>\n§{{.Account", "the {{ of this line has no }}", ""},
		{"open quote", in("§{{.Date | date \"02.01}}</b>\n"), "a quote in the action of this line is not closed", "both sides"},
		{"open comment", in("§{{- /* left out }}\n"), "the comment that begins here has no */", "*/}}"},
		{"no end", "<a>\n§{{if .Account}}\n{{with .Account}}{{end}}</a>\n", "this {{if}} has no {{end}}", "{{end}}"},
		{"an end too many", "<a>\n{{with .Account}}{{end}}\n§{{end}}</a>", "an {{end}} too many", ""},
		{"misspelt list", "<a>\n§{{range .Document}}{{template \"y\" .}}{{end}}</a>{{define \"y\"}}{{.Number}}{{end}}", `no field "Document"`, ".Documents"},
		{"unknown template", in(`§{{template "y" .}}`), `no template "y"`, "define"},
		{"recursion", "<a>{{template \"y\" .}}</a>\n{{define \"y\"}}§{{template \"y\" .}}{{end}}", "includes itself", "range"},
		{"unused template", "<a></a>\n§{{define \"y\"}}{{end}}", "is used nowhere", ""},
		{"mistake in with", in(`{{with §.Numbr}}{{.}}{{.Name}}{{end}}`), `no field "Numbr"`, ".Number"},
		{"mistake in a variable", in(`{{$x := §.Numbr}}{{$x}}{{if $x}}{{end}}`), `no field "Numbr"`, ".Number"},
		{"no argument", "<a>{{template \"y\"}}</a>\n{{define \"y\"}}§{{.Account}}{{end}}", "there is no value here", ""},
		{"deep", "<a>" + strings.Repeat("{{range $.Documents}}", 7) + "\n§{{range $.Documents}}" + strings.Repeat("{{end}}", 8) + "</a>", "more than 7", ""},

		{"action in a tag", in("<b §{{.Number}}>"), "an action inside a tag", "inside the quotes"},
		{"action in a name", in("<b§{{.Number}}>"), "an action inside a tag", ""},
		{"action in a comment", in("§<!-- {{.Number}} -->"), "<!-- is not ended", ""},
		{"action in CDATA", in("§<![CDATA[{{.Number}}]]>"), "is not ended", ""},
		{"action in a closing tag", in("<b>§</{{.Number}}>"), "a broken closing tag", ""},
		{"action in an entity", in("§&{{.Number}};"), "unknown entity", ""},
		{"action outside", "§{{.Account}}<a/>", "outside of the root", ""},
		{"unquoted attribute", in("<b §c={{.Number}}>"), `attribute "c" without a quoted value`, ""},
		{"attribute twice", in(`<b c="1"` + "\n" + `§c="2"/>`), "stands twice", ""},
		{"attributes without a blank", in(`<b c="1"§d="2"/>`), "a broken tag", ""},
		{"< in an attribute", in(`<b c="§<"/>`), "inside an attribute's value", ""},
		{"undeclared prefix", in(`<p:b xmlns:p="urn:p"/><p:c§/>`), "the prefix of p:c is not declared", `xmlns:p="…"`},
		{"undeclared prefix of an attribute", in(`<b xmlns:p="urn:p"><c p:d="" q:d=""§/></b>`), "the prefix of q:d", ""},
		{"wrong closing tag", in("<b>\n§</c>"), "</c> where </b> is expected, opened in line 3", ""},
		{"unclosed element", in("§<b>"), "<b> is not closed before the end of its {{range}}", ""},
		{"unclosed root", "\n§<a>", "<a> is never closed", "</a>"},
		{"element closed in a branch", in("<b>{{if .Number}}§</b>{{end}}"), "closes an element from outside", ""},
		{"element opened in a branch", in("{{if .Number}}§<b>{{else}}<b>{{end}}</b>"), "not closed before the end of its {{if}}", ""},
		{"branch ends in a tag", in("§{{if .Number}}<b{{end}}/>"), "begins between tags and ends inside a tag", ""},
		{"range of attributes", in(`<b §{{range .Lines}}c="1"{{end}}/>`), "repeats attributes", ""},
		{"unknown entity", in("§&nbsp;"), "unknown entity", "&amp;"},
		{"character reference", in("§&#0;"), "unknown entity", ""},
		{"hyphens", in("<!-- a §-- b -->"), "-- inside a comment", ""},
		{"lone >", in("1 §> 0"), "a lone >", "&gt;"},
		{"lone <", in("1 §< 0"), "< without a name", "&lt;"},
		{"control character", in("a§\x01"), "cannot carry", "UTF-8"},
		{"not UTF-8", in("a§\xE0"), "cannot carry", "UTF-8"},
		{"no root", "§", "no root element", ""},
		{"second root", "<a/>\n§<b/>", "second root", ""},
		{"root in a branch", "{{if .Account}}\n§<a/>{{end}}", "the root element is inside", ""},
		{"text outside", "<a/>§x", "text outside", ""},
		{"doctype", "§<!DOCTYPE a><a/>", "document type declaration", ""},
		{"late declaration", "\n§<?xml version=\"1.0\"?><a/>", "must begin the file", ""},
		{"other encoding", "§<?xml version=\"1.0\" encoding=\"windows-1251\"?><a/>", "UTF-8", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, after, ok := strings.Cut(test.text, "§")
			if !ok {
				t.Fatal("no place marked")
			}
			all := mistakes(t, before+after, nil)
			m := all[0]
			if len(all) != 1 || m.File != "x/document.xml" || m.Line != 1+strings.Count(before, "\n") {
				t.Errorf("line %d expected, got %v", 1+strings.Count(before, "\n"), all)
			}
			if !strings.Contains(m.Text, test.says) || !strings.Contains(m.Advice, test.hint) || m.Advice == "" {
				t.Errorf("text %q, hint %q", m.Text, m.Advice)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	all := mistakes(t, "<a>{{.X}}\n{{range .Documents}}{{.Y}}\n{{if .Z}}{{.Q}}{{end}}{{end}}</b>", nil)
	var lines []int
	for _, m := range all {
		lines = append(lines, m.Line)
	}
	if len(lines) != 5 || lines[0] != 1 || lines[1] != 2 || lines[4] != 3 {
		t.Errorf("got %v", all)
	}
	if text := all.Error(); strings.Count(text, "\n  hint: ") != 5 {
		t.Errorf("got %s", text)
	}
}

func TestUnknownSetting(t *testing.T) {
	all := mistakes(t, `<a b="{{setting "profile"}}"/>`, map[string]string{"profil": "x"})
	if len(all) != 1 || all[0].Advice != "did you mean profile?" {
		t.Errorf("got %v", all)
	}
}

func TestNoSuchLayout(t *testing.T) {
	_, err := layout.Compile(fstest.MapFS{}, "nothing", nil)
	var all tmpl.Mistakes
	if !errors.As(err, &all) || all[0].File != "nothing" || all[0].Advice == "" {
		t.Errorf("got %v", err)
	}
}

// Whatever a template holds, it compiles or is refused, and what compiles writes well-formed XML.
func FuzzCompile(f *testing.F) {
	f.Add(`<a>{{range $i, $d := .Documents}}<b c="{{.Number}}">{{.Total | money}}</b>{{else}}{{template "x" .}}{{end}}</a>{{define "x"}}{{.Account}}{{end}}`)
	f.Add("\uFEFF<?xml version=\"1.0\"?>\r\n<!-- x --><a {{if and .Account (not .Created)}}b='{{.Account | trunc 3}}'{{end}} />")
	f.Add(`<a>{{with $x := .Created | date "2006"}}{{$x}}{{else with .Account}}]]&gt;{{end}}<![CDATA[]]></a>`)
	f.Add(`<p:a xmlns:p="urn:p" xml:lang="{{.Account}}">{{$x := or .Account "&amp;"}}{{range $d := .Documents}}{{with .Customer.Address}}<p:b/>{{end}}{{if eq .Total 1.5}}{{else if digits 1 2 $x}}{{$d.Date}}{{end}}{{.Constants.A}}{{rate .Rate 100}}{{end}}</p:a>`)
	f.Add(`<a>{{digest "d" .}}<b x="{{digest "d" .}}"/>{{template "d" .}}</a>{{define "d"}}<c>{{range .Documents}}{{uuid .ID}}{{translit .Comment}}{{range .Lines}}{{digest "e" .}}{{end}}{{end}}</c>{{template "e" .}}{{end}}{{define "e"}}<e/>{{end}}`)
	b := varied(false)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := layout.Compile(compiler(text), "x", nil)
		if err != nil {
			var all tmpl.Mistakes
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("not a mistake: %v", err)
			}
			return
		}
		out, _ := write(t, l, b)
		parse(t, out)
	})
}

// The same for the cell of a workbook.
func FuzzCell(f *testing.F) {
	f.Add("{{.Number}} {{.Line.SKU}}")
	f.Add(`{{if .VATStated}}{{.Line.VAT}}{{end}}`)
	f.Add(`{{range .Lines}}{{.Name | trunc 3}},{{end}}_x0041_`)
	b := varied(false)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 {
			t.Skip("no such cell")
		}
		l, err := layout.Compile(workbook(t, nil, []string{"A", "B"}, []string{"{{.Number}}", text}), "x", nil)
		if err != nil {
			return
		}
		out, _ := write(t, l, b)
		parse(t, []byte(part(t, out, "xl/worksheets/sheet1.xml")))
	})
}

// A setting that a layout does not have is refused with what was meant, or with those that it has.
func TestUnknownSettingNamesTheKnown(t *testing.T) {
	for name, hint := range map[string]string{
		"versoin": "did you mean version?",
		"schema":  "its settings are address, currency_by, digits, encoding, file_name, name_length, namespace, needs, number, one_path, other_rates, products_without_id, profile, properties, ship_date, target, vat, vat_rates, vat_rates_new, version",
	} {
		_, err := layout.Compile(templates.FS, "commerceml", map[string]string{name: "x"})
		var found tmpl.Mistakes
		if !errors.As(err, &found) || len(found) != 1 || found[0].Text != `the layout has no setting "`+name+`"` || found[0].Advice != hint {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLayoutWithoutName(t *testing.T) {
	_, err := layout.Compile(fstest.MapFS{}, "", nil)
	var all tmpl.Mistakes
	if !errors.As(err, &all) || all[0].Error() != "layout: its name is empty" || all[0].Hint() == "" {
		t.Errorf("got %v", err)
	}
}
