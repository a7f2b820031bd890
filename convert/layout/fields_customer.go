package layout

import "obmen/convert/document"

var customerRecord = &record{"Customer", []field{
	text("ID", "Ид", "1C's GUID, or ours for a counterparty that 1C shall create", "7c9e6679-7425-40de-944b-e07fc1f90ae7", func(c *document.Customer) string { return c.ID }),
	text("Code", "Код", "the counterparty's code in 1C", "00-000045", func(c *document.Customer) string { return c.Code }),
	text("Name", "Наименование", "name in 1C", "Розничный покупатель Amazon DE", func(c *document.Customer) string { return c.Name }),
	text("FirstName", "Имя", "first name", "Иван", func(c *document.Customer) string { return c.FirstName }),
	text("LastName", "Фамилия", "last name", "Примеров", func(c *document.Customer) string { return c.LastName }),
	text("Email", "Почта", "e-mail address", "buyer@example.com", func(c *document.Customer) string { return c.Email }),
	text("Phone", "Телефон", "telephone", "+49 30 0000000", func(c *document.Customer) string { return c.Phone }),
	text("TaxID", "ИНН", "tax number: ИНН, VAT id", "DE000000000", func(c *document.Customer) string { return c.TaxID }),
	text("Country", "Страна", "country code", "DE", func(c *document.Customer) string { return c.Country }),
	flag("Company", "Юридическое лицо", "a legal entity", func(c *document.Customer) bool { return c.Company }),
	flag("IDFrom1C", "Ид из 1С", "ID is 1C's own, from the catalog; false where it is ours", func(c *document.Customer) bool { return c.IDFrom1C }),
	flag("New", "Новый", "1C does not know the counterparty yet", func(c *document.Customer) bool { return c.New }),
	flag("Retail", "Розничный", "one collective buyer stands for people the source does not name", func(c *document.Customer) bool { return c.Retail }),
	part("Address", "Адрес", "the counterparty's address", addressRecord, func(c *document.Customer) *document.Address { return &c.Address }),
}}

var addressRecord = &record{"Address", []field{
	text("Full", "Представление", "on one line, postcode first", "10115, DE, Berlin, Beispielstr. 1", func(a *document.Address) string { return a.Full }),
	text("Name", "Получатель", "who receives", "Erika Beispiel", func(a *document.Address) string { return a.Name }),
	text("Street", "Улица", "street, house and what follows", "Beispielstr. 1", func(a *document.Address) string { return a.Street }),
	text("City", "Город", "city", "Berlin", func(a *document.Address) string { return a.City }),
	text("State", "Регион", "state or region", "BE", func(a *document.Address) string { return a.State }),
	text("Postcode", "Индекс", "postcode", "10115", func(a *document.Address) string { return a.Postcode }),
	text("Country", "Страна", "country code", "DE", func(a *document.Address) string { return a.Country }),
	text("Phone", "Телефон", "telephone of the recipient", "+49 30 0000000", func(a *document.Address) string { return a.Phone }),
}}
