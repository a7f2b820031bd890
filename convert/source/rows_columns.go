package source

import (
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
)

// The columns that mean the same in every flat order report. Each report adds its own.
var commonColumns = map[string]field{
	"order-item-id":      itemID,
	"purchase-date":      moment(func(it *item) *time.Time { return &it.order.Created }),
	"sales-channel":      salesChannel,
	"ship-service-level": text(func(it *item) *string { return &it.order.ServiceLevel }),
	"product-name":       text(func(it *item) *string { return &it.line.Title }),
	"sku":                exact(func(it *item) *string { return &it.line.SKU }),
	"asin":               text(func(it *item) *string { return &it.line.ASIN }),

	"item-price":              amount(func(l *order.Line) *money.Optional { return &l.Price.Amount }),
	"item-tax":                amount(func(l *order.Line) *money.Optional { return &l.Price.Tax }),
	"shipping-price":          amount(func(l *order.Line) *money.Optional { return &l.Shipping.Amount }),
	"shipping-tax":            amount(func(l *order.Line) *money.Optional { return &l.Shipping.Tax }),
	"gift-wrap-price":         amount(func(l *order.Line) *money.Optional { return &l.GiftWrap.Amount }),
	"gift-wrap-tax":           amount(func(l *order.Line) *money.Optional { return &l.GiftWrap.Tax }),
	"item-promotion-discount": amount(func(l *order.Line) *money.Optional { return &l.Discount.Amount }),
	"ship-promotion-discount": amount(func(l *order.Line) *money.Optional { return &l.ShippingDiscount.Amount }),

	"ship-city":        text(func(it *item) *string { return &it.order.ShipTo.City }),
	"ship-state":       text(func(it *item) *string { return &it.order.ShipTo.State }),
	"ship-postal-code": text(func(it *item) *string { return &it.order.ShipTo.Postcode }),
	"ship-country":     text(func(it *item) *string { return &it.order.ShipTo.Country }),

	"cpf":                         text(func(it *item) *string { return &it.order.Buyer.TaxID }),
	"buyer-identification-number": text(func(it *item) *string { return &it.order.Buyer.TaxID }),
	"purchase-order-number":       text(func(it *item) *string { return &it.order.PurchaseOrder }),
	"original-order-id":           text(func(it *item) *string { return &it.order.Replaces }),
	"is-business-order":           business,
	"is-prime":                    program(order.Prime),
	"is-premium-order":            program("PREMIUM"),
	"is-ispu-order":               program("IN_STORE_PICK_UP"),
	"is-replacement-order":        program(order.Replacement),
	// Amazon buys the goods from the seller and sells them on: two names of one flag.
	"is-iba":        program(order.InvoiceByAmazon),
	"is-sold-by-ab": program(order.InvoiceByAmazon),

	"tax-collection-responsible-party": remitter,
	"tax-collection-model":             remitterModel,
	"ioss-number":                      deemed,
}

// The columns of the reports for sellers who ship themselves: who bought and where it goes.
var buyerColumns = map[string]field{
	"buyer-email":        text(func(it *item) *string { return &it.order.Buyer.Email }),
	"buyer-name":         text(func(it *item) *string { return &it.order.Buyer.Name }),
	"buyer-phone-number": text(func(it *item) *string { return &it.order.Buyer.Phone }),
	"buyer-company-name": text(func(it *item) *string { return &it.order.Buyer.Company }),

	"latest-delivery-date": moment(func(it *item) *time.Time { return &it.order.DeliverBy }),

	"recipient-name":    text(func(it *item) *string { return &it.order.ShipTo.Name }),
	"ship-address-1":    street(shipTo, 1),
	"ship-address-2":    street(shipTo, 2),
	"ship-address-3":    street(shipTo, 3),
	"ship-phone-number": text(func(it *item) *string { return &it.order.ShipTo.Phone }),

	"bill-name":         text(func(it *item) *string { return &it.order.Buyer.Address.Name }),
	"bill-address-1":    street(billTo, 1),
	"bill-address-2":    street(billTo, 2),
	"bill-address-3":    street(billTo, 3),
	"bill-city":         text(func(it *item) *string { return &it.order.Buyer.Address.City }),
	"bill-state":        text(func(it *item) *string { return &it.order.Buyer.Address.State }),
	"bill-postal-code":  text(func(it *item) *string { return &it.order.Buyer.Address.Postcode }),
	"bill-country":      text(func(it *item) *string { return &it.order.Buyer.Address.Country }),
	"bill-phone-number": text(func(it *item) *string { return &it.order.Buyer.Address.Phone }),

	"quantity-purchased": ordered,
	"quantity-shipped":   shipped,
	"payment-method":     payment,
	"payment-method-fee": amount(func(l *order.Line) *money.Optional { return &l.COD.Amount }),
}

// payment takes the method, whatever its details said before.
func payment(it *item, cell string) error {
	if !absent(cell) {
		it.order.Payment = strings.TrimSpace(cell)
	}
	return nil
}

func shipTo(it *item) *order.Address { return &it.order.ShipTo }

func billTo(it *item) *order.Address { return &it.order.Buyer.Address }

// The columns of money, in the order in which Amazon writes them.
var moneyColumns = []string{
	"item-price", "item-tax", "shipping-price", "shipping-tax", "gift-wrap-price", "gift-wrap-tax",
	"item-promotion-discount", "ship-promotion-discount", "payment-method-fee",
}
