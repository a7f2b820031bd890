package catalog

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
	KPP       string // of a legal entity of Russia, beside its TaxID
	Kind      CustomerKind
}

// CustomerKind is what a customer is before the law.
type CustomerKind string

// The kinds; KindUnknown where the file does not say.
const (
	KindUnknown CustomerKind = ""
	KindCompany CustomerKind = "company"
	KindPerson  CustomerKind = "person"
)

// customerKinds are the words of the column kind, in either language.
var customerKinds = map[string]CustomerKind{
	"": KindUnknown, "company": KindCompany, "юрлицо": KindCompany, "юридическое лицо": KindCompany, "юр. лицо": KindCompany,
	"person": KindPerson, "физлицо": KindPerson, "физическое лицо": KindPerson, "физ. лицо": KindPerson,
	"ип": KindPerson, "индивидуальный предприниматель": KindPerson,
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
	normal func(b []byte, s string) []byte
}{
	ByTaxID:     {customerTaxID, appendTaxKey},
	ByEmail:     {customerEmail, appendNormal},
	ByPhone:     {customerPhone, appendPhoneKey},
	ByName:      {customerName, appendNormal},
	ByFirstName: {customerFirstName, appendNormal},
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
	KPP       string  `csv:"kpp"`
	Kind      string  `csv:"kind"`
	Surplus   *string `csv:"\x00"`
}

func (r *customerRow) cells() []*string {
	return []*string{&r.ID, &r.Code, &r.Name, &r.FirstName, &r.Email, &r.Phone, &r.TaxID, &r.Country, &r.KPP, &r.Kind}
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
	customerKPP
	customerKind
	customerCells
)

// customers is the loaded customers.csv.
type customers struct {
	rowTable
	byID, byCode index
	by           map[CustomerKey]*lazy
}

func newCustomers() *customers {
	c := &customers{by: make(map[CustomerKey]*lazy)}
	c.byID.key = func(b []byte, row uint32) []byte { return append(b, c.cell(row, customerID)...) } // packed
	c.byCode.key = func(b []byte, row uint32) []byte { return appendNormal(b, c.cell(row, customerCode)) }
	for name, k := range customerKeys {
		c.by[name] = newLazy(c.len, func(b []byte, row uint32) []byte { return k.normal(b, c.cell(row, k.cell)) })
	}
	return c
}

func (c *customers) loadRows(s *csvFile) {
	c.reserve(s.rest.countLines())
	problems, notes := readParts(s, customerReader, c.rowTable.appendTable)
	unique := func(x *index, column string, value func(row uint32) string) {
		again, others := c.indexUnique(s, x, column, value)
		c.blankRows(others)
		problems.mergeLines(&again)
	}
	unique(&c.byID, "id", func(row uint32) string { return unpackGUID(c.cell(row, customerID)) })
	unique(&c.byCode, "code", func(row uint32) string { return c.cell(row, customerCode) })
	s.problems.addLater(&problems)
	s.notes.addLater(&notes)
	c.rowTable.trimMemory()
}

// customerReader reads the rows of pieces of customers.csv.
func customerReader() func(*csvFile) *rowTable {
	var room []byte
	return func(s *csvFile) *rowTable {
		t := &rowTable{open: room}
		t.reserve(s.rest.countLines())
		readRows(s, func(r *customerRow) {
			id := s.readGUID("id", r.ID).packBytes()
			if r.Name == "" && r.FirstName == "" {
				s.reportCell("name", "", "neither name nor first_name: the customer has no name", "fill one of the two")
			}
			kind, known := customerKinds[Normal(r.Kind)]
			if !known {
				s.reportCell("kind", r.Kind, "no kind of customer", "write company, person or nothing")
			}
			t.add(
				s.lineOfColumn(""), id, r.Code, r.Name, r.FirstName, r.Email, r.Phone, r.TaxID, placeCode(r.Country), r.KPP, string(kind),
			)
		})
		t.beginBlock()
		room = t.open[:0]
		return t
	}
}

func (c *customers) customerAt(row uint32) Customer {
	var cells [customerCells]string
	c.rowTable.fillCells(row, cells[:])
	return Customer{
		ID:        unpackGUID(cells[customerID]),
		Code:      cells[customerCode],
		Name:      cells[customerName],
		FirstName: cells[customerFirstName],
		Email:     cells[customerEmail],
		Phone:     cells[customerPhone],
		TaxID:     cells[customerTaxID],
		Country:   cells[customerCountry],
		KPP:       cells[customerKPP],
		Kind:      CustomerKind(cells[customerKind]),
	}
}

// findRef finds the customer that a code or an id of 1C names, in this order.
func (c *customers) findRef(ref string) (row uint32, ok bool) {
	ref = Normal(ref)
	if row, ok = c.byCode.onlyRow(ref); ok {
		return row, true
	}
	id, ok := parseGUID(ref)
	if !ok {
		return 0, false
	}
	return c.byID.onlyRow(id.packBytes())
}

// Customers finds every customer with that property, exactly after normalisation, in the order of the
// file. Several are several people: which of them it is, no one can tell from here. An empty value
// and an unknown key find no one.
func (s *Snapshot) Customers(key CustomerKey, value string) []Customer {
	by, ok := s.customers.by[key]
	if !ok {
		return nil
	}
	var found []Customer
	for _, row := range by.build().allRows(string(customerKeys[key].normal(make([]byte, 0, usualKey), value))) {
		found = append(found, s.customers.customerAt(row))
	}
	return found
}

// CustomerByRef finds the customer of a code or an id of 1C, in this order.
func (s *Snapshot) CustomerByRef(ref string) (Customer, bool) {
	row, ok := s.customers.findRef(ref)
	if !ok {
		return Customer{}, false
	}
	return s.customers.customerAt(row), true
}
