package spapitest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const documentPath = "/invented-storage/"

// linkLife is how long a link to a report works.
const linkLife = 5 * time.Minute

// report is one that was asked for.
type report struct {
	id, kind      string
	start, end    time.Time
	markets       set
	created, done time.Time
	links         map[string]time.Time // by their secret part, when they end
}

func (a *Amazon) createReport(r *http.Request, now time.Time) answer {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	var q struct {
		ReportType                 string
		DataStartTime, DataEndTime time.Time
		MarketplaceIds             []string
	}
	if err != nil || json.Unmarshal(body, &q) != nil || q.ReportType == "" || len(q.MarketplaceIds) < 1 || len(q.MarketplaceIds) > 25 {
		return refusal(http.StatusBadRequest, "InvalidInput", invalid, "")
	}
	delay := a.ReportDelay
	if delay == 0 {
		delay = time.Minute
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.reports == nil {
		a.reports = map[string]*report{}
	}
	p := &report{
		id: strconv.Itoa(50000 + len(a.reports)), kind: q.ReportType, start: q.DataStartTime, end: q.DataEndTime, markets: set{},
		created: now, done: now.Add(delay), links: map[string]time.Time{},
	}
	for _, m := range q.MarketplaceIds {
		p.markets[m] = true
	}
	a.reports[p.id] = p
	return says(http.StatusAccepted, object{"reportId": p.id})
}

// documentID is the number of what a report brings.
func (p *report) documentID() string { return "amzn1.spdoc.1.4.eu." + p.id }

func (a *Amazon) findReport(number string) *report {
	return a.reports[strings.TrimPrefix(number, "amzn1.spdoc.1.4.eu.")]
}

func noReport() answer {
	return refusal(http.StatusNotFound, "NotFound", "One or more of the provided ReportRequestIds could not be found.", "")
}

func (a *Amazon) getReport(r *http.Request, now time.Time) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.reports[strings.TrimPrefix(r.URL.Path, "/reports/2021-06-30/reports/")]
	if p == nil {
		return noReport()
	}
	status, half := "IN_QUEUE", p.created.Add(p.done.Sub(p.created)/2)
	switch {
	case !now.Before(p.done):
		status = or(a.ReportStatus, "DONE")
		if len(a.rows(p, now)) == 0 {
			status = "CANCELLED"
		}
	case !now.Before(half):
		status = "IN_PROGRESS"
	}
	body := object{
		"reportId": p.id, "reportType": p.kind, "dataStartTime": stamp(p.start), "dataEndTime": stamp(p.end),
		"createdTime": stamp(p.created), "processingStatus": status,
	}
	if status == "DONE" {
		body["reportDocumentId"] = p.documentID()
		body["processingEndTime"] = stamp(p.done)
	}
	return says(http.StatusOK, body)
}

// restrictedKinds hold personal data.
var restrictedKinds = []string{"ORDER_DATA_SHIPPING", "ORDER_REPORT_DATA_SHIPPING", "ORDER_REPORT_DATA_INVOICING", "ORDER_REPORT_DATA_TAX"}

// needsRestricted reports whether only a restricted data token opens what is asked for.
func (a *Amazon) needsRestricted(op string, r *http.Request) bool {
	if op != "getReportDocument" {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.findReport(strings.TrimPrefix(r.URL.Path, "/reports/2021-06-30/documents/"))
	for _, end := range restrictedKinds {
		if p != nil && strings.HasSuffix(p.kind, end) {
			return true
		}
	}
	return false
}

func (a *Amazon) getReportDocument(r *http.Request, now time.Time) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/reports/2021-06-30/documents/")
	p := a.findReport(id)
	if p == nil || id != p.documentID() || now.Before(p.done) {
		return noReport()
	}
	key := fmt.Sprintf("%s-%d", p.id, len(p.links)+1)
	p.links[key] = now.Add(linkLife)
	base := a.Base
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil || r.URL.Scheme == "https" {
			base = "https://" + r.Host
		}
	}
	body := object{"reportDocumentId": id, "url": base + documentPath + key + "?X-Amz-Signature=invented"}
	if !a.ReportPlain {
		body["compressionAlgorithm"] = "GZIP"
	}
	return says(http.StatusOK, body)
}

// download is the storage, which is not the API: it takes no token and answers in XML.
func (a *Amazon) download(r *http.Request, now time.Time) answer {
	if r.Header.Get("X-Amz-Access-Token") != "" || r.Header.Get("Authorization") != "" {
		a.violation("a token sent to the storage of reports")
	}
	key := strings.TrimPrefix(r.URL.Path, documentPath)
	number, _, _ := strings.Cut(key, "-")
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.reports[number]
	if p == nil || !now.Before(p.links[key]) || r.URL.Query().Get("X-Amz-Signature") != "invented" {
		return answer{http.StatusForbidden, http.Header{"Content-Type": {"application/xml"}}, []byte("<Error><Code>AccessDenied</Code></Error>")}
	}
	charset, text := "UTF-8", a.text(p, now)
	if a.ReportCharset == "Cp1252" {
		charset, text = "Cp1252", latin(text)
	}
	ans := answer{http.StatusOK, http.Header{"Content-Type": {"text/plain; charset=" + charset}}, text}
	if !a.ReportPlain {
		ans.body = packed(text)
	}
	return ans
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // into memory
	_ = w.Close()
	return b.Bytes()
}

// latin writes the letters that one byte can hold; the texts of the fake have no others.
func latin(text []byte) []byte {
	var b []byte
	for _, r := range string(text) {
		b = append(b, byte(r))
	}
	return b
}

// columns are those of a real report of May 2026.
const columns = "amazon-order-id merchant-order-id purchase-date last-updated-date order-status order-item-id fulfillment-channel sales-channel " +
	"order-channel ship-service-level product-name sku asin item-status quantity currency item-price item-tax shipping-price shipping-tax " +
	"gift-wrap-price gift-wrap-tax item-promotion-discount ship-promotion-discount ship-city ship-state ship-postal-code ship-country " +
	"promotion-ids cpf is-business-order purchase-order-number price-designation signature-confirmation-recommended"

// text is the All Orders report, whatever kind was asked for. The caller holds the lock.
func (a *Amazon) text(p *report, now time.Time) []byte {
	names := strings.Fields(columns)
	lines := []string{strings.Join(names, "\t")}
	for _, row := range a.rows(p, now) {
		cells := make([]string, len(names))
		for i, name := range names {
			cells[i] = row[name]
		}
		lines = append(lines, strings.Join(cells, "\t"))
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n")
}

// rows are one per line of an order of the time of the report.
func (a *Amazon) rows(p *report, now time.Time) (rows []map[string]string) {
	a.store.advance(now)
	list := a.store.createdFrom
	if strings.Contains(p.kind, "BY_LAST_UPDATE") {
		list = a.store.updatedFrom
	}
	q := search{before: p.end, markets: p.markets}
	for _, o := range a.store.within(list(entry{ms: p.start.UnixMilli(), number: -1 << 31}), q, now) {
		for _, i := range o.Items {
			rows = append(rows, o.row(i))
		}
	}
	return rows
}

// reportStatus spells a status as reports do.
func reportStatus(s string) string {
	switch s {
	case "PENDING", "PENDING_AVAILABILITY":
		return "Pending"
	case "CANCELLED":
		return "Cancelled"
	case "SHIPPED":
		return "Shipped"
	case "PARTIALLY_SHIPPED":
		return "Shipping"
	}
	return "Unshipped"
}

func (o Order) row(i Item) map[string]string {
	channel := "Amazon"
	if o.FulfilledBy == "MERCHANT" {
		channel = "Merchant"
	}
	date := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05-07:00") }
	row := map[string]string{
		"amazon-order-id": o.ID, "purchase-date": date(o.Created), "last-updated-date": date(o.Updated), "order-status": reportStatus(o.Status),
		"order-item-id": i.ID, "fulfillment-channel": channel, "sales-channel": o.Marketplace.Name, "ship-service-level": "Standard",
		"product-name": i.Title, "sku": i.SKU, "asin": i.ASIN, "item-status": reportStatus(o.Status), "quantity": strconv.Itoa(i.Quantity),
		"ship-city": "Köln", "ship-postal-code": "00000", "ship-country": o.Marketplace.Country, "is-business-order": "false",
	}
	if o.Status == "PENDING" || o.Status == "PENDING_AVAILABILITY" {
		return row
	}
	row["currency"] = o.Marketplace.Currency
	row["item-price"] = o.Amount(int64(i.Quantity) * i.Unit)
	row["item-tax"], row["shipping-price"] = o.Amount(i.Tax), o.Amount(i.Shipping)
	row["item-promotion-discount"] = o.Amount(i.Discount)
	return row
}
