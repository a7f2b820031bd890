package catalog

import (
	"strconv"

	"obmen/convert/money"
)

// Component is what one sold unit of a marketplace's SKU consists of in 1C.
type Component struct {
	Product  Product
	Quantity money.Quantity // in one sold unit
	Share    money.Optional // of the money; weights, they need not add up to anything
}

type skuRow struct {
	SKU         string  `csv:"sku"`
	Marketplace string  `csv:"marketplace"`
	Product     string  `csv:"product"`
	Quantity    string  `csv:"quantity"`
	Share       string  `csv:"share"`
	Surplus     *string `csv:"\x00"`
}

func (r *skuRow) cells() []*string {
	return []*string{&r.SKU, &r.Marketplace, &r.Product, &r.Quantity, &r.Share}
}

func (r *skuRow) surplus() *string { return r.Surplus }

func (r *skuRow) setSurplus(cell *string) { r.Surplus = cell }

// skus is the loaded skus.csv: its table keeps sku and marketplace of a row.
type skus struct {
	rowTable
	parts []skuPart
	bySKU index // by marketplace and sku
}

type skuPart struct {
	product  uint32 // row of the products
	quantity money.Quantity
	share    money.Optional
}

// quantityPlaces is the precision of quantities in 1C's documents.
const quantityPlaces = 3

func newSKUs() *skus {
	k := new(skus)
	k.bySKU.key = k.appendKey
	return k
}

func (k *skus) appendKey(b []byte, row uint32) []byte {
	return append(b, skuKey(k.cell(row, 1), k.cell(row, 0))...)
}

// skuKey joins a marketplace and a sku that are normal already; no text holds the byte between them.
func skuKey(marketplace, sku string) string { return marketplace + "\x00" + sku }

// loadRows reads skus.csv; product finds the row of a product, or reports that there is none.
func (k *skus) loadRows(s *csvFile, product func(ref string) (uint32, bool)) {
	var twice index
	twice.key = func(b []byte, row uint32) []byte {
		return strconv.AppendUint(append(k.appendKey(b, row), 0), uint64(k.parts[row].product), 10)
	}
	readRows(s, func(r *skuRow) {
		line := s.lineOfColumn("")
		sku, marketplace := Normal(r.SKU), placeCode(r.Marketplace)
		part := skuPart{
			quantity: s.parsePositive("quantity", r.Quantity, quantityPlaces).Value,
			share:    s.parsePositive("share", r.Share, money.Scale),
		}
		if r.Quantity == "" {
			part.quantity = money.One
		}
		found := false
		if part.product, found = product(r.Product); !found || sku == "" {
			return
		}
		key := skuKey(marketplace, sku)
		whole := key + "\x00" + formatInt(int(part.product))
		if first, again := twice.lastRow(whole); again {
			s.reportDoubled("sku", r.SKU, k.line(first), "keep one line and write how many units it means into quantity")
			return
		}
		k.sameShares(s, r, key, part)
		row := k.rowTable.add(line, sku, marketplace)
		k.parts = append(k.parts, part)
		k.bySKU.add(key, row)
		twice.add(whole, row)
	})
	k.rowTable.trimMemory()
	k.bySKU.trimSlots()
}

// sameShares reports a kit with a share on some of its lines only.
func (k *skus) sameShares(s *csvFile, r *skuRow, key string, part skuPart) {
	other, kit := k.bySKU.lastRow(key)
	if !kit || k.parts[other].share.Known == part.share.Known {
		return
	}
	s.reportCell("share", r.Share, "line "+formatInt(k.line(other))+" of the same kit "+
		map[bool]string{true: "has none", false: "has one"}[part.share.Known],
		"give every line of the kit a share, or none")
}
