package spapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const reportsPath = "/reports/2021-06-30/"

// The two reports that have every order.
const (
	AllOrdersByOrderDate  = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
	AllOrdersByLastUpdate = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
)

// ReportRequest asks Amazon to make a report.
type ReportRequest struct {
	Type           string
	Start, End     time.Time // both needed: Amazon cancels a report of no time at all
	MarketplaceIDs []string  // 1 to 25
}

func (r ReportRequest) checkRequest() error {
	switch {
	case r.Type == "":
		return errors.New("no report type")
	case r.Start.IsZero() || r.End.IsZero():
		return errors.New("no start or no end")
	case !r.Start.Before(r.End):
		return errors.New("the report ends before it begins")
	case len(r.MarketplaceIDs) < 1 || len(r.MarketplaceIDs) > 25:
		return errors.New("1 to 25 marketplaces are needed")
	}
	return nil
}

// CreateReport asks for a report and returns its number. A fault after Amazon took the request leads to a
// second report, which does no harm.
func (c *Client) CreateReport(ctx context.Context, r ReportRequest) (id string, err error) {
	if err := r.checkRequest(); err != nil {
		return "", c.newError(OpCreateReport, KindInput, err)
	}
	_, err = c.call(ctx, call{
		op: OpCreateReport, method: http.MethodPost, path: reportsPath + "reports", body: r.encodeJSON(), role: reportRole(r.Type),
		readBody: func(body []byte) (err error) {
			id, err = readReportID(body)
			return err
		},
	})
	return id, err
}

func (r ReportRequest) encodeJSON() []byte {
	return jsonObject(
		"reportType", jsonString(r.Type), "dataStartTime", jsonString(Stamp(r.Start)), "dataEndTime", jsonString(Stamp(r.End)),
		"marketplaceIds", quoteAll(r.MarketplaceIDs),
	)
}

func readReportID(body []byte) (string, error) {
	var id jsontext.Value
	if err := readMembers(body, map[string]*jsontext.Value{"reportId": &id}); err != nil {
		return "", err
	}
	if scalarText(id) == "" {
		return "", errors.New(`there is no "reportId"`)
	}
	return scalarText(id), nil
}

// ReportStatus is how far a report is.
type ReportStatus string

// The states. After the last three nothing changes any more.
const (
	ReportQueued    ReportStatus = "IN_QUEUE"
	ReportRunning   ReportStatus = "IN_PROGRESS"
	ReportDone      ReportStatus = "DONE"
	ReportCancelled ReportStatus = "CANCELLED" // also: there was nothing to report
	ReportFatal     ReportStatus = "FATAL"     // the document, if there is one, may hold the reason
)

// Report is an answer of getReport.
type Report struct {
	Answer
	ID         string
	Type       string
	Status     ReportStatus
	DocumentID string // "" until there is one
}

// GetReport asks how far a report is.
func (c *Client) GetReport(ctx context.Context, id string) (*Report, error) {
	var r Report
	ans, err := c.call(ctx, call{
		op: OpGetReport, method: http.MethodGet, path: reportsPath + "reports/" + url.PathEscape(id), role: roleOrders,
		readBody: func(body []byte) (err error) {
			r, err = readReport(body)
			return err
		},
	})
	if ans == nil {
		return nil, err
	}
	r.Answer = *ans
	return &r, err
}

func readReport(body []byte) (Report, error) {
	var id, kind, status, document jsontext.Value
	if err := readMembers(body, map[string]*jsontext.Value{
		"reportId": &id, "reportType": &kind, "processingStatus": &status, "reportDocumentId": &document,
	}); err != nil {
		return Report{}, err
	}
	r := Report{ID: scalarText(id), Type: scalarText(kind), Status: ReportStatus(scalarText(status)), DocumentID: scalarText(document)}
	if r.Status == "" || r.Status == ReportDone && r.DocumentID == "" {
		return Report{}, errors.New(`there is no "processingStatus", or no "reportDocumentId" though it is DONE`)
	}
	return r, nil
}

// The pauses between two looks at a report: most are made within a minute, some take half an hour.
const (
	firstLook   = 5 * time.Second
	longestLook = time.Minute
)

// DefaultPatience is how long WaitReport waits when it is not told.
const DefaultPatience = time.Hour

// WaitReport waits until a report is DONE. It gives up with KindPending after the patience (DefaultPatience
// when 0); KindEmpty and KindFatal tell the two ways in which no report comes. The report is returned beside
// these errors.
func (c *Client) WaitReport(ctx context.Context, id string, patience time.Duration) (*Report, error) {
	deadline := time.Now().Add(cmp.Or(patience, DefaultPatience))
	for look, pause := 1, firstLook; ; look, pause = look+1, min(2*pause, longestLook) {
		r, err := c.GetReport(ctx, id)
		if err != nil {
			return r, err
		}
		kind := KindPending
		switch r.Status {
		case ReportDone:
			return r, nil
		case ReportCancelled:
			kind = KindEmpty
		case ReportFatal:
			kind = KindFatal
		default:
			if time.Now().Add(pause).Before(deadline) {
				if err := c.waitFor(ctx, Wait{Operation: OpGetReport, For: pause, Reason: WaitReport, Attempt: look + 1}); err != nil {
					return r, err
				}
				continue
			}
		}
		e := c.newError(OpGetReport, kind, nil)
		e.Code, e.Message, e.RequestID = string(r.Status), "report "+id, r.RequestID
		return r, e
	}
}

// reportRole is what a refusal of a report most likely lacks.
func reportRole(reportType string) string {
	switch {
	case !Restricted(reportType):
		return roleOrders
	case strings.Contains(reportType, "_TAX"), strings.Contains(reportType, "_INVOICING"):
		return roleBuyer
	}
	return roleRecipient
}

// Restricted reports whether a report holds personal data, so that its document is given for a restricted data
// token only.
func Restricted(reportType string) bool {
	for _, end := range []string{
		"ORDER_DATA_SHIPPING",
		"ORDER_REPORT_DATA_SHIPPING", "ORDER_REPORT_DATA_INVOICING", "ORDER_REPORT_DATA_TAX",
		"AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING", "AMAZON_FULFILLED_SHIPMENTS_DATA_TAX",
		"AMAZON_FULFILLED_SHIPMENTS_INVOICING", "AMAZON_FULFILLED_SHIPMENTS_TAX",
	} {
		if strings.HasSuffix(reportType, end) {
			return true
		}
	}
	return false
}
