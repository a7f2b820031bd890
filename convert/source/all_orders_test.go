package source_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

var exactly = cmpopts.EquateComparable(money.Decimal{})

func dec(s string) money.Optional { return money.Known(money.MustParse(s)) }

// The values of a made-up row of the All Orders report, by column.
var allOrdersRow = map[string]string{
	"amazon-order-id":                    "171-2000001-1000001",
	"merchant-order-id":                  "W-77",
	"purchase-date":                      "2026-11-18T09:12:44+00:00",
	"last-updated-date":                  "2026-11-19T11:00:00+00:00",
	"order-status":                       "Shipped",
	"fulfillment-channel":                "Amazon",
	"sales-channel":                      "Amazon.es",
	"order-channel":                      "WebsiteOrderChannel",
	"url":                                "https://example.com",
	"ship-service-level":                 "Expedited",
	"product-name":                       `"Rodillo" de masaje`,
	"sku":                                " ARS-ROD 01",
	"asin":                               "B0TEST0",
	"item-status":                        "Shipped",
	"number-of-items":                    "10",
	"quantity":                           "10",
	"currency":                           "EUR",
	"item-price":                         "1210.00",
	"item-tax":                           "210.0",
	"shipping-price":                     "2.99",
	"shipping-tax":                       "0.52",
	"gift-wrap-price":                    "3",
	"gift-wrap-tax":                      "--",
	"item-promotion-discount":            "10.5",
	"ship-promotion-discount":            "2.99",
	"ship-city":                          "Madrid",
	"ship-state":                         "Madrid",
	"ship-postal-code":                   "28001",
	"ship-country":                       "ES",
	"ship-promotion-id":                  "",
	"promotion-ids":                      "Spring 10%, FREE-SHIP",
	"cpf":                                "",
	"is-business-order":                  "true",
	"purchase-order-number":              "PO-9",
	"price-designation":                  "Business Price",
	"tax-collection-model":               "MarketplaceFacilitator",
	"tax-collection-responsible-party":   "Amazon Example Inc.",
	"signature-confirmation-recommended": "false",
	"order-item-id":                      "40500000000001",
}

func allOrdersWant(has func(column string) bool) order.Order {
	o := order.Order{
		Format: "amazon-all-orders",
		Origin: order.Origin{File: "orders.txt", Line: 2},
		Identifiers: order.Identifiers{
			ID:            "171-2000001-1000001",
			Aliases:       []string{"W-77"},
			PurchaseOrder: "PO-9",
		},
		Sale: order.Sale{
			Marketplace:   "ES",
			SalesChannel:  "Amazon.es",
			Channel:       order.ByAmazon,
			ServiceLevel:  "Expedited",
			Programs:      []order.Program{order.AmazonBusiness},
			BusinessOrder: true,
		},
		Stage: order.Stage{
			Status:     order.Shipped,
			StatusText: "Shipped",
			Created:    time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC),
			Updated:    time.Date(2026, 11, 19, 11, 0, 0, 0, time.UTC),
		},
		ShipTo:  order.Address{City: "Madrid", State: "Madrid", Postcode: "28001", Country: "ES"},
		Amounts: order.Amounts{Currency: "EUR"},
		Lines: []order.Line{{
			Origin: order.Origin{File: "orders.txt", Line: 2},
			Item: order.Item{
				SKU:   " ARS-ROD 01",
				ASIN:  "B0TEST0",
				Title: `"Rodillo" de masaje`,
			},
			Ordered:    money.Int(10),
			Promotions: []string{"Spring 10%", "FREE-SHIP"},
			Charges: order.Charges{
				Price:    order.Charge{Amount: dec("1210"), Tax: dec("210")},
				Shipping: order.Charge{Amount: dec("2.99"), Tax: dec("0.52")},
				GiftWrap: order.Charge{Amount: dec("3")},
			},
			Discounts: order.Discounts{
				Discount:         order.Charge{Amount: dec("10.5")},
				ShippingDiscount: order.Charge{Amount: dec("2.99")},
			},
		}},
	}
	if has("order-item-id") {
		o.Lines[0].ID = "40500000000001"
	}
	if has("tax-collection-responsible-party") {
		o.Lines[0].TaxRemitter = "Amazon Example Inc."
	}
	if !has("ship-city") { // archived orders keep the country alone
		o.ShipTo = order.Address{Country: "ES"}
	}
	return o
}

// Every header that was ever seen is read, in its own order and shuffled.
func TestAllOrdersHeaders(t *testing.T) {
	variants := 0
	for line := range strings.Lines(string(sharedData(t, "amazon/reports/report-headers.tsv"))) {
		name, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !strings.Contains(name, "ALL_ORDERS") && !strings.Contains(name, "ARCHIVED_ORDERS") {
			continue
		}
		variants++
		columns := strings.Fields(rest[strings.LastIndexByte(rest, '\t'):])
		for seed := range uint64(4) {
			if seed > 0 {
				r := rand.New(rand.NewPCG(seed, 1))
				r.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
			}
			has := func(c string) bool { return strings.Contains(" "+strings.Join(columns, " ")+" ", " "+c+" ") }
			var cells []string
			for _, c := range columns {
				cells = append(cells, allOrdersRow[c])
			}
			content := strings.Join(columns, "\t") + "\n" + strings.Join(cells, "\t") + "\n"
			got := mustRead(t, file(content))
			if diff := cmp.Diff([]order.Order{allOrdersWant(has)}, got, exactly); diff != "" {
				t.Fatalf("%s, seed %d (-want +got):\n%s", name, seed, diff)
			}
		}
	}
	if variants < 9 {
		t.Fatalf("only %d header variants", variants)
	}
}

func TestAllOrdersSharedFiles(t *testing.T) {
	for _, name := range []string{"all_orders_es_33col.tsv", "all_orders_es_33col_bom_crlf.tsv"} {
		got := mustRead(t, file(string(sharedData(t, "amazon/reports/"+name))))
		if len(got) != 1 || len(got[0].Lines) != 1 {
			t.Fatalf("%s: %d orders", name, len(got))
		}
		l := got[0].Lines[0]
		if l.Price != (order.Charge{Amount: dec("1210"), Tax: dec("210")}) || l.Ordered != money.Int(10) || got[0].ShipTo.Postcode != "28001" {
			t.Errorf("%s: %+v", name, got[0])
		}
	}
}

const shortHead = "amazon-order-id|order-status|item-status|order-item-id|sku|product-name|quantity|currency|item-price|item-tax|sales-channel|purchase-date"

// rowsOf tells ids and SKUs of what was read: "A1:x,y A2:z", and refused orders as "!A3".
func rowsOf(out outcome) string {
	var list []string
	for _, o := range out.orders {
		var skus []string
		for _, l := range o.Lines {
			skus = append(skus, l.SKU)
		}
		list = append(list, o.ID+":"+strings.Join(skus, ","))
	}
	for _, e := range out.refused {
		list = append(list, "!"+e.Order)
	}
	return strings.Join(list, " ")
}

func TestAllOrdersRows(t *testing.T) {
	row := func(id, item, sku string) string {
		return id + "|Shipped|Shipped|" + item + "|" + sku + "|Title|1|EUR|10.0|0|Amazon.de|2026-11-18"
	}
	tests := []struct {
		name string
		rows []string
		want string
	}{
		{"adjacent", []string{row("A1", "", "x"), row("A1", "", "y"), row("A2", "", "z")}, "A1:x,y A2:z"},
		{"scattered, in order of completion", []string{row("A1", "", "x"), row("A2", "", "z"), row("A3", "", "v"), row("A1", "", "y")}, "A2:z A3:v A1:x,y"},
		{"interleaved", []string{row("A1", "", "a"), row("A2", "", "b"), row("A1", "", "c"), row("A2", "", "d"), row("A1", "", "e")}, "A2:b,d A1:a,c,e"},
		{"blank lines", []string{row("A1", "", "x"), "", " | | ", row("A1", "", "y"), "", ""}, "A1:x,y"},
		{"a repeated item is one", []string{row("A1", "7", "x"), row("A2", "8", "y"), row("A1", "7", "x")}, "A2:y A1:x"},
		{"repeated rows without item id are two", []string{row("A1", "", "x"), row("A1", "", "x")}, "A1:x,x"},
		{"an item with two contents", []string{row("A1", "7", "x"), row("A1", "7", "y"), row("A2", "", "z")}, "A2:z !A1"},
		{"the header again", []string{row("A1", "", "x"), shortHead, row("A2", "", "y")}, "A1:x A2:y"},
		{"one bad row refuses its order once", []string{row("A1", "", "x"), strings.Replace(row("A1", "", "y"), "10.0", "1O", 1), strings.Replace(row("A1", "", "z"), "10.0", "?", 1), row("A2", "", "v")}, "A2:v !A1"},
		{"a bad row far from the good one", []string{row("A1", "", "x"), row("A2", "", "v"), strings.Replace(row("A1", "", "y"), "10.0", "1O", 1)}, "A2:v !A1"},
		{"two currencies", []string{row("A1", "", "x"), strings.Replace(row("A1", "", "y"), "EUR", "USD", 1)}, "!A1"},
		{"no order id", []string{row("", "", "x"), row("A2", "", "y")}, "A2:y !"},
		{"rounded order id", []string{row("1.71E+16", "", "x"), row("1,71E+16", "", "x"), row("A2", "", "y")}, "A2:y ! !"},
		{"rounded item id", []string{row("A1", "4.05E+13", "x"), row("A2", "", "y")}, "A2:y !A1"},
		{"too many cells", []string{row("A1", "", "x") + "|", row("A2", "", "y")}, "A2:y !A1"},
		{"short row without a quantity", []string{"A1|Shipped|Shipped||x", row("A2", "", "y")}, "A2:y !A1"},
		{"pending", []string{"A1|Pending|Unshipped||x|Title|1"}, "A1:x"},
		{"quantity and date", []string{strings.Replace(row("A1", "", "x"), "|1|", "|1.5|", 1), strings.Replace(row("A2", "", "y"), "2026-11-18", "18.11.26", 1)}, "!A1 !A2"},
		{"line break in a title", []string{"A1|Shipped|Shipped||x|Half a", "title here|1|EUR|10.0|0|Amazon.de|2026-11-18"}, "! !A1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := readInput(file(tsv(append([]string{shortHead}, tt.rows...)...)))
			if out.ended != nil {
				t.Fatal(out.ended)
			}
			if got := rowsOf(out); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for _, e := range out.refused {
				if e.At.Line == 0 || e.Advice == "" || e.At.File == "" {
					t.Errorf("%v: no place or hint %q", e, e.Advice)
				}
			}
		})
	}
}

// The message that EXAMPLES of errors promise: file, line, column, field, value, what is wrong.
func TestAllOrdersErrorText(t *testing.T) {
	out := readInput(file(tsv(shortHead, "", "A1|Shipped|Shipped||x|Title|1|EUR|12,3O|0|Amazon.de|2026-11-18")))
	if len(out.refused) != 1 {
		t.Fatal(out)
	}
	want := `orders.txt:3:35: item-price "12,3O": not a number (letter O at byte 5)`
	if got := out.refused[0].Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAllOrdersChannels(t *testing.T) {
	for channel, want := range map[string]order.Order{
		"Amazon.co.uk":  {Sale: order.Sale{Marketplace: "GB"}},
		"Non-Amazon":    {Sale: order.Sale{MultiChannel: true}},
		"Non-Amazon US": {Sale: order.Sale{MultiChannel: true}},
		"amazon.com.be": {Sale: order.Sale{Marketplace: "BE"}},
	} {
		got := mustRead(t, file(tsv(shortHead, "A1|Shipped|Shipped||x|Title|1|EUR|1|0|"+channel+"|2026-11-18")))[0]
		if got.Marketplace != want.Marketplace || got.MultiChannel != want.MultiChannel || got.SalesChannel != channel {
			t.Errorf("%s: %q %v", channel, got.Marketplace, got.MultiChannel)
		}
	}
}

// A reader that stops early is not called again.
func TestAllOrdersStop(t *testing.T) {
	rows := []string{shortHead}
	for i := range 100 {
		rows = append(rows, fmt.Sprintf("A%d|Shipped|Shipped||x|Title|1|EUR|1|0|Amazon.de|2026-11-18", i))
	}
	in := file(tsv(rows...))
	f, _ := source.Detect(in, nil)
	n := 0
	for range f.Read(t.Context(), in) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d orders", n)
	}
}

func FuzzAllOrders(f *testing.F) {
	f.Add([]byte(tsv(shortHead, "A1|Shipped|Shipped|7|x|Title|1|EUR|12.50|1.00|Amazon.de|2026-11-18", "A1|||7|x|Title|1|USD|1")))
	f.Add([]byte(strings.ReplaceAll(shortHead, "|", ";") + "\r\nA1;\"a\"\"b\nc\";;;;\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzReport(t, "amazon-all-orders", b) })
}

// fuzzReport holds what is true of every file: no panic, no order twice, nothing after the end.
func fuzzReport(t *testing.T, name string, b []byte) {
	for _, f := range source.Formats() {
		if f.Name() != name {
			continue
		}
		seen := map[string]bool{}
		ended := false
		for o, err := range f.Read(t.Context(), file(string(b))) {
			var row *input.RowError
			if ended {
				t.Fatal("something after the end of the file")
			}
			if ended = err != nil && !errors.As(err, &row); err != nil {
				continue
			}
			if o.ID == "" || seen[o.ID] {
				t.Fatalf("order %q twice or without id", o.ID)
			}
			seen[o.ID] = true
			for _, l := range o.Lines {
				if l.Ordered.Sign() < 0 || l.Origin.Line == 0 {
					t.Fatalf("line %+v", l)
				}
			}
		}
	}
}
