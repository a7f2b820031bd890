package catalog

import (
	"maps"
	"slices"
)

// Customer is a line of customers.csv.
type Customer struct {
	ID        string // 1C's GUID in small letters; without ID and Code 1C knows the customer by name
	Code      string
	Name      string // Name or FirstName is there
	FirstName string
	Email     string
	Phone     string
	TaxID     string
	Country   string // in upper case
}

// CustomerKey is a property that customers are found by.
type CustomerKey string

// The properties that customers are found by.
const (
	ByTaxID     CustomerKey = "tax_id"
	ByEmail     CustomerKey = "email"
	ByPhone     CustomerKey = "phone"
	ByName      CustomerKey = "name"
	ByFirstName CustomerKey = "first_name"
)

// customerKeys says where each property stands and how it is compared.
var customerKeys = map[CustomerKey]struct {
	cell   int
	normal func(string) string
}{
	ByTaxID:     {customerTaxID, taxKey},
	ByEmail:     {customerEmail, Normal},
	ByPhone:     {customerPhone, phoneKey},
	ByName:      {customerName, Normal},
	ByFirstName: {customerFirstName, Normal},
}

type customerRow struct {
	ID        string  `csv:"id"`
	Code      string  `csv:"code"`
	Name      string  `csv:"name"`
	FirstName string  `csv:"first_name"`
	Email     string  `csv:"email"`
	Phone     string  `csv:"phone"`
	TaxID     string  `csv:"tax_id"`
	Country   string  `csv:"country"`
	Surplus   *string `csv:"\x00"`
}

func (r *customerRow) cells() []*string {
	return []*string{&r.ID, &r.Code, &r.Name, &r.FirstName, &r.Email, &r.Phone, &r.TaxID, &r.Country}
}

func (r *customerRow) surplus() *string { return r.Surplus }

func (r *customerRow) setSurplus(cell *string) { r.Surplus = cell }

// Cells of the customers' table, in the order of the file.
const (
	customerID = iota
	customerCode
	customerName
	customerFirstName
	customerEmail
	customerPhone
	customerTaxID
	customerCountry
	customerCells
)

// customers is the loaded customers.csv.
type customers struct {
	table
	byID, byCode index
	by           map[CustomerKey]*index
}

func newCustomers() *customers {
	c := &customers{by: make(map[CustomerKey]*index)}
	c.byID.key = func(row uint32) string { return c.cell(row, customerID) } // packed
	c.byCode.key = func(row uint32) string { return Normal(c.cell(row, customerCode)) }
	for name, k := range customerKeys {
		c.by[name] = &index{key: func(row uint32) string { return k.normal(c.cell(row, k.cell)) }}
	}
	return c
}

func (c *customers) load(s *sheet) {
	for _, x := range c.indexes() {
		x.hint = cap(c.starts)
	}
	readRows(s, func(r *customerRow) {
		line := s.line("")
		id, code := packed(s.guid("id", r.ID)), Normal(r.Code)
		if clean(r.Name) == "" && clean(r.FirstName) == "" {
			s.bad("name", "", "neither name nor first_name: nobody could tell who this is", "fill one of the two")
		}
		if first, again := c.byID.last(id); again {
			s.twice("id", r.ID, c.line(first), "keep one of the two lines")
			return
		}
		if first, again := c.byCode.last(code); again {
			s.twice("code", r.Code, c.line(first), "keep one of the two lines")
			return
		}
		row := c.table.add(
			line, id, r.Code, r.Name, r.FirstName, r.Email, r.Phone, r.TaxID, place(r.Country),
		)
		c.byID.add(id, row)
		c.byCode.add(code, row)
		for _, x := range c.by {
			x.add(x.key(row), row)
		}
	})
	c.finish()
}

func (c *customers) finish() {
	c.table.finish()
	for _, x := range c.indexes() {
		x.finish()
	}
}

func (c *customers) indexes() []*index {
	list := []*index{&c.byID, &c.byCode}
	for _, key := range slices.Sorted(maps.Keys(c.by)) {
		list = append(list, c.by[key])
	}
	return list
}

func (c *customers) customer(row uint32) Customer {
	var cells [customerCells]string
	c.table.cells(row, cells[:])
	return Customer{
		ID:        unpacked(cells[customerID]),
		Code:      cells[customerCode],
		Name:      cells[customerName],
		FirstName: cells[customerFirstName],
		Email:     cells[customerEmail],
		Phone:     cells[customerPhone],
		TaxID:     cells[customerTaxID],
		Country:   cells[customerCountry],
	}
}

// ref finds the customer that a code or an id of 1C names, in this order.
func (c *customers) ref(ref string) (row uint32, ok bool) {
	ref = Normal(ref)
	if row, ok = c.byCode.only(ref); ok {
		return row, true
	}
	if !isGUID(ref) {
		return 0, false
	}
	return c.byID.only(packed(ref))
}

// Customers finds every customer with that property, exactly after normalisation, in the order of the
// file. Several are several people: which of them it is, nobody can tell from here. An empty value
// and an unknown key find nobody.
func (s *Snapshot) Customers(key CustomerKey, value string) []Customer {
	by, ok := s.customers.by[key]
	if !ok {
		return nil
	}
	var found []Customer
	for _, row := range by.all(customerKeys[key].normal(value)) {
		found = append(found, s.customers.customer(row))
	}
	return found
}

// CustomerByRef finds the customer of a code or an id of 1C, in this order.
func (s *Snapshot) CustomerByRef(ref string) (Customer, bool) {
	row, ok := s.customers.ref(ref)
	if !ok {
		return Customer{}, false
	}
	return s.customers.customer(row), true
}
