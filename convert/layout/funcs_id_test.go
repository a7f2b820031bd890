package layout_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"obmen/convert/document"
	"obmen/convert/money"
)

// printed is what a template prints for the one document of a batch.
func printed(t testing.TB, text string, d document.Document) string {
	t.Helper()
	got := render(t, "<a>{{range .Documents}}"+text+"{{end}}</a>", document.Batch{Documents: []document.Document{d}})
	return strings.TrimSuffix(strings.TrimPrefix(got, "<a>"), "</a>")
}

func TestNumbersAndIDs(t *testing.T) {
	d := document.Document{
		Identity: document.Identity{Number: "902-3159896-1390916", ID: "x"}, Amounts: document.Amounts{Currency: "EUR", Rate: money.MustParse("98.234567")},
		Lines: []document.Line{{LineAmounts: document.LineAmounts{VATRate: money.PercentVAT(money.MustParse("22"))}}, {LineAmounts: document.LineAmounts{VATRate: money.NoVAT}}, {}},
	}
	for text, want := range map[string]string{
		`{{add 1 (round 4 .Rate)}}`:                             "99.2346",
		`{{round 0 .Rate}}`:                                     "98",
		`{{range $i, $l := .Lines}}{{add $i 1}},{{end}}`:        "1,2,3,",
		`{{range .Lines}}{{percent .VATRate}},{{end}}`:          "22,0,0,",
		`{{short 11 .Number}}`:                                  "OOGFKBARK90",
		`{{short 19 .Number}}`:                                  "902-3159896-1390916",
		`{{short 11 .Currency}}`:                                "EUR",
		`{{uuid "sku" .ID}}`:                                    "e96ef739-1d8e-5776-a654-dfc7479a66ec",
		`{{eq (uuid "a" "b") (uuid "a" "b")}}`:                  "true",
		`{{eq (uuid "a" "b") (uuid "ab")}}`:                     "false",
		`{{eq (uuid "sku" .ID) (uuid "sku" .Number)}}`:          "false",
		`{{setting "no" "5"}}{{setting "s" "a" "b"}}`:           "5a",
		`{{if eq (setting "v" "2" "1" "3") "2"}}two{{end}}`:     "two",
		`{{len .Goods}}{{len .Services}}{{len $.NewCustomers}}`: "300",
	} {
		if got := printed(t, text, d); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The ids are those of RFC 9562, version 5, of the texts with a unit separator between them.
func TestUUIDIsVersion5(t *testing.T) {
	space := uuid.MustParse("0c7d5f0a-52f1-5c37-8a35-0b9a4e6d7f21")
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[a-zа-я0-9 ]{0,80}`)
		d := document.Document{Identity: document.Identity{Number: text.Draw(rt, "a"), ID: text.Draw(rt, "b")}}
		if got, want := printed(t, `{{uuid .Number .ID}}`, d), uuid.NewSHA1(space, []byte(d.Number+"\x1f"+d.ID)).String(); got != want {
			rt.Fatalf("%s, want %s", got, want)
		}
	})
}

// Two numbers of orders never become one, and every result fits.
func TestShortNumbersStayDifferent(t *testing.T) {
	fits := regexp.MustCompile(`^\S.{0,10}$`)
	amazon := rapid.StringMatching(`[0-9]{3}-[0-9]{7}-[0-9]{7}`)
	other := rapid.StringMatching(`[#A-Z0-9-]{1,30}`)
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.OneOf(amazon, other)
		a, b := number.Draw(rt, "a"), number.Draw(rt, "b")
		short := func(s string) string {
			return printed(t, `{{short 11 .Number}}`, document.Document{Identity: document.Identity{Number: s}})
		}
		if x, y := short(a), short(b); (x == y) != (a == b) || !fits.MatchString(x) {
			rt.Fatalf("%q → %q, %q → %q", a, x, b, y)
		}
	})
}

// What is new is listed once, however often the documents name it; what 1C knows is not.
func TestWhatIsNewIsListedOnce(t *testing.T) {
	line := func(id, sku string, isNew bool) document.Line {
		return document.Line{Product: document.Product{ProductID: id, SKU: sku, NewProduct: isNew}, Service: id == ""}
	}
	docOf := func(customer string, isNew bool, lines ...document.Line) document.Document {
		return document.Document{Customer: document.Customer{ID: customer, Name: customer, New: isNew}, Lines: lines}
	}
	b := document.Batch{Documents: []document.Document{
		docOf("anna", true, line("1", "A", true), line("2", "B", false), line("", "DELIVERY", true)),
		docOf("boris", false, line("1", "A", true), line("", "TEA", false), line("", "TEA", false)),
		docOf("anna", true, line("", "DELIVERY", true), line("", "WRAP", true), line("3", "C", true)),
	}}
	const text = `<a>{{range .NewCustomers}}{{.Name}} {{end}}|{{range .NewProducts}}{{.SKU}} {{end}}|` +
		`{{range .Documents}}{{range .Goods}}{{.SKU}} {{end}}+{{range .Services}}{{.SKU}} {{end}};{{end}}|` +
		`{{range .CustomersWithoutID}}{{.Name}} {{end}}|{{range .ProductsWithoutID}}{{.SKU}} {{end}}</a>`
	const want = "<a>anna |A DELIVERY WRAP C |A B +DELIVERY ;A +TEA TEA ;C +DELIVERY WRAP ;|anna boris |A DELIVERY TEA WRAP C </a>"
	l := compile(t, compiler(text), "x", nil)
	for range 2 { // a layout keeps nothing of the batch before
		if got, _ := write(t, l, b); string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestSettingsOfAFewValues(t *testing.T) {
	const text = `<a>{{setting "version" "1.17" "1.8"}}</a>`
	for value, want := range map[string]string{"": "<a>1.17</a>", "1.8": "<a>1.8</a>", "1.17": "<a>1.17</a>"} {
		got, _ := write(t, compile(t, compiler(text), "x", map[string]string{"version": value}), document.Batch{})
		if string(got) != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
	m := mistakes(t, text, map[string]string{"version": "1.9"})
	if len(m) != 1 || m[0].Text != `the layout's setting version is "1.9"` || m[0].Advice != "write one of 1.17, 1.8" {
		t.Errorf("%+v", m)
	}
}
