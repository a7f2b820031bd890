package layout_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
	"obmen/templates"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCommerceML(t *testing.T) {
	got, report := ours(t, "commerceml", nil, varied(false))
	golden(t, "commerceml.xml", got)
	want := []tmpl.Replacement{{Document: "<&>\"'", Field: "Document.Comment", Count: 4}}
	if diff := cmp.Diff(want, report.Replaced); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if !bytes.HasPrefix(got, []byte("\xEF\xBB\xBF<?xml ")) {
		t.Error("no byte order mark before the declaration")
	}
	if lines, crlf := bytes.Count(got, []byte("\n")), bytes.Count(got, []byte("\r\n")); lines != crlf+1 { // one is a comment's own
		t.Errorf("%d lines, %d end with CRLF", lines, crlf)
	}
}

// The namespace is injected, as the schemas have one and order files have none.
func TestCommerceMLValidates(t *testing.T) {
	xmllint, schemas := tool(t, "xmllint"), shared(t, "onec/commerceml")
	got, _ := ours(t, "commerceml", nil, varied(true))
	text := strings.Replace(string(got), "<КоммерческаяИнформация", `<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2"`, 1)
	file := filepath.Join(t.TempDir(), "orders.xml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"2.08", "2.09", "2.10"} {
		out, err := exec.Command(xmllint, "--noout", "--schema", filepath.Join(schemas, "commerceml-"+version+".xsd"), file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", version, err, out)
		}
	}
}

// asXML is text as XML 1.0 can carry it.
func asXML(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, strings.Join(strings.Split(text, ""), "")) // splitting turns every stray byte into U+FFFD
}

// brokenText is text and pieces of UTF-8: cut short, too long, of surrogates, at the ends of what XML carries.
var brokenText = rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{
	"a", "_", "&", "я", "№", "🍵", "\xC2", "\xDF\xBF", "\xC1\xBF", "\xE1\x80", "\xEC\xBF\xBF", "\xE0\x80\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xED\xA0\x80",
	"\xEE\x80\x80", "\xEF\xBF\xBD", "\xEF\xBF\xBE", "\xEF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\x80", "\xFF", "\x1F", "\x7F",
})), func(pieces []string) string { return strings.Join(pieces, "") })

// Any text in an element or attribute is read back as it was, but for what XML cannot carry.
func TestAnyTextSurvives(t *testing.T) {
	l := compile(t, compiler(`<a>{{range .Documents}}<b c="{{.Number}}" d='{{.Comment}}'>{{.Number}}</b><e>{{.Comment}}</e>{{end}}</a>`), "x", nil)
	text := rapid.OneOf(rapid.String(), brokenText, rapid.StringOf(rapid.RuneFrom([]rune("<>&\"'\r\n\t \x00\x1f\uFFFE]я本🍵"))), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(r *rapid.T) {
		d := document.Document{Identity: document.Identity{Number: text.Draw(r, "number")}, Comment: text.Draw(r, "comment")}
		out, report := write(t, l, document.Batch{Documents: []document.Document{d}})
		var got struct {
			B struct {
				C    string `xml:"c,attr"`
				D    string `xml:"d,attr"`
				Text string `xml:",chardata"`
			} `xml:"b"`
			E string `xml:"e"`
		}
		if err := xml.Unmarshal(out, &got); err != nil {
			r.Fatalf("%v in %q", err, out)
		}
		number, comment := asXML(d.Number), asXML(d.Comment)
		if got.B.C != number || got.B.Text != number || got.B.D != comment || got.E != comment {
			r.Fatalf("wrote %q, %q; read %+v", number, comment, got)
		}
		if changed := number != d.Number || comment != d.Comment; changed != (len(report.Replaced) > 0) {
			r.Fatalf("changed %v, reported %+v", changed, report.Replaced)
		}
	})
}

func anyDocument(r *rapid.T) document.Document {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{"<", "]]>", "&#0;", "шт", "7700000000", "shipping"}))
	number := rapid.Map(rapid.Int64Range(-1e12, 1e12), func(n int64) money.Decimal { return money.Int(n).MulDiv(money.One, money.Int(1000), 3) })
	d := document.Document{
		Identity: document.Identity{ID: text.Draw(r, "id"), Number: text.Draw(r, "number")}, Comment: text.Draw(r, "comment"), Stage: document.Stage{Status: text.Draw(r, "status"), Cancelled: rapid.Bool().Draw(r, "cancelled")},
		Assignment: document.Assignment{Warehouse: text.Draw(r, "warehouse")}, Amounts: document.Amounts{
			Currency: text.Draw(r, "currency"), Total: number.Draw(r, "total"), Rate: number.Draw(r, "rate"), Nominal: money.Int(100),
			VATStated: rapid.Bool().Draw(r, "stated"),
		},
		Customer: document.Customer{
			Name: text.Draw(r, "name"), TaxNumbers: document.TaxNumbers{TaxID: text.Draw(r, "tax id")}, Company: rapid.Bool().Draw(r, "company"), Email: text.Draw(r, "email"),
			Address: document.Address{Full: text.Draw(r, "full"), City: text.Draw(r, "city")},
		},
	}
	for range rapid.IntRange(0, 4).Draw(r, "lines") {
		d.Lines = append(d.Lines, document.Line{
			Kind: rapid.SampledFrom([]string{"goods", "shipping", "gift-wrap", "cod", "other"}).Draw(r, "kind"), Service: rapid.Bool().Draw(r, "service"),
			Product:     document.Product{ProductID: text.Draw(r, "product"), Characteristic: text.Draw(r, "characteristic"), Name: text.Draw(r, "line name"), Unit: text.Draw(r, "unit")},
			LineAmounts: document.LineAmounts{Quantity: number.Draw(r, "quantity"), VATRate: rapid.SampledFrom([]money.VATRate{{}, money.NoVAT, money.PercentVAT(money.Int(20))}).Draw(r, "rate")},
		})
	}
	return d
}

func TestAnyDocumentIsWellFormed(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var b document.Batch
		for range rapid.IntRange(0, 3).Draw(r, "documents") {
			b.Documents = append(b.Documents, anyDocument(r))
		}
		out, _ := ours(t, "commerceml", nil, b)
		parse(t, out)
	})
}

func TestOverflowEndsTheFile(t *testing.T) {
	l := compile(t, compiler("<a>{{range .Documents}}{{.Total}}{{end}}</a>"), "x", nil)
	b := document.Batch{Documents: []document.Document{{Identity: document.Identity{Number: "1"}}, {Identity: document.Identity{Number: "2"}, Amounts: document.Amounts{Total: money.Invalid}}}}
	_, err := l.Parts()[0].Write(t.Context(), io.Discard, b)
	var value *tmpl.ValueError
	if !errors.As(err, &value) || value.Document != "2" || value.Field != "Document.Total" || value.Hint() == "" || !strings.Contains(err.Error(), `"2"`) {
		t.Fatalf("got %v", err)
	}
}

// A document more costs no allocation more, unless its reader needs another one made of it.
func TestDocumentsDoNotAllocate(t *testing.T) {
	for name, settings := range map[string]map[string]string{"commerceml": {"vat_rates": "any", "vat": "as-is"}, "sheet": nil, "salesorder": nil} {
		p := compile(t, templates.FS, name, settings).Parts()[0]
		allocations := func(documents int) float64 {
			b := many(documents)
			return testing.AllocsPerRun(5, func() {
				if _, err := p.Write(context.Background(), io.Discard, b); err != nil {
					t.Fatal(err)
				}
			})
		}
		if few, more := allocations(10), allocations(100); more > few+45 { // under the race detector pools forget
			t.Errorf("%s: %v allocations for 10 documents, %v for 100", name, few, more)
		}
	}
}

func TestWritingStops(t *testing.T) {
	stopped, stop := context.WithCancel(context.Background())
	stop()
	full := errors.New("disk full")
	for _, name := range []string{"commerceml", "sheet"} {
		p := compile(t, templates.FS, name, nil).Parts()[0]
		if _, err := p.Write(stopped, io.Discard, varied(true)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
		if _, err := p.Write(context.Background(), failing{full}, varied(true)); !errors.Is(err, full) {
			t.Errorf("%s: disk full: %v", name, err)
		}
		if _, err := p.Write(context.Background(), io.Discard, varied(true)); err != nil {
			t.Errorf("%s: after that: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Readers turn a line end or tab inside an attribute into a blank unless it is written as a number,
// and a lone return into a line end everywhere.
func TestEscapes(t *testing.T) {
	text := "<&>\"'\t\n\r \uFFFE\uFFFF\x01\xff\u0085я🍵"
	d := document.Document{Identity: document.Identity{Number: "7"}, Comment: text}
	l := compile(t, compiler(`<a>{{range .Documents}}<b c="{{.Comment}}">{{.Comment}}</b>{{end}}</a>`), "x", nil)
	out, report := write(t, l, document.Batch{Documents: []document.Document{d}})
	const rest = " \uFFFD\uFFFD\uFFFD\uFFFD\u0085я🍵"
	want := "<a><b c=\"&lt;&amp;&gt;&#34;&#39;&#9;&#10;&#13;" + rest + "\">&lt;&amp;&gt;\"'\t\n&#13;" + rest + "</b></a>"
	if string(out) != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
	if diff := cmp.Diff([]tmpl.Replacement{{Document: "7", Field: "Document.Comment", Count: 8}}, report.Replaced); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
