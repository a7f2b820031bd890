package source

import (
	"context"
	"iter"

	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
)

func init() { registerFormat(unshipped{}) }

// unshipped reads the Unshipped Orders report, whose columns sellers choose: from 27 to 73 of them, and
// never a price. Its orders are complete but for their money.
type unshipped struct{}

var _ Format = unshipped{}

func (unshipped) Name() string { return "amazon-unshipped" }

// Lacks implements Lacker: of prices there are none.
func (unshipped) Lacks() string { return "the unshipped orders report never has any" }

func (unshipped) Sniff(_ string, head []byte) Confidence {
	names := flatfile.HeadColumns(head)
	if names.Has("order-id", "order-item-id", "quantity-to-ship") && !names.Has("item-price") {
		return Sure
	}
	return No
}

func (unshipped) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return unshippedReport.readOrders(ctx, in)
}

var unshippedReport = &report{
	format: "amazon-unshipped",
	id:     "order-id",
	needs:  []string{"order-id", "sku", "quantity-purchased"},
	fields: mergeFields(commonColumns, buyerColumns, map[string]field{
		"payment-method-details": textField(func(it *item) *string { return &it.order.Payment }),
	}),
	begin: func(o *order.Order) {
		waitsForMerchant(o)
		o.Missing = order.PricesMissing
	},
	repeat: sameItem,
}
