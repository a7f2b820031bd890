package main

import (
	"encoding/xml"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// enterpriseSchema is 1C's schema of a whole message in a release of EnterpriseData.
func enterpriseSchema(release string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return shared(t, "onec/enterprisedata/Message_EnterpriseData_"+release+".xsd")
	}
}

// enterprise is a reading of an EnterpriseData file that knows nothing of how obmen writes it.
type enterprise struct {
	Format       string            `xml:"Header>Format"`
	Confirmation *struct{}         `xml:"Header>Confirmation"`
	Customers    []enterpriseKeys  `xml:"Body>Справочник.Контрагенты>КлючевыеСвойства"`
	Products     []enterpriseKeys  `xml:"Body>Справочник.Номенклатура>КлючевыеСвойства"`
	Documents    []enterpriseOrder `xml:"Body>Документ.ЗаказКлиента"`
}

type enterpriseKeys struct {
	Ref  string `xml:"Ссылка"`
	Name string `xml:"Наименование"`
}

type enterpriseOrder struct {
	Ref      string           `xml:"КлючевыеСвойства>Ссылка"`
	Number   string           `xml:"КлючевыеСвойства>Номер"`
	Incoming string           `xml:"КлючевыеСвойства>ДанныеВходящегоДокумента>НомерВходящегоДокумента"`
	Currency string           `xml:"Валюта>ДанныеКлассификатора>Наименование"`
	Customer enterpriseKeys   `xml:"Контрагент"`
	Amount   string           `xml:"Сумма"`
	Included string           `xml:"СуммаВключаетНДС"`
	Goods    []enterpriseLine `xml:"Товары>Строка"`
	Services []enterpriseLine `xml:"Услуги>Строка"`
}

type enterpriseLine struct {
	Number   string           `xml:"НомерСтрокиДокумента"`
	Products []enterpriseKeys `xml:"ДанныеНоменклатуры>Номенклатура"`
	Direct   []enterpriseKeys `xml:"Номенклатура"`
	Quantity string           `xml:"Количество"`
	Price    string           `xml:"Цена"`
	Amount   string           `xml:"Сумма"`
	VAT      string           `xml:"СуммаНДС"`
}

func parseEnterprise(t *testing.T, path string) *enterprise {
	t.Helper()
	e := &enterprise{}
	if err := xml.Unmarshal([]byte(read(t, path)), e); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return e
}

// The money of every order adds up, computed anew from the file alone; the files' sums are those that
// the report names; and what is new stands in the file once, before the orders that name it.
func TestEnterpriseMoney(t *testing.T) {
	documents, onTop, services := 0, 0, 0
	for _, settings := range []string{"", `version = "1.8"`, "version = \"1.21\"\nvat_rates = \"any\"\nproducts_without_id = \"create\""} {
		for _, c := range convertEach(t, inputsWith(t, "enterprisedata", settings)) {
			for _, out := range c.Outputs {
				e := parseEnterprise(t, out.Path)
				found, said := sums{}, sums{}
				for i := range e.Documents {
					d := &e.Documents[i]
					for _, wrong := range enterpriseWrong(t, d) {
						t.Errorf("%s, order %s: %s", out.Path, d.Incoming, wrong)
					}
					found.add(d.Currency, rat(t, d.Amount))
					documents++
					onTop += count(d.Included == "false")
					services += len(d.Services)
				}
				for currency, sum := range out.Sums {
					said.add(currency, rat(t, sum))
				}
				if diff := cmp.Diff(said.text(), found.text()); diff != "" || len(e.Documents) != out.Orders {
					t.Errorf("%s: %d orders, %d said (-said +found):\n%s", out.Path, len(e.Documents), out.Orders, diff)
				}
				for _, wrong := range e.repeated() {
					t.Errorf("%s: %s", out.Path, wrong)
				}
				if e.Confirmation != nil {
					t.Errorf("%s: a file to be loaded by hand has a Confirmation", out.Path)
				}
			}
		}
	}
	t.Logf("%d documents, %d with VAT on top, %d services", documents, onTop, services)
	if documents < 100 || onTop == 0 || services == 0 {
		t.Error("too little to be sure")
	}
}

// enterpriseWrong lists what does not add up in an order.
func enterpriseWrong(t *testing.T, d *enterpriseOrder) (wrong []string) {
	t.Helper()
	sum := new(big.Rat)
	for _, section := range [][]enterpriseLine{d.Goods, d.Services} {
		for i, l := range section {
			amount := rat(t, l.Amount)
			if new(big.Rat).Mul(rat(t, l.Price), rat(t, l.Quantity)).Cmp(amount) != 0 {
				wrong = append(wrong, fmt.Sprintf("%s × %s is not %s", l.Price, l.Quantity, l.Amount))
			}
			if sum.Add(sum, amount); d.Included == "false" && l.VAT != "" {
				sum.Add(sum, rat(t, l.VAT))
			}
			if l.Number != fmt.Sprint(i+1) || len(l.Products)+len(l.Direct) != 1 {
				wrong = append(wrong, fmt.Sprintf("row %d has number %s and %d products", i+1, l.Number, len(l.Products)+len(l.Direct)))
			}
		}
	}
	if sum.Cmp(rat(t, d.Amount)) != 0 {
		wrong = append(wrong, fmt.Sprintf("the lines come to %s, the document to %s", sum.FloatString(3), d.Amount))
	}
	if len([]rune(d.Number)) > 11 || d.Incoming == "" || len(d.Ref) != 36 {
		wrong = append(wrong, fmt.Sprintf("number %q (%q), id %q", d.Number, d.Incoming, d.Ref))
	}
	return wrong
}

// repeated lists references that stand for two objects of the file.
func (e *enterprise) repeated() (wrong []string) {
	seen := map[string]string{}
	note := func(ref, name string) {
		if other, twice := seen[ref]; twice || ref == "" {
			wrong = append(wrong, fmt.Sprintf("%q and %q are both %q", other, name, ref))
		}
		seen[ref] = name
	}
	for _, k := range append(e.Customers, e.Products...) {
		note(k.Ref, k.Name)
	}
	for _, d := range e.Documents {
		note(d.Ref, d.Incoming)
	}
	return wrong
}

// The checks above find what they are there to find.
func TestEnterpriseFinds(t *testing.T) {
	xmllint := need(t, "xmllint")
	opt := createAll(t, hardCases(t))
	opt.Layouts = []string{"enterprisedata"}
	c := convertAll(t, opt)
	text := read(t, c.paths(".xml")[0])
	for name, change := range map[string]*strings.Replacer{
		"an amount":      strings.NewReplacer("<Сумма>99.99</Сумма>", "<Сумма>99.98</Сумма>"),
		"a price":        strings.NewReplacer("<Цена>33.33</Цена>", "<Цена>33.34</Цена>"),
		"a row's number": strings.NewReplacer("<НомерСтрокиДокумента>1</НомерСтрокиДокумента>", "<НомерСтрокиДокумента>0</НомерСтрокиДокумента>"),
	} {
		path := filepath.Join(t.TempDir(), "changed.xml")
		changed := change.Replace(text)
		if err := os.WriteFile(path, []byte(changed), 0o666); err != nil {
			t.Fatal(err)
		}
		var wrong []string
		for _, d := range parseEnterprise(t, path).Documents {
			wrong = append(wrong, enterpriseWrong(t, &d)...)
		}
		if changed == text || len(wrong) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
	for name, change := range map[string]*strings.Replacer{
		"no date":             strings.NewReplacer("<Дата>", "<Дата2>", "</Дата>", "</Дата2>"),
		"a word that is none": strings.NewReplacer("Черновик", "Чистовик"),
		"another order":       strings.NewReplacer("<Валюта>", "<Сумма>1</Сумма><Валюта>"),
		"another version":     strings.NewReplacer("/1.16\"", "/1.17\""),
	} {
		path := filepath.Join(t.TempDir(), "changed.xml")
		changed := change.Replace(text)
		if err := os.WriteFile(path, []byte(changed), 0o666); err != nil {
			t.Fatal(err)
		}
		if words, err := validate(xmllint, enterpriseSchema("1_16_2")(t), []string{path}); changed == text || err == nil {
			t.Errorf("%s passes: %s", name, words)
		}
	}
}
