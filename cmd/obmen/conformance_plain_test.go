package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// salesorders is a reading of the layout salesorder that knows nothing of how obmen writes it.
type salesorders struct {
	Header struct {
		Count  int    `xml:"count"`
		SHA256 string `xml:"sha256"`
		Sums   []struct {
			Currency string `xml:"currency"`
			Count    int    `xml:"count"`
			Total    string `xml:"total"`
		} `xml:"sums>sum"`
	} `xml:"header"`
	Orders []plainOrder `xml:"orders>order"`
}

type plainOrder struct {
	Number   string      `xml:"number"`
	Currency string      `xml:"currency"`
	Total    string      `xml:"total"`
	VAT      string      `xml:"vat"`
	Included bool        `xml:"vat_included"`
	Lines    []plainLine `xml:"lines>line"`
	Stated   bool        `xml:"proof>stated"`
	Whole    string      `xml:"proof>order_total"`
	Excluded string      `xml:"proof>excluded"`
}

type plainLine struct {
	Quantity string `xml:"quantity"`
	Price    string `xml:"price"`
	Amount   string `xml:"amount"`
	VAT      string `xml:"vat"`
}

// nativeData is a reading of the layout native.
type nativeData struct {
	Orders []nativeOrder `xml:"Data>DocumentObject.SalesOrder"`
}

type nativeOrder struct {
	Number string `xml:"Number"`
	Posted bool   `xml:"Posted"`
	Lines  []struct {
		Quantity string `xml:"Quantity"`
		Price    string `xml:"Price"`
		Amount   string `xml:"Amount"`
	} `xml:"Products"`
}

// The money of every salesorder file adds up, computed anew from the file alone, and its header tells the
// truth about what follows; the rows of native come to the same amounts.
func TestPlainMoneyAddsUp(t *testing.T) {
	documents, onTop, excluded := 0, 0, 0
	list := everyInput(t)
	for i := range list {
		list[i].Layouts = []string{"salesorder", "native"}
	}
	for _, c := range convertEach(t, list) {
		net := map[string]string{} // the lines of each order, by its number
		for _, path := range pathsOf(&c, "salesorder") {
			f := parsePlain(t, path)
			for i := range f.Orders {
				o := &f.Orders[i]
				for _, wrong := range wrongPlain(t, o) {
					t.Errorf("%s, order %s: %s", path, o.Number, wrong)
				}
				net[o.Number] += " " + amounts(t, o)
				documents++
				onTop += count(!o.Included && rat(t, o.VAT).Sign() > 0)
				excluded += count(rat(t, o.Excluded).Sign() > 0)
			}
			wrongHeader(t, path, &f)
		}
		for _, path := range pathsOf(&c, "native") {
			var f nativeData
			if err := xml.Unmarshal([]byte(strings.TrimPrefix(read(t, path), "\ufeff")), &f); err != nil {
				t.Fatal(err)
			}
			for _, o := range f.Orders {
				sum := new(big.Rat)
				for _, l := range o.Lines {
					amount := rat(t, l.Amount)
					if new(big.Rat).Mul(rat(t, l.Price), rat(t, l.Quantity)).Cmp(amount) != 0 {
						t.Errorf("%s, order %s: %s × %s is not %s", path, o.Number, l.Price, l.Quantity, l.Amount)
					}
					sum.Add(sum, amount)
				}
				if !slices.Contains(strings.Fields(net[o.Number]), sum.RatString()) || o.Posted {
					t.Errorf("%s, order %s: %s, posted %v; salesorder has%s", path, o.Number, sum.RatString(), o.Posted, net[o.Number])
				}
			}
		}
	}
	if documents < 50 || onTop == 0 || excluded == 0 {
		t.Errorf("too little to be sure: %d documents, %d with tax on top, %d with something excluded", documents, onTop, excluded)
	}
}

func pathsOf(c *conversion, layout string) (list []string) {
	for _, out := range c.Outputs {
		if out.Layout == layout {
			list = append(list, out.Path)
		}
	}
	return list
}

func parsePlain(t *testing.T, path string) (f salesorders) {
	t.Helper()
	if err := xml.Unmarshal([]byte(strings.TrimPrefix(read(t, path), "\ufeff")), &f); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

func amounts(t *testing.T, o *plainOrder) string {
	t.Helper()
	sum := new(big.Rat)
	for _, l := range o.Lines {
		sum.Add(sum, rat(t, l.Amount))
	}
	return sum.RatString()
}

// wrongPlain lists what does not add up in an order.
func wrongPlain(t *testing.T, o *plainOrder) (wrong []string) {
	t.Helper()
	sum, tax := new(big.Rat), new(big.Rat)
	for _, l := range o.Lines {
		amount := rat(t, l.Amount)
		if new(big.Rat).Mul(rat(t, l.Price), rat(t, l.Quantity)).Cmp(amount) != 0 {
			wrong = append(wrong, fmt.Sprintf("%s × %s is not %s", l.Price, l.Quantity, l.Amount))
		}
		sum.Add(sum, amount)
		tax.Add(tax, rat(t, l.VAT))
	}
	if tax.Cmp(rat(t, o.VAT)) != 0 {
		wrong = append(wrong, fmt.Sprintf("the lines' VAT comes to %s, the order's to %s", tax.FloatString(3), o.VAT))
	}
	if !o.Included {
		sum.Add(sum, tax)
	}
	if sum.Cmp(rat(t, o.Total)) != 0 {
		wrong = append(wrong, fmt.Sprintf("the lines come to %s, the order to %s", sum.FloatString(3), o.Total))
	}
	if left := new(big.Rat).Sub(rat(t, o.Whole), rat(t, o.Excluded)); left.Cmp(rat(t, o.Total)) != 0 {
		wrong = append(wrong, fmt.Sprintf("%s − %s is not %s", o.Whole, o.Excluded, o.Total))
	}
	return wrong
}

// wrongHeader compares the control totals of a file with what is in it.
func wrongHeader(t *testing.T, path string, f *salesorders) {
	t.Helper()
	said, found := map[string]string{}, map[string]string{}
	for _, s := range f.Header.Sums {
		said[s.Currency] = fmt.Sprintf("%d: %s", s.Count, rat(t, s.Total).RatString())
	}
	counts, totals := map[string]int{}, sums{}
	for _, o := range f.Orders {
		counts[o.Currency]++
		totals.add(o.Currency, rat(t, o.Total))
	}
	for currency, n := range counts {
		found[currency] = fmt.Sprintf("%d: %s", n, totals[currency].RatString())
	}
	if diff := cmp.Diff(said, found); diff != "" || f.Header.Count != len(f.Orders) {
		t.Errorf("%s says %d orders and has %d (-said +found):\n%s", path, f.Header.Count, len(f.Orders), diff)
	}
	text := read(t, path)
	data := text[strings.Index(text, "<orders>") : strings.LastIndex(text, "</orders>")+len("</orders>")]
	if sum := sha256.Sum256([]byte(data)); hex.EncodeToString(sum[:]) != f.Header.SHA256 {
		t.Errorf("%s: the SHA-256 is not %s", path, f.Header.SHA256)
	}
}

// The recomputation above finds what it is there to find.
func TestPlainMoneyFinds(t *testing.T) {
	good := plainOrder{
		Total: "12.00", VAT: "2.00", Whole: "13.00", Excluded: "1.00",
		Lines: []plainLine{{Price: "2.50", Quantity: "4", Amount: "10.00", VAT: "2.00"}},
	}
	if wrong := wrongPlain(t, &good); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for _, spoil := range []func(o *plainOrder){
		func(o *plainOrder) { o.Total, o.Whole = "12.01", "13.01" },
		func(o *plainOrder) { o.Included = true },
		func(o *plainOrder) { o.VAT = "1.99" },
		func(o *plainOrder) { o.Excluded = "0" },
		func(o *plainOrder) {
			o.Lines = []plainLine{{Price: "2.49", Quantity: "4", Amount: "10.00", VAT: "2.00"}}
		},
	} {
		o := good
		spoil(&o)
		if len(wrongPlain(t, &o)) == 0 {
			t.Errorf("nothing wrong with %+v", o)
		}
	}
}

// CommerceML 3.1 has the same money in another order of elements.
func TestNewCommerceMLMoneyAddsUp(t *testing.T) {
	documents := 0
	for _, path := range layoutFiles(t, "commerceml", `version = "3.1"`) {
		list := parseExchange(t, path).Documents
		for i := range list {
			documents++
			for _, wrong := range wrongSums(t, &list[i]) {
				t.Errorf("%s, order %s: %s", filepath.Base(path), list[i].Number, wrong)
			}
		}
	}
	if documents < 50 {
		t.Errorf("only %d documents", documents)
	}
}
