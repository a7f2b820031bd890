package layout_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
)

var records = []any{document.Batch{}, document.Document{}, document.Line{}, document.Customer{}, document.Address{}, document.Proof{}, document.Change{}, document.Sum{}, document.Constant{}, document.Message{}}

// derived are fields that are derived from others, each with a test of its own.
var derived = []string{"Batch.Template", "Batch.Constants", "Batch.Sums", "Batch.NewCustomers", "Batch.NewProducts", "Batch.CustomersWithoutID", "Batch.ProductsWithoutID", "Document.Goods", "Document.Services", "Document.Taxed", "Document.CommonRate", "Customer.INN", "Customer.CountryNumeric", "Customer.CountryName"}

// typeNames returns how the table names a field's Go type.
func typeNames(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[string]():
		return []string{"text"}
	case reflect.TypeFor[money.Decimal]():
		return []string{"amount", "number"}
	case reflect.TypeFor[int]():
		return []string{"number"}
	case reflect.TypeFor[bool]():
		return []string{"true/false"}
	case reflect.TypeFor[time.Time]():
		return []string{"date"}
	case reflect.TypeFor[money.VATRate]():
		return []string{"VAT rate"}
	case reflect.TypeFor[map[string]string]():
		return []string{"constants"}
	}
	if t.Kind() == reflect.Slice {
		return []string{"list of " + t.Elem().Name()}
	}
	return []string{t.Name()}
}

func TestEveryFieldIsInTheTable(t *testing.T) {
	table := map[string]tmpl.Field{}
	for _, f := range tmpl.Fields() {
		if _, twice := table[f.Path()]; twice {
			t.Errorf("%s stands twice in the table", f.Path())
		}
		table[f.Path()] = f
		if f.Russian == "" || f.Meaning == "" || f.Example == "" && !strings.Contains("BatchMessageDocumentCustomerAddressProof list of Line list of Change", f.Type) && !strings.HasPrefix(f.Type, "list") {
			t.Errorf("%s is not described: %+v", f.Path(), f)
		}
	}
	for _, record := range records {
		typ := reflect.TypeOf(record)
		for _, part := range reflect.VisibleFields(typ) {
			if !part.IsExported() || part.Anonymous || slices.Contains(derived, typ.Name()+"."+part.Name) {
				continue
			}
			path := typ.Name() + "." + part.Name
			f, ok := table[path]
			if !ok {
				t.Errorf("%s is not in the table", path)
			} else if names := strings.Join(typeNames(part.Type), " or "); !strings.Contains(names, f.Type) {
				t.Errorf("%s is %s in the table, not %s", path, f.Type, names)
			}
			delete(table, path)
		}
	}
	for path := range table {
		if slices.Contains(derived, path) {
			continue
		}
		t.Errorf("%s is in the table only", path)
	}
}

// Each field prints its own value and not its neighbour's.
func TestFieldsGiveTheirValues(t *testing.T) {
	paths := map[string]string{
		"Document": "{{range .Documents}}{{.%}}{{end}}", "Line": "{{range .Documents}}{{range .Lines}}{{.%}}{{end}}{{end}}",
		"Customer": "{{range .Documents}}{{.Customer.%}}{{end}}", "Address": "{{range .Documents}}{{.ShipTo.%}}{{end}}",
		"Proof": "{{range .Documents}}{{.Proof.%}}{{end}}", "Message": "{{.Message.%}}", "Change": "{{range .Documents}}{{range .Changes}}{{.%}}{{end}}{{end}}", "Batch": "{{.%}}",
	}
	for _, f := range tmpl.Fields() {
		if paths[f.Record] == "" || slices.Contains(derived, f.Path()) {
			continue // see TestControlTotals and TestAccount
		}
		b := document.Batch{Documents: []document.Document{{Lines: []document.Line{{}}, Stage: document.Stage{Changes: []document.Change{{}}}}}}
		d := &b.Documents[0]
		target := map[string]any{"Batch": &b, "Message": &b.Message, "Document": d, "Line": &d.Lines[0], "Customer": &d.Customer, "Address": &d.ShipTo, "Proof": &d.Proof, "Change": &d.Changes[0]}[f.Record]
		want := set(reflect.ValueOf(target).Elem().FieldByName(f.Name))
		if want == "" {
			continue // a record, a list or constants
		}
		text := "<a>" + strings.ReplaceAll(paths[f.Record], "%", f.Name) + "</a>"
		if got := render(t, text, b); got != "<a>"+want+"</a>" {
			t.Errorf("%s: %s, want %s", f.Path(), got, want)
		}
	}
}

// set returns a field a value that no other field has, and says how it prints.
func set(v reflect.Value) string {
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = "value"
		return "value"
	case *money.Decimal:
		*p = dec("7.25")
		return "7.25"
	case *int:
		*p = 7
		return "7"
	case *bool:
		*p = true
		return "true"
	case *time.Time:
		*p = at("2026-11-23 09:30:00")
		return "2026-11-23T09:30:00"
	case *money.VATRate:
		*p = money.PercentVAT(dec("5.5"))
		return "5.5%"
	}
	return ""
}
