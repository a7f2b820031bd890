package source_test

import (
	"errors"
	"strings"
	"testing"

	"obmen/convert/source/input"
)

// refusal reads a file that must be refused as no orders, and gives the sentence.
func refusal(t *testing.T, name, content string) string {
	t.Helper()
	out := readInput(file(content))
	var fe *input.FileError
	if len(out.orders)+len(out.refused) > 0 || !errors.As(out.ended, &fe) || !errors.Is(fe, input.ErrNotOrders) || fe.Advice == "" {
		t.Errorf("%s as %q: %d orders, %v", name, out.format, len(out.orders), out.ended)
		return ""
	}
	return fe.Error()
}

// Every known report that holds no orders is told by its header.
func TestForeignHeaders(t *testing.T) {
	known := 0
	for line := range strings.Lines(string(sharedData(t, "amazon/reports/report-headers.tsv"))) {
		part := strings.Split(strings.TrimRight(line, "\n"), "\t")
		what := ""
		for kind, sentence := range map[string]string{
			"FULFILLED_SHIPMENTS": "fulfilled shipments", "CUSTOMER_RETURNS": "FBA customer returns",
			"SETTLEMENT": "settlement report", "PENDING": "pending orders",
		} {
			if strings.Contains(part[0], kind) {
				what = sentence
			}
		}
		if what == "" {
			continue
		}
		known++
		columns := part[len(part)-1]
		for _, content := range []string{strings.ReplaceAll(columns, " ", "\t") + "\n", strings.ReplaceAll(columns, " ", "\t"), strings.ReplaceAll(columns, " ", ",") + "\r\n1,2,3\r\n"} {
			if got := refusal(t, part[0], content); !strings.Contains(got, what) {
				t.Errorf("%s: %s", part[0], got)
			}
		}
	}
	if known != 5 {
		t.Errorf("%d kinds of reports in the shared headers", known)
	}
	if got := refusal(t, "merchant returns", string(sharedData(t, "amazon/reports/mfn_returns_header.tsv"))); !strings.Contains(got, "merchant returns") {
		t.Error(got)
	}
	if got := refusal(t, "settlement", string(sharedData(t, "amazon/reports/settlement_v2_header.tsv"))); !strings.Contains(got, "settlement report") {
		t.Error(got)
	}
}

func TestForeignFiles(t *testing.T) {
	for name, tt := range map[string]struct{ content, want string }{
		"localised returns":         {"Fecha de devolución\tPedido\tSKU\n", "FBA customer returns"},
		"localised returns in 1252": {"Fecha de devoluci\xf3n\tPedido\tSKU\n", "FBA customer returns"},
		"date range":                {"\"Includes Amazon Marketplace\"\n\"All amounts in USD\"\n\"date/time\",\"settlement id\",\"type\",\"order id\"\n", "date range report"},
		"settlement with a block":   {"Seller\tExample\n\nsettlement-id\tsettlement-start-date\tamount\n", "settlement report"},
		"settlement in XML":         {orderSettlement, "settlement report"},
		"another envelope":          {strings.Replace(orderSettlement, "SettlementReport", "Inventory", 1), "Amazon envelope"},
		"listings":                  {"item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\n", "inventory report"},
		"stock":                     {"sku\tfnsku\tasin\tafn-fulfillable-quantity\n", "FBA inventory"},
		"web page":                  {"\n<!DOCTYPE html><html><head><title>Sign in</title>", "web page"},
		"workbook":                  {"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml", "Excel workbook"},
		"old workbook":              {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "Excel workbook"},
		"archive":                   {"PK\x03\x04\x14\x00\x00\x00\x08\x00orders.txt", "ZIP archive"},
		"gzip":                      {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "gzip"},
		"pdf":                       {"%PDF-1.7\n", "PDF document"},
	} {
		if got := refusal(t, name, tt.content); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

const orderSettlement = `<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion></Header>
<MessageType>SettlementReport</MessageType><Message><MessageID>1</MessageID><SettlementReport/></Message></AmazonEnvelope>`

// What is nothing at all is refused as unknown and says what is known.
func TestUnknownFiles(t *testing.T) {
	for _, content := range []string{"hello\n", "a\tb\tc\n1\t2\t3\n", "<note/>", "\x00\x01\x02\x03"} {
		out := readInput(file(content))
		var fe *input.FileError
		if !errors.As(out.ended, &fe) || !errors.Is(fe, input.ErrUnknown) || !strings.Contains(fe.Advice, "amazon-all-orders") || strings.Contains(fe.Advice, "settlement") {
			t.Errorf("%q: %v", content, out.ended)
		}
	}
}
