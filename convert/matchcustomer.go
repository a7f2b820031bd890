package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/order"
)

// amazonBusinessEU buys from the seller and sells on to the business buyer where the source says
// "invoiced by Amazon" (IsIBA, INVOICE_BY_AMAZON).
const amazonBusinessEU = "Amazon Business EU SARL"

// findCustomer finds 1C's counterparty of an order, or makes one with a stable id, or holds the order.
func (m *matcher) findCustomer(o *order.Order) (document.Customer, *Hold) {
	b := &o.Buyer
	if o.Has(order.InvoiceByAmazon) {
		b = &order.Buyer{Name: amazonBusinessEU, Company: amazonBusinessEU}
	}
	if c, hold := m.byKeys(b); hold != nil || c != nil {
		return knownCustomer(c), hold
	}
	if c, ok := m.cat.Buyer(catalog.BuyerQuery{
		Marketplace: o.Marketplace, Country: o.ShipTo.Country, Channel: string(o.Channel), Business: isBusiness(o),
	}); ok {
		return knownCustomer(&c), nil
	}
	if m.account.Customer != "" {
		return m.byRef(m.account.Customer, o)
	}
	if !b.Named() {
		if m.opt.Match.DefaultCustomer != "" {
			return m.byRef(m.opt.Match.DefaultCustomer, o)
		}
		return m.retailCustomer(o), nil
	}
	switch m.opt.Match.customerPolicy() {
	case Create:
		return m.newCustomer(b, o), nil
	case Default:
		return m.byRef(m.opt.Match.DefaultCustomer, o)
	}
	return document.Customer{}, unknownCustomer()
}

// byKeys looks the buyer up by what identifies them, surest key first. A weaker key never overrules a
// surer one: two people of one name stay two people when their e-mail addresses differ.
func (m *matcher) byKeys(b *order.Buyer) (*catalog.Customer, *Hold) {
	for _, key := range m.opt.Match.customerKeys() {
		value := keyValue(key, b)
		if value == "" {
			continue
		}
		fits := slices.DeleteFunc(m.cat.Customers(key, value), func(c catalog.Customer) bool {
			return isContradicted(key, b, &c)
		})
		switch len(fits) {
		case 0:
		case 1:
			return &fits[0], nil
		default:
			return nil, ambiguousCustomer(key, fits)
		}
	}
	return nil, nil
}

func keyValue(key catalog.CustomerKey, b *order.Buyer) string {
	switch key {
	case "tax_id":
		return b.TaxID
	case "email":
		return b.Email
	case "phone":
		return b.Phone
	case "name":
		return cmp.Or(b.Company, fullName(b))
	case "first_name":
		return b.FirstName
	}
	return ""
}

// isContradicted reports whether the buyer and a catalog entry that share a key differ in something surer:
// two firms may have one bookkeeper's e-mail address, but never one tax id. Amazon's relay addresses
// say nothing about the address that a catalog has.
func isContradicted(key catalog.CustomerKey, b *order.Buyer, c *catalog.Customer) bool {
	differ := func(a, b string) bool {
		return a != "" && b != "" && catalog.Normal(a) != catalog.Normal(b)
	}
	switch key {
	case "tax_id":
		return false
	case "email", "phone":
		return otherTaxID(b.TaxID, c.TaxID)
	}
	email := b.Email
	if strings.Contains(email, "@marketplace.amazon.") {
		email = ""
	}
	if otherTaxID(b.TaxID, c.TaxID) || differ(email, c.Email) || differ(digitsOf(b.Phone), digitsOf(c.Phone)) {
		return true
	}
	return key == "first_name" && b.LastName != "" && differ(fullName(b), c.Name) && catalog.Normal(c.Name) != catalog.Normal(c.FirstName)
}

// otherTaxID reports whether two tax numbers are of two firms. Blanks and a country's prefix that only one
// of them has make no other firm.
func otherTaxID(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, catalog.Normal(s))
	}
	a, b = bare(a), bare(b)
	return a != "" && b != "" && !strings.HasSuffix(a, b) && !strings.HasSuffix(b, a)
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (m *matcher) byRef(ref string, o *order.Order) (document.Customer, *Hold) {
	c, ok := m.cat.CustomerByRef(ref)
	if !ok {
		cells := map[string]string{"code": ref, "name": "Розничный покупатель"}
		return document.Customer{}, &Hold{
			Code:     UnknownCustomer,
			Sentence: fmt.Sprintf("the default customer %q is not in customers.csv", ref),
			Cure:     "add it to customers.csv, or name another one in obmen.toml",
			File:     "customers.csv",
			Add:      []string{m.cat.Row(catalog.CustomersFile, cells)},
			Lines:    []Missing{{Cells: cells}},
		}
	}
	return knownCustomer(&c), nil
}

// knownCustomer is the counterparty of an entry of customers.csv.
func knownCustomer(c *catalog.Customer) document.Customer {
	if c == nil {
		return document.Customer{}
	}
	return document.Customer{
		ID:        cmp.Or(c.ID, catalogID(c)),
		IDFrom1C:  c.ID != "",
		Code:      c.Code,
		Name:      cmp.Or(c.Name, c.FirstName, c.Code),
		FirstName: c.FirstName,
		Email:     c.Email,
		Phone:     c.Phone,
		TaxNumbers: document.TaxNumbers{
			TaxID: c.TaxID,
			KPP:   c.KPP,
		},
		Country: c.Country,
		Company: isCompany(c),
	}
}

// isCompany reports whether a customer of the catalog is a legal entity. The order has no say: one buyer
// must never be a company in one order and a person in the next. Whoever has a tax number of another
// length than a Russian person's is a firm.
func isCompany(c *catalog.Customer) bool {
	if c.Kind != catalog.KindUnknown {
		return c.Kind == catalog.KindCompany
	}
	number := digitsOf(c.TaxID)
	return c.FirstName == "" && c.TaxID != "" && (len(number) != personINN || number != c.TaxID)
}

// personINN is the length of the Russian tax number of a person; that of a legal entity has 10 digits.
const personINN = 12

func isBusiness(o *order.Order) bool { return o.BusinessOrder || o.Has(order.AmazonBusiness) }

// catalogID is the id of a customer whose 1C id the catalog does not say.
func catalogID(c *catalog.Customer) string {
	if c.Code != "" {
		return objectID("customer", "code", c.Code)
	}
	return objectID("customer", "entry", catalog.Normal(c.Name), catalog.Normal(c.FirstName), catalog.Normal(c.Email), digitsOf(c.Phone), catalog.Normal(c.TaxID))
}

func (m *matcher) newCustomer(b *order.Buyer, o *order.Order) document.Customer {
	a := &b.Address
	if a.IsZero() {
		a = &o.ShipTo
	}
	return document.Customer{
		ID:         buyerID(b, o, m.account.Name),
		Name:       cmp.Or(b.Company, fullName(b), "Покупатель "+cmp.Or(b.Email, b.Phone, b.TaxID)),
		FirstName:  b.FirstName,
		LastName:   b.LastName,
		Email:      b.Email,
		Phone:      b.Phone,
		TaxNumbers: document.TaxNumbers{TaxID: b.TaxID},
		Country:    a.Country,
		Company:    b.Company != "",
		New:        true,
		Address:    addressOf(a),
	}
}

// retailCustomer is the buyer of orders that name none: one for each marketplace, never one for each order.
func (m *matcher) retailCustomer(o *order.Order) document.Customer {
	if m.retailBuyer.Country == o.Marketplace && m.retailBuyer.ID != "" {
		return m.retailBuyer
	}
	m.retailBuyer = document.Customer{
		ID:      retailID(o, m.account.Name),
		Name:    "Розничный покупатель " + retailName(o, m.account.Name),
		Country: o.Marketplace,
		New:     true,
		Retail:  true,
	}
	return m.retailBuyer
}

func retailName(o *order.Order, account string) string {
	if market, ok := order.LookUp(o.Marketplace); ok {
		return market.Domain
	}
	return account
}

func unknownCustomer() *Hold {
	return &Hold{
		Code:     UnknownCustomer,
		Sentence: "the buyer is not in customers.csv",
		Cure:     "add the buyer to customers.csv, or set unknown_customer in obmen.toml to \"create\" or \"default\"",
		File:     "customers.csv",
	}
}

// ambiguousCustomer names the entries by code: their names are buyers' data.
func ambiguousCustomer(key catalog.CustomerKey, fits []catalog.Customer) *Hold {
	var refs []string
	for _, c := range fits {
		refs = append(refs, cmp.Or(c.Code, c.ID, "an entry without code"))
	}
	return &Hold{
		Code:     AmbiguousCustomer,
		Sentence: fmt.Sprintf("%d customers in customers.csv have the buyer's %s: %s", len(fits), key, strings.Join(refs, ", ")),
		Cure:     "make them different in customers.csv, or leave this key out of [match] customer in obmen.toml",
		File:     "customers.csv",
	}
}

func addressOf(a *order.Address) document.Address {
	street := strings.Join(a.Street, ", ")
	var room [6]string
	full := room[:0]
	for _, part := range []string{a.Postcode, a.Country, a.State, a.District, a.City, street} {
		if part != "" {
			full = append(full, part)
		}
	}
	return document.Address{
		Full: strings.Join(full, ", "), Name: a.Name, Street: street, City: a.City, State: a.State,
		Postcode: a.Postcode, Country: a.Country, Phone: a.Phone,
	}
}
