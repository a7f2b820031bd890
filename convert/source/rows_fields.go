package source

import (
	"strings"
	"time"

	"obmen/convert/money"
	"obmen/convert/order"
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

// exact takes a cell as it is, blanks included: a SKU means what it says.
func exact(at func(*item) *string) field {
	return func(it *item, cell string) error {
		*at(it) = cell
		return nil
	}
}

// text takes a cell without the blanks around it; of an order's own fields the first row decides.
func text(at func(*item) *string) field {
	return func(it *item, cell string) error {
		if p := at(it); *p == "" && !absent(cell) {
			*p = strings.TrimSpace(cell)
		}
		return nil
	}
}

// street takes one more line of an address, once.
func street(at func(*item) *order.Address, line int) field {
	return func(it *item, cell string) error {
		p := at(it)
		if absent(cell) || len(it.order.Lines) > 0 {
			return nil
		}
		for len(p.Street) < line {
			p.Street = append(p.Street, "")
		}
		p.Street[line-1] = strings.TrimSpace(cell)
		return nil
	}
}

// moment takes a time; of several the latest.
func moment(at func(*item) *time.Time) field {
	return func(it *item, cell string) error {
		if absent(cell) {
			return nil
		}
		t, err := parseTime(cell)
		if err != nil {
			return hinted{err, "use the report as it was downloaded; a spreadsheet program may have changed the date"}
		}
		if p := at(it); p.Before(t) {
			*p = t
		}
		return nil
	}
}

func amount(at func(*order.Line) *money.Optional) field {
	return func(it *item, cell string) error {
		if absent(cell) {
			return nil
		}
		d, err := reportAmount(cell, it.order.Currency)
		if err != nil {
			return err
		}
		*at(&it.line) = money.Known(d)
		return nil
	}
}

// ordered takes the quantity of the order line; every row must state one.
func ordered(it *item, cell string) (err error) {
	if absent(cell) {
		return nil
	}
	it.line.Ordered, err = reportQuantity(cell)
	it.counted = err == nil
	return err
}

func shipped(it *item, cell string) error {
	if absent(cell) {
		return nil
	}
	n, err := reportQuantity(cell)
	if err != nil {
		return err
	}
	it.line.Shipped = money.Known(n)
	return nil
}

// program takes a flag that stands for a marketplace programme.
func program(p order.Program) field {
	return func(it *item, cell string) error {
		if parseFlag(cell) && !it.order.Has(p) {
			it.order.Programs = append(it.order.Programs, p)
		}
		return nil
	}
}

func business(it *item, cell string) error {
	err := program(order.AmazonBusiness)(it, cell)
	it.order.BusinessOrder = it.order.Has(order.AmazonBusiness)
	return err
}

func itemID(it *item, cell string) error {
	cell = strings.TrimSpace(cell)
	if strings.ContainsAny(cell, "eE") && scientific.MatchString(cell) {
		return errSpreadsheet()
	}
	if !absent(cell) {
		it.line.ID = cell
	}
	return nil
}

// alias takes the seller's own id for the order.
func alias(it *item, cell string) error {
	cell = strings.TrimSpace(cell)
	o := it.order
	if absent(cell) || cell == o.ID || len(o.Aliases) > 0 {
		return nil
	}
	o.Aliases = []string{cell}
	return nil
}

func status(it *item, cell string) error {
	if it.order.StatusText == "" {
		setStatus(it.order, strings.TrimSpace(cell))
	}
	return nil
}

func setStatus(o *order.Order, text string) {
	o.StatusText, o.Status = text, order.ParseStatus(text)
}

func channel(it *item, cell string) error {
	it.order.Channel = order.ParseChannel(cell)
	return nil
}

func salesChannel(it *item, cell string) error {
	if it.order.SalesChannel == "" && !absent(cell) {
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

// promotions takes promotion ids separated by commas.
func promotions(it *item, cell string) error {
	it.line.Promotions = append(it.line.Promotions, splitIDs(cell)...)
	return nil
}

func splitIDs(s string) (ids []string) {
	for id := range strings.SplitSeq(s, ",") {
		if !absent(id) {
			ids = append(ids, strings.TrimSpace(id))
		}
	}
	return ids
}

// remitter takes who collects the tax; the party says more than the model.
func remitter(it *item, cell string) error {
	if !absent(cell) {
		it.line.TaxRemitter = strings.TrimSpace(cell)
	}
	return nil
}

func remitterModel(it *item, cell string) error {
	if it.line.TaxRemitter == "" && !absent(cell) {
		it.line.TaxRemitter = strings.TrimSpace(cell)
	}
	return nil
}

// deemed takes the number under which the marketplace pays import VAT: the sale is Amazon's.
func deemed(it *item, cell string) error {
	if !absent(cell) {
		it.line.Deemed = "IOSS"
	}
	return nil
}

// merged joins tables of fields; a later one wins.
func merged(tables ...map[string]field) map[string]field {
	all := map[string]field{}
	for _, t := range tables {
		for name, f := range t {
			all[name] = f
		}
	}
	return all
}
