package source

// What sellers download beside orders: reports of money, returns, shipments and stock, and files that
// only look like a report. Each is known by its columns, its envelope or its first bytes, and refused
// with what it is and what to use instead.

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"obmen/convert/order"
	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
)

func init() {
	for _, f := range foreignReports {
		registerFormat(f)
	}
}

// foreignReport is one kind of file that holds no orders.
type foreignReport struct {
	name    string
	is      func(head []byte) bool
	what    string // "a settlement report: it lists payments, not orders"
	instead string // the hint
}

var _ Format = foreignReport{}

func (f foreignReport) Name() string { return f.name }

// isForeign keeps it out of the list of formats that orders may come in.
func (foreignReport) isForeign() {}

func (f foreignReport) Sniff(_ string, head []byte) Confidence {
	if f.is(head) {
		return Sure
	}
	return No
}

// Read refuses the file.
func (f foreignReport) Read(_ context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		yield(order.Order{}, in.Refuse(fmt.Errorf("%w: %s", input.ErrNotOrders, f.what), f.instead))
	}
}

const (
	useAllOrders = "use the All Orders report of the same days instead"
	useOriginal  = "drop the report as it was downloaded (.txt)"
)

var foreignReports = []foreignReport{
	{
		"amazon-settlement", anyColumns([]string{"settlement-id", "settlement-start-date"}),
		"a settlement report lists payments and fees, not orders", useAllOrders,
	},
	{
		"amazon-settlement-xml", envelopeOf("SettlementReport"),
		"a settlement report lists payments and fees, not orders", useAllOrders,
	},
	{
		"amazon-date-range-payments", anyColumns(
			[]string{"date/time", "settlement-id"}, []string{"datum/uhrzeit", "abrechnungsnummer"},
			[]string{"date/heure", "type"}, []string{"fecha-y-hora", "tipo"}, []string{"data/ora:", "tipo"},
			[]string{"日付/時間", "決済番号"},
		),
		"a date range report of payments lists money that moved, not orders", useAllOrders,
	},
	{
		"amazon-fba-returns", anyColumns(
			[]string{"return-date", "detailed-disposition"}, []string{"return-date", "license-plate-number"},
			// the same report with a localised header begins with the date of the return
			[]string{"fecha-de-devolución"}, []string{"rückgabedatum"}, []string{"rücksendedatum"},
			[]string{"date-de-retour"}, []string{"data-di-reso"}, []string{"data-del-reso"}, []string{"返品日"},
		),
		"a report of FBA customer returns lists goods that came back, not orders", useAllOrders,
	},
	{
		"amazon-merchant-returns", anyColumns([]string{"order-id", "return-request-status"}, []string{"order-id", "amazon-rma-id"}),
		"a report of merchant returns lists goods that came back, not orders", useAllOrders,
	},
	{
		"amazon-fulfilled-shipments", anyColumns([]string{"amazon-order-id", "shipment-id", "shipment-item-id"}),
		"a report of Amazon fulfilled shipments lists parcels, and an order may be in several", useAllOrders,
	},
	{
		"amazon-pending-orders", isPendingOrders,
		"a report of pending orders has no prices, and its orders may still be cancelled", "use the All Orders report once they are confirmed",
	},
	{
		"amazon-listings", anyColumns(
			[]string{"listing-id", "seller-sku"}, []string{"item-name", "seller-sku"}, []string{"sku", "asin", "price", "quantity"},
		),
		"an inventory report lists what is for sale, not what was sold", useAllOrders,
	},
	{
		"amazon-fba-inventory", anyColumns(
			[]string{"fnsku", "afn-fulfillable-quantity"}, []string{"seller-sku", "fulfillment-channel-sku"}, []string{"fnsku", "snapshot-date"},
		),
		"an FBA inventory report lists stock, not orders", useAllOrders,
	},
	{
		"amazon-vat-transactions", anyColumns([]string{"unique-account-identifier", "transaction-type"}),
		"a report of VAT transactions lists taxes of sales and of moves of stock, not orders", useAllOrders,
	},
	{
		"amazon-business-report", anyColumns([]string{"units-ordered", "ordered-product-sales"}),
		"a business report adds sales up, it does not list orders", useAllOrders,
	},
	{
		"amazon-envelope", isOtherEnvelope,
		"an Amazon envelope of another kind", "use the report of orders in XML, or the All Orders report",
	},
	{
		"web-page", startsWith("<!doctype html", "<html"),
		"a web page, probably a sign-in page saved in place of the report", "sign in and download the report again",
	},
	{"excel-workbook", isWorkbook, "an Excel workbook", "save the report as it was downloaded (.txt)"},
	{"excel-97-workbook", startsWithBytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an Excel workbook of the old kind", "save the report as it was downloaded (.txt)"},
	{"zip-archive", isArchive, "a ZIP archive", "unpack it and drop the files in it"},
	{"gzip-archive", startsWithBytes("\x1f\x8b"), "a compressed file (gzip)", "unpack it and drop the file in it"},
	{"pdf-document", startsWithBytes("%PDF-"), "a PDF document", useOriginal},
}

// anyColumns knows a report by columns that stand together in one of its first lines: some reports have
// words before their header.
func anyColumns(sets ...[]string) func(head []byte) bool {
	const (
		most   = 12       // lines
		widest = 16 << 10 // bytes of any real header
	)
	return func(head []byte) bool {
		if !flatfile.LooksLikeTable(head) {
			return false
		}
		n := 0
		for line := range bytes.Lines(head) {
			if n++; n > most {
				return false
			}
			if len(line) > widest {
				continue
			}
			names := flatfile.ParseHeader(decodeHeader(bytes.TrimRight(line, "\r\n")))
			for _, set := range sets {
				if names.Has(set...) {
					return true
				}
			}
		}
		return false
	}
}

// decodeHeader turns a localised header that is not UTF-8 into it; Windows-1252 does for Europe.
func decodeHeader(line []byte) []byte {
	if utf8.Valid(line) {
		return line
	}
	if out, err := charmap.Windows1252.NewDecoder().Bytes(line); err == nil {
		return out
	}
	return line
}

func isPendingOrders(head []byte) bool {
	names := flatfile.HeadColumns(head)
	return names.Has("order-id", "order-item-id", "quantity-purchased") && !names.Has("item-price") && !names.Has("quantity-to-ship")
}

func envelopeOf(kind string) func(head []byte) bool {
	return func(head []byte) bool { return sniffMessage(head, kind) == Sure }
}

func isOtherEnvelope(head []byte) bool {
	switch kind, ok := messageType(head); kind {
	case "OrderReport", "AllOrdersReport", "SettlementReport":
		return false
	default:
		return ok
	}
}

func startsWith(words ...string) func(head []byte) bool {
	return func(head []byte) bool {
		start := bytes.TrimSpace(head)
		start = bytes.ToLower(start[:min(len(start), 32)])
		for _, w := range words {
			if strings.HasPrefix(string(start), w) {
				return true
			}
		}
		return false
	}
}

func startsWithBytes(mark string) func(head []byte) bool {
	return func(head []byte) bool { return strings.HasPrefix(string(head[:min(len(head), 16)]), mark) }
}

func isZIP(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// isWorkbook knows a workbook by the names of the parts it begins with.
func isWorkbook(head []byte) bool {
	return isZIP(head) && (bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("xl/")))
}

func isArchive(head []byte) bool { return isZIP(head) && !isWorkbook(head) }
