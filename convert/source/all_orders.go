package source

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
)

func init() { registerFormat(allOrders{}) }

// decodeAllOrders reads the All Orders report, by order date or by last update, archived or not: one row per
// order item, tab separated, no buyer and no order total. Amounts are for the row's whole quantity
// (report type GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL and its kin, Selling Partner API). Amazon adds columns without notice, so they are found by name.
//
// Rows of one order need not lie together; see runIndex for what that costs.
type allOrders struct{}

var _ Format = allOrders{}

func (allOrders) Name() string { return "amazon-all-orders" }

// Spelled implements Speller.
func (allOrders) Spelled() map[Charge]Spelled { return spelledInRows() }

// Sniff is sure of the columns that no other report has together.
func (allOrders) Sniff(_ string, head []byte) Confidence {
	if flatfile.HeadColumns(head).Has("amazon-order-id", "order-status", "item-status") {
		return Sure
	}
	return No
}

func (allOrders) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return allOrdersReport.readOrders(ctx, in)
}

var allOrdersReport = &report{
	format: "amazon-all-orders",
	id:     "amazon-order-id",
	needs:  []string{"amazon-order-id", "sku", "quantity", "item-price"},
	last:   moneyColumns,
	fields: mergeFields(commonColumns, map[string]field{
		"merchant-order-id":   addAlias,
		"last-updated-date":   timeField(func(it *item) *time.Time { return &it.order.Updated }),
		"order-status":        setStatusCell,
		"fulfillment-channel": setChannel,
		"item-status":         setItemStatus,
		"quantity":            setOrdered,
		"promotion-ids":       addPromotions,
		"ship-promotion-id":   addPromotions, // archived orders
		// price-designation says that a price is for business buyers; is-business-order says so too.
	}),
	aliases: map[string]string{"quantity": "quantity-purchased"},
	repeat:  sameItem,
	finish:  leaveOutCancelled,
}

// leaveOutCancelled takes the amounts of cancelled items out of an order: the report goes on stating their
// price, and at times their quantity. An order of cancelled items alone is cancelled.
func leaveOutCancelled(o *order.Order) {
	all := len(o.Lines) > 0
	for i := range o.Lines {
		l := &o.Lines[i]
		if all = all && l.Cancelled; l.Cancelled {
			none := order.Charge{}
			l.Price, l.Shipping, l.GiftWrap, l.COD, l.Discount, l.ShippingDiscount = none, none, none, none, none, none
		}
	}
	if all && o.Status != order.Pending {
		o.Status = order.Cancelled
	}
}

func setItemStatus(it *item, cell string) error {
	it.line.Cancelled = order.ParseStatus(strings.TrimSpace(cell)) == order.Cancelled
	return nil
}

// sameItem drops a row that repeats an order item to the letter: two downloads joined into one file.
// Rows without an order item id are never taken for one another.
func sameItem(o *openOrder, i int, it *item) error {
	if o.rows[i].text == it.text {
		return nil
	}
	return input.WithHint(
		errors.New("its order item stands in the file twice with different values"),
		"remove the older one of the two rows",
	)
}
