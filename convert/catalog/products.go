package catalog

import (
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
	Surplus        *string `csv:"\x00"`
}

func (r *productRow) cells() []*string {
	return []*string{
		&r.SKU, &r.ID, &r.Characteristic, &r.Code, &r.Name,
		&r.Unit, &r.VAT, &r.Barcode, &r.Kind, &r.Group,
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
	table
	rest   []productRest
	units  pool[string]
	groups pool[string]
	rates  pool[money.VATRate]

	bySKU, byID, byCode, byBarcode index
}

// productRest is what repeats on many products.
type productRest struct {
	unit, group, rate uint32
	service           bool
}

func newProducts() *products {
	p := new(products)
	p.bySKU.key = func(row uint32) string { return Normal(p.cell(row, productSKU)) }
	p.byID.key = func(row uint32) string { return p.cell(row, productID) } // packed
	p.byCode.key = func(row uint32) string { return Normal(p.cell(row, productCode)) }
	p.byBarcode.key = func(row uint32) string { return Normal(p.cell(row, productBarcode)) }
	return p
}

func (p *products) load(s *sheet, notes *report) {
	p.rest = make([]productRest, 0, cap(p.starts))
	for _, x := range p.indexes() {
		x.hint = cap(p.starts)
	}
	readRows(s, func(r *productRow) {
		line := s.line("")
		sku := Normal(r.SKU)
		if first, twice := p.bySKU.last(sku); twice {
			s.twice("sku", r.SKU, p.line(first), "keep one of the two lines")
			return
		}
		p.remark(s, r, notes)
		row := p.table.add(
			line, r.SKU, packed(s.guid("id", r.ID)), packed(s.guid("characteristic", r.Characteristic)),
			r.Code, r.Name, r.Barcode,
		)
		p.rest = append(p.rest, productRest{
			p.units.number(r.Unit), p.groups.number(r.Group), p.rates.number(s.vatRate("vat", r.VAT)),
			s.choice("kind", r.Kind, kinds, "write goods or service (Товар, Услуга)") == "service",
		})
		p.bySKU.add(sku, row)
		p.byID.add(p.cell(row, productID), row)
		p.byCode.add(Normal(r.Code), row)
		p.byBarcode.add(Normal(r.Barcode), row)
	})
	p.finish()
}

// remark notes what is allowed and still suspect.
func (p *products) remark(s *sheet, r *productRow, notes *report) {
	if first, twice := p.byBarcode.last(Normal(r.Barcode)); twice {
		notes.add(Problem{
			s.File, s.line("barcode"), "barcode", r.Barcode, "also on line " + decimal(p.line(first)) + "; it is not used for matching",
			"give each product its own barcode",
		})
	}
	if shortened(r.SKU) {
		noteShortened(s, "sku", r.SKU, notes)
	}
	if shortened(r.Barcode) {
		noteShortened(s, "barcode", r.Barcode, notes)
	}
}

func noteShortened(s *sheet, column, value string, notes *report) {
	notes.add(Problem{
		s.File, s.line(column), column, value, "looks like a long number that Excel has shortened",
		"format the column as text and export it again",
	})
}

func (p *products) finish() {
	p.table.finish()
	for _, x := range p.indexes() {
		x.finish()
	}
}

func (p *products) indexes() []*index { return []*index{&p.bySKU, &p.byID, &p.byCode, &p.byBarcode} }

func (p *products) product(row uint32) Product {
	var cells [productCells]string
	p.table.cells(row, cells[:])
	rest := p.rest[row]
	return Product{
		SKU:            cells[productSKU],
		ID:             unpacked(cells[productID]),
		Characteristic: unpacked(cells[productCharacteristic]),
		Code:           cells[productCode],
		Name:           cells[productName],
		Barcode:        cells[productBarcode],
		Unit:           p.units.values[rest.unit],
		VAT:            p.rates.values[rest.rate],
		Group:          p.groups.values[rest.group],
		Service:        rest.service,
	}
}

// ref finds the product that a sku, a code or an id of 1C names, in this order. A code or id that
// several lines share (characteristics of one product) names none of them.
func (p *products) ref(ref string) (row uint32, ok bool) {
	ref = Normal(ref)
	if row, ok = p.bySKU.only(ref); ok {
		return row, true
	}
	if row, ok = p.byCode.only(ref); ok {
		return row, true
	}
	if !isGUID(ref) {
		return 0, false
	}
	return p.byID.only(packed(ref))
}

// Product finds a product by its sku, exactly after normalisation.
func (s *Snapshot) Product(sku string) (Product, bool) {
	return s.productOf(s.products.bySKU.only(Normal(sku)))
}

// ProductByBarcode finds the one product of a barcode.
func (s *Snapshot) ProductByBarcode(barcode string) (Product, bool) {
	return s.productOf(s.products.byBarcode.only(Normal(barcode)))
}

// ProductByRef finds the one product of a sku, a code or an id of 1C, in this order.
func (s *Snapshot) ProductByRef(ref string) (Product, bool) {
	return s.productOf(s.products.ref(ref))
}

func (s *Snapshot) productOf(row uint32, ok bool) (Product, bool) {
	if !ok {
		return Product{}, false
	}
	return s.products.product(row), true
}
