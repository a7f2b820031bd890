package bsltest_test

import (
	"bytes"
	"encoding/xml"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"obmen/templates/bsltest"
)

// What the loader makes of an exchange file is what stands in it, by another reader.
func TestReadsEverySample(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "expected", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, settings := range []string{
		"", "[layout.commerceml]\nprofile = \"container\"\n", "[layout.commerceml]\nversion = \"3.1\"\nnamespace = \"true\"\n",
		"[layout.commerceml]\nencoding = \"windows-1251\"\n[layout.salesorder]\nencoding = \"windows-1251\"\n",
	} {
		files = append(files, convertedSamples(t, settings)...)
	}
	machine := bsltest.New(loader(t))
	orders := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := machine.Call("ПрочитатьФайлЗаказов", name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list, _ := v.(*bsltest.Structure).Get("заказы")
		got := flat(list.(*bsltest.Array))
		orders += len(list.(*bsltest.Array).Items())
		if wanted := otherReading(t, text); !slices.Equal(got, wanted) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(wanted, "\n"))
		}
	}
	if orders < 250 {
		t.Errorf("only %d orders were read", orders)
	}
}

// convertedSamples are the files that obmen makes of all samples with more settings than theirs.
func convertedSamples(t *testing.T, settings string) []string {
	t.Helper()
	inputs, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "input"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	common, err := os.ReadFile(filepath.Join(samplesDir, "obmen.toml"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	config := filepath.Join(out, "obmen.toml")
	if err := os.WriteFile(config, []byte(string(common)+"\n"+settings), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"convert", "--config", config, "--catalogs", samplesDir + "/catalogs", "--out", out, "--layout", "salesorder", "--layout", "commerceml"}
	obmen(t, append(args, inputs...)...)
	made, err := filepath.Glob(filepath.Join(out, "*.xml"))
	if err != nil || len(made) < 2 {
		t.Fatalf("obmen made %v, %v", made, err)
	}
	return made
}

// flat writes what the loader read, an order and a line of it each on one line.
func flat(list *bsltest.Array) []string {
	var out []string
	get := func(v any, names ...string) string {
		var cells []string
		for _, n := range names {
			switch x, _ := v.(*bsltest.Structure).Get(n); x := x.(type) {
			case *big.Rat:
				cells = append(cells, strings.TrimSuffix(strings.TrimRight(x.FloatString(4), "0"), "."))
			case time.Time:
				cells = append(cells, x.Format("20060102150405"))
			case string:
				cells = append(cells, x)
			}
		}
		return strings.Join(cells, "|")
	}
	for _, o := range list.Items() {
		buyer, _ := o.(*bsltest.Structure).Get("покупатель")
		out = append(out, get(o, "ид", "номер", "дата", "изменен", "валюта", "сумма", "организация", "склад")+"|"+get(buyer, "ид", "код", "наименование", "имя", "почта"))
		lines, _ := o.(*bsltest.Structure).Get("строки")
		for _, l := range lines.(*bsltest.Array).Items() {
			out = append(out, "  "+get(l, "артикул", "наименование", "количество", "цена", "сумма", "суммандс"))
		}
	}
	return out
}

// otherReading is the same from Go's reader of XML.
func otherReading(t *testing.T, text []byte) []string {
	t.Helper()
	if bytes.Contains(text, []byte(`encoding="windows-1251"`)) {
		plain, err := charmap.Windows1251.NewDecoder().Bytes(text)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.Replace(plain, []byte("windows-1251"), []byte("UTF-8"), 1)
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("<Контейнер>"), nil), []byte("</Контейнер>"), nil)
	if bytes.Contains(text, []byte("<salesorders")) {
		return salesorderReading(t, text)
	}
	type value struct {
		Name  string `xml:"Наименование"`
		Value string `xml:"Значение"`
	}
	var file struct {
		Orders []struct {
			ID     string  `xml:"Ид"`
			Number string  `xml:"Номер"`
			Date   string  `xml:"Дата"`
			Time   string  `xml:"Время"`
			Cur    string  `xml:"Валюта"`
			Total  string  `xml:"Сумма"`
			Values []value `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
			Buyer  struct {
				ID       string `xml:"Ид"`
				Name     string `xml:"Наименование"`
				First    string `xml:"Имя"`
				Contacts []struct {
					Kind  string `xml:"Тип"`
					Value string `xml:"Значение"`
				} `xml:"Контакты>Контакт"`
			} `xml:"Контрагенты>Контрагент"`
			Lines []struct {
				ID       string `xml:"Ид"`
				SKU      string `xml:"Артикул"`
				Name     string `xml:"Наименование"`
				Quantity string `xml:"Количество"`
				Price    string `xml:"ЦенаЗаЕдиницу"`
				Amount   string `xml:"Сумма"`
				VAT      string `xml:"Налоги>Налог>Сумма"`
			} `xml:"Товары>Товар"`
		} `xml:"Документ"`
	}
	if err := xml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range file.Orders {
		values := map[string]string{}
		for _, v := range o.Values {
			values[v.Name] = v.Value
		}
		changed, email := "00010101000000", ""
		if when := values["Дата изменения статуса"]; when != "" {
			changed = digits(when)
		}
		for _, c := range o.Buyer.Contacts {
			if c.Kind == "Почта" {
				email = c.Value
			}
		}
		number := o.Number
		if shop := values["Номер заказа на сайте"]; shop != "" {
			number = shop
		}
		out = append(out, joined(o.ID, number, digits(o.Date+o.Time), changed, o.Cur, short(o.Total), values["Организация"], values["Склад"],
			o.Buyer.ID, values["Код контрагента"], o.Buyer.Name, o.Buyer.First, email))
		for _, l := range o.Lines {
			if l.SKU == "" && strings.HasPrefix(l.ID, "ORDER_") {
				l.SKU = l.ID
			}
			out = append(out, "  "+joined(l.SKU, l.Name, short(l.Quantity), short(l.Price), short(l.Amount), short(l.VAT)))
		}
	}
	return out
}

func salesorderReading(t *testing.T, text []byte) []string {
	t.Helper()
	var file struct {
		Orders []struct {
			ID     string `xml:"id"`
			Number string `xml:"number"`
			Date   string `xml:"date"`
			Change string `xml:"updated"`
			Cur    string `xml:"currency"`
			Total  string `xml:"total"`
			Org    string `xml:"organisation"`
			House  string `xml:"warehouse"`
			Buyer  struct {
				ID    string `xml:"id"`
				Code  string `xml:"code"`
				Name  string `xml:"name"`
				First string `xml:"first_name"`
				Email string `xml:"email"`
			} `xml:"customer"`
			Lines []struct {
				SKU      string `xml:"sku"`
				Name     string `xml:"name"`
				Quantity string `xml:"quantity"`
				Price    string `xml:"price"`
				Amount   string `xml:"amount"`
				VAT      string `xml:"vat"`
			} `xml:"lines>line"`
		} `xml:"orders>order"`
	}
	if err := xml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range file.Orders {
		out = append(out, joined(o.ID, o.Number, digits(o.Date), digits(o.Change), o.Cur, short(o.Total), o.Org, o.House, o.Buyer.ID, o.Buyer.Code, o.Buyer.Name, o.Buyer.First, o.Buyer.Email))
		for _, l := range o.Lines {
			out = append(out, "  "+joined(l.SKU, l.Name, short(l.Quantity), short(l.Price), short(l.Amount), short(l.VAT)))
		}
	}
	return out
}

func joined(cells ...string) string { return strings.Join(cells, "|") }

func digits(s string) string {
	return strings.NewReplacer("-", "", ":", "", "T", "", " ", "").Replace(s)
}

// short is a number without zeros that say nothing.
func short(s string) string {
	if !strings.Contains(s, ".") {
		if s == "" {
			return "0"
		}
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
