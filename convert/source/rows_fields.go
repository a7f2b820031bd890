package source

import (
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
)

// item is one row of a report on its way into an order.
type item struct {
	order   *order.Order
	line    order.Line
	text    string
	counted bool // the row stated a quantity

	// The promotions of the row, in reports that repeat a row for each.
	itemPromotion, shipPromotion string
}

// field puts a cell where it belongs. Cells without a byte never reach it.
type field func(it *item, cell string) error

// exactText takes a cell as it is, blanks included: a SKU means what it says.
func exactText(at func(*item) *string) field {
	return func(it *item, cell string) error {
		*at(it) = cell
		return nil
	}
}

// textField takes a cell without the blanks around it; of an order's own fields the first row decides.
func textField(at func(*item) *string) field {
	return func(it *item, cell string) error {
		if p := at(it); *p == "" && !input.IsAbsent(cell) {
			*p = strings.TrimSpace(cell)
		}
		return nil
	}
}

// streetField takes one more line of an address, once.
func streetField(at func(*item) *order.Address, line int) field {
	return func(it *item, cell string) error {
		p := at(it)
		if input.IsAbsent(cell) || len(it.order.Lines) > 0 {
			return nil
		}
		for len(p.Street) < line {
			p.Street = append(p.Street, "")
		}
		p.Street[line-1] = strings.TrimSpace(cell)
		return nil
	}
}

// timeField takes a time; of several the latest.
func timeField(at func(*item) *time.Time) field {
	return func(it *item, cell string) error {
		if input.IsAbsent(cell) {
			return nil
		}
		t, err := input.ParseTime(cell)
		if err != nil {
			return input.WithHint(err, "use the report as it was downloaded; a spreadsheet program may have changed the date")
		}
		if p := at(it); p.Before(t) {
			*p = t
		}
		return nil
	}
}

func amountField(at func(*order.Line) *money.Optional) field {
	return func(it *item, cell string) error {
		if input.IsAbsent(cell) {
			return nil
		}
		d, err := flatfile.ParseAmount(cell, it.order.Currency)
		if err != nil {
			return err
		}
		*at(&it.line) = money.Known(d)
		return nil
	}
}

// setOrdered takes the quantity of the order line; every row must state one.
func setOrdered(it *item, cell string) (err error) {
	if input.IsAbsent(cell) {
		return nil
	}
	it.line.Ordered, err = flatfile.ParseQuantity(cell)
	it.counted = err == nil
	return err
}

func setShipped(it *item, cell string) error {
	if input.IsAbsent(cell) {
		return nil
	}
	n, err := flatfile.ParseQuantity(cell)
	if err != nil {
		return err
	}
	it.line.Shipped = money.Known(n)
	return nil
}

// programField takes a flag that stands for a marketplace programme.
func programField(p order.Program) field {
	return func(it *item, cell string) error {
		if input.ParseFlag(cell) && !it.order.Has(p) {
			it.order.Programs = append(it.order.Programs, p)
		}
		return nil
	}
}

func setBusiness(it *item, cell string) error {
	err := programField(order.AmazonBusiness)(it, cell)
	it.order.BusinessOrder = it.order.Has(order.AmazonBusiness)
	return err
}

// addAlias takes the seller's own id for the order.
func addAlias(it *item, cell string) error {
	cell = strings.TrimSpace(cell)
	o := it.order
	if input.IsAbsent(cell) || cell == o.ID || len(o.Aliases) > 0 {
		return nil
	}
	o.Aliases = []string{cell}
	return nil
}

func setStatusCell(it *item, cell string) error {
	if it.order.StatusText == "" {
		setStatus(it.order, strings.TrimSpace(cell))
	}
	return nil
}

func setStatus(o *order.Order, text string) {
	o.StatusText, o.Status = text, order.ParseStatus(text)
}

func setChannel(it *item, cell string) error {
	it.order.Channel = order.ParseChannel(cell)
	return nil
}

func setChannelCell(it *item, cell string) error {
	if it.order.SalesChannel == "" && !input.IsAbsent(cell) {
		setSalesChannel(it.order, strings.TrimSpace(cell))
	}
	return nil
}

func setSalesChannel(o *order.Order, name string) {
	o.SalesChannel = name
	o.MultiChannel = order.IsNonAmazon(name)
	if m, ok := order.LookUp(name); ok {
		o.Marketplace = m.Country
	}
}

// addPromotions takes promotion ids separated by commas.
func addPromotions(it *item, cell string) error {
	it.line.Promotions = append(it.line.Promotions, splitIDs(cell)...)
	return nil
}

func splitIDs(s string) (ids []string) {
	for id := range strings.SplitSeq(s, ",") {
		if !input.IsAbsent(id) {
			ids = append(ids, strings.TrimSpace(id))
		}
	}
	return ids
}

// setRemitter takes who collects the tax; the party says more than the model.
func setRemitter(it *item, cell string) error {
	if !input.IsAbsent(cell) {
		it.line.TaxRemitter = strings.TrimSpace(cell)
	}
	return nil
}

func setRemitterModel(it *item, cell string) error {
	if it.line.TaxRemitter == "" && !input.IsAbsent(cell) {
		it.line.TaxRemitter = strings.TrimSpace(cell)
	}
	return nil
}

// setDeemed takes the number under which the marketplace pays import VAT: the sale is Amazon's.
func setDeemed(it *item, cell string) error {
	if !input.IsAbsent(cell) {
		it.line.Deemed = "IOSS"
	}
	return nil
}

// mergeFields joins tables of fields; a later one wins.
func mergeFields(tables ...map[string]field) map[string]field {
	all := map[string]field{}
	for _, t := range tables {
		for name, f := range t {
			all[name] = f
		}
	}
	return all
}
