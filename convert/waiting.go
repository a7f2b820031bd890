package convert

import (
	"cmp"
	"fmt"

	"obmen/convert/order"
	"obmen/convert/source"
)

// skipRule is the rule that leaves an order of an account out for good.
func (a *Account) skipRule(o *order.Order) Rule {
	switch {
	case o.Test:
		return SkipTest
	case o.MultiChannel:
		return SkipMultiChannel
	case o.Status == order.Cancelled:
		return SkipCancelled
	case o.Status == order.Unfulfillable:
		return SkipUnfulfillable
	case o.Status == order.Undelivered && a.Undelivered == SkipOrder:
		return SkipUndelivered
	}
	return ""
}

// holdDoubtful holds an order that may be no sale after all, unless its account wants such orders exported.
func (a *Account) holdDoubtful(o *order.Order) *Hold {
	switch {
	case o.CancelRequested && a.BuyerCancel != ExportOrder:
		return &Hold{
			Code:     BuyerCancel,
			Sentence: "the buyer asked to cancel the order, and it is not shipped yet",
			Cure:     `answer the buyer; the order goes out when it is shipped, or with buyer_cancel = "export" in the account's section of obmen.toml`,
		}
	case o.Status == order.Undelivered && cmp.Or(a.Undelivered, HoldOrder) == HoldOrder:
		return &Hold{
			Code:     Undelivered,
			Sentence: fmt.Sprintf("the order did not reach its buyer: %q", o.StatusText),
			Cure:     `dismiss it if it is no sale; undelivered = "export" or "skip" in the account's section of obmen.toml decides for all`,
		}
	}
	return nil
}

// holdUnfinished holds an order that the source has not told in full.
func holdUnfinished(o *order.Order) *Hold {
	switch {
	case o.Fragment:
		return &Hold{
			Code:     OrderMissing,
			Sentence: "the file has items of an order that is in none of the given files",
			Cure:     "give the file with the order (getOrders) in the same call",
		}
	case o.Status == order.Pending:
		return &Hold{
			Code:     Pending,
			Sentence: "the order is pending: its amounts and its buyer are not confirmed yet",
			Cure:     "nothing to do: it goes out when a newer state of it arrives",
		}
	case o.Missing == order.ItemsMissing && !fromAmazon(o):
		return noLines()
	case o.Missing == order.ItemsMissing:
		return &Hold{
			Code:     ItemsMissing,
			Sentence: "the file has the order without its items",
			Cure:     "give the file with its items (getOrderItems) in the same call",
		}
	case o.Missing == order.PricesMissing || !allPriced(o):
		return &Hold{
			Code:     NoPrices,
			Sentence: statesNoPrices(o),
			Cure:     pricesElsewhere(o),
		}
	case !ordersAnything(o):
		return noLines()
	}
	return nil
}

func noLines() *Hold {
	return &Hold{Code: NoLines, Sentence: "the order has no items", Cure: compareOrder}
}

func pricesElsewhere(o *order.Order) string {
	if fromAmazon(o) {
		return `download the "All Orders" report for the same days in Seller Central (Reports, Fulfilment) and use it instead`
	}
	return "use an export of the shop that has prices; of a mapped source look with `obmen source try` where they stand"
}

func statesNoPrices(o *order.Order) string {
	const sentence = "the source states no prices"
	if lack := source.LackOf(o.Format); lack != "" {
		return sentence + ": " + lack
	}
	return sentence
}

// allPriced reports whether every line that orders something has a price.
func allPriced(o *order.Order) bool {
	for i := range o.Lines {
		if l := &o.Lines[i]; !ordersNothing(l) && !l.Price.Known() {
			return o.Has(order.Replacement) || o.Has(order.Vine)
		}
	}
	return true
}

func ordersAnything(o *order.Order) bool {
	for i := range o.Lines {
		if !ordersNothing(&o.Lines[i]) {
			return true
		}
	}
	return false
}

// currencyUnknown holds an order whose currency nothing names: a guess would be a wrong sum in the books.
func currencyUnknown() *Hold {
	return &Hold{
		Code:     CurrencyUnknown,
		Sentence: "neither the file nor the account names the currency of the order",
		Cure:     `set currency = "RUB" (or another) in the account's section of obmen.toml, or convert the file with --currency RUB`,
		File:     "obmen.toml",
	}
}
