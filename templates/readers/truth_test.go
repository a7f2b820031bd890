package readers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/money"
	"obmen/convert/source/input"
	"obmen/templates"
	"obmen/templates/readers"
)

// product is a line of products.csv: its name may be longer than 1C keeps, and hold what readers split at.
type product struct{ sku, id, name, vat string }

var products = []product{
	{"A-1", "6a248d17-0bd9-5068-bf19-01d14c7c6501", "Кружка", "20"},
	{"A-2", "6a248d17-0bd9-5068-bf19-01d14c7c6502", strings.TrimSpace(strings.Repeat("Очень длинное имя ", 12)), "10"},
	{"A-3", "6a248d17-0bd9-5068-bf19-01d14c7c6503", "Чайник", "19"},
	{"A-4", "6a248d17-0bd9-5068-bf19-01d14c7c6504", "Открытка", "0"},
	{"A-5", "6a248d17-0bd9-5068-bf19-01d14c7c6505", "Книга", "Без НДС"},
	{"A-6", "", "Краска #12", "20"},
	{"A-7", "6a248d17-0bd9-5068-bf19-01d14c7c6507", "Стол", "22"},
	{"A-8", "", strings.TrimSpace(strings.Repeat("Шкаф ", 40)), "10"},
	{"A-9", "6a248d17-0bd9-5068-bf19-01d14c7c6509", "Без ставки", ""},
}

const customersCSV = "id;code;name;email;tax_id;kpp;kind\n" +
	"7c9e6679-7425-40de-944b-e07fc1f90a01;1;ООО «Лес»;les@example.com;9900000001;990001001;company\n" +
	"7c9e6679-7425-40de-944b-e07fc1f90a02;2;Иван Образцов;ivan@example.com;;;person\n"

func catalogs(t *rapid.T) *catalog.Snapshot {
	var b strings.Builder
	b.WriteString("sku;id;name;vat\n")
	for _, p := range products {
		fmt.Fprintf(&b, "%s;%s;%s;%s\n", p.sku, p.id, p.name, p.vat)
	}
	cat, err := catalog.Load(fstest.MapFS{"products.csv": {Data: []byte(b.String())}, "customers.csv": {Data: []byte(customersCSV)}})
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

type object = map[string]any

// shopOrders draws the orders of a shop. Equal numbers of two shops are two orders.
func shopOrders(t *rapid.T, shop string) []object {
	var list []object
	for i := range rapid.IntRange(1, 4).Draw(t, "orders of "+shop) {
		currency := rapid.SampledFrom([]string{"RUB", "EUR", "USD"}).Draw(t, "currency")
		inside := rapid.Bool().Draw(t, "VAT inside")
		o := object{
			"order_number": 1001 + i, "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-20T10:00:00Z",
			"currency": currency, "taxes_included": inside,
		}
		o["customer"] = rapid.SampledFrom([]object{
			{"first_name": "Иван", "last_name": "Образцов", "email": "ivan@example.com"},
			{"first_name": "Лес", "email": "les@example.com"},
			{"first_name": "Новый", "last_name": strings.Repeat("Покупатель", 20), "email": "new@example.com"},
			{"first_name": "Ольга", "last_name": "Нова#я", "email": "olga@example.com"},
		}).Draw(t, "customer")
		o["shipping_address"] = object{"address1": "Примерная, 1", "city": "Москва", "country_code": "RU"}
		var lines []object
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			p := rapid.SampledFrom(products).Draw(t, "product")
			price, quantity := money.Unit(2).Times(money.Int(rapid.Int64Range(1, 100_000).Draw(t, "price"))), rapid.Int64Range(1, 9).Draw(t, "quantity")
			line := object{"sku": p.sku, "title": "Что-то", "quantity": quantity, "price": price.Text(2)}
			if rate, err := money.ParseVATRate(p.vat); !inside && err == nil && rate.Kind == money.Rated {
				line["tax_lines"] = []object{{"price": money.VATOnTop(price.Times(money.Int(quantity)), rate.Percent, 2).Text(2)}}
			}
			lines = append(lines, line)
		}
		o["line_items"] = lines
		list = append(list, o)
	}
	return list
}

// converted is what obmen says of orders: its documents, and what it has noted.
type converted struct {
	batches []document.Batch
	held    int
	notes   []string
}

func (c *converted) Outcome(o convert.Outcome) error {
	if o.Hold != nil {
		c.held++
	}
	for _, n := range o.Notes {
		c.notes = append(c.notes, n.Code)
	}
	return nil
}

func (c *converted) Batch(_ context.Context, b document.Batch) error {
	c.batches = append(c.batches, b)
	return nil
}
func (c *converted) Reset() error { *c = converted{}; return nil }

// noted reports whether something was said beforehand.
func (c *converted) noted(prefix string) bool {
	return slices.ContainsFunc(c.notes, func(code string) bool { return strings.HasPrefix(code, prefix) })
}

func (c *converted) documents() (list []*document.Document) {
	for i := range c.batches {
		for j := range c.batches[i].Documents {
			list = append(list, &c.batches[i].Documents[j])
		}
	}
	return list
}

// numbers count as a ledger does.
type numbers map[convert.Key]string

func (n numbers) number(_ string, k convert.Key) (string, error) {
	if n[k] == "" {
		n[k] = document.Numbering{}.Text(len(n) + 1)
	}
	return n[k], nil
}

func convertShops(t *rapid.T, l *layout.Layout, shops map[string][]object, given numbers) *converted {
	all := &converted{}
	for _, shop := range []string{"a", "b"} {
		text, err := json.Marshal(object{"orders": shops[shop]})
		if err != nil {
			t.Fatal(err)
		}
		constants := map[string]string{"СсылкаОрганизации": organisation.ID, "СсылкаСклада": warehouse.ID}
		opt := convert.Options{
			Accounts: []convert.Account{{Name: shop, Organisation: organisation.Name, Warehouses: map[string]string{"": warehouse.Name}, Constants: constants}},
			Account:  shop, Readers: func(string) []*document.Reader { return layout.Readers([]*layout.Layout{l}) }, Number: given.number,
		}
		part := &converted{}
		in := input.Input{Name: "orders.json", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}
		if _, err := convert.Run(context.Background(), []input.Input{in}, catalogs(t), opt, part); err != nil {
			t.Fatal(err)
		}
		all.batches, all.held, all.notes = append(all.batches, part.batches...), all.held+part.held, append(all.notes, part.notes...)
	}
	return all
}

var (
	organisation = readers.Named{ID: "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e01", Name: "ООО Пример"}
	warehouse    = readers.Named{ID: "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e02", Name: "Основной склад"}
)

// newBase is a base that knows what the catalogs say it knows.
func newBase() *readers.Base {
	b := &readers.Base{
		Currency: "RUB", Currencies: []string{"EUR", "USD"}, Codes: map[string]string{"643": "RUB", "978": "EUR", "840": "USD"},
		Rates: []string{"0", "10", "18", "20"}, Organisations: []readers.Named{organisation}, Warehouses: []readers.Named{warehouse},
		Buyers: []readers.Buyer{
			{ID: "7c9e6679-7425-40de-944b-e07fc1f90a01", Name: "ООО «Лес»", Kind: readers.Company, TaxID: "9900000001", KPP: "990001001"},
			{ID: "7c9e6679-7425-40de-944b-e07fc1f90a02", Name: "Иван Образцов", Kind: readers.Person},
		},
	}
	for _, p := range products {
		if p.id != "" {
			b.Items = append(b.Items, readers.Item{ID: p.id, Article: p.sku, Name: document.FitName(p.name, 100), Rate: "20"})
		}
	}
	return b
}

func load(t *rapid.T, r readers.Reader, b *readers.Base, l *layout.Layout, batches []document.Batch) {
	for _, batch := range batches {
		var file bytes.Buffer
		if _, err := l.Parts()[0].Write(context.Background(), &file, batch); err != nil {
			t.Fatal(err)
		}
		if wrong := breaks(file.Bytes()); l.Name() == "commerceml" && wrong != "" {
			t.Fatalf("%s\n%s", wrong, file.String())
		}
		if report := r.Read(b, file.Bytes()); !report.OK {
			t.Fatalf("not loaded: %q\n%s", report.Messages, file.String())
		}
	}
}

// differs says in what a base is not what the documents mean; empty when it is.
func differs(b *readers.Base, c *converted, l *layout.Layout) string {
	documents := c.documents()
	if len(b.Orders) != len(documents) {
		return fmt.Sprintf("%d documents in 1C, %d exported", len(b.Orders), len(documents))
	}
	for _, d := range documents {
		at := slices.IndexFunc(b.Orders, func(o readers.Order) bool { return o.ID == d.ID || o.ID == "" && o.Site == d.NumberOfSite() })
		if at < 0 {
			return d.Number + " is missing"
		}
		if wrong := differsFrom(b, &b.Orders[at], d, c, l); wrong != "" {
			return d.Account + " " + d.Number + ": " + wrong
		}
	}
	return ""
}

func differsFrom(b *readers.Base, o *readers.Order, original *document.Document, c *converted, l *layout.Layout) string {
	d := l.Reader().Fit(original)
	switch {
	case o.Total != d.Total:
		return fmt.Sprintf("total %s, want %s", o.Total, d.Total)
	case o.Currency != d.Currency:
		return fmt.Sprintf("currency %s, want %s", o.Currency, d.Currency)
	case len(o.Lines) != len(d.Lines):
		return fmt.Sprintf("%d lines, want %d", len(o.Lines), len(d.Lines))
	case o.Buyer < 0 || b.Buyers[o.Buyer].Name != d.Customer.Name:
		return fmt.Sprintf("buyer %d, want %s", o.Buyer, d.Customer.Name)
	case (b.Buyers[o.Buyer].Kind == readers.Company) != d.Customer.Company:
		return "the buyer is of another kind"
	case o.Organisation != d.Organisation || o.Warehouse != d.Warehouse:
		return fmt.Sprintf("organisation %q, warehouse %q", o.Organisation, o.Warehouse)
	case !o.Posted:
		return "not posted"
	}
	for i, line := range o.Lines {
		want := &d.Lines[i]
		if line.Item < 0 || want.ProductID != "" && b.Items[line.Item].ID != want.ProductID || b.Items[line.Item].Name != want.Name {
			return fmt.Sprintf("line %d: another item: %+v, want %+v", i+1, line, want)
		}
		if line.Sum != want.Amount || line.Quantity != want.Quantity {
			return fmt.Sprintf("line %d: %s for %s, want %s for %s", i+1, line.Quantity, line.Sum, want.Quantity, want.Amount)
		}
		rate := readers.WithoutVAT
		if want.VATRate.Kind == money.Rated {
			rate = want.VATRate.Percent.String()
		}
		said := c.noted("new-vat-rate") && rate == "22" || rate == "0"
		if line.Rate != rate && !(said && line.Rate == readers.WithoutVAT) {
			return fmt.Sprintf("line %d: rate %q, want %q", i+1, line.Rate, rate)
		}
	}
	return ""
}

// Whatever the orders, each model's base holds exactly what obmen says it exported, once, however often the
// file is read, with changes and cancellations, or obmen has said beforehand what cannot be kept.
// Ten thousand orders a target: go test ./templates/readers -run TestReadersAgree -rapid.checks=2500
func TestReadersAgree(t *testing.T) {
	node := readers.Node{Organisation: organisation.Name, Warehouse: warehouse.Name}
	for _, target := range readers.Targets() {
		for name, r := range map[string]readers.Reader{"commerceml": target.Site(node), "enterprisedata": target.Message(node)} {
			for _, setting := range []string{"", target.Name} {
				l, err := layout.Compile(templates.FS, name, map[string]string{"target": setting})
				if err != nil {
					t.Fatal(err)
				}
				exported := 0
				t.Run(target.Name+"/"+name+"/"+setting, func(t *testing.T) {
					rapid.Check(t, func(t *rapid.T) {
						exported += agree(t, r, l)
					})
					if exported == 0 {
						t.Fatal("nothing was exported: nothing was tested")
					}
				})
			}
		}
	}
}

func agree(t *rapid.T, r readers.Reader, l *layout.Layout) int {
	shops := map[string][]object{"a": shopOrders(t, "a"), "b": shopOrders(t, "b")}
	given := numbers{}
	c := convertShops(t, l, shops, given)
	b := newBase()
	load(t, r, b, l, c.batches)
	if wrong := differs(b, c, l); wrong != "" {
		t.Fatal("read once: " + wrong)
	}
	items, buyers := len(b.Items), len(b.Buyers)
	load(t, r, b, l, c.batches)
	if wrong := differs(b, c, l); wrong != "" || len(b.Items) != items || len(b.Buyers) != buyers {
		t.Fatalf("read again: %s (%d and %d items, %d and %d buyers)", wrong, items, len(b.Items), buyers, len(b.Buyers))
	}
	for _, list := range shops {
		list[0]["note"], list[0]["updated_at"] = "changed", "2026-11-21T10:00:00Z"
		lines := list[0]["line_items"].([]object)
		list[0]["line_items"] = append(lines, object{"sku": "A-5", "quantity": 1, "price": "7.00"})
	}
	changed := convertShops(t, l, shops, given)
	changed.notes = append(changed.notes, c.notes...)
	if changed.held == c.held {
		load(t, r, b, l, changed.batches)
		if wrong := differs(b, changed, l); wrong != "" {
			t.Fatal("changed: " + wrong)
		}
		c = changed
	}
	for i := range c.batches {
		for j := range c.batches[i].Documents {
			c.batches[i].Documents[j].Cancelled = true
		}
	}
	load(t, r, b, l, c.batches)
	for i := range b.Orders {
		if o := &b.Orders[i]; !o.Cancelled && !o.Deleted {
			t.Fatalf("%s is cancelled and alive", o.Site)
		}
	}
	return len(b.Orders)
}
