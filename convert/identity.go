package convert

import (
	"cmp"
	"crypto/sha1"
	"strings"

	"github.com/google/uuid"

	"obmen/convert/catalog"
	"obmen/convert/order"
)

// namespace is the root of every id that obmen gives to an object of 1C. It never changes: an id must
// be the same on every machine and in every year.
var namespace = uuid.MustParse("6a1d1d6c-0d2c-5f55-9f0e-7b6f6d3c2a10")

// objectID is the UUIDv5 of a kind of object and the parts of its key.
func objectID(kind string, parts ...string) string {
	key := append(make([]byte, 0, 256), namespace[:]...)
	key = append(key, kind...)
	for _, part := range parts {
		key = append(append(key, '\x1f'), part...)
	}
	sum := sha1.Sum(key) // of RFC 9562: a name and no secret
	u := uuid.UUID(sum[:16])
	u[6], u[8] = u[6]&0x0f|5<<4, u[8]&0x3f|0x80 // version 5, the variant of the RFC
	return u.String()
}

// scopeOf is where an order number is unique: all of Amazon for Amazon's orders, the account for a shop's.
// Renaming an account therefore never changes what an Amazon order is to 1C.
func scopeOf(o *order.Order, account string) string {
	if o.Marketplace != "" || fromAmazon(o) {
		return AmazonScope
	}
	return account
}

func fromAmazon(o *order.Order) bool {
	return strings.HasPrefix(o.Format, "amazon-") || strings.HasPrefix(o.Format, "mws-")
}

func documentID(o *order.Order, account string) string {
	return objectID("order", scopeOf(o, account), o.ID)
}

// buyerID is the id of a buyer that 1C does not know yet: by the surest thing that the source says of
// them, and by name and address together where there is nothing surer.
func buyerID(b *order.Buyer, o *order.Order, account string) string {
	where := scopeOf(o, account)
	switch {
	case b.TaxID != "":
		return objectID("customer", where, "tax", catalog.Normal(b.TaxID))
	case b.Email != "":
		return objectID("customer", where, "email", catalog.Normal(b.Email))
	case b.Phone != "":
		return objectID("customer", where, "phone", catalog.Normal(b.Phone))
	}
	a := &b.Address
	if a.IsZero() {
		a = &o.ShipTo
	}
	return objectID("customer", where, "name", catalog.Normal(fullName(b)), catalog.Normal(b.Company),
		catalog.Normal(a.Postcode), catalog.Normal(a.City), catalog.Normal(strings.Join(a.Street, " ")), a.Country)
}

// retailID is the id of the buyer that stands for everybody a marketplace does not name.
func retailID(o *order.Order, account string) string {
	return objectID("retail", scopeOf(o, account), cmp.Or(o.Marketplace, account))
}

func productID(o *order.Order, account, sku string) string {
	return objectID("product", scopeOf(o, account), catalog.Normal(sku))
}

func fullName(b *order.Buyer) string {
	return cmp.Or(b.Name, strings.TrimSpace(b.FirstName+" "+b.LastName))
}
