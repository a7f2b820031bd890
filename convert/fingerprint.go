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

func fingerprint(o *order.Order) Fingerprint {
	d := digests.Get().(*digest)
	defer digests.Put(d)
	*d = (*d)[:0]
	d.text(o.Format, o.ID, o.PurchaseOrder, o.Replaces, o.Account, o.Marketplace, o.SalesChannel, string(o.Channel),
		o.ServiceLevel, o.Payment, string(o.Status), o.StatusText, string(o.Currency), string(o.Tax), string(o.Missing))
	d.text(o.Aliases...)
	for _, p := range o.Programs {
		d.text(string(p))
	}
	d.flag(o.MultiChannel, o.BusinessOrder, o.DiscountWithin)
	d.text(o.Created.String())
	b := &o.Buyer
	d.text(b.Name, b.FirstName, b.LastName, b.Company, b.Email, b.Phone, b.TaxID)
	d.address(&b.Address)
	d.address(&o.ShipTo)
	d.optional(o.Total, o.Tip, o.Discount)
	d.charge(o.Shipping)
	for i := range o.Lines {
		d.line(&o.Lines[i])
	}
	if o.Readings != (order.Readings{}) {
		d.text(string(o.Readings.Tax), string(o.Readings.Discount))
	}
	sum := sha256.Sum256(*d)
	return Fingerprint(sum[:16])
}

// digest is the canonical bytes of an order: every text with its length before it.
type digest []byte

var digests = sync.Pool{New: func() any { return new(digest) }}

func (d *digest) text(list ...string) {
	for _, s := range list {
		*d = binary.AppendUvarint(*d, uint64(len(s)))
		*d = append(*d, s...)
	}
	*d = append(*d, 0xff)
}

func (d *digest) flag(list ...bool) {
	for _, b := range list {
		bit := byte(0)
		if b {
			bit = 1
		}
		*d = append(*d, bit)
	}
}

func (d *digest) optional(list ...money.Optional) {
	for _, v := range list {
		d.flag(v.Known)
		*d = append(v.Value.Append(*d, 0), ';')
	}
}

func (d *digest) charge(list ...order.Charge) {
	for _, c := range list {
		d.optional(c.Amount, c.Tax)
	}
}

func (d *digest) address(a *order.Address) {
	d.text(a.Name, a.Company, a.City, a.District, a.State, a.Postcode, a.Country, a.Phone)
	d.text(a.Street...)
}

func (d *digest) line(l *order.Line) {
	d.text(l.ID, l.SKU, l.ASIN, l.Barcode, l.Title, l.TaxRemitter, l.Deemed)
	d.text(l.Promotions...)
	d.flag(l.Cancelled)
	d.optional(money.Known(l.Ordered), l.Shipped, l.Tax, l.Total)
	d.charge(l.Price, l.Shipping, l.GiftWrap, l.COD, l.Other, l.Discount, l.ShippingDiscount, l.CODDiscount)
}
