package catalog

import (
	"iter"
	"sync"

	"obmen/convert/money"
)

// Product is a line of products.csv.
type Product struct {
	SKU            string
	ID             string // 1C's GUID in small letters; empty where 1C's is not known
	Characteristic string // 1C's GUID of the characteristic; empty without one
	Code           string
	Name           string
	Unit           string
	VAT            money.VATRate
	Barcode        string
	Service        bool
	Group          string
	VATFixed       bool // VAT holds in every country, whatever vat.csv says
}

// productRow is a line of products.csv as it stands there.
type productRow struct {
	SKU            string  `csv:"sku"`
	ID             string  `csv:"id"`
	Characteristic string  `csv:"characteristic"`
	Code           string  `csv:"code"`
	Name           string  `csv:"name"`
	Unit           string  `csv:"unit"`
	VAT            string  `csv:"vat"`
	Barcode        string  `csv:"barcode"`
	Kind           string  `csv:"kind"`
	Group          string  `csv:"group"`
	VATFixed       string  `csv:"vat_fixed"`
	Surplus        *string `csv:"\x00"`
}

func (r *productRow) cells() []*string {
	return []*string{
		&r.SKU, &r.ID, &r.Characteristic, &r.Code, &r.Name,
		&r.Unit, &r.VAT, &r.Barcode, &r.Kind, &r.Group, &r.VATFixed,
	}
}

func (r *productRow) surplus() *string { return r.Surplus }

func (r *productRow) setSurplus(cell *string) { r.Surplus = cell }

// Cells of the products' table.
const (
	productSKU = iota
	productID
	productCharacteristic
	productCode
	productName
	productBarcode
	productCells
)

// products is the loaded products.csv.
type products struct {
	productRows
	bySKU, byBarcode index
	byID, byCode     *lazy
}

// productRows are the lines of products.csv, or of a piece of it.
type productRows struct {
	rowTable
	rest   []productRest
	units  pool[string]
	groups pool[string]
	rates  pool[money.VATRate]
}

// productRest is what repeats on many products.
type productRest struct {
	unit, group, rate uint32
	service, vatFixed bool
}

func newProducts() *products {
	p := new(products)
	normal := func(cell int) func([]byte, uint32) []byte {
		return func(b []byte, row uint32) []byte { return appendNormal(b, p.cell(row, cell)) }
	}
	p.bySKU.key, p.byBarcode.key = normal(productSKU), normal(productBarcode)
	p.byID = newLazy(p.len, func(b []byte, row uint32) []byte { return append(b, p.cell(row, productID)...) })
	p.byCode = newLazy(p.len, normal(productCode))
	return p
}

func (p *products) loadRows(s *csvFile) {
	p.reserveRows(s.rest.countLines())
	problems, notes := readParts(s, productReader, p.productRows.appendRows)
	var shared report
	var running sync.WaitGroup
	running.Go(func() {
		p.byBarcode.fillRows(p.len(), func(before, row uint32) bool {
			shared.add(p.sharedBarcode(before, row))
			return false
		})
	})
	again, others := p.indexUnique(s, &p.bySKU, "sku", func(row uint32) string { return p.cell(row, productSKU) })
	running.Wait()
	p.blankRows(others)
	problems.mergeLines(&again)
	shared.mergeLines(&notes)
	s.problems.addLater(&problems)
	s.notes.addLater(&shared)
	p.rowTable.trimMemory()
}

func (p *products) sharedBarcode(before, row uint32) Problem {
	return Problem{
		ProductsFile, p.line(row), "barcode", p.cell(row, productBarcode),
		"also on line " + formatInt(p.line(before)) + "; it is not used for matching", "give each product its own barcode",
	}
}

func (p *productRows) reserveRows(rows int) {
	p.rowTable.reserve(rows)
	p.rest = make([]productRest, 0, rows)
}

// productReader reads the rows of pieces of products.csv.
func productReader() func(*csvFile) *productRows {
	var room []byte
	return func(s *csvFile) *productRows {
		p := &productRows{rowTable: rowTable{open: room}}
		p.reserveRows(s.rest.countLines())
		readRows(s, func(r *productRow) {
			noteSuspect(s, r)
			p.rowTable.add(
				s.lineOf("sku", r.SKU), r.SKU, s.readGUID("id", r.ID).packBytes(), s.readGUID("characteristic", r.Characteristic).packBytes(),
				r.Code, r.Name, r.Barcode,
			)
			p.rest = append(p.rest, productRest{
				p.units.numberOf(r.Unit), p.groups.numberOf(r.Group), p.rates.numberOf(s.parseVATRate("vat", r.VAT)),
				s.parseChoice("kind", r.Kind, kinds, "write goods or service (Товар, Услуга)") == "service",
				s.parseChoice("vat_fixed", r.VATFixed, yesNo, "write yes or no (да, нет)") == "yes",
			})
		})
		p.beginBlock()
		room = p.open[:0]
		return p
	}
}

// appendRows puts the rows of the next piece behind these.
func (p *productRows) appendRows(next *productRows) {
	p.rowTable.appendTable(&next.rowTable)
	units, groups, rates := p.units.numbersOf(&next.units), p.groups.numbersOf(&next.groups), p.rates.numbersOf(&next.rates)
	for _, r := range next.rest {
		p.rest = append(p.rest, productRest{units[r.unit], groups[r.group], rates[r.rate], r.service, r.vatFixed})
	}
}

// noteSuspect notes what is allowed and still suspect.
func noteSuspect(s *csvFile, r *productRow) {
	if isShortened(r.SKU) {
		noteShortened(s, "sku", r.SKU)
	}
	if isShortened(r.Barcode) {
		noteShortened(s, "barcode", r.Barcode)
	}
}

func noteShortened(s *csvFile, column, value string) {
	s.notes.add(Problem{
		s.File, s.lineOfColumn(column), column, value, "looks like a long number that Excel has shortened",
		"format the column as text and export it again",
	})
}

func (p *products) productAt(row uint32) Product {
	var cells [productCells]string
	p.rowTable.fillCells(row, cells[:])
	rest := p.rest[row]
	return Product{
		SKU:            cells[productSKU],
		ID:             unpackGUID(cells[productID]),
		Characteristic: unpackGUID(cells[productCharacteristic]),
		Code:           cells[productCode],
		Name:           cells[productName],
		Barcode:        cells[productBarcode],
		Unit:           p.units.values[rest.unit],
		VAT:            p.rates.values[rest.rate],
		Group:          p.groups.values[rest.group],
		Service:        rest.service,
		VATFixed:       rest.vatFixed,
	}
}

// normalSKU is the normal sku of a row.
func (p *products) normalSKU(row uint32) string { return Normal(p.cell(row, productSKU)) }

// findRef finds the product that a sku, a code or an id of 1C names, in this order. A code or id that
// several lines share (characteristics of one product) names none of them.
func (p *products) findRef(ref string) (row uint32, ok bool) {
	ref = Normal(ref)
	if row, ok = p.bySKU.onlyRow(ref); ok {
		return row, true
	}
	if row, ok = p.byCode.build().onlyRow(ref); ok {
		return row, true
	}
	id, ok := parseGUID(ref)
	if !ok {
		return 0, false
	}
	return p.byID.build().onlyRow(id.packBytes())
}

// Product finds a product by its sku, exactly after normalisation.
func (s *Snapshot) Product(sku string) (Product, bool) {
	return s.productOf(s.products.bySKU.onlyRow(Normal(sku)))
}

// ProductByBarcode finds the one product of a barcode.
func (s *Snapshot) ProductByBarcode(barcode string) (Product, bool) {
	return s.productOf(s.products.byBarcode.onlyRow(Normal(barcode)))
}

// ProductByRef finds the one product of a sku, a code or an id of 1C, in this order.
func (s *Snapshot) ProductByRef(ref string) (Product, bool) {
	return s.productOf(s.products.findRef(ref))
}

func (s *Snapshot) productOf(row uint32, ok bool) (Product, bool) {
	if !ok {
		return Product{}, false
	}
	return s.products.productAt(row), true
}

// Products lists the products in the order of the file.
func (s *Snapshot) Products() iter.Seq[Product] {
	return func(yield func(Product) bool) {
		for row := range uint32(s.products.len()) {
			if !yield(s.products.productAt(row)) {
				return
			}
		}
	}
}
