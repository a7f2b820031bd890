package order

import (
	"slices"
	"strings"
)

var statuses = map[string]Status{
	"pending":             Pending,
	"pendingavailability": Pending,
	"unshipped":           Unshipped,
	"shipping":            PartiallyShipped, // the reports' word while some of it is on its way
	"partiallyshipped":    PartiallyShipped,
	"shipped":             Shipped,
	"complete":            Shipped,
	"canceled":            Cancelled,
	"cancelled":           Cancelled,
	"unfulfillable":       Unfulfillable,
	"invoiceunconfirmed":  InvoiceUnconfirmed,
}

// undelivered are the words of parcels that do not reach their buyer: "Shipped - Returned to Seller".
var undelivered = []string{"return", "reject", "lost", "damage", "undeliver"}

// separators are what the spellings of one word differ in, beside letter case.
var separators = strings.NewReplacer("_", "", "-", "", " ", "")

// ParseStatus reads the three spellings of one state: report "Cancelled", Orders v0 "Canceled",
// Orders 2026-01-01 "CANCELLED" ("PARTIALLY_SHIPPED", "PartiallyShipped"). A new word is Unknown.
func ParseStatus(s string) Status {
	flat := separators.Replace(strings.ToLower(s))
	status, ok := statuses[flat]
	if rest, shipped := strings.CutPrefix(flat, "shipped"); !ok && shipped { // "Shipped - Delivered to Buyer", in India's reports
		if slices.ContainsFunc(undelivered, func(word string) bool { return strings.Contains(rest, word) }) {
			return Undelivered
		}
		return Shipped
	}
	return status
}

// ParseChannel reads "AFN", "AMAZON", "Amazon" and "MFN", "MERCHANT", "Merchant".
func ParseChannel(s string) Channel {
	switch strings.ToUpper(strings.TrimSpace(s)) {
	case "AFN", "AMAZON":
		return ByAmazon
	case "MFN", "MERCHANT", "SELLER":
		return ByMerchant
	}
	return ""
}
