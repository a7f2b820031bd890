package sitetest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// Document is an order in 1C's base.
type Document struct {
	ID        string `xml:"Ид"`
	Number    string `xml:"Номер"`
	Currency  string `xml:"Валюта"`
	Total     string `xml:"Сумма"`
	Operation string `xml:"ХозОперация"`
	Writes    int    `xml:"-"` // how often it was loaded
}

// Base is what 1C has loaded. An order is found again by its number alone, as УТ and УНФ do.
type Base struct {
	Documents map[string]*Document
	// Refuse, if set, reports whether a document cannot be written.
	Refuse func(*Document) bool
}

// Load reads a file in one transaction: all of its documents or none. It returns how many there were.
func (b *Base) Load(file []byte) (int, error) {
	var f struct {
		XMLName   xml.Name   `xml:"КоммерческаяИнформация"`
		Documents []Document `xml:"Документ"`
	}
	d := xml.NewDecoder(bytes.NewReader(file))
	if err := d.Decode(&f); err != nil {
		return 0, err
	}
	for i := range f.Documents {
		if err := b.check(&f.Documents[i]); err != nil {
			return 0, err
		}
	}
	if b.Documents == nil {
		b.Documents = map[string]*Document{}
	}
	for _, d := range f.Documents {
		if before := b.Documents[d.Number]; before != nil {
			d.Writes = before.Writes
		}
		d.Writes++
		b.Documents[d.Number] = &d
	}
	return len(f.Documents), nil
}

func (b *Base) check(d *Document) error {
	switch {
	case d.Number == "" || d.Currency == "" || strings.ToLower(d.Operation) != "заказ товара":
		return fmt.Errorf("order %q has no number, no currency, or another operation", d.Number)
	case len([]rune(d.Number)) > 11:
		return fmt.Errorf("order %q would never be found again: its number has more than 11 characters", d.Number)
	case b.Refuse != nil && b.Refuse(d):
		return fmt.Errorf("order %q cannot be written", d.Number)
	}
	return nil
}

// Numbers lists the documents, sorted.
func (b *Base) Numbers() []string {
	var list []string
	for number := range b.Documents {
		list = append(list, number)
	}
	slices.Sort(list)
	return list
}

// Doubled lists the orders that stand in the base under two numbers.
func (b *Base) Doubled() []string {
	seen, twice := map[string]bool{}, []string{}
	for _, d := range b.Documents {
		if seen[d.ID] {
			twice = append(twice, d.ID)
		}
		seen[d.ID] = true
	}
	return twice
}
