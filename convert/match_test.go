package convert

import (
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"obmen/convert/catalog"
	"obmen/convert/order"
)

func load(products string) *catalog.Snapshot {
	return loadFiles(map[string]string{"products.csv": products})
}

func loadFiles(files map[string]string) *catalog.Snapshot {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	cat, err := catalog.Load(fsys)
	if err != nil {
		panic(err)
	}
	return cat
}

func TestCustomers(t *testing.T) {
	const customers = "id;code;name;first_name;email;phone;tax_id\n" +
		";c1;Anna Gold;Anna;anna@example.com;+49 30 111;\n" +
		";c2;Anna Stern;Anna;;;\n" +
		";c3;Boris Holm;Boris;holm@example.com;;DE123\n" +
		";c4;Иван;Иван;;;\n" +
		";retail;Retail;;;;\n" +
		";b2b;Firms;;;;\n"
	const buyers = "marketplace;country;buyer;channel;customer\nDE;;b2b;;b2b\nFR;;;;retail\n"
	for _, c := range []struct {
		name        string
		buyer       order.Buyer
		marketplace string
		business    bool
		account     Account
		match       MatchOptions
		code        string // of the customer; "new" for a created one, "retail buyer" for the collective one
		hold        Code
	}{
		{name: "by tax id", buyer: order.Buyer{TaxID: "de 123", Name: "Whoever"}, code: "c3"},
		{name: "by e-mail, letter case aside", buyer: order.Buyer{Email: "ANNA@example.com"}, code: "c1"},
		{name: "an e-mail address of another firm", buyer: order.Buyer{Email: "holm@example.com", TaxID: "DE999", Name: "Anybody"}, code: "new"},
		{name: "the same firm without its country's prefix", buyer: order.Buyer{Email: "holm@example.com", TaxID: "12-3", Name: "Anybody"}, code: "c3"},
		{name: "by phone digits", buyer: order.Buyer{Phone: "+49-30-111"}, code: "c1"},
		{name: "by full name", buyer: order.Buyer{Name: " anna  stern "}, code: "c2"},
		{name: "by first and last name", buyer: order.Buyer{FirstName: "Anna", LastName: "Stern"}, code: "c2"},
		{name: "by first name alone", buyer: order.Buyer{FirstName: " Иван "}, code: "c4"},
		{name: "a first name that two have", buyer: order.Buyer{FirstName: "Anna"}, hold: AmbiguousCustomer},
		{name: "a first name whose last name is another", buyer: order.Buyer{FirstName: "Boris", LastName: "Other"}, code: "new"},
		{name: "one name, another e-mail", buyer: order.Buyer{Name: "Anna Gold", Email: "other@example.com"}, code: "new"},
		{name: "one name, Amazon's relay address", buyer: order.Buyer{Name: "Anna Gold", Email: "x1@marketplace.amazon.de"}, code: "c1"},
		{name: "unknown: created", buyer: order.Buyer{Name: "Nobody"}, code: "new"},
		{name: "unknown: held", buyer: order.Buyer{Name: "Nobody"}, match: MatchOptions{UnknownCustomer: HoldIt}, hold: UnknownCustomer},
		{name: "unknown: the default", buyer: order.Buyer{Name: "Nobody"}, match: MatchOptions{UnknownCustomer: Default, DefaultCustomer: "retail"}, code: "retail"},
		{name: "a default that is not there", buyer: order.Buyer{Name: "Nobody"}, match: MatchOptions{UnknownCustomer: Default, DefaultCustomer: "x"}, hold: UnknownCustomer},
		{name: "a rule for the marketplace", buyer: order.Buyer{Name: "Nobody"}, marketplace: "FR", code: "retail"},
		{name: "a rule for firms", buyer: order.Buyer{Name: "Nobody"}, marketplace: "DE", business: true, code: "b2b"},
		{name: "nobody named: the account's own", account: Account{Customer: "retail"}, marketplace: "DE", code: "retail"},
		{name: "nobody named: the settings' default", match: MatchOptions{DefaultCustomer: "retail"}, marketplace: "DE", code: "retail"},
		{name: "nobody named", marketplace: "DE", code: "retail buyer"},
		{name: "only the keys that the settings name", buyer: order.Buyer{Email: "anna@example.com"}, match: MatchOptions{Customer: []catalog.CustomerKey{"name"}}, code: "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cat := loadFiles(map[string]string{"products.csv": "sku;name\n", "customers.csv": customers, "buyers.csv": buyers})
			m := &matcher{cat: cat, opt: &Options{Match: c.match}, account: c.account}
			o := &order.Order{Format: "test", Identifiers: order.Identifiers{ID: "1"}, Sale: order.Sale{Marketplace: c.marketplace, BusinessOrder: c.business}, Buyer: c.buyer}
			got, hold := m.findCustomer(o)
			code := got.Code
			switch {
			case got.Retail:
				code = "retail buyer"
			case got.New:
				code = "new"
			}
			if hold != nil {
				code = string(hold.Code)
			}
			if want := c.code + string(c.hold); code != want {
				t.Errorf("got %q, want %q", code, want)
			}
			if hold == nil && (got.ID == "" || got.Name == "") {
				t.Errorf("customer without id or name: %+v", got)
			}
		})
	}
}

// Two buyers never share an id, and one buyer keeps theirs from order to order.
func TestCreatedBuyersKeepTheirIDs(t *testing.T) {
	m := &matcher{cat: catalog.Empty(), opt: &Options{}}
	customer := func(o *order.Order) string {
		c, hold := m.findCustomer(o)
		if hold != nil {
			t.Fatal(hold.Sentence)
		}
		return c.ID
	}
	of := func(id string, b order.Buyer, city string) *order.Order {
		return &order.Order{Format: "amazon-orders-v0", Identifiers: order.Identifiers{ID: id}, Sale: order.Sale{Marketplace: "DE"}, Buyer: b, ShipTo: order.Address{City: city}}
	}
	anna := order.Buyer{Name: "Anna Gold", Email: "anna@example.com"}
	first := customer(of("1", anna, "Bonn"))
	for name, id := range map[string]string{
		"another e-mail": customer(of("2", order.Buyer{Name: "Anna Gold", Email: "a@example.com"}, "Bonn")),
		"no e-mail":      customer(of("3", order.Buyer{Name: "Anna Gold"}, "Bonn")),
		"another city":   customer(of("4", order.Buyer{Name: "Anna Gold"}, "Köln")),
		"nobody":         customer(of("5", order.Buyer{}, "Bonn")),
	} {
		if id == first {
			t.Errorf("%s: the id is that of somebody else", name)
		}
	}
	if again := customer(of("6", anna, "Köln")); again != first {
		t.Error("the same buyer got another id in another order")
	}
	if customer(of("7", order.Buyer{}, "Bonn")) != customer(of("8", order.Buyer{}, "Köln")) {
		t.Error("two unnamed buyers of one marketplace are two customers")
	}
}

func TestDocumentIDsNeverChange(t *testing.T) {
	for _, c := range []struct{ account, want string }{
		{"eu", "09778563-0f39-5a3f-af62-f38674f75c84"},
		{"renamed", "09778563-0f39-5a3f-af62-f38674f75c84"},
	} {
		o := &order.Order{Format: "amazon-all-orders", Identifiers: order.Identifiers{ID: "302-0000001-0000001"}, Sale: order.Sale{Marketplace: "DE"}}
		if got := documentID(o, c.account); got != c.want {
			t.Errorf("account %s: id %s, want %s", c.account, got, c.want)
		}
	}
	shop := &order.Order{Format: "shop-orders", Identifiers: order.Identifiers{ID: "1001"}}
	if documentID(shop, "one") == documentID(shop, "two") {
		t.Error("order 1001 of two shops is one document")
	}
}

func TestProducts(t *testing.T) {
	cat := loadFiles(map[string]string{
		"products.csv": "sku;name;barcode\nAB-100;Mug;4600000000017\nC-1;Cup;\nASIN1;By ASIN;\n",
		"skus.csv":     "sku;marketplace;product;quantity;share\nMUG2;;AB-100;2;\nMUG2;DE;AB-100;3;\nSET;;AB-100;1;70\nSET;;C-1;2;30\n",
	})
	for _, c := range []struct {
		sku, barcode, asin, marketplace string
		by                              []ProductKey
		want                            string
	}{
		{sku: "ab-100", want: "AB-100×1"},
		{sku: " AB-100\u00a0", want: "AB-100×1"},
		{sku: "MUG2", want: "AB-100×2"},
		{sku: "MUG2", marketplace: "DE", want: "AB-100×3"},
		{sku: "SET", want: "AB-100×1 C-1×2"},
		{sku: "X", barcode: "4600000000017", want: "held"},
		{sku: "X", barcode: "4600000000017", by: []ProductKey{ByBarcode}, want: "AB-100×1"},
		{sku: "X", asin: "ASIN1", by: []ProductKey{ByASIN}, want: "ASIN1×1"},
		{sku: "АВ-100", want: "held"}, // Cyrillic letters: a suggestion, never a match
		{sku: "", want: "held"},
	} {
		m := &matcher{cat: cat, opt: &Options{}, account: Account{ProductBy: c.by}}
		o := sale(c.marketplace, "USD", func(_ *order.Order, l *order.Line) { l.SKU, l.Barcode, l.ASIN = c.sku, c.barcode, c.asin })
		list, hold := m.findProducts(o)
		got := "held"
		if hold == nil {
			var parts []string
			for _, p := range list[0].components {
				parts = append(parts, p.Product.SKU+"×"+p.Quantity.String())
			}
			got = strings.Join(parts, " ")
		}
		if got != c.want {
			t.Errorf("%q (%s): %s, want %s", c.sku, c.marketplace, got, c.want)
		}
	}
}

// The hold of an unknown SKU has a line for each of them, ready to paste.
func TestUnknownSKUsAreCuredAtOnce(t *testing.T) {
	m := &matcher{cat: load("sku;name\nAB-100;Mug\n"), opt: &Options{}}
	o := sale("DE", "EUR", nil)
	o.Lines = []order.Line{{Item: order.Item{SKU: "АВ-100"}, Ordered: known("1").Value}, {Item: order.Item{SKU: `S;"1"`}, Ordered: known("1").Value}, {Item: order.Item{SKU: "АВ-100"}, Ordered: known("1").Value}}
	_, hold := m.findProducts(o)
	want := []string{"АВ-100;DE;AB-100;1;", `"S;""1""";DE;;1;`}
	if hold == nil || hold.Code != UnknownSKU || strings.Join(hold.Add, "|") != strings.Join(want, "|") {
		t.Errorf("got %+v, want %q", hold, want)
	}

	// A file with other columns gets lines that fit it.
	m.cat = loadFiles(map[string]string{"products.csv": "sku;name\nAB-100;Mug\n", "skus.csv": "Товар,remark,Артикул\nAB-100,x,OTHER\n"})
	_, hold = m.findProducts(o)
	want = []string{"AB-100,,АВ-100", `,,"S;""1"""`}
	if hold == nil || strings.Join(hold.Add, "|") != strings.Join(want, "|") {
		t.Errorf("got %+v, want %q", hold, want)
	}
}

// Whatever the catalog has, a line to paste names a product only where the two SKUs cannot be told apart.
func TestPasteLinesNameOnlyLookAlikes(t *testing.T) {
	const alphabet, alike = "AB0123CX", "АВ0123СХ" // the second in Cyrillic letters
	rapid.Check(t, func(t *rapid.T) {
		known := rapid.SliceOfNDistinct(rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), 3, 6, -1), 1, 8, rapid.ID[string]).Draw(t, "known")
		sku := []rune(rapid.SampledFrom(known).Draw(t, "sku"))
		at := rapid.IntRange(0, len(sku)-1).Draw(t, "at")
		sku[at] = rapid.SampledFrom([]rune(alphabet+alike)).Draw(t, "letter")
		latin := strings.NewReplacer("А", "A", "В", "B", "С", "C", "Х", "X").Replace(string(sku))
		var fits []string
		for _, k := range known {
			if k == latin || strings.TrimLeft(k, "0") == strings.TrimLeft(string(sku), "0") {
				fits = append(fits, k)
			}
		}
		m := &matcher{cat: load("sku;name\n" + strings.Join(known, ";x\n") + ";x\n"), opt: &Options{}}
		o := sale("", "USD", func(_ *order.Order, l *order.Line) { l.SKU = string(sku) })
		_, hold := m.findProducts(o)
		if hold == nil {
			return
		}
		product := strings.Split(hold.Add[0], ";")[2]
		if product != "" && (len(fits) != 1 || fits[0] != product) {
			t.Fatalf("%q of %q: %q to paste, but look-alikes are %q", string(sku), known, product, fits)
		}
		if product == "" && len(fits) == 1 && fits[0] == latin {
			t.Fatalf("%q of %q: nothing to paste, though %q looks the same", string(sku), known, latin)
		}
	})
}
