package spapitest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	datasets = []string{"BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX", "PAYMENT", "FULFILLMENT_ORDERS"}
	statuses = []string{"PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"}
	sides    = []string{"MERCHANT", "AMAZON"}
)

// settle is how long before now a window must end.
const settle = 2 * time.Minute

// oldest is how far back orders are shown.
const oldest = 2 * 365 * 24 * time.Hour

// search is what a request of searchOrders asks for.
type search struct {
	byCreation           bool
	after, before        time.Time
	markets, states, who set
	asked                set
	page                 int
	from                 entry
	filters              string // what a page token belongs to
}

// bookmark is what is in a page token.
type bookmark struct {
	From    [3]int64
	Before  int64
	Issued  int64
	Filters string
}

// errInvalid is a fault that Amazon does not explain.
var errInvalid = errors.New("invalid")

func (a *Amazon) searchOrders(r *http.Request, now time.Time) answer {
	q, err := parseSearch(r.URL.Query(), now)
	if err != nil {
		return refusal(http.StatusBadRequest, "InvalidInput", invalid, detail(err))
	}
	if slices.ContainsFunc(a.Refused, func(d string) bool { return q.asked[d] }) || a.foreign(q.markets) {
		return Denied().answer()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.store.advance(now)
	orders, next := a.store.page(q, now)
	shown := a.given(q.asked)
	w := writer{make([]byte, 0, 1024*(1+len(orders)))}
	w.open("", '{')
	w.open("orders", '[')
	for _, o := range orders {
		o.appendTo(&w, shown, a.Drift)
	}
	w.close(']')
	token := ""
	if next != nil {
		token = q.token(*next, now)
	}
	if given := r.URL.Query().Get("paginationToken"); a.RepeatToken && given != "" {
		token = given
	}
	if token != "" {
		w.open("pagination", '{')
		w.text("nextToken", token)
		w.close('}')
	}
	q.echo(&w, a.Drift)
	w.close('}')
	return answer{http.StatusOK, http.Header{"Content-Type": {"application/json"}}, w.done()}
}

// echo tells the end of the window, in the way of the sandbox if so wanted.
func (q search) echo(w *writer, drift bool) {
	name := "lastUpdatedBefore"
	if q.byCreation {
		name = "createdBefore"
	}
	text := stamp(q.before)
	if drift {
		text = strconv.FormatFloat(float64(q.before.Unix()), 'E', -1, 64)
	}
	w.text(name, text)
}

// detail is empty for what Amazon does not explain.
func detail(err error) string {
	if errors.Is(err, errInvalid) {
		return ""
	}
	return err.Error()
}

// foreign reports whether a marketplace is asked for in which the seller has no part.
func (a *Amazon) foreign(markets set) bool {
	for id := range markets {
		if !slices.ContainsFunc(a.marketplaces(), func(m Marketplace) bool { return m.ID == id }) {
			return true
		}
	}
	return false
}

// given is what of the datasets asked for is shown.
func (a *Amazon) given(asked set) set {
	shown := set{}
	for d := range asked {
		shown[d] = !slices.Contains(a.Withheld, d)
	}
	return shown
}

// page is the next orders that fit, and where the one after begins if there is one.
func (s *store) page(q search, now time.Time) (orders []Order, next *entry) {
	list := s.updatedFrom
	if q.byCreation {
		list = s.createdFrom
	}
	for e, o := range s.within(list(q.from), q, now) {
		if len(orders) == q.page {
			return orders, &e
		}
		orders = append(orders, o)
	}
	return orders, nil
}

func (s *store) within(list iter.Seq[entry], q search, now time.Time) iter.Seq2[entry, Order] {
	has := func(want set, value string) bool { return len(want) == 0 || want[value] }
	return func(yield func(entry, Order) bool) {
		for e := range list {
			if e.ms > q.before.UnixMilli() {
				return
			}
			o := s.order(e)
			fits := has(q.markets, o.Marketplace.ID) && has(q.states, o.Status) && has(q.who, o.FulfilledBy)
			if fits && now.Sub(o.Created) <= oldest && !yield(e, o) {
				return
			}
		}
	}
}

// parseSearch refuses what Amazon refuses.
func parseSearch(v url.Values, now time.Time) (q search, err error) {
	if err := known(v, "createdAfter", "createdBefore", "lastUpdatedAfter", "lastUpdatedBefore", "fulfillmentStatuses", "marketplaceIds",
		"fulfilledBy", "maxResultsPerPage", "paginationToken", "includedData"); err != nil {
		return q, err
	}
	if q.markets, err = list(v, "marketplaceIds", nil, 50); err != nil {
		return q, err
	}
	if q.states, err = list(v, "fulfillmentStatuses", statuses, 50); err != nil {
		return q, err
	}
	if q.who, err = list(v, "fulfilledBy", sides, 50); err != nil {
		return q, err
	}
	if q.asked, err = list(v, "includedData", datasets, 50); err != nil {
		return q, err
	}
	q.page = 100
	if text := v.Get("maxResultsPerPage"); text != "" {
		if q.page, err = strconv.Atoi(text); err != nil || q.page < 1 || q.page > 100 {
			return q, errInvalid
		}
	}
	if err := q.window(v, now); err != nil {
		return q, err
	}
	q.filters = filters(v)
	return q, q.resume(v.Get("paginationToken"), now)
}

// known refuses parameters that are not in the model, or come twice.
func known(v url.Values, names ...string) error {
	for name, values := range v {
		if !slices.Contains(names, name) || len(values) != 1 {
			return fmt.Errorf("unexpected parameter %s", name)
		}
	}
	return nil
}

// list reads a list joined by commas.
func list(v url.Values, name string, allowed []string, most int) (set, error) {
	names := set{}
	if v.Get(name) == "" {
		return names, nil
	}
	for part := range strings.SplitSeq(v.Get(name), ",") {
		if part == "" || allowed != nil && !slices.Contains(allowed, part) {
			return nil, fmt.Errorf("%s holds %q", name, part)
		}
		names[part] = true
	}
	if len(names) > most {
		return nil, fmt.Errorf("%s holds more than %d", name, most)
	}
	return names, nil
}

// window reads the times: one After, and the Before that belongs to it.
func (q *search) window(v url.Values, now time.Time) (err error) {
	q.byCreation = v.Has("createdAfter")
	after, before, other := "lastUpdatedAfter", "lastUpdatedBefore", "createdBefore"
	if q.byCreation {
		after, before, other = "createdAfter", "createdBefore", "lastUpdatedBefore"
	}
	if q.byCreation == v.Has("lastUpdatedAfter") || v.Has(other) {
		return errors.New("either createdAfter or lastUpdatedAfter, and nothing of the other")
	}
	if q.after, err = time.Parse(time.RFC3339, v.Get(after)); err != nil {
		return fmt.Errorf("%s is not a date-time", after)
	}
	q.from.ms = q.after.UnixMilli()
	q.from.number = -1 << 31
	q.before = now.Add(-settle).Truncate(time.Second)
	if v.Has(before) {
		if q.before, err = time.Parse(time.RFC3339, v.Get(before)); err != nil {
			return fmt.Errorf("%s is not a date-time", before)
		}
		if q.before.Before(q.after) || q.before.After(now.Add(-settle)) {
			return fmt.Errorf("%s is before %s, or less than two minutes ago", before, after)
		}
	}
	return nil
}

// filters are all that must not change from one page to the next.
func filters(v url.Values) string {
	rest := url.Values{}
	for name, values := range v {
		if name != "paginationToken" {
			rest[name] = values
		}
	}
	sum := fnv.New64a()
	sum.Write([]byte(rest.Encode()))
	return strconv.FormatUint(sum.Sum64(), 36)
}

// token marks where the next page begins. It holds the signs that must be escaped in an address.
func (q search) token(next entry, now time.Time) string {
	text, err := json.Marshal(bookmark{
		[3]int64{next.ms, int64(next.number), int64(next.state)}, q.before.UnixMilli(), now.UnixMilli(), q.filters,
	})
	if err != nil {
		panic(err) // numbers and a text
	}
	return "+/=" + base64.StdEncoding.EncodeToString(text)
}

// resume goes on where a token says; one of another search, or older than a day, is invalid.
func (q *search) resume(token string, now time.Time) error {
	if token == "" {
		return nil
	}
	text, ok := strings.CutPrefix(token, "+/=")
	raw, err := base64.StdEncoding.DecodeString(text)
	var b bookmark
	if !ok || err != nil || json.Unmarshal(raw, &b) != nil {
		return errInvalid
	}
	if b.Filters != q.filters || now.Sub(time.UnixMilli(b.Issued)) > 24*time.Hour {
		return errInvalid
	}
	q.from = entry{b.From[0], int32(b.From[1]), int8(b.From[2])}
	q.before = time.UnixMilli(b.Before).UTC()
	return nil
}

func (a *Amazon) getOrder(r *http.Request, now time.Time) answer {
	asked, err := list(r.URL.Query(), "includedData", datasets, 50)
	if bad := known(r.URL.Query(), "includedData"); err != nil || bad != nil {
		return refusal(http.StatusBadRequest, "InvalidInput", invalid, "")
	}
	if slices.ContainsFunc(a.Refused, func(d string) bool { return asked[d] }) {
		return Denied().answer()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.store.advance(now)
	o, ok := a.store.find(strings.TrimPrefix(r.URL.Path, "/orders/2026-01-01/orders/"))
	if !ok {
		return refusal(http.StatusNotFound, "NotFound", "The requested order could not be found.", "")
	}
	var w writer
	w.open("", '{')
	w.name("order")
	o.appendTo(&w, a.given(asked), a.Drift)
	w.close('}')
	return answer{http.StatusOK, http.Header{"Content-Type": {"application/json"}}, w.done()}
}
