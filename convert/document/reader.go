package document

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"obmen/convert/money"
)

// Reader is what the configuration of 1C that reads a layout's files can keep of a document. The zero
// value keeps everything.
type Reader struct {
	Layout     string            // whose files it reads
	Rates      []money.Decimal   // percentages of VAT that it knows; nil when it knows all
	Others     OtherRates        // what becomes of lines at other rates
	NewRates   []money.Decimal   // those of Rates that not every release knows yet
	Inside     bool              // it adds no VAT on top of prices
	ByName     bool              // it finds currencies by their name, and takes its own where there is none
	Currencies map[string]string // what it calls currencies, by ISO letters; nil when the settings say nothing
	NameLength int               // characters of a name; 0 for any
	ByID       bool              // it finds goods by their id alone
	OnePath    bool              // it reads one file at one path, again and again
	SixDigits  bool              // it makes its own number of the first six digits of the site's
	Needs      []string          // constants of the account without which a field stays empty
}

// OtherRates is what becomes of VAT at a rate that a reader does not know.
type OtherRates string

// What becomes of it. By default an order in 1C's own currency is held, and one in any other goes out
// without VAT: foreign VAT is none of 1C's rates.
const (
	OthersByDefault OtherRates = ""
	OthersNone      OtherRates = "none" // the line goes out without VAT, the comment names it
	OthersHold      OtherRates = "hold"
	OthersWrite     OtherRates = "write"
)

// HomeCurrency is what 1C counts in unless it is set up otherwise.
const HomeCurrency = "RUB"

// places are the decimal places of a document's amounts in 1C.
const places = 2

// Refusal says why a document cannot go to a reader.
type Refusal struct{ Code, Sentence, Cure, File string }

// The codes of refusals.
const (
	RateUnknown         = "vat-rate-unknown"
	CurrencyNameUnknown = "currency-name-unknown"
	ProductWithoutID    = "product-without-id"
	NotDivisible        = "not-divisible"
)

// Loss says what a reader will not keep as it is. One of each code is enough for a file.
type Loss struct{ Code, Text string }

// Refuse returns why the document must wait for a person; nil when the reader can take it.
func (r *Reader) Refuse(d *Document) *Refusal {
	section := "[layout." + r.Layout + "]"
	if r.ByName && r.Currencies != nil && d.Currency != HomeCurrency && r.Currencies[d.Currency] == "" {
		return &Refusal{
			CurrencyNameUnknown, fmt.Sprintf("the settings do not say what 1C calls the currency %s: it would book the figures in its own", d.Currency),
			fmt.Sprintf("add %s to currency_names under %s in obmen.toml, as 1C's list of currencies spells it", d.Currency, section), "obmen.toml",
		}
	}
	hold := r.Others == OthersHold || r.Others == OthersByDefault && d.Currency == HomeCurrency
	for i := range d.Lines {
		l := &d.Lines[i]
		if hold && !r.knows(l.VATRate) {
			return &Refusal{
				RateUnknown, fmt.Sprintf("%s: the reader of %s knows no VAT of %s (%s)", l.SKU, r.Layout, l.VATRate, r.rates()),
				fmt.Sprintf("if your release of 1C knows it, add it to vat_rates under %s in obmen.toml; other_rates = \"none\" writes such lines without VAT", section), "obmen.toml",
			}
		}
		if r.ByID && !l.Service && l.ProductID == "" {
			return &Refusal{
				ProductWithoutID, fmt.Sprintf("%s has no id of 1C, and the reader of %s finds goods by it alone", l.SKU, r.Layout),
				fmt.Sprintf("fill the column id in products.csv; products_without_id = \"create\" under %s in obmen.toml lets 1C create such goods", section), "products.csv",
			}
		}
	}
	if d.VATIncluded {
		return nil
	}
	if _, ok := r.fit(d); !ok {
		return &Refusal{
			NotDivisible, "the reader of " + r.Layout + " adds no VAT on top, and no price with VAT inside × quantity gives the amount",
			"enter the order in 1C by hand", "",
		}
	}
	return nil
}

// LosesNumber reports whether the reader makes a number of its own that other orders may have too.
func (r *Reader) LosesNumber(d *Document) (Loss, bool) {
	if !r.SixDigits {
		return Loss{}, false
	}
	number := d.NumberOfSite()
	if inSixDigits(number) {
		return Loss{}, false
	}
	return Loss{"number-digits", fmt.Sprintf(
		"%s: УНФ makes its own number of the first six digits of %s; where two orders share them, the later one stays unposted", r.Layout, number,
	)}, true
}

// Losses lists what the reader will not keep of a document, or not in every base.
func (r *Reader) Losses(d *Document) (list []Loss) {
	if r.ByName && r.Currencies == nil && d.Currency != HomeCurrency {
		list = append(list, Loss{"currency-name-" + d.Currency, fmt.Sprintf(
			"%s: 1C must have a currency called %s, or it books the figures in its own; currency_names in [layout.%s] says what 1C calls it", r.Layout, d.Currency, r.Layout,
		)})
	}
	if !d.VATStated && (r.Rates != nil || r.Inside) && len(d.Lines) > 0 {
		list = append(list, Loss{"no-vat-rate", r.Layout + ": no rate of VAT is known for some orders; 1C takes them as “Без НДС”"})
	}
	if c := &d.Customer; c.Company && len(c.INN()) == companyINN && c.KPP == "" && (r.ByName || !c.IDFrom1C) {
		list = append(list, Loss{"no-kpp", r.Layout + ": 1C may look for companies by ИНН and КПП together; without КПП in customers.csv it makes a second card of one that it has"})
	}
	if slices.ContainsFunc(d.Lines, func(l Line) bool { return l.Price.IsZero() }) {
		list = append(list, Loss{"zero-price", r.Layout + ": УНФ may give lines of 0.00 the price of its price list; look at such orders in 1C"})
	}
	var seen []money.VATRate
	for i := range d.Lines {
		rate := d.Lines[i].VATRate
		if slices.Contains(seen, rate) || rate.Kind != money.Rated {
			continue
		}
		seen = append(seen, rate)
		switch {
		case !r.knows(rate):
			list = append(list, Loss{"vat-rate-" + rate.String(), fmt.Sprintf(
				"%s: 1C's readers know no VAT of %s; such lines are “Без НДС” there, and the comment names the VAT", r.Layout, rate,
			)})
		case slices.Contains(r.NewRates, rate.Percent):
			list = append(list, Loss{"new-vat-rate-" + rate.String(), fmt.Sprintf(
				"%s: older releases (УТ 11.5.20, ERP 2.5.17, УНФ 3.0.8) take VAT of %s as “Без НДС”; look at one document in 1C, and leave the rate out of vat_rates if yours does so", r.Layout, rate,
			)})
		}
	}
	for _, name := range r.Needs {
		if name == "organisation" && d.Organisation == "" {
			list = append(list, Loss{"no-organisation", fmt.Sprintf(
				"%s: the account %s has no organisation; 1C makes one called “Наша организация” or leaves the field empty", r.Layout, d.Account,
			)})
		} else if name != "organisation" && d.Constants[name] == "" {
			list = append(list, Loss{"no-constant-" + name, fmt.Sprintf(
				"%s: without the constant %s of the account %s the field may stay empty in 1C", r.Layout, name, d.Account,
			)})
		}
	}
	return list
}

// knows reports whether a rate may be written as it is.
func (r *Reader) knows(rate money.VATRate) bool {
	return rate.Kind != money.Rated || r.Rates == nil || slices.Contains(r.Rates, rate.Percent)
}

// rates lists the known rates for a message.
func (r *Reader) rates() string {
	list := make([]string, len(r.Rates))
	for i, rate := range r.Rates {
		list[i] = rate.String() + "%"
	}
	return strings.Join(list, ", ")
}

// Fit returns the document as the reader keeps it: rates that it does not know are left out and named in
// the comment, VAT on top is put into the prices where the reader adds none, names are as long as it
// keeps them. What the buyer pays stays the same to the coin.
func (r *Reader) Fit(d *Document) Document {
	fitted, _ := r.fit(d)
	return fitted
}

func (r *Reader) fit(original *Document) (d Document, ok bool) {
	d, ok = *original, true
	d.CurrencyName = d.Currency
	if name := r.Currencies[d.Currency]; name != "" {
		d.CurrencyName = name
	}
	lost := r.unrated(&d)
	if !d.VATIncluded && !d.VAT.IsZero() && (r.Inside || len(lost) > 0) {
		var lines []Line
		if lines, ok = withVATInside(d.Lines); !ok {
			return *original, false
		}
		d.Lines, d.VATIncluded = lines, true
	}
	d.VATIncluded = d.VATIncluded || r.Inside // what has no VAT has it inside, too
	if len(lost) > 0 {
		r.dropVAT(&d, lost)
	}
	r.names(&d)
	return d, ok
}

// unrated lists the rates of lines that the reader cannot keep; a line without any rate is one of them: a reader
// would give it a rate of its own choice, or that of the line before it, even of another document.
func (r *Reader) unrated(d *Document) (rates []money.VATRate) {
	if r.Rates == nil || r.Others == OthersWrite {
		return nil
	}
	for i := range d.Lines {
		rate := d.Lines[i].VATRate
		if (rate.Kind == money.RateUnknown || !r.knows(rate)) && !slices.Contains(rates, rate) {
			rates = append(rates, rate)
		}
	}
	return rates
}

// dropVAT makes lines of those rates lines without VAT, and says in the comment what VAT they had.
func (r *Reader) dropVAT(d *Document, lost []money.VATRate) {
	d.Lines = slices.Clone(d.Lines)
	parts := []string{d.Comment}
	for _, rate := range lost {
		sum := money.Zero
		for i := range d.Lines {
			if l := &d.Lines[i]; l.VATRate == rate {
				sum = sum.Plus(l.VAT)
				d.VAT = d.VAT.Minus(l.VAT)
				l.VATRate, l.VAT = money.NoVAT, money.Zero
			}
		}
		if !sum.IsZero() {
			name := strings.TrimSpace("НДС " + strings.TrimSuffix(rate.String(), "none"))
			parts = append(parts, fmt.Sprintf("в ценах %s: %s %s", name, sum.Text(places), d.Currency))
		}
	}
	if parts[0] == "" {
		parts = parts[1:]
	}
	d.Comment = strings.Join(parts, "; ")
}

// withVATInside puts the VAT of each line into its price. A line becomes two where no price multiplies
// out.
func withVATInside(lines []Line) ([]Line, bool) {
	list := make([]Line, 0, len(lines))
	for i := range lines {
		l := lines[i]
		parts, ok := money.Split(l.Amount.Plus(l.VAT), l.Quantity, places)
		if !ok {
			return nil, false
		}
		weights := make([]money.Decimal, len(parts))
		for j := range parts {
			weights[j] = parts[j].Amount
		}
		taxes, ok := money.Allocate(l.VAT, weights, places)
		if !ok {
			return nil, false
		}
		for j, part := range parts {
			l.Number, l.Quantity, l.Price, l.Amount, l.VAT = len(list)+1, part.Quantity, part.Price, part.Amount, taxes[j]
			list = append(list, l)
		}
	}
	return list, true
}

// names makes names as long as the reader keeps them, and takes # out of them: readers split them there.
func (r *Reader) names(d *Document) {
	if r.NameLength == 0 {
		return
	}
	d.Customer.Name = FitName(d.Customer.Name, r.NameLength)
	cloned := false
	for i := range d.Lines {
		name := FitName(d.Lines[i].Name, r.NameLength)
		if name == d.Lines[i].Name {
			continue
		}
		if !cloned {
			d.Lines, cloned = slices.Clone(d.Lines), true
		}
		d.Lines[i].Name = name
	}
}

// nameSum is how many characters of a checksum tell shortened names apart.
const nameSum = 8

// FitName returns a name of at most most characters, without #. A name that is shortened ends with a checksum
// of the whole, so that different names stay different.
func FitName(name string, most int) string {
	if len(name) <= most && strings.IndexByte(name, '#') < 0 {
		return name
	}
	name = strings.ReplaceAll(name, "#", "№")
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	cut := []rune(name)[:most-nameSum-1]
	return strings.TrimSpace(string(cut)) + " " + hex.EncodeToString(sum[:nameSum/2])
}

// CommonRate is the rate of all lines; unknown where they differ or have none.
func (d *Document) CommonRate() money.VATRate {
	if len(d.Lines) == 0 {
		return money.VATRate{}
	}
	rate := d.Lines[0].VATRate
	for i := range d.Lines {
		if d.Lines[i].VATRate != rate {
			return money.VATRate{}
		}
	}
	return rate
}

// Taxed reports whether a line of the document has VAT by a rate, 0 % included, or the source states VAT
// without a rate.
func (d *Document) Taxed() bool {
	return !d.VAT.IsZero() || slices.ContainsFunc(d.Lines, func(l Line) bool { return l.VATRate.Kind == money.Rated })
}
