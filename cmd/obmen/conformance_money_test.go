package main

import (
	"encoding/xml"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exchange is a reading of an exchange file that knows nothing of how obmen writes it.
type exchange struct {
	Documents []commerceDocument `xml:"Документ"`
}

type commerceDocument struct {
	ID        string  `xml:"Ид"`
	Number    string  `xml:"Номер"`
	Date      string  `xml:"Дата"`
	Operation string  `xml:"ХозОперация"`
	Role      string  `xml:"Роль"`
	Currency  string  `xml:"Валюта"`
	Amount    string  `xml:"Сумма"`
	Taxes     []tax   `xml:"Налоги>Налог"`
	Lines     []goods `xml:"Товары>Товар"`
	Values    []value `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
}

type goods struct {
	Name     string `xml:"Наименование"`
	Price    string `xml:"ЦенаЗаЕдиницу"`
	Quantity string `xml:"Количество"`
	Amount   string `xml:"Сумма"`
	Taxes    []tax  `xml:"Налоги>Налог"`
}

type tax struct {
	Included string `xml:"УчтеноВСумме"`
	Amount   string `xml:"Сумма"`
}

type value struct {
	Name  string `xml:"Наименование"`
	Value string `xml:"Значение"`
}

func (d *commerceDocument) value(name string) string {
	for _, v := range d.Values {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// shopNumber is the marketplace's number of the order; Номер is the one that 1C finds it by.
func (d *commerceDocument) shopNumber() string {
	return d.value("Номер заказа на сайте")
}

func parseExchange(t *testing.T, path string) exchange {
	t.Helper()
	var e exchange
	if err := xml.Unmarshal([]byte(strings.TrimPrefix(read(t, path), "\ufeff")), &e); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return e
}

// The money of every document adds up, computed anew from the file alone; and what the report says of
// the files is what they hold.
func TestMoneyAddsUp(t *testing.T) {
	var seen struct{ documents, onTop, stated, excluded int }
	full := everyInput(t) // with VAT as the source has it, and with all properties
	for i := range full {
		full[i].Config = withSettings(t, full[i].Config, "commerceml", "vat = \"as-is\"\nvat_rates = \"any\"\nproperties = \"full\"")
	}
	for _, c := range append(everything(t), convertEach(t, full)...) {
		for _, out := range c.Outputs {
			if filepath.Ext(out.Path) != ".xml" {
				continue
			}
			total := sums{}
			documents := parseExchange(t, out.Path).Documents
			for i := range documents {
				d := &documents[i]
				for _, wrong := range wrongSums(t, d) {
					t.Errorf("%s, order %s: %s", out.Path, d.Number, wrong)
				}
				total.add(d.Currency, rat(t, d.Amount))
				seen.documents++
				seen.onTop += count(len(d.Taxes) > 0 && d.Taxes[0].Included == "false")
				seen.stated += count(d.value("Сумма заказа на сайте") != "")
				seen.excluded += count(d.value("Не входит в сумму") != "")
			}
			said := sums{}
			for currency, sum := range out.Sums {
				said.add(currency, rat(t, sum))
			}
			if diff := cmp.Diff(said.text(), total.text()); diff != "" || len(documents) != out.Orders {
				t.Errorf("%s: %d documents, %d said (-said +found):\n%s", out.Path, len(documents), out.Orders, diff)
			}
		}
		reconcile(t, c.Dir, c)
	}
	t.Logf("%+v", seen)
	if seen.documents < 4 || seen.onTop == 0 || seen.stated == 0 {
		t.Errorf("too little to be sure: %+v", seen)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// wrongSums lists what does not add up in a document.
func wrongSums(t *testing.T, d *commerceDocument) (wrong []string) {
	t.Helper()
	lines, tax := new(big.Rat), new(big.Rat)
	for _, l := range d.Lines {
		amount := rat(t, l.Amount)
		if product := new(big.Rat).Mul(rat(t, l.Price), rat(t, l.Quantity)); product.Cmp(amount) != 0 {
			wrong = append(wrong, fmt.Sprintf("%.20q: %s × %s is not %s", l.Name, l.Price, l.Quantity, l.Amount))
		}
		lines.Add(lines, amount)
		for _, x := range l.Taxes {
			tax.Add(tax, rat(t, x.Amount))
		}
		if amount.Sign() < 0 || rat(t, l.Quantity).Sign() <= 0 {
			wrong = append(wrong, fmt.Sprintf("%.20q: %s × %s", l.Name, l.Quantity, l.Amount))
		}
	}
	sum, onTop := new(big.Rat).Set(lines), new(big.Rat)
	for _, x := range d.Taxes {
		if x.Included == "false" {
			onTop.Add(onTop, rat(t, x.Amount))
		}
		if stated := rat(t, x.Amount); len(d.Taxes) == 1 && taxed(d) && stated.Cmp(tax) != 0 {
			wrong = append(wrong, fmt.Sprintf("the lines' taxes come to %s, the document's to %s", tax.FloatString(3), x.Amount))
		}
	}
	if sum.Add(sum, onTop); sum.Cmp(rat(t, d.Amount)) != 0 {
		wrong = append(wrong, fmt.Sprintf("lines %s + tax on top %s is not %s", lines.FloatString(3), onTop.FloatString(3), d.Amount))
	}
	if stated := d.value("Сумма заказа на сайте"); stated != "" {
		left := new(big.Rat).Sub(rat(t, stated), rat(t, d.value("Не входит в сумму")))
		if left.Cmp(rat(t, d.Amount)) != 0 {
			wrong = append(wrong, fmt.Sprintf("stated %s − excluded %s is not %s", stated, d.value("Не входит в сумму"), d.Amount))
		}
	}
	return wrong
}

// taxed reports whether the lines name their taxes.
func taxed(d *commerceDocument) bool {
	for _, l := range d.Lines {
		if len(l.Taxes) == 0 {
			return false
		}
	}
	return true
}

// The recomputation above finds what it is there to find.
func TestMoneyFinds(t *testing.T) {
	good := commerceDocument{
		Amount: "12.00", Taxes: []tax{{"false", "2.00"}},
		Lines:  []goods{{Price: "2.50", Quantity: "4", Amount: "10.00", Taxes: []tax{{"false", "2.00"}}}},
		Values: []value{{"Сумма заказа на сайте", "13.00"}, {"Не входит в сумму", "1.00"}},
	}
	if wrong := wrongSums(t, &good); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for _, spoil := range []func(d *commerceDocument){
		func(d *commerceDocument) { d.Amount = "12.01" },
		func(d *commerceDocument) { d.Taxes = []tax{{"true", "2.00"}} },
		func(d *commerceDocument) { d.Lines = []goods{{Price: "2.49", Quantity: "4", Amount: "10.00"}} },
		func(d *commerceDocument) { d.Values = d.Values[:1] },
		func(d *commerceDocument) { d.Taxes = []tax{{"false", "1.99"}}; d.Amount = "11.99"; d.Values = nil },
	} {
		d := good
		spoil(&d)
		if len(wrongSums(t, &d)) == 0 {
			t.Errorf("nothing wrong with %+v", d)
		}
	}
}
