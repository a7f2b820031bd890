package site_test

import (
	"testing"

	"obmen/templates/readers"
	"obmen/watch/site"
)

// УТ, ERP and УНФ read what they fetch as the orders that were meant, however often they fetch it: two
// shops' orders of one number are two documents, with numbers of their own.
func TestReadersOfFetched(t *testing.T) {
	for _, target := range readers.Targets() {
		t.Run(target.Name, func(t *testing.T) {
			b, p := newBook(t), start(t, newMemory(0))
			var events []site.Event
			p.on(delivery(t, b, &events))
			for _, account := range []string{"north", "east"} {
				b.exportMany(t, account, 1, 8)
			}
			base := readers.Base{Currency: "RUB", Codes: map[string]string{"643": "RUB"}, Rates: []string{"20"}}
			for range 3 { // without success: the same again
				if err := p.Login(t.Context(), "sale"); err != nil {
					t.Fatal(err)
				}
				body, err := p.Get(t.Context(), "sale", "query", nil)
				if err != nil {
					t.Fatal(err)
				}
				if report := target.Site(readers.Node{}).Read(&base, body); !report.OK {
					t.Fatalf("%+v", report)
				}
			}
			numbers, totals := map[string]bool{}, map[string]bool{}
			for _, o := range base.Orders {
				numbers[o.Number], totals[o.Total.Text(2)] = true, true
			}
			if len(base.Orders) != 16 || len(numbers) != 16 || len(totals) != 1 || !totals["10.00"] {
				t.Errorf("%d orders, numbers %v, totals %v", len(base.Orders), numbers, totals)
			}
		})
	}
}
