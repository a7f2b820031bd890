package source

import (
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
)

// The columns that mean the same in every flat order report. Each report adds its own.
var commonColumns = map[string]field{
	"order-item-id":      setItemID,
	"purchase-date":      timeField(func(it *item) *time.Time { return &it.order.Created }),
	"sales-channel":      setChannelCell,
	"ship-service-level": textField(func(it *item) *string { return &it.order.ServiceLevel }),
	"product-name":       textField(func(it *item) *string { return &it.line.Title }),
	"sku":                exactText(func(it *item) *string { return &it.line.SKU }),
	"asin":               textField(func(it *item) *string { return &it.line.ASIN }),

	"item-price":              amountField(func(l *order.Line) *money.Optional { return &l.Price.Amount }),
	"item-tax":                amountField(func(l *order.Line) *money.Optional { return &l.Price.Tax }),
	"shipping-price":          amountField(func(l *order.Line) *money.Optional { return &l.Shipping.Amount }),
	"shipping-tax":            amountField(func(l *order.Line) *money.Optional { return &l.Shipping.Tax }),
	"gift-wrap-price":         amountField(func(l *order.Line) *money.Optional { return &l.GiftWrap.Amount }),
	"gift-wrap-tax":           amountField(func(l *order.Line) *money.Optional { return &l.GiftWrap.Tax }),
	"item-promotion-discount": amountField(func(l *order.Line) *money.Optional { return &l.Discount.Amount }),
	"ship-promotion-discount": amountField(func(l *order.Line) *money.Optional { return &l.ShippingDiscount.Amount }),

	"ship-city":        textField(func(it *item) *string { return &it.order.ShipTo.City }),
	"ship-state":       textField(func(it *item) *string { return &it.order.ShipTo.State }),
	"ship-postal-code": textField(func(it *item) *string { return &it.order.ShipTo.Postcode }),
	"ship-country":     textField(func(it *item) *string { return &it.order.ShipTo.Country }),

	"cpf":                         textField(func(it *item) *string { return &it.order.Buyer.TaxID }),
	"buyer-identification-number": textField(func(it *item) *string { return &it.order.Buyer.TaxID }),
	"purchase-order-number":       textField(func(it *item) *string { return &it.order.PurchaseOrder }),
	"original-order-id":           textField(func(it *item) *string { return &it.order.Replaces }),
	"is-business-order":           setBusiness,
	"is-prime":                    programField(order.Prime),
	"is-premium-order":            programField("PREMIUM"),
	"is-ispu-order":               programField("IN_STORE_PICK_UP"),
	"is-replacement-order":        programField(order.Replacement),
	// Amazon buys the goods from the seller and sells them on: two names of one flag.
	"is-iba":        programField(order.InvoiceByAmazon),
	"is-sold-by-ab": programField(order.InvoiceByAmazon),

	"tax-collection-responsible-party": setRemitter,
	"tax-collection-model":             setRemitterModel,
	"ioss-number":                      setDeemed,
}

func setItemID(it *item, cell string) error {
	cell = input.CleanID(cell)
	if strings.ContainsAny(cell, "eE") && scientific.MatchString(cell) {
		return errSpreadsheet()
	}
	if !input.IsAbsent(cell) {
		it.line.ID = cell
	}
	return nil
}

// The columns of the reports for sellers who ship themselves: who bought and where it goes.
var buyerColumns = map[string]field{
	"buyer-email":        textField(func(it *item) *string { return &it.order.Buyer.Email }),
	"buyer-name":         textField(func(it *item) *string { return &it.order.Buyer.Name }),
	"buyer-phone-number": textField(func(it *item) *string { return &it.order.Buyer.Phone }),
	"buyer-company-name": textField(func(it *item) *string { return &it.order.Buyer.Company }),

	"latest-delivery-date": timeField(func(it *item) *time.Time { return &it.order.DeliverBy }),

	"recipient-name":    textField(func(it *item) *string { return &it.order.ShipTo.Name }),
	"ship-address-1":    streetField(shipTo, 1),
	"ship-address-2":    streetField(shipTo, 2),
	"ship-address-3":    streetField(shipTo, 3),
	"ship-phone-number": textField(func(it *item) *string { return &it.order.ShipTo.Phone }),

	"bill-name":         textField(func(it *item) *string { return &it.order.Buyer.Address.Name }),
	"bill-address-1":    streetField(billTo, 1),
	"bill-address-2":    streetField(billTo, 2),
	"bill-address-3":    streetField(billTo, 3),
	"bill-city":         textField(func(it *item) *string { return &it.order.Buyer.Address.City }),
	"bill-state":        textField(func(it *item) *string { return &it.order.Buyer.Address.State }),
	"bill-postal-code":  textField(func(it *item) *string { return &it.order.Buyer.Address.Postcode }),
	"bill-country":      textField(func(it *item) *string { return &it.order.Buyer.Address.Country }),
	"bill-phone-number": textField(func(it *item) *string { return &it.order.Buyer.Address.Phone }),

	"quantity-purchased": setOrdered,
	"quantity-shipped":   setShipped,
	"payment-method":     setPayment,
	"payment-method-fee": amountField(func(l *order.Line) *money.Optional { return &l.COD.Amount }),
}

// setPayment takes the method, whatever its details said before.
func setPayment(it *item, cell string) error {
	if !input.IsAbsent(cell) {
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
