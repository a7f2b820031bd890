package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

func component(kind, currency, amount string) string {
	return fmt.Sprintf(`<Component><Type>%s</Type><Amount currency="%s">%s</Amount></Component>`, kind, currency, amount)
}

func orderReport(encoding string, messages ...string) string {
	return `<?xml version="1.0" encoding="` + encoding + `"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">
<Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>M_EXAMPLE_1</MerchantIdentifier></Header>
<MessageType>OrderReport</MessageType>
` + strings.Join(messages, "\n") + "\n</AmazonEnvelope>\n"
}

func orderMessage(id, title string) string {
	return `<Message><MessageID>1</MessageID><OrderReport>
<AmazonOrderID>` + id + `</AmazonOrderID><AmazonSessionID>0</AmazonSessionID>
<OrderDate>2026-11-18T01:12:44-08:00</OrderDate><OrderPostedDate>2026-11-18T01:12:44-08:00</OrderPostedDate>
<BillingData><BuyerEmailAddress>buyer@example.com</BuyerEmailAddress><BuyerName>Ana &amp; Bo Nadie</BuyerName><BuyerPhoneNumber>000</BuyerPhoneNumber>
<Address><Name>Nadie SL</Name><AddressFieldOne>Calle Otra 2</AddressFieldOne><City>Toledo</City><CountryCode>ES</CountryCode></Address></BillingData>
<FulfillmentData><FulfillmentMethod>Ship</FulfillmentMethod><FulfillmentServiceLevel>Standard</FulfillmentServiceLevel>
<Address><Name>Ana Nadie</Name><AddressFieldOne>Calle Ninguna 1</AddressFieldOne><AddressFieldThree>2 B</AddressFieldThree><City>Madrid</City>
<StateOrRegion>M</StateOrRegion><PostalCode>28001</PostalCode><CountryCode>ES</CountryCode><PhoneNumber>000</PhoneNumber></Address></FulfillmentData>
<Item><AmazonOrderItemCode>405</AmazonOrderItemCode><SKU>AB 100 </SKU><Title>` + title + `</Title><Quantity>2</Quantity><ProductTaxCode>A_GEN</ProductTaxCode>
<ItemPrice>` + component("Principal", "EUR", "20.00") + component("Shipping", "EUR", "4.00") + component("Tax", "EUR", "3.47") +
		component("ShippingTax", "EUR", "0.69") + component("GiftWrap", "EUR", "1.00") + component("GiftWrapTax", "EUR", "0.17") + component("CODFee", "EUR", "0.50") + `</ItemPrice>
<ItemFees><Fee><Type>Commission</Type><Amount currency="EUR">-2.11</Amount></Fee></ItemFees>
<ItemTaxData><TaxableAmounts><City currency="EUR">20.00</City></TaxableAmounts></ItemTaxData>
<Promotion><PromotionClaimCode>_SITE_WIDE_</PromotionClaimCode><MerchantPromotionID>SPRING</MerchantPromotionID>` +
		component("Principal", "EUR", "-1.00") + component("Shipping", "EUR", "-4.00") + `</Promotion>
<Promotion><MerchantPromotionID>MORE</MerchantPromotionID>` + component("Principal", "EUR", "-0.50") + `</Promotion>
</Item></OrderReport></Message>`
}

func TestOrderReportXML(t *testing.T) {
	got := mustRead(t, file(orderReport("UTF-8", orderMessage("171-1", "Lamp"))))
	at := func(line int) order.Origin { return order.Origin{File: "orders.txt", Line: line} }
	want := order.Order{
		Format: "amazon-order-report-xml", Origin: at(5), Identifiers: order.Identifiers{ID: "171-1"}, Sale: order.Sale{Channel: order.ByMerchant, ServiceLevel: "Standard"},
		Stage: order.Stage{Status: order.Unshipped, Created: time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC)}, Amounts: order.Amounts{Currency: "EUR"},
		Buyer: order.Buyer{
			Name: "Ana & Bo Nadie", Email: "buyer@example.com", Phone: "000",
			Address: order.Address{Name: "Nadie SL", Street: []string{"Calle Otra 2"}, City: "Toledo", Country: "ES"},
		},
		ShipTo: order.Address{
			Name: "Ana Nadie", Street: []string{"Calle Ninguna 1", "2 B"}, City: "Madrid", State: "M", Postcode: "28001", Country: "ES", Phone: "000",
		},
		Lines: []order.Line{{
			Origin: at(13), Item: order.Item{ID: "405", SKU: "AB 100 ", Title: "Lamp"}, Ordered: money.Int(2), Promotions: []string{"_SITE_WIDE_", "SPRING", "MORE"},
			Charges: order.Charges{
				Price:    order.Charge{Amount: dec("20"), Tax: dec("3.47")},
				Shipping: order.Charge{Amount: dec("4"), Tax: dec("0.69")},
				GiftWrap: order.Charge{Amount: dec("1"), Tax: dec("0.17")},
				COD:      order.Charge{Amount: dec("0.5")},
			},
			Discounts: order.Discounts{
				Discount:         order.Charge{Amount: dec("-1.5")},
				ShippingDiscount: order.Charge{Amount: dec("-4")},
			},
		}},
	}
	if diff := cmp.Diff([]order.Order{want}, got, exactly); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

const allOrdersMessage = `<Message><Order><AmazonOrderID>171-2</AmazonOrderID><MerchantOrderID>W-77</MerchantOrderID>
<PurchaseDate>2026-11-18T09:12:44+00:00</PurchaseDate><LastUpdatedDate>2026-11-19T11:00:00+00:00</LastUpdatedDate>
<OrderStatus>Shipped</OrderStatus><SalesChannel>Amazon.es</SalesChannel>
<FulfillmentData><FulfillmentChannel>Amazon</FulfillmentChannel><ShipServiceLevel>Expedited</ShipServiceLevel>
<Address><City>Madrid</City><State>M</State><PostalCode>28001</PostalCode><Country>ES</Country></Address></FulfillmentData>
<IsBusinessOrder>true</IsBusinessOrder><PurchaseOrderNumber>PO-9</PurchaseOrderNumber>
<OrderItem><ASIN>B0TEST0</ASIN><SKU>AB-100</SKU><ItemStatus>Shipped</ItemStatus><ProductName>Lámpara</ProductName><Quantity>2</Quantity>
<ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">20.0</Amount></Component></ItemPrice>
<Promotion><PromotionIDs>A, B</PromotionIDs><ItemPromotionDiscount>1.5</ItemPromotionDiscount><ShipPromotionDiscount>2.99</ShipPromotionDiscount></Promotion></OrderItem>
<OrderItem><SKU>AB-200</SKU><ItemStatus>Cancelled</ItemStatus><ProductName>x</ProductName><Quantity>0</Quantity></OrderItem>
</Order></Message>`

func allOrdersEnvelope(encoding string, messages ...string) string {
	return strings.Replace(orderReport(encoding, messages...), "<MessageType>OrderReport<", "<MessageType>AllOrdersReport<", 1)
}

func TestAllOrdersXML(t *testing.T) {
	content, err := charmap.ISO8859_1.NewEncoder().String(allOrdersEnvelope("ISO-8859-1", allOrdersMessage))
	if err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, file(content))
	at := func(line int) order.Origin { return order.Origin{File: "orders.txt", Line: line} }
	want := order.Order{
		Format: "amazon-all-orders-xml", Origin: at(5), Identifiers: order.Identifiers{ID: "171-2", Aliases: []string{"W-77"}, PurchaseOrder: "PO-9"},
		Sale: order.Sale{
			Marketplace: "ES", SalesChannel: "Amazon.es", Channel: order.ByAmazon, ServiceLevel: "Expedited",
			BusinessOrder: true, Programs: []order.Program{order.AmazonBusiness},
		}, Stage: order.Stage{
			Status: order.Shipped, StatusText: "Shipped",
			Created: time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC), Updated: time.Date(2026, 11, 19, 11, 0, 0, 0, time.UTC),
		},
		ShipTo: order.Address{City: "Madrid", State: "M", Postcode: "28001", Country: "ES"}, Amounts: order.Amounts{Currency: "EUR"},
		Lines: []order.Line{
			{
				Origin: at(11), Item: order.Item{SKU: "AB-100", ASIN: "B0TEST0", Title: "Lámpara"}, Ordered: money.Int(2), Promotions: []string{"A", "B"},
				Charges: order.Charges{Price: order.Charge{Amount: dec("20")}}, Discounts: order.Discounts{Discount: order.Charge{Amount: dec("1.5")}, ShippingDiscount: order.Charge{Amount: dec("2.99")}},
			},
			{Origin: at(14), Item: order.Item{SKU: "AB-200", Title: "x"}, Cancelled: true},
		},
	}
	if diff := cmp.Diff([]order.Order{want}, got, exactly); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestXMLEncodings(t *testing.T) {
	for name, content := range map[string]func(title string) (string, string, error){
		"ISO-8859-1": func(s string) (string, string, error) {
			out, err := charmap.ISO8859_1.NewEncoder().String(s)
			return "Größe", out, err
		},
		"windows-1252": func(s string) (string, string, error) {
			out, err := charmap.Windows1252.NewEncoder().String(s)
			return "“Größe” €", out, err
		},
		"Shift_JIS": func(s string) (string, string, error) {
			out, err := japanese.ShiftJIS.NewEncoder().String(s)
			return "こんにちは", out, err
		},
		"UTF-16": func(s string) (string, string, error) {
			out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
			return "こんにちは", out, err
		},
		"UTF-8": func(s string) (string, string, error) { return "こんにちは", s, nil },
		"utf-8": func(s string) (string, string, error) { // declared, but not true
			out, err := charmap.Windows1252.NewEncoder().String(s)
			return "Größe", out, err
		},
	} {
		title, _, _ := content("")
		_, text, err := content(orderReport(name, orderMessage("171-1", title)))
		if err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, file(text)); len(got) != 1 || got[0].Lines[0].Title != title {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Wherever a file is cut, what it yields before is whole, and the cut is named with its byte.
func TestXMLCutAnywhere(t *testing.T) {
	for _, whole := range []string{
		orderReport("UTF-8", orderMessage("171-1", "Lámpara"), orderMessage("171-2", "x")),
		allOrdersEnvelope("UTF-8", allOrdersMessage, strings.Replace(allOrdersMessage, "171-2", "171-3", 1)),
	} {
		want := mustRead(t, file(whole))
		format, err := source.Detect(file(whole), nil)
		if err != nil || len(want) != 2 {
			t.Fatal(err, len(want))
		}
		for cut := range len(strings.TrimSpace(whole)) {
			in := file(whole[:cut])
			n := 0
			var ended error
			for o, err := range format.Read(t.Context(), in) {
				if err != nil {
					ended = err
					continue
				}
				if diff := cmp.Diff(want[n], o, exactly); diff != "" {
					t.Fatalf("cut at %d: a partial order:\n%s", cut, diff)
				}
				n++
			}
			if !errors.Is(ended, input.ErrTruncated) && !errors.Is(ended, input.ErrEmpty) {
				t.Fatalf("cut at %d: %v, not a truncated file", cut, ended)
			}
			if text := fmt.Sprintf("at byte %d", cut); cut > 0 && !strings.HasSuffix(ended.Error(), text) {
				t.Fatalf("cut at %d: %v", cut, ended)
			}
		}
	}
}

func TestXMLRefusedOrders(t *testing.T) {
	good := orderMessage("171-9", "Lamp")
	tests := []struct{ name, old, new, want string }{
		{"unknown component", "<Type>GiftWrap<", "<Type>Recycling<", `orders.txt:14: ItemPrice/Recycling "1": an amount of a kind that obmen does not know`},
		{"not a number", ">20.00</Amount>", ">2O.00</Amount>", `orders.txt:14: ItemPrice/Principal "2O.00": not a number: "2O.00"`},
		{"two currencies", `<Amount currency="EUR">4.00`, `<Amount currency="USD">4.00`, `orders.txt:14: ItemPrice/Shipping "USD": the order is in EUR already`},
		{"no currency code", `<Amount currency="EUR">4.00`, `<Amount currency="Euro">4.00`, `orders.txt:14: ItemPrice/Shipping "Euro": not a currency code such as EUR`},
		{"no id", "<AmazonOrderID>171-1</AmazonOrderID>", "", "orders.txt:5: the order has no AmazonOrderID"},
		{"no quantity", "<Quantity>2</Quantity>", "", "orders.txt:13: the item states no Quantity"},
		{"bad date", "<OrderDate>2026", "<OrderDate>20x6", `orders.txt:7: OrderDate "20x6-11-18T01:12:44-08:00": not a date and time such as 2026-11-18T09:12:44Z`},
		{"another message", "<OrderReport>", "<Other></Other><OrderReport>", `orders.txt:5: the message holds "Other" instead of an order`},
	}
	for _, tt := range tests {
		bad := strings.Replace(orderMessage("171-1", "Lamp"), tt.old, tt.new, 1)
		out := readInput(file(orderReport("UTF-8", bad, good)))
		if out.ended != nil || len(out.refused) != 1 || out.refused[0].Advice == "" {
			t.Errorf("%s: ended %v, refused %v", tt.name, out.ended, out.refused)
			continue
		}
		if got := out.refused[0].Error(); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
		if last := out.orders[len(out.orders)-1]; last.ID != "171-9" {
			t.Errorf("%s: the good order is missing", tt.name)
		}
	}
	zero := strings.Replace(orderMessage("171-1", "Lamp"), "</ItemPrice>", component("Recycling", "EUR", "0.00")+"</ItemPrice>", 1)
	if got := mustRead(t, file(orderReport("UTF-8", zero))); len(got) != 1 {
		t.Errorf("an unknown component of nothing: %d orders", len(got))
	}
}

func TestXMLHostile(t *testing.T) {
	whole := orderReport("UTF-8", orderMessage("171-1", "Lamp"))
	tests := []struct {
		name, content string
		is            error
	}{
		{"entities", strings.Replace(whole, "<AmazonEnvelope", `<!DOCTYPE x [<!ENTITY a "b">]><AmazonEnvelope`, 1), input.ErrHostile},
		{"depth", strings.Replace(whole, "<Item>", strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)+"<Item>", 1), input.ErrHostile},
		{"endless text", strings.Replace(whole, "Lamp", strings.Repeat("x", 3<<20), 1), input.ErrHostile},
		{"endless order", strings.Replace(whole, "<Item>", strings.Repeat("<a>xxxx</a>", 2<<20)+"<Item>", 1), input.ErrHostile},
		{"unknown entity", strings.Replace(whole, "Lamp", "&lamp;", 1), nil},
		{"wrong end tag", strings.Replace(whole, "</Quantity>", "</Number>", 1), nil},
		{"unknown encoding", strings.Replace(whole, "UTF-8", "EBCDIC-1", 1), nil},
		{"text outside", whole + "x" + whole, nil},
	}
	for _, tt := range tests {
		out := readInput(file(tt.content))
		var fe *input.FileError
		if !errors.As(out.ended, &fe) || fe.Advice == "" || tt.is != nil && !errors.Is(fe, tt.is) || tt.is == nil && errors.Is(fe, input.ErrTruncated) {
			t.Errorf("%s: %v", tt.name, out.ended)
		}
		if tt.name != "text outside" && len(out.orders) > 0 {
			t.Errorf("%s: %d orders", tt.name, len(out.orders))
		}
	}
	want := fmt.Sprintf("broken XML at byte %d: ", strings.Index(whole, "Lamp")+len("&lamp;"))
	out := readInput(file(strings.Replace(whole, "Lamp", "&lamp;", 1)))
	if !strings.Contains(out.ended.Error(), want) {
		t.Errorf("%v, want %s", out.ended, want)
	}
}

func FuzzOrderXML(f *testing.F) {
	f.Add([]byte(orderReport("UTF-8", orderMessage("171-1", "Lamp"))))
	f.Add([]byte(allOrdersEnvelope("ISO-8859-1", allOrdersMessage)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range source.Formats() {
			if !strings.HasSuffix(format.Name(), "-xml") {
				continue
			}
			format.Sniff("", b)
			for o, err := range format.Read(t.Context(), file(string(b))) {
				if (err == nil) == (o.ID == "") {
					t.Fatalf("order %q with error %v", o.ID, err)
				}
			}
		}
	})
}
