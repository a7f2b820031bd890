package convert

import (
	"strings"
	"testing"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

func known(s string) money.Optional { return money.Known(money.MustParse(s)) }

func chargeOf(amount, tax string) (c order.Charge) {
	if amount != "" {
		c.Amount = known(amount)
	}
	if tax != "" {
		c.Tax = known(tax)
	}
	return c
}

// sale is an order of one line on a marketplace; change makes it special.
func sale(marketplace string, currency money.Currency, change func(*order.Order, *order.Line)) *order.Order {
	o := &order.Order{
		Format: "test", Identifiers: order.Identifiers{ID: "1"}, Sale: order.Sale{Marketplace: marketplace}, Amounts: order.Amounts{Currency: currency}, Stage: order.Stage{Status: order.Shipped},
		Lines: []order.Line{{Item: order.Item{ID: "1", SKU: "A"}, Ordered: money.One, Charges: order.Charges{Price: chargeOf("10.00", "")}}},
	}
	if change != nil {
		change(o, &o.Lines[0])
	}
	return o
}

func TestProof(t *testing.T) {
	for _, c := range []struct {
		name  string
		order *order.Order
		proof string // name of the reading
		total string
		code  Code
	}{
		{
			"US tax on top", sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Price.Tax, o.Total = known("1.01"), known("11.01")
			}), "tax on top", "11.01", "",
		},
		{
			"German VAT inside", sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Price, o.Total = chargeOf("25.99", "4.15"), known("25.99")
			}), "tax inside", "25.99", "",
		},
		{
			"no tax at all: the marketplace decides", sale("US", "USD", func(o *order.Order, _ *order.Line) {
				o.Total = known("10.00")
			}), "tax on top", "10.00", "",
		},
		{
			"no tax at all, and nobody knows the marketplace's way", sale("BR", "BRL", func(o *order.Order, _ *order.Line) {
				o.Total = known("10.00")
			}), "", "", TaxReadingUnknown,
		},
		{
			"the amounts decide where nobody knows", sale("BR", "BRL", func(o *order.Order, l *order.Line) {
				l.Price.Tax, o.Total = known("1.00"), known("11.00")
			}), "tax on top", "11.00", "",
		},
		{
			"a discount with a minus", sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Discount, o.Total = chargeOf("-2.00", ""), known("8.00")
			}), "tax inside", "8.00", "",
		},
		{
			"a discount without a minus", sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Discount, o.Total = chargeOf("2.00", ""), known("8.00")
			}), "tax inside", "8.00", "",
		},
		{
			"prices that are after discount already", sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Discount, o.Total = chargeOf("2.00", ""), known("10.00")
			}), "tax inside, prices after discount", "10.00", "",
		},
		{
			"a shipping discount beside the item discount", sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Discount, l.Shipping, l.ShippingDiscount = chargeOf("3.00", ""), chargeOf("2.99", ""), chargeOf("1.00", "")
				o.Total = known("8.99")
			}), "tax inside", "8.99", "",
		},
		{
			"a shipping discount within the item discount", sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Discount, l.Shipping, l.ShippingDiscount = chargeOf("3.00", ""), chargeOf("2.99", ""), chargeOf("1.00", "")
				o.Total = known("9.99")
			}), "tax inside, shipping discount within the item discount", "9.99", "",
		},
		{
			"tax on the discount", sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Price, l.Discount, o.Total = chargeOf("10.00", "1.00"), chargeOf("2.00", "0.20"), known("8.80")
			}), "tax on top", "8.80", "",
		},
		{
			"taxes that are after discount already", sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Price, l.Discount, o.Total = chargeOf("10.00", "0.80"), chargeOf("2.00", "0.20"), known("8.80")
			}), "tax on top, taxes after discount", "8.80", "",
		},
		{
			"a tip in the total", sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Tax, o.Tip, o.Total = known("0.02"), known("5.00"), known("15.02")
			}), "tax on top", "15.02", "",
		},
		{
			"a tip beside the total", sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Tax, o.Tip, o.Total = known("0.02"), known("5.00"), known("10.02")
			}), "tax on top, tip beside the total", "10.02", "",
		},
		{
			"the lines' totals stand in for the order's", sale("US", "USD", func(_ *order.Order, l *order.Line) {
				l.Tax, l.Total = known("1.00"), known("11.00")
			}), "tax on top", "11.00", "",
		},
		{"no total", sale("DE", "EUR", nil), "tax inside; total not stated", "10.00", ""},
		{"no total, and nobody knows", sale("AU", "AUD", nil), "", "", TaxReadingUnknown},
		{
			"one cent off", sale("DE", "EUR", func(o *order.Order, _ *order.Line) {
				o.Total = known("10.01")
			}), "", "", TotalMismatch,
		},
		{
			"amounts beyond counting", sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price, l.Shipping = chargeOf("9000000000000", ""), chargeOf("9000000000000", "")
			}), "", "", TooLarge,
		},
	} {
		p, hold := proveTotal(c.order, usualReading(c.order, &Account{}))
		switch {
		case hold != nil && hold.Code != c.code:
			t.Errorf("%s: held %s: %s", c.name, hold.Code, hold.Sentence)
		case hold == nil && (p.proof.Name != c.proof || p.proof.Total != money.MustParse(c.total)):
			t.Errorf("%s: proven %s by %q, want %s by %q", c.name, p.proof.Total, p.proof.Name, c.total, c.proof)
		}
	}
}

func TestMismatchShowsEverySum(t *testing.T) {
	o := sale("US", "USD", func(o *order.Order, l *order.Line) {
		l.Price.Tax, o.Total = known("1.00"), known("11.50")
	})
	_, hold := proveTotal(o, order.TaxOnTop)
	want := "the stated total 11.50 USD follows from no reading of the amounts: tax on top 11.00 (-0.50); tax inside 10.00 (-1.50)"
	if hold == nil || hold.Sentence != want {
		t.Errorf("got %+v, want %q", hold, want)
	}
}

func TestDocumentMoney(t *testing.T) {
	vat := map[string]string{"vat.csv": "country;group;rate\nDE;;19\nDE;books;7\n"}
	for _, c := range []struct {
		name    string
		account Account
		files   map[string]string
		order   *order.Order
		want    string // total, excluded, VAT and lines
		code    Code
	}{
		{
			"US: the tax is the marketplace's", Account{}, nil, sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Price.Tax, o.Total = known("1.01"), known("11.01")
			}), "total 10.00, excluded 1.01, VAT 0.00 inside: A 1 × 10.00 none 0.00", "",
		},
		{
			"US: the account says that the seller pays", Account{TaxRules: TaxRules{TaxBy: BySeller}}, nil, sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Price.Tax, o.Total = known("1.01"), known("11.01")
			}), "total 11.01, excluded 0.00, VAT 1.01 on top: A 1 × 10.00 - 1.01", "",
		},
		{
			"Germany: VAT inside by country and group", Account{}, vat, sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Price = chargeOf("11.90", "")
				o.Lines = append(o.Lines, order.Line{Item: order.Item{SKU: "B"}, Ordered: money.One, Charges: order.Charges{Price: chargeOf("10.70", "")}})
			}), "total 22.60, excluded 0.00, VAT 2.60 inside: A 1 × 11.90 19% 1.90, B 1 × 10.70 7% 0.70", "",
		},
		{
			"shipping goes with the goods", Account{}, vat, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price, l.Shipping, l.ShippingDiscount = chargeOf("11.90", ""), chargeOf("5.00", ""), chargeOf("1.19", "")
			}), "total 15.71, excluded 0.00, VAT 2.51 inside: A 1 × 11.90 19% 1.90, ORDER_DELIVERY 1 × 3.81 19% 0.61", "",
		},
		{
			"a cent between our VAT and the stated tax goes to the largest line", Account{}, vat, sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Price, o.Total = chargeOf("25.99", "4.16"), known("25.99")
			}), "total 25.99, excluded 0.00, VAT 4.16 inside: A 1 × 25.99 19% 4.16", "",
		},
		{
			"more than a cent is held", Account{}, vat, sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Price, o.Total = chargeOf("25.99", "4.33"), known("25.99")
			}), "", VATDiffers,
		},
		{
			"export out of the VAT area", Account{}, vat, sale("DE", "EUR", func(o *order.Order, _ *order.Line) {
				o.ShipTo.Country = "CH"
			}), "total 10.00, excluded 0.00, VAT 0.00 inside: A 1 × 10.00 0% 0.00", "",
		},
		{
			"from Germany to Britain is an export", Account{}, vat, sale("DE", "EUR", func(o *order.Order, _ *order.Line) {
				o.ShipTo.Country, o.ShipTo.Postcode = "GB", "LS1 1AA"
			}), "total 10.00, excluded 0.00, VAT 0.00 inside: A 1 × 10.00 0% 0.00", "",
		},
		{
			"from Germany to Northern Ireland is not", Account{}, map[string]string{"vat.csv": "country;rate\nGB;20\n"}, sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Price, o.ShipTo.Country, o.ShipTo.Postcode = chargeOf("12.00", ""), "GB", "bt1 1AA"
			}), "total 12.00, excluded 0.00, VAT 2.00 inside: A 1 × 12.00 20% 2.00", "",
		},
		{
			"from Britain to Germany is an export", Account{}, vat, sale("GB", "GBP", func(o *order.Order, _ *order.Line) {
				o.ShipTo.Country = "DE"
			}), "total 10.00, excluded 0.00, VAT 0.00 inside: A 1 × 10.00 0% 0.00", "",
		},
		{
			"VAT calculation: a stated 0 is 0 %", Account{TaxRules: TaxRules{VCS: true}}, vat, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price = chargeOf("10.00", "0.00")
			}), "total 10.00, excluded 0.00, VAT 0.00 inside: A 1 × 10.00 0% 0.00", "",
		},
		{
			"without VAT calculation a stated 0 is unknown", Account{}, vat, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price = chargeOf("11.90", "0.00")
			}), "total 11.90, excluded 0.00, VAT 1.90 inside: A 1 × 11.90 19% 1.90", "",
		},
		{
			"a deemed reseller's VAT comes out of the price", Account{}, vat, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price, l.Deemed = chargeOf("11.90", "1.90"), "IOSS"
			}), "total 10.00, excluded 1.90, VAT 0.00 inside: A 1 × 10.00 none 0.00", "",
		},
		{
			"a deemed reseller without a figure", Account{}, vat, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price, l.Deemed = chargeOf("11.90", ""), "IOSS"
			}), "", WithheldTaxUnknown,
		},
		{
			"a line that does not divide becomes two", Account{}, nil, sale("JP", "JPY", func(_ *order.Order, l *order.Line) {
				l.Price, l.Ordered = chargeOf("1000", ""), money.Int(3)
			}), "total 1000, excluded 0, VAT 0 inside: A 2 × 333 - 0, A 1 × 334 - 0", "",
		},
		{
			"a discount larger than its line", Account{}, nil, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Discount = chargeOf("12.00", "")
			}), "", NegativeLine,
		},
		{
			"cents in a currency without", Account{}, nil, sale("JP", "JPY", func(_ *order.Order, l *order.Line) {
				l.Price = chargeOf("25.99", "")
			}), "", TooManyPlaces,
		},
		{
			"money for nothing", Account{}, nil, sale("DE", "EUR", func(o *order.Order, _ *order.Line) {
				o.Lines = append(o.Lines, order.Line{Item: order.Item{SKU: "B"}, Charges: order.Charges{Price: chargeOf("1.00", "")}})
			}), "", AmountNoQuantity,
		},
		{
			"nothing to pay", Account{}, nil, sale("DE", "EUR", func(_ *order.Order, l *order.Line) {
				l.Price = chargeOf("0.00", "")
			}), "", ZeroTotal,
		},
		{
			"a replacement costs nothing", Account{}, nil, sale("DE", "EUR", func(o *order.Order, l *order.Line) {
				l.Price, o.Programs = chargeOf("0.00", ""), []order.Program{order.Replacement}
			}), "total 0.00, excluded 0.00, VAT 0.00 inside: A 1 × 0.00 - 0.00", "",
		},
		{
			"a tip is not the seller's", Account{}, nil, sale("US", "USD", func(o *order.Order, l *order.Line) {
				l.Tax, o.Tip, o.Total = known("0.02"), known("5.00"), known("15.02")
			}), "total 10.00, excluded 5.02, VAT 0.00 inside: A 1 × 10.00 none 0.00", "",
		},
		{
			"a discount on the whole order", Account{}, nil, sale("", "USD", func(o *order.Order, l *order.Line) {
				l.Price = chargeOf("10.00", "")
				o.Lines = append(o.Lines, order.Line{Item: order.Item{SKU: "B"}, Ordered: money.One, Charges: order.Charges{Price: chargeOf("5.00", "")}})
				o.Discount, o.Shipping = known("1.00"), chargeOf("4.00", "")
			}), "total 18.00, excluded 0.00, VAT 0.00 inside: A 1 × 9.33 - 0.00, B 1 × 4.67 - 0.00, ORDER_DELIVERY 1 × 4.00 - 0.00", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt := &Options{}
			files := map[string]string{"products.csv": "sku;name;vat;group\nA;Кружка;;\nB;Книга;;books\n"}
			for name, text := range c.files {
				files[name] = text
			}
			m := &matcher{cat: loadFiles(files), opt: opt, account: c.account}
			doc, hold := m.makeDocument(c.order)
			switch {
			case hold != nil && hold.Code != c.code:
				t.Errorf("held %s: %s", hold.Code, hold.Sentence)
			case hold == nil && inWords(doc) != c.want:
				t.Errorf("got  %s\nwant %s", inWords(doc), c.want)
			}
		})
	}
}

// A domestic rate in a document for another country is said aloud.
func TestAMissingVATRuleIsNoted(t *testing.T) {
	for _, c := range []struct{ country, want string }{
		{"DE", ""},
		{"AT", "no-vat-rule-AT"},
		{"CH", ""}, // an export has no rate to be wrong about
	} {
		m := &matcher{opt: &Options{}, cat: loadFiles(map[string]string{
			"products.csv": "sku;name;vat;id\nA;Cup;22;0f6f2b1e-5a3c-4b8e-9a51-3c1d2e4f5a60\n", "vat.csv": "country;rate\nDE;19\n",
		})}
		doc, hold := m.makeDocument(sale("DE", "EUR", func(o *order.Order, _ *order.Line) { o.ShipTo.Country = c.country }))
		if hold != nil {
			t.Fatal(hold.Sentence)
		}
		got := ""
		for _, n := range m.notesOn(doc) {
			got += n.Code
		}
		if got != c.want {
			t.Errorf("%s: notes %q, want %q", c.country, got, c.want)
		}
	}
}

// inWords prints the money of a document on one line.
func inWords(d *document.Document) string {
	places := money.Currency(d.Currency).Places()
	side := "inside"
	if !d.VATIncluded {
		side = "on top"
	}
	lines := make([]string, len(d.Lines))
	for i, l := range d.Lines {
		rate := l.VATRate.String()
		if rate == "" {
			rate = "-"
		}
		lines[i] = l.SKU + " " + l.Quantity.String() + " × " + l.Price.Text(places) + " " + rate + " " + l.VAT.Text(places)
	}
	return "total " + d.Total.Text(places) + ", excluded " + d.Proof.Excluded.Text(places) + ", VAT " + d.VAT.Text(places) + " " + side + ": " + strings.Join(lines, ", ")
}
