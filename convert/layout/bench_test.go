package layout_test

import (
	"context"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"text/template"
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/templates"
)

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func many(n int) document.Batch {
	b := document.Batch{Account: "example-eu", Created: at("2026-11-23 09:30:00")}
	for range n {
		d := multiLine()
		d.Number1C = d.NumberOfSite() // as convert gives it
		b.Documents = append(b.Documents, d)
	}
	return b
}

func benchmark(b *testing.B, name string, documents int) {
	p := compile(b, templates.FS, name, nil).Parts()[0]
	batch := many(documents)
	var n counter
	if _, err := p.Write(context.Background(), &n, batch); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Write(context.Background(), io.Discard, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(documents*b.N)/b.Elapsed().Seconds(), "orders/s")
}

func BenchmarkCommerceML(b *testing.B) { benchmark(b, "commerceml", 500) }

func BenchmarkSheet(b *testing.B) { benchmark(b, "sheet", 500) }

func BenchmarkSheetSmall(b *testing.B) { benchmark(b, "sheet", 1) }

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, templates.FS, "commerceml", nil)
	}
}

// engineText is an order as XML in actions that both engines know: fields, loops, conditions.
const engineText = `<?xml version="1.0" encoding="UTF-8"?>
<Orders>{{range .Documents}}
	<Order id="{{.ID | x}}" date="{{.Date | d}}">
		<Number>{{.Number | x}}</Number>{{if .Cancelled}}<Cancelled/>{{end}}
		<Customer><Name>{{.Customer.Name | x}}</Name><Email>{{.Customer.Email | x}}</Email></Customer>
		<Comment>{{.Comment | x}}</Comment>{{range .Lines}}
		<Line sku="{{.SKU | x}}"><Name>{{.Name | x}}</Name><Quantity>{{.Quantity | q}}</Quantity><Price>{{.Price | m}}</Price><Amount>{{.Amount | m}}</Amount></Line>{{end}}
	</Order>{{end}}
</Orders>
`

// BenchmarkEngine writes the same XML by this package and by text/template.
func BenchmarkEngine(b *testing.B) {
	batch := many(500)
	ours := strings.NewReplacer(" | x", "", " | d", ` | date "2006-01-02"`, " | q", " | qty", " | m", " | money").Replace(engineText)
	part := compile(b, compiler(ours), "x", nil).Parts()[0]
	peer := template.Must(template.New("").Funcs(template.FuncMap{
		"x": func(s string) string {
			var out strings.Builder
			_ = xml.EscapeText(&out, []byte(s))
			return out.String()
		},
		"d": func(t time.Time) string { return t.Format("2006-01-02") },
		"q": func(d money.Decimal) string { return d.Text(0) },
		"m": func(d money.Decimal) string { return d.Text(2) },
	}).Parse(engineText))
	run := func(name string, write func(io.Writer) error) {
		b.Run(name, func(b *testing.B) {
			var n counter
			if err := write(&n); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("obmen", func(w io.Writer) error { _, err := part.Write(b.Context(), w, batch); return err })
	run("text-template", func(w io.Writer) error { return peer.Execute(w, batch) })
}
