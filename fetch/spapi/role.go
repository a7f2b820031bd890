package spapi

import "strings"

// Roles as Amazon spells them (facts, amazon 2.9, and Amazon's page on role mappings). Where several would
// do, those that fit this program come first.
const (
	roleOrders    = "Inventory and Order Tracking"
	roleBuyer     = "Tax Invoicing (Restricted) or Tax Remittance (Restricted)"
	roleRecipient = "Direct-to-Consumer Shipping (Restricted)"
	roleSellers   = "Selling Partner Insights or Finance and Accounting"
)

// Role names the role or roles, any of which gives the dataset.
func (d Dataset) Role() string {
	switch d {
	case Buyer:
		return roleBuyer
	case Recipient:
		return roleRecipient
	}
	return roleOrders
}

// ordersRole is what a refusal of orders most likely lacks: the restricted roles come last to every app.
func ordersRole(asked []Dataset) string {
	roles := []string{roleOrders}
	for _, d := range asked {
		if d.Personal() {
			roles = append(roles, d.Role()+" for "+string(d))
		}
	}
	return strings.Join(roles, ", or ")
}

// reportRole is what a refusal of a report most likely lacks.
func reportRole(reportType string) string {
	switch {
	case !Restricted(reportType):
		return roleOrders
	case strings.Contains(reportType, "_TAX"), strings.Contains(reportType, "_INVOICING"):
		return roleBuyer
	}
	return roleRecipient
}

// Restricted reports whether a report holds personal data, so that its document is given for a restricted data
// token only.
func Restricted(reportType string) bool {
	for _, end := range []string{
		"ORDER_DATA_SHIPPING",
		"ORDER_REPORT_DATA_SHIPPING", "ORDER_REPORT_DATA_INVOICING", "ORDER_REPORT_DATA_TAX",
		"AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING", "AMAZON_FULFILLED_SHIPMENTS_DATA_TAX",
		"AMAZON_FULFILLED_SHIPMENTS_INVOICING", "AMAZON_FULFILLED_SHIPMENTS_TAX",
	} {
		if strings.HasSuffix(reportType, end) {
			return true
		}
	}
	return false
}
