package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
)

func init() { registerFormat(newOrders{}) }

// newOrders reads the New Orders report of sellers who ship themselves: prices, buyer and addresses,
// one row per order item and promotion (report type GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING, Selling Partner API). It lists orders that wait to be shipped and
// states neither a status nor a total.
type newOrders struct{}

var _ Format = newOrders{}

func (newOrders) Name() string { return "amazon-new-orders" }

// Spelled implements Speller.
func (newOrders) Spelled() map[Charge]Spelled { return spelledInRows() }

func (newOrders) Sniff(_ string, head []byte) Confidence {
	if flatfile.HeadColumns(head).Has("order-id", "order-item-id", "quantity-purchased", "item-price") {
		return Sure
	}
	return No
}

func (newOrders) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return newOrdersReport.readOrders(ctx, in)
}

var newOrdersReport = &report{
	format: "amazon-new-orders",
	id:     "order-id",
	needs:  []string{"order-id", "order-item-id", "sku", "quantity-purchased", "item-price"},
	last:   moneyColumns,
	fields: mergeFields(commonColumns, buyerColumns, map[string]field{
		"item-promotion-id": promotionID(func(it *item) *string { return &it.itemPromotion }),
		"ship-promotion-id": promotionID(func(it *item) *string { return &it.shipPromotion }),
	}),
	begin:  waitsForMerchant,
	repeat: oncePerPromotion, continued: true,
}

// waitsForMerchant marks an order of a report that lists what its seller has yet to ship.
func waitsForMerchant(o *order.Order) { o.Status, o.Channel = order.Unshipped, order.ByMerchant }

func promotionID(at func(*item) *string) field {
	put := textField(at)
	return func(it *item, cell string) error {
		if err := put(it, cell); err != nil || *at(it) == "" {
			return err
		}
		it.line.Promotions = append(it.line.Promotions, *at(it))
		return nil
	}
}

// oncePerPromotion takes the row that repeats an order item for one more promotion: its discounts and
// ids are new, its prices are not.
func oncePerPromotion(o *openOrder, i int, it *item) error {
	line := &o.order.Lines[i]
	if it.counted && !samePrices(line, &it.line) {
		return input.WithHint(
			errors.New("its order item stands in the file twice with different prices"),
			"remove the older one of the two rows",
		)
	}
	stated := append([]item{o.rows[i]}, o.repeats[i]...)
	if err := addDiscount(&line.Discount.Amount, stated, it, (*item).itemDiscount); err != nil {
		return err
	}
	if err := addDiscount(&line.ShippingDiscount.Amount, stated, it, (*item).shipDiscount); err != nil {
		return err
	}
	for _, id := range it.line.Promotions {
		if !slices.Contains(line.Promotions, id) {
			line.Promotions = append(line.Promotions, id)
		}
	}
	if o.repeats == nil {
		o.repeats = map[int][]item{}
	}
	o.repeats[i] = append(o.repeats[i], *it)
	return nil
}

func (it *item) itemDiscount() (id string, d money.Optional) {
	return it.itemPromotion, it.line.Discount.Amount
}

func (it *item) shipDiscount() (id string, d money.Optional) {
	return it.shipPromotion, it.line.ShippingDiscount.Amount
}

// addDiscount adds the discount of a repeated row to sum, unless an earlier row of the item stated it:
// a promotion is known by its id, and one without an id by its amount. Signs stay as found.
func addDiscount(sum *money.Optional, stated []item, it *item, of func(*item) (string, money.Optional)) error {
	id, d := of(it)
	if !d.Known {
		return nil
	}
	for i := range stated {
		was, same := of(&stated[i])
		switch {
		case was != id || !same.Known:
			continue
		case same == d:
			return nil
		case id != "":
			return input.WithHint(
				fmt.Errorf("a promotion of its order item is stated as %s and as %s", same.Value, d.Value),
				"correct the file or enter the order by hand",
			)
		}
	}
	*sum = money.Known(sum.Value.Plus(d.Value))
	return nil
}

func samePrices(a, b *order.Line) bool {
	return a.SKU == b.SKU && a.Ordered == b.Ordered && a.Price == b.Price &&
		a.Shipping == b.Shipping && a.GiftWrap == b.GiftWrap && a.COD == b.COD
}
