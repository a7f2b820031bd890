package convert

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"obmen/convert/money"
	"obmen/convert/order"
)

// Fingerprint is a digest of everything in an order that a document can show: quantities, prices,
// taxes, discounts, buyer, address, state. Two records with one fingerprint are one revision, whatever
// file they came in. When the order is to arrive is left out: a forecast that moves is no new revision.
type Fingerprint [16]byte

func fingerprintOf(o *order.Order) Fingerprint {
	d := digests.Get().(*digest)
	defer digests.Put(d)
	*d = (*d)[:0]
	d.addTexts(o.Format, o.ID, o.PurchaseOrder, o.Replaces, o.Account, o.Marketplace, o.SalesChannel, string(o.Channel),
		o.ServiceLevel, o.Payment, string(o.Status), o.StatusText, string(o.Currency), string(o.Tax), string(o.Missing))
	d.addTexts(o.Aliases...)
	for _, p := range o.Programs {
		d.addTexts(string(p))
	}
	d.addFlags(o.MultiChannel, o.BusinessOrder, o.DiscountWithin)
	d.addTexts(o.Created.String())
	b := &o.Buyer
	d.addTexts(b.Name, b.FirstName, b.LastName, b.Company, b.Email, b.Phone, b.TaxID)
	d.addAddress(&b.Address)
	d.addAddress(&o.ShipTo)
	d.addAmounts(o.Total, o.Tip, o.Discount)
	d.addCharges(o.Shipping)
	for i := range o.Lines {
		d.addLine(&o.Lines[i])
	}
	if o.Readings != (order.Readings{}) {
		d.addTexts(string(o.Readings.Tax), string(o.Readings.Discount))
	}
	if o.Test || o.CancelRequested || o.ShippingRemitter != "" && o.ShippingRemitter != order.RemitterSeller {
		d.addFlags(o.Test, o.CancelRequested)
		d.addTexts(o.ShippingRemitter)
	}
	sum := sha256.Sum256(*d)
	return Fingerprint(sum[:16])
}

// sumsPrintOf is a digest of an order's quantities and amounts, in whatever order its lines come. Its first
// byte stands for the format alone.
func sumsPrintOf(o *order.Order) (print [4]byte) {
	d := digests.Get().(*digest)
	defer digests.Put(d)
	*d = (*d)[:0]
	d.addTexts(string(o.Currency))
	d.addAmounts(o.Total, o.Tip, o.Discount)
	d.addCharges(o.Shipping)
	all := sha256.Sum256(*d)
	for i := range o.Lines {
		l := &o.Lines[i]
		*d = (*d)[:0]
		d.addTexts(l.SKU)
		d.addAmounts(money.Known(l.Ordered), l.Tax, l.Total)
		d.addCharges(l.Price, l.Shipping, l.GiftWrap, l.COD, l.Other, l.Discount, l.ShippingDiscount, l.CODDiscount)
		line := sha256.Sum256(*d)
		sum := binary.BigEndian.Uint32(all[:]) + binary.BigEndian.Uint32(line[:]) // a sum is the same in any order
		binary.BigEndian.PutUint32(all[:], sum)
	}
	copy(print[1:], all[:])
	format := sha256.Sum256([]byte(o.Format))
	print[0] = format[0]
	return print
}

// digest is the canonical bytes of an order: every text with its length before it.
type digest []byte

var digests = sync.Pool{New: func() any { return new(digest) }}

func (d *digest) addTexts(list ...string) {
	for _, s := range list {
		*d = binary.AppendUvarint(*d, uint64(len(s)))
		*d = append(*d, s...)
	}
	*d = append(*d, 0xff)
}

func (d *digest) addFlags(list ...bool) {
	for _, b := range list {
		bit := byte(0)
		if b {
			bit = 1
		}
		*d = append(*d, bit)
	}
}

func (d *digest) addAmounts(list ...money.Optional) {
	for _, v := range list {
		d.addFlags(v.Known)
		*d = append(v.Value.Append(*d, 0), ';')
	}
}

func (d *digest) addCharges(list ...order.Charge) {
	for _, c := range list {
		d.addAmounts(c.Amount, c.Tax)
	}
}

func (d *digest) addAddress(a *order.Address) {
	d.addTexts(a.Name, a.Company, a.City, a.District, a.State, a.Postcode, a.Country, a.Phone)
	d.addTexts(a.Street...)
}

func (d *digest) addLine(l *order.Line) {
	d.addTexts(l.ID, l.SKU, l.ASIN, l.Barcode, l.Title, l.TaxRemitter, l.Deemed)
	d.addTexts(l.Promotions...)
	d.addFlags(l.Cancelled)
	d.addAmounts(money.Known(l.Ordered), l.Shipped, l.Tax, l.Total)
	d.addCharges(l.Price, l.Shipping, l.GiftWrap, l.COD, l.Other, l.Discount, l.ShippingDiscount, l.CODDiscount)
}
