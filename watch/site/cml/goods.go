package cml

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Product is a Товар of a catalog, or a Предложение of a list of offers. Texts are 1C's own; an empty one
// was not there.
type Product struct {
	ID             string // 1C's GUID
	Characteristic string // 1C's GUID of the characteristic, of an offer
	Offer          bool   // a Предложение: name and unit are those of the offer, kind and VAT are not there
	SKU            string // Артикул
	Code           string
	Name           string
	Unit           string
	VAT            string // "20", "Без НДС"
	Barcode        string
	Kind           string // "Товар", "Услуга" …
	Deleted        bool
}

// Catalog tells of a file's list of products.
type Catalog struct {
	// Full: the list has every product of the exchange; else only what changed since the last one.
	Full bool
	// Offers: the file has a list of offers, and no products.
	Offers bool
}

// good is a Товар or a Предложение.
type good struct {
	ID       string `xml:"Ид"`
	SKU      string `xml:"Артикул"`
	Code     string `xml:"Код"`
	Name     string `xml:"Наименование"`
	Barcode  string `xml:"Штрихкод"`
	State    string `xml:"Статус,attr"`
	Deleted  string `xml:"ПометкаУдаления"`
	Unit     unit   `xml:"БазоваяЕдиница"`
	VATRates []struct {
		Name string `xml:"Наименование"`
		Rate string `xml:"Ставка"`
	} `xml:"СтавкиНалогов>СтавкаНалога"`
	Properties []property `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
}

// unit is a БазоваяЕдиница: its name is text in 2.x, and missing in 3.1, which writes the code as text.
type unit struct {
	Code     string `xml:"Код,attr"`
	FullName string `xml:"НаименованиеПолное,attr"`
	Text     string `xml:",chardata"`
}

// name drops a text that is the code alone.
func (u *unit) name() string {
	text := strings.TrimSpace(u.Text)
	if strings.Trim(text, "0123456789") == "" {
		return strings.TrimSpace(u.FullName)
	}
	return text
}

// ReadGoods calls each for every product and every offer of a file, in their order, and returns what kind
// of list it was. An error of each ends the reading and is returned as it is; a file that cannot be read
// is an *Error. Files of prices and remainders have neither, and are read to their end.
func ReadGoods(file io.Reader, each func(Product) error) (c Catalog, err error) {
	r, err := newReader(file)
	if err != nil {
		return c, err
	}
	changes, seen := false, false
	for {
		start, err := r.next()
		if errors.Is(err, io.EOF) {
			c.Full = seen && !changes && !c.Offers
			return c, nil
		}
		if err != nil {
			return c, err
		}
		switch start.Name.Local {
		case "Каталог":
			seen, changes = true, changes || onlyChanges(start)
		case "ПакетПредложений", "ИзмененияПакетаПредложений":
			c.Offers = true
		case "СодержитТолькоИзменения":
			var text string
			if err := r.decode(&text, &start); err != nil {
				return c, err
			}
			changes = changes || parseFlag(text)
		case "Товар", "Предложение":
			if err := r.good(start, each); err != nil {
				return c, err
			}
		}
	}
}

func onlyChanges(start xml.StartElement) bool {
	for _, a := range start.Attr {
		if a.Name.Local == "СодержитТолькоИзменения" {
			return parseFlag(a.Value)
		}
	}
	return false
}

// good reads a Товар of a Товары, a Предложение of a Предложения; the same names elsewhere are other
// things.
func (r *reader) good(start xml.StartElement, each func(Product) error) error {
	list := map[string]string{"Товар": "Товары", "Предложение": "Предложения"}[start.Name.Local]
	if len(r.path) < 2 || r.path[len(r.path)-2] != list {
		return r.skip()
	}
	var g good
	if err := r.decode(&g, &start); err != nil {
		return err
	}
	return each(g.product(start.Name.Local == "Предложение"))
}

func (g *good) product(offer bool) Product {
	id, characteristic, _ := strings.Cut(strings.TrimSpace(g.ID), "#")
	if characteristic == id { // some configurations write the product itself where it has none
		characteristic = ""
	}
	p := Product{
		ID: id, Characteristic: characteristic, Offer: offer,
		SKU: strings.TrimSpace(g.SKU), Code: strings.TrimSpace(g.Code), Name: strings.TrimSpace(g.Name),
		Unit: g.Unit.name(), Barcode: strings.TrimSpace(g.Barcode),
		Deleted: parseFlag(g.Deleted) || strings.EqualFold(g.State, "Удален"),
	}
	for _, rate := range g.VATRates {
		if strings.EqualFold(strings.TrimSpace(rate.Name), "НДС") {
			p.VAT = strings.TrimSpace(rate.Rate)
		}
	}
	for i := range g.Properties {
		switch strings.ToLower(strings.TrimSpace(g.Properties[i].Name)) {
		case "типноменклатуры":
			p.Kind = g.Properties[i].value()
		case "код":
			p.Code = g.Properties[i].value()
		}
	}
	return p
}
