package generate

import (
	"bufio"
	"fmt"
	"io"
)

// ProductsCSV writes the first n products as 1C exports them.
func ProductsCSV(w io.Writer, n int) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "sku;id;characteristic;code;name;unit;vat;barcode;kind;group")
	for i := range n {
		fmt.Fprintf(b, "%s;%s;;НФ-%08d;%s;шт;22;460%010d;Товар;Посуда\n", sku(i), guid(1, i), i, товар(i), i)
	}
	return b.Flush()
}

// CustomersCSV writes the first n customers.
func CustomersCSV(w io.Writer, n int) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "id;code;name;first_name;email;phone;tax_id;country")
	for i := range n {
		m := markets[i%len(markets)]
		fmt.Fprintf(b, "%s;К-%07d;%s;%s;%s;;;%s\n", guid(2, i), i, lastName(i), firstName(i), email(i), m.country)
	}
	return b.Flush()
}

// VATCSV writes the rates of all countries that the orders come from.
func VATCSV(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "country;group;rate;regime")
	for _, m := range markets {
		fmt.Fprintf(b, "%s;;%d;%s\n", m.country, m.rate, m.country)
	}
	return b.Flush()
}

// Settings are those of the seller whose orders these are, for obmen.toml.
const Settings = `[match]
unknown_customer = "create"
unknown_product  = "hold"

[layouts]
use = ["commerceml", "sheet"]

[[account]]
name         = "example-eu"
marketplaces = ["DE", "FR", "IT", "ES"]
organisation = "ООО «Северный берег»"
warehouses   = { amazon = "Склад Amazon Европа", merchant = "Основной склад" }
vcs_enrolled = true
`
