package spapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// documentLife is how long the link of a document works.
const documentLife = 5 * time.Minute

// Document is an answer of getReportDocument: where a report lies, for a few minutes.
type Document struct {
	ID          string
	Compression string // "GZIP" or ""
	Expires     time.Time
	RequestID   string
	url         string // whoever has it can read the report: it is shown nowhere
}

// GetReportDocument asks where a report lies. For a restricted report type it first asks for a restricted
// data token for this one document.
func (c *Client) GetReportDocument(ctx context.Context, reportType, id string) (*Document, error) {
	q := call{
		op: OpGetReportDocument, method: http.MethodGet, path: reportsPath + "documents/" + url.PathEscape(id), role: reportRole(reportType),
	}
	if Restricted(reportType) {
		token, err := c.RestrictedDataToken(ctx, reportRole(reportType), RestrictedResource{Method: q.method, Path: q.path})
		if err != nil {
			return nil, err
		}
		c.given.add(token)
		q.token = token
	}
	var d Document
	q.readBody = func(body []byte) (err error) {
		d, err = readDocument(body)
		return err
	}
	ans, err := c.call(ctx, q)
	if err != nil {
		return nil, err
	}
	c.given.add(d.url)
	if err := c.checkLink(d.url); err != nil {
		return nil, c.newError(OpGetReportDocument, KindAnswer, err)
	}
	d.Expires, d.RequestID = ans.Received.Add(documentLife), ans.RequestID
	return &d, nil
}

// checkLink refuses a link that leads to this computer or without encryption, unless the endpoint is on this
// computer itself: a link is made by whoever answers.
func (c *Client) checkLink(link string) error {
	if err := safeURL(link); err != nil {
		return err
	}
	to, err := url.Parse(link)
	if err != nil {
		return errors.New("not an address")
	}
	api, err := url.Parse(c.endpoint())
	if err != nil {
		return errors.New("not an address")
	}
	if isInternal(to.Hostname()) && !isLoopback(api.Hostname()) {
		return fmt.Errorf("the link of the report leads to %q, which is no host of Amazon's", to.Hostname())
	}
	return nil
}

// isInternal reports whether a host is this computer or one of a private network.
func isInternal(host string) bool {
	ip := net.ParseIP(host)
	return isLoopback(host) || ip != nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}

func readDocument(body []byte) (Document, error) {
	var id, address, compression jsontext.Value
	if err := readMembers(body, map[string]*jsontext.Value{
		"reportDocumentId": &id, "url": &address, "compressionAlgorithm": &compression,
	}); err != nil {
		return Document{}, err
	}
	d := Document{ID: scalarText(id), Compression: scalarText(compression), url: scalarText(address)}
	switch {
	case d.url == "":
		return Document{}, errors.New(`there is no "url"`)
	case d.Compression != "" && d.Compression != "GZIP":
		return Document{}, errors.New(`the report is compressed in a way that is not known`)
	}
	return d, nil
}

// RestrictedResource is a request that personal data may be given for.
type RestrictedResource struct {
	Method       string
	Path         string   // without placeholders
	DataElements []string // none for reports
}

// RestrictedDataToken asks for a token that opens the resources, at most 50; it is good for an hour. role is
// named when Amazon refuses.
func (c *Client) RestrictedDataToken(ctx context.Context, role string, resources ...RestrictedResource) (token string, err error) {
	if len(resources) < 1 || len(resources) > 50 {
		return "", c.newError(OpCreateRestrictedDataToken, KindInput, errors.New("1 to 50 resources are needed"))
	}
	_, err = c.call(ctx, call{
		op: OpCreateRestrictedDataToken, method: http.MethodPost, path: "/tokens/2021-03-01/restrictedDataToken",
		body: resourcesJSON(resources), role: role,
		readBody: func(body []byte) (err error) {
			token, err = readRestrictedToken(body)
			return err
		},
	})
	return token, err
}

func resourcesJSON(resources []RestrictedResource) []byte {
	var list [][]byte
	for _, r := range resources {
		pairs := []any{"method", jsonString(r.Method), "path", jsonString(r.Path)}
		if len(r.DataElements) > 0 {
			pairs = append(pairs, "dataElements", quoteAll(r.DataElements))
		}
		list = append(list, jsonObject(pairs...))
	}
	return jsonObject("restrictedResources", jsonArray(list))
}

// readRestrictedToken takes the answer of the model and that of the old guide, which had a payload around it.
func readRestrictedToken(body []byte) (string, error) {
	var token, payload jsontext.Value
	want := map[string]*jsontext.Value{"restrictedDataToken": &token, "payload": &payload}
	if err := readMembers(body, want); err != nil {
		return "", err
	}
	if token == nil && payload.Kind() == '{' {
		if err := readMembers(payload, want); err != nil {
			return "", err
		}
	}
	if scalarText(token) == "" {
		return "", errors.New(`there is no "restrictedDataToken"`)
	}
	return scalarText(token), nil
}
