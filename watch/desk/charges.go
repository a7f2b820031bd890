package desk

import (
	"obmen/convert/order"
	"obmen/convert/source"
)

// LineCharges are the stated amounts of a line, by the name of their field.
func LineCharges(l *order.Line) []NamedCharge {
	return []NamedCharge{
		{source.Price, l.Price},
		{source.Discount, l.Discount},
		{source.Shipping, l.Shipping},
		{source.ShippingDiscount, l.ShippingDiscount},
		{source.GiftWrap, l.GiftWrap},
		{source.COD, l.COD},
		{source.CODDiscount, l.CODDiscount},
		{source.Other, l.Other},
		{source.LineTax, order.Charge{Amount: l.Tax}},
		{source.LineTotal, order.Charge{Amount: l.Total}},
	}
}

// OrderCharges are the stated amounts of the order as a whole.
func OrderCharges(o *order.Order) []NamedCharge {
	return []NamedCharge{
		{source.OrderShipping, o.Shipping},
		{source.OrderDiscount, order.Charge{Amount: o.Discount}},
		{source.Tip, order.Charge{Amount: o.Tip}},
	}
}

// NamedCharge is a stated amount with the name of its field.
type NamedCharge struct {
	Name source.Charge
	order.Charge
}
