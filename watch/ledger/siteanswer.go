package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// SiteAnswer is what 1C says of an order that it has fetched. Texts are 1C's own.
type SiteAnswer struct {
	ID       string `json:"id,omitempty"` // 1C's GUID of its document
	Number1C string `json:"number,omitempty"`
	Date1C   string `json:"date,omitempty"`
	Status   string `json:"status,omitempty"`
	Currency string `json:"currency,omitempty"`
	Total    string `json:"total,omitempty"`

	Posted    bool   `json:"posted,omitempty"`
	Deleted   bool   `json:"deleted,omitempty"`
	Cancelled bool   `json:"cancelled,omitempty"`
	Paid      string `json:"paid,omitempty"`    // number and date of the payment
	Shipped   string `json:"shipped,omitempty"` // number and date of the shipment
	Differs   string `json:"differs,omitempty"` // what is not as it was sent
}

// Words are the state of the order in 1C on one line, empty when nothing is known.
func (a *SiteAnswer) Words() string {
	var words []string
	add := func(holds bool, word, value string) {
		switch {
		case !holds:
		case value != "":
			words = append(words, word+" "+value)
		default:
			words = append(words, word)
		}
	}
	add(a.Deleted, "marked for deletion", "")
	add(a.Cancelled, "cancelled", "")
	add(a.Posted, "posted", "")
	add(a.Status != "", "state:", a.Status)
	add(a.Paid != "", "paid:", a.Paid)
	add(a.Shipped != "", "shipped:", a.Shipped)
	add(a.Differs != "", "1c-differs:", a.Differs)
	return strings.Join(words, "; ")
}

// SiteOrder is an order that was offered to 1C on a site.
type SiteOrder struct {
	Number   string
	Exchange string
	Key
	Delivered time.Time // zero until 1C has confirmed a revision
	Answered  time.Time // zero until 1C has said something
	Answer    SiteAnswer
}

const selectSiteOrder = `SELECT number, exchange, order_id, scope, delivered, answered, answer FROM site_orders`

func scanSiteOrder(scan func(...any) error) (o SiteOrder, err error) {
	var delivered, answered int64
	var answer string
	if err = scan(&o.Number, &o.Exchange, &o.Order, &o.Scope, &delivered, &answered, &answer); err != nil {
		return o, err
	}
	o.Delivered, o.Answered = fromMillis(delivered), fromMillis(answered)
	if answer != "" {
		err = json.Unmarshal([]byte(answer), &o.Answer)
	}
	return o, err
}

// SiteOrderOf looks an order up by the number under which 1C finds it; an order of other exchanges than
// the given ones is not found.
func (l *Ledger) SiteOrderOf(ctx context.Context, number string, in func(exchange string) bool) (SiteOrder, bool, error) {
	found, err := listRows(ctx, l, selectSiteOrder+` WHERE number = ?1`, []any{number}, scanSiteOrder)
	if err != nil || len(found) == 0 || !in(found[0].Exchange) {
		return SiteOrder{}, false, err
	}
	return found[0], true, nil
}

// SiteOrders lists how the revisions of an order stand with 1C, of every exchange that it was offered in.
func (l *Ledger) SiteOrders(ctx context.Context, k Key) ([]SiteOrder, error) {
	return listRows(ctx, l, selectSiteOrder+` WHERE order_id = ?1 AND scope = ?2 ORDER BY exchange`, []any{k.Order, k.Scope}, scanSiteOrder)
}

var (
	findSiteAnswer = registerStatement(`SELECT answer FROM site_orders WHERE exchange = ?1 AND order_id = ?2 AND scope = ?3`)
	setSiteAnswer  = registerStatement(`UPDATE site_orders SET answer = ?2, answered = ?3 WHERE number = ?1`)
	// The newest revision that 1C can mean: one that it has, whose letter is gone.
	answeredSet = registerStatement(`SELECT max(set_id) FROM members WHERE order_id = ?1 AND scope = ?2 AND NOT EXISTS
		(SELECT 1 FROM letters WHERE letters.set_id = members.set_id AND letters.order_id = ?1 AND letters.scope = ?2 AND exchange = ?3)`)
	setByID = registerStatement(`SELECT stem, state FROM sets WHERE id = ?1`)
)

func (t *Tx) siteAnswerOf(d *SiteDocument) (a SiteAnswer, err error) {
	var text string
	if _, err := t.queryRow(findSiteAnswer, []any{d.Exchange, d.Order, d.Scope}, &text); err != nil || text == "" {
		return a, err
	}
	return a, json.Unmarshal([]byte(text), &a)
}

// SiteAnswered notes what 1C says of orders, each of which SiteOrderOf has found. Saying it again changes
// nothing.
func (l *Ledger) SiteAnswered(ctx context.Context, orders []SiteOrder, at time.Time) error {
	if len(orders) == 0 {
		return nil
	}
	return l.Group(ctx, func(t *Tx) error {
		for i := range orders {
			if err := t.siteAnswered(&orders[i], at); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Tx) siteAnswered(o *SiteOrder, at time.Time) error {
	text, err := json.Marshal(o.Answer)
	if err != nil {
		return err
	}
	if _, err := t.execStatement(setSiteAnswer, o.Number, string(text), toMillis(at)); err != nil {
		return err
	}
	var id *int64
	if _, err := t.queryRow(answeredSet, []any{o.Order, o.Scope, o.Exchange}, &id); err != nil || id == nil {
		return err
	}
	var s Set
	if found, err := t.queryRow(setByID, []any{*id}, &s.Stem, &s.State); err != nil || !found {
		return err
	}
	ack := Ack{Order: o.Order, OK: true, Number1C: o.Answer.Number1C, Text: o.Answer.Words(), At: at}
	return t.answerOrder(*id, &s, Loaded, &ack)
}

// SiteState says how an exchange stands whose documents 1C fetches itself.
type SiteState struct {
	Exchange string
	Waiting  int       // orders that 1C has not fetched, or not confirmed
	Refused  int       // that 1C does not accept
	Since    time.Time // of the oldest that waits
	Last     time.Time // when 1C confirmed some last
}

// stillRefused is that no newer revision of a refused order waits for 1C.
const stillRefused = `NOT EXISTS (SELECT 1 FROM letters AS newer WHERE newer.exchange = one.exchange AND newer.order_id = one.order_id
	AND newer.scope = one.scope AND newer.set_id > one.set_id)`

// SiteTrouble is an order that needs a person: 1C does not accept it, or has other figures than were sent.
type SiteTrouble struct {
	Exchange string
	Number   string // for 1C
	Key
	Differs string // what is not as it was sent; empty for an order that 1C does not accept
}

// SiteTroubles lists such orders, up to most of each kind.
func (l *Ledger) SiteTroubles(ctx context.Context, most int) ([]SiteTrouble, error) {
	list, err := listRows(ctx, l, `SELECT DISTINCT one.exchange, coalesce(numbers.number, ''), one.order_id, one.scope FROM letters AS one
		LEFT JOIN numbers ON numbers.order_id = one.order_id AND numbers.scope = one.scope
		WHERE one.exchange >= ?1 AND one.exchange < ?2 AND one.number = -2 AND `+stillRefused+` ORDER BY one.exchange, one.order_id LIMIT ?3`,
		[]any{SitePrefix, prefixEnd(SitePrefix), most}, func(scan func(...any) error) (s SiteTrouble, err error) {
			return s, scan(&s.Exchange, &s.Number, &s.Order, &s.Scope)
		})
	if err != nil {
		return nil, err
	}
	differing, err := listRows(ctx, l, selectSiteOrder+` WHERE instr(answer, '"differs"') > 0 ORDER BY exchange, order_id LIMIT ?1`, []any{most}, scanSiteOrder)
	for i := range differing {
		o := &differing[i]
		if o.Answer.Differs != "" { // a status may have the word, too
			list = append(list, SiteTrouble{o.Exchange, o.Number, o.Key, o.Answer.Differs})
		}
	}
	return list, err
}

// SiteStates lists the exchanges that have or had documents for 1C to fetch.
func (l *Ledger) SiteStates(ctx context.Context) ([]SiteState, error) {
	waiting, err := listRows(ctx, l, `SELECT exchange, count(DISTINCT CASE WHEN number = 0 THEN order_id || char(31) || scope END),
			count(DISTINCT CASE WHEN number = -2 AND `+stillRefused+` THEN order_id || char(31) || scope END), coalesce(min(CASE WHEN number = 0 THEN since END), 0)
		FROM letters AS one WHERE exchange >= ?1 AND exchange < ?2 GROUP BY exchange`, []any{SitePrefix, prefixEnd(SitePrefix)},
		func(scan func(...any) error) (s SiteState, err error) {
			var since int64
			err = scan(&s.Exchange, &s.Waiting, &s.Refused, &since)
			s.Since = fromMillis(since)
			return s, err
		})
	if err != nil {
		return nil, err
	}
	last, err := listRows(ctx, l, `WITH RECURSIVE each(exchange) AS (
			SELECT min(exchange) FROM site_orders
			UNION ALL SELECT (SELECT min(site_orders.exchange) FROM site_orders WHERE site_orders.exchange > each.exchange) FROM each WHERE each.exchange IS NOT NULL)
		SELECT exchange, (SELECT max(delivered) FROM site_orders WHERE site_orders.exchange = each.exchange) FROM each WHERE exchange IS NOT NULL`, nil,
		func(scan func(...any) error) (s SiteState, err error) {
			var at int64
			err = scan(&s.Exchange, &at)
			s.Last = fromMillis(at)
			return s, err
		})
	if err != nil {
		return nil, err
	}
	for _, s := range last {
		i := slices.IndexFunc(waiting, func(w SiteState) bool { return w.Exchange == s.Exchange })
		if i < 0 {
			waiting = append(waiting, s)
		} else {
			waiting[i].Last = s.Last
		}
	}
	slices.SortFunc(waiting, func(a, b SiteState) int { return strings.Compare(a.Exchange, b.Exchange) })
	return waiting, nil
}
