package sample

import (
	"regexp"
	"strings"
)

// rule says what stands for an element of that name: a field in place of the sample's value.
type rule map[string]string

// flat is a name as rules spell it: configurations write one word in many ways.
func flat(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(name, "_", "")), "ё", "е")
}

func rules(lines ...[2]string) rule {
	r := rule{}
	for _, l := range lines {
		for _, name := range strings.Fields(l[0]) {
			r[name] = l[1]
		}
	}
	return r
}

const (
	customerNames = "customer контрагент покупатель клиент buyer client заказчик"
	productNames  = "product номенклатура товар goods item продукт"
	productID     = `{{or .ProductID (uuid "product" .SKU)}}`
)

// LENGTH is the length that a number or code has in the sample, and so in the base.
const lengthMark = "LENGTH"

var documentRules = rules(
	[2]string{"ref", "{{.ID}}"},
	[2]string{"deletionmark", "{{.Cancelled}}"},
	[2]string{"date", `{{.Date | date "2006-01-02T15:04:05"}}`},
	[2]string{"number", "{{short LENGTH .Number}}"},
	[2]string{"posted", "false"},
	[2]string{customerNames, `{{.Customer.ID | default "` + noReference + `"}}`},
	[2]string{"amount total sum totalamount documentamount суммадокумента сумма итого всего", "{{.Total | qty}}"},
	[2]string{"суммавключаетндс ценавключаетндс vatincluded amountincludesvat priceincludesvat", "{{.VATIncluded}}"},
	[2]string{"номерподаннымклиента номервходящегодокумента номерзаказанасайте externalnumber externalid ordernumber orderid внешнийномер номерзаказа", "{{.Number}}"},
	[2]string{"датаподаннымклиента датавходящегодокумента externaldate", `{{.Date | date "2006-01-02T15:04:05"}}`},
	[2]string{
		"датадоставки желаемаядатадоставки датадоставкидоклиента ожидаемаядатапоставки deliverydate",
		`{{if .DeliverBy}}{{.DeliverBy | date "2006-01-02T15:04:05"}}{{else}}` + noDate + `{{end}}`,
	},
	[2]string{"comment комментарий", "{{.Comment}}"},
	[2]string{"адресдоставки shippingaddress deliveryaddress", "{{.ShipTo.Full}}"},
	[2]string{"курс rate exchangerate курсвзаиморасчетов", "{{.Rate | qty}}"},
	[2]string{"кратность nominal multiplicity кратностьвзаиморасчетов", "{{.Nominal | qty}}"},
)

var lineRules = rules(
	[2]string{productNames, productID},
	[2]string{"характеристика characteristic variant", `{{.Characteristic | default "` + noReference + `"}}`},
	[2]string{"quantity количество qty count", "{{.Quantity | qty}}"},
	[2]string{"количествоупаковок", "{{.Quantity | qty}}"},
	[2]string{"price цена", "{{.Price | qty}}"},
	[2]string{"amount sum сумма стоимость", "{{.Amount | qty}}"},
	[2]string{"vatamount vat суммандс", "{{.VAT | qty}}"},
	[2]string{"всего total суммасндс", "{{if $order.VATIncluded}}{{.Amount | qty}}{{else}}{{add .Amount .VAT | qty}}{{end}}"},
	[2]string{"linenumber номерстроки", "{{.Number}}"},
	[2]string{"sku article артикул vendorcode", "{{.SKU}}"},
	[2]string{"содержание content", "{{or .Name .Title .SKU}}"},
	[2]string{"кодстроки", "{{.Number}}"},
)

var customerRules = rules(
	[2]string{"ref", "{{.ID}}"},
	[2]string{"deletionmark isfolder", "false"},
	[2]string{"code", "{{or .Code .ID | short LENGTH}}"},
	[2]string{"description", "{{.Name | trunc 100}}"},
	[2]string{"наименованиеполное fullname полноенаименование", "{{.Name}}"},
	[2]string{"firstname имя", "{{or .FirstName .Name}}"},
	[2]string{"lastname фамилия surname", "{{.LastName}}"},
	[2]string{"email почта адресэлектроннойпочты", "{{.Email}}"},
	[2]string{"phone телефон", "{{.Phone}}"},
	[2]string{"инн taxid inn vatid", "{{.TaxID}}"},
	[2]string{"address адрес", "{{.Address.Full}}"},
)

var productRules = rules(
	[2]string{"ref", productID},
	[2]string{"deletionmark isfolder", "false"},
	[2]string{"code", "{{or .Code .ProductID .SKU | short LENGTH}}"},
	[2]string{"description", "{{or .Name .Title .SKU | trunc 100}}"},
	[2]string{"наименованиеполное fullname полноенаименование", "{{or .Name .Title .SKU}}"},
	[2]string{"sku article артикул vendorcode", "{{.SKU}}"},
	[2]string{"barcode штрихкод", "{{.Barcode}}"},
)

// vatEnum is the enumeration of VAT rates: БезНДС, НДС20 and the like. A rate that is not known stays the
// sample's.
const vatEnum = "EnumRef.СтавкиНДС"

// vatValue is a value of that enumeration, which some processors write without its type.
var vatValue = regexp.MustCompile(`^(НДС[0-9]+|БезНДС)$`)

func (e *element) ofVATEnum() bool {
	return e.typ.Local == vatEnum || e.typ.Local == "" && flat(e.name.Local) == "ставкандс" && vatValue.MatchString(strings.TrimSpace(e.text))
}

// orderNames are what documents of orders are called, likeliest first.
var orderNames = []string{"salesorder", "заказклиента", "заказпокупателя", "customerorder", "order", "заказ"}
