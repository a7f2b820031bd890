package source

import "testing"

// Every format with amounts tells its names for them; those of the flat reports are columns that are read.
func TestSpelled(t *testing.T) {
	for _, f := range []Format{allOrders{}, newOrders{}, allOrdersXML{}, orderReportXML{}, ordersV0{}, orders2026{}, shopOrders{}} {
		if names := SpelledIn(f.Name(), nil); names[Price].Amount == "" || names[Discount].Amount == "" {
			t.Errorf("%s: the price is %+v", f.Name(), names[Price])
		}
	}
	for charge, names := range spelledInRows() {
		for _, name := range []string{names.Amount, names.Tax} {
			if _, read := mergeFields(commonColumns, buyerColumns)[name]; !read && name != "" {
				t.Errorf("%s: no column is called %q", charge, name)
			}
		}
	}
	if SpelledIn("amazon-unshipped", nil) != nil {
		t.Error("a report without prices has names for them")
	}
}
