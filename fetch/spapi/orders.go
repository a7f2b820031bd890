package spapi

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// SearchOrders asks for one page. With KindAnswer the page is returned beside the error: its Body can be
// kept, and nothing else of it is known.
func (c *Client) SearchOrders(ctx context.Context, p SearchParams) (*Page, error) {
	if err := p.checkParams(); err != nil {
		return nil, c.newError(OpSearchOrders, KindInput, err)
	}
	var page Page
	ans, err := c.call(ctx, call{
		op: OpSearchOrders, method: http.MethodGet, path: "/orders/2026-01-01/orders", query: p.Query(),
		role: ordersRole(p.IncludedData),
		readBody: func(body []byte) (err error) {
			page, err = readPage(body, p.IncludedData)
			return err
		},
	})
	if ans == nil {
		return nil, err
	}
	page.Answer = *ans
	return &page, err
}

// readPage finds in a body what is needed to ask for the next.
func readPage(body []byte, asked []Dataset) (page Page, err error) {
	var orders, pagination, updated, created jsontext.Value
	if err := readMembers(body, map[string]*jsontext.Value{
		"orders": &orders, "pagination": &pagination, "lastUpdatedBefore": &updated, "createdBefore": &created,
	}); err != nil {
		return page, err
	}
	if orders.Kind() != '[' {
		return page, errors.New(`there is no list "orders"`)
	}
	if pagination != nil && pagination.Kind() != 'n' {
		var next jsontext.Value
		if err := readMembers(pagination, map[string]*jsontext.Value{"nextToken": &next}); err != nil {
			return page, errors.New(`"pagination" is not an object`)
		}
		if next != nil && next.Kind() != '"' && next.Kind() != 'n' {
			return page, errors.New(`"nextToken" is not a text`)
		}
		page.NextToken = scalarText(next)
	}
	if page.LastUpdatedBefore, err = optionalInstant(updated); err != nil {
		return Page{}, err
	}
	if page.CreatedBefore, err = optionalInstant(created); err != nil {
		return Page{}, err
	}
	readOrders(&page, readElements(orders), asked)
	return page, nil
}

// readOrders names the orders of a page, and finds what should be in them.
func readOrders(page *Page, orders []jsontext.Value, asked []Dataset) {
	should, seen := 0, map[Dataset]bool{}
	for _, o := range orders {
		var id, updated, buyer, recipient, fulfillment, status jsontext.Value
		_ = readMembers(o, map[string]*jsontext.Value{
			"orderId": &id, "lastUpdatedTime": &updated, "buyer": &buyer, "recipient": &recipient, "fulfillment": &fulfillment,
		}) // an order that is none has no name; whoever converts the page says so
		page.Orders = append(page.Orders, OrderRef{ID: scalarText(id), LastUpdated: scalarText(updated)})
		_ = readMembers(fulfillment, map[string]*jsontext.Value{"fulfillmentStatus": &status})
		switch scalarText(status) {
		case "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED": // others have no buyer yet, or no longer
			should++
		}
		seen[Buyer] = seen[Buyer] || isFilled(buyer)
		seen[Recipient] = seen[Recipient] || isFilled(recipient)
	}
	for _, d := range asked {
		if d.Personal() && should > 0 && !seen[d] {
			page.Absent = append(page.Absent, d)
		}
	}
}

// isFilled reports whether there is an object, and something in it: an empty one comes as well.
func isFilled(v jsontext.Value) bool { return v.Kind() == '{' && bytes.IndexByte(v, '"') >= 0 }

// optionalInstant is a time, or none.
func optionalInstant(v jsontext.Value) (time.Time, error) {
	if text := scalarText(v); text != "" {
		return parseTime(text)
	}
	return time.Time{}, nil
}

// Page is an answer of searchOrders.
type Page struct {
	Answer
	NextToken string // "" on the last page
	// LastUpdatedBefore and CreatedBefore are the end of the window as Amazon echoes it; zero when it does
	// not. The next window begins at that of the first page.
	LastUpdatedBefore time.Time
	CreatedBefore     time.Time
	Orders            []OrderRef
	// Absent are personal datasets that were asked for and that no order on the page has although some
	// should: the sign of a missing role where Amazon leaves fields out instead of refusing.
	Absent []Dataset
}

// OrderRef tells one state of one order from others.
type OrderRef struct {
	ID          string
	LastUpdated string // as Amazon wrote it
}

// SearchParams ask for a page of orders. Either the created or the updated times are set, never both.
type SearchParams struct {
	CreatedAfter, CreatedBefore         time.Time
	LastUpdatedAfter, LastUpdatedBefore time.Time // both bounds belong to the window
	MarketplaceIDs                      []string  // at most 50; none: all of the account
	FulfillmentStatuses                 []string
	FulfilledBy                         []string // MERCHANT, AMAZON
	IncludedData                        []Dataset
	MaxResultsPerPage                   int    // 1 to 100; 0: 100
	PaginationToken                     string // with everything else as on the first page
}

// Query is the request's, as it stands in the address: lists joined by commas, times in UTC.
func (p SearchParams) Query() url.Values {
	q := url.Values{}
	for name, at := range map[string]time.Time{
		"createdAfter": p.CreatedAfter, "createdBefore": p.CreatedBefore,
		"lastUpdatedAfter": p.LastUpdatedAfter, "lastUpdatedBefore": p.LastUpdatedBefore,
	} {
		if !at.IsZero() {
			q.Set(name, Stamp(at))
		}
	}
	set := func(name string, values ...string) {
		if text := strings.Join(values, ","); text != "" {
			q.Set(name, text)
		}
	}
	set("marketplaceIds", p.MarketplaceIDs...)
	set("fulfillmentStatuses", p.FulfillmentStatuses...)
	set("fulfilledBy", p.FulfilledBy...)
	set("includedData", datasetNames(p.IncludedData)...)
	set("paginationToken", p.PaginationToken)
	if p.MaxResultsPerPage != 0 {
		set("maxResultsPerPage", strconv.Itoa(p.MaxResultsPerPage))
	}
	return q
}

// checkParams finds what Amazon would refuse.
func (p SearchParams) checkParams() error {
	created, updated := !p.CreatedAfter.IsZero(), !p.LastUpdatedAfter.IsZero()
	switch {
	case created == updated:
		return errors.New("either createdAfter or lastUpdatedAfter must be set")
	case created && !p.LastUpdatedBefore.IsZero(), updated && !p.CreatedBefore.IsZero():
		return errors.New("created and lastUpdated times do not mix")
	case created && !p.CreatedBefore.IsZero() && p.CreatedBefore.Before(p.CreatedAfter),
		updated && !p.LastUpdatedBefore.IsZero() && p.LastUpdatedBefore.Before(p.LastUpdatedAfter):
		return errors.New("the window ends before it begins")
	case len(p.MarketplaceIDs) > 50:
		return errors.New("more than 50 marketplaces")
	case p.MaxResultsPerPage < 0 || p.MaxResultsPerPage > MaxPage:
		return errors.New("maxResultsPerPage is not within 1 and 100")
	}
	return nil
}

// MaxPage is the most orders that Amazon puts on a page, and what it takes for granted.
const MaxPage = 100

// GetOrder asks for one order. With KindAnswer the order is returned beside the error, for its Body.
func (c *Client) GetOrder(ctx context.Context, id string, included []Dataset) (*Order, error) {
	if id == "" {
		return nil, c.newError(OpGetOrder, KindInput, errors.New("no order number"))
	}
	q := url.Values{}
	if len(included) > 0 {
		q.Set("includedData", strings.Join(datasetNames(included), ","))
	}
	var order Order
	ans, err := c.call(ctx, call{
		op: OpGetOrder, method: http.MethodGet, path: "/orders/2026-01-01/orders/" + url.PathEscape(id), query: q,
		role: ordersRole(included),
		readBody: func(body []byte) (err error) {
			order.OrderRef, err = readOrder(body)
			return err
		},
	})
	if ans == nil {
		return nil, err
	}
	order.Answer = *ans
	return &order, err
}

// Order is an answer of getOrder.
type Order struct {
	Answer
	OrderRef
}

func readOrder(body []byte) (OrderRef, error) {
	var order, id, updated jsontext.Value
	if err := readMembers(body, map[string]*jsontext.Value{"order": &order}); err != nil {
		return OrderRef{}, err
	}
	if err := readMembers(order, map[string]*jsontext.Value{"orderId": &id, "lastUpdatedTime": &updated}); err != nil || scalarText(id) == "" {
		return OrderRef{}, errors.New(`there is no "order" with a number`)
	}
	return OrderRef{scalarText(id), scalarText(updated)}, nil
}

// Dataset is a part of an order that comes only when it is asked for.
type Dataset string

// The datasets. Buyer and Recipient are personal data and need roles of their own.
const (
	Buyer             Dataset = "BUYER"
	Recipient         Dataset = "RECIPIENT"
	Proceeds          Dataset = "PROCEEDS"
	Expense           Dataset = "EXPENSE"
	Promotion         Dataset = "PROMOTION"
	Cancellation      Dataset = "CANCELLATION"
	Fulfillment       Dataset = "FULFILLMENT"
	Packages          Dataset = "PACKAGES"
	Tax               Dataset = "TAX"
	Payment           Dataset = "PAYMENT"
	FulfillmentOrders Dataset = "FULFILLMENT_ORDERS"
)

// Datasets lists them all.
func Datasets() []Dataset {
	return []Dataset{Buyer, Recipient, Proceeds, Expense, Promotion, Cancellation, Fulfillment, Packages, Tax, Payment, FulfillmentOrders}
}

// DefaultDatasets are what an invoice takes, without personal data.
func DefaultDatasets() []Dataset {
	return []Dataset{Proceeds, Fulfillment, Promotion, Cancellation, Tax, Payment}
}

// Personal reports whether the dataset is about people.
func (d Dataset) Personal() bool { return d == Buyer || d == Recipient }

func datasetNames(list []Dataset) []string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = string(d)
	}
	return names
}

// Stamp writes a time as Amazon's own client does: UTC with milliseconds.
func Stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// Roles as Amazon spells them on its page "Role mappings for SP-API operations". Where several would
// do, those that fit this program come first.
const (
	roleOrders    = "Inventory and Order Tracking"
	roleBuyer     = "Tax Invoicing (Restricted) or Tax Remittance (Restricted)"
	roleRecipient = "Direct-to-Consumer Shipping (Restricted)"
	roleSellers   = "Selling Partner Insights or Finance and Accounting"
)

// Role names the role or roles, any of which gives the dataset.
func (d Dataset) Role() string {
	switch d {
	case Buyer:
		return roleBuyer
	case Recipient:
		return roleRecipient
	}
	return roleOrders
}

// ordersRole is what a refusal of orders most likely lacks: the restricted roles come last to every app.
func ordersRole(asked []Dataset) string {
	roles := []string{roleOrders}
	for _, d := range asked {
		if d.Personal() {
			roles = append(roles, d.Role()+" for "+string(d))
		}
	}
	return strings.Join(roles, ", or ")
}
