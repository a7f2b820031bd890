package site

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net/http"
)

// bodyLimit is how large the answer to a query may be; larger batches are made smaller.
const bodyLimit = 16 << 20

// query answers the orders that wait. What the same user was given before and has not confirmed comes
// into doubt.
func (s *Server) query(q *request) {
	next, body, err := s.choose(q.context(), q.session, q.user)
	if err != nil {
		s.broken(q, "", err)
		return
	}
	q.session.offer, q.session.queried = next, true
	s.report(Event{Kind: Offered, User: q.session.user, Orders: len(next.orders)})
	whole := write(q.w, http.StatusOK, xmlType, body)
	q.user.mu.Lock()
	defer q.user.mu.Unlock()
	next.whole = whole
}

// choose replaces the user's offer by the next one, and returns it with its exchange file.
func (s *Server) choose(ctx context.Context, by *session, u *user) (*offer, []byte, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	last, since := u.offer, s.Now()
	switch {
	case last == nil || len(last.orders) == 0:
	case last.counts(by, since):
		if err := s.concludeUnconfirmed(ctx, by.user, last); err != nil {
			return nil, nil, err
		}
	default:
		since = last.since
	}
	if last != nil {
		last.orders = nil // judged, or given once more
	}
	next, body, err := s.nextOffer(ctx, by.user, last)
	if err == nil {
		next.by, next.since = by, since
		u.offer = next
	}
	return next, body, err
}

// concludeUnconfirmed draws the conclusions from an offer that was not confirmed.
func (s *Server) concludeUnconfirmed(ctx context.Context, name string, o *offer) error {
	s.report(Event{Kind: Unconfirmed, User: name, Orders: len(o.orders)})
	suspects, culprits := o.sortSuspects()
	if err := s.Queue.Suspect(ctx, name, suspects); err != nil {
		return err
	}
	for _, one := range culprits {
		if err := s.refuse(ctx, name, one, errRefused); err != nil {
			return err
		}
	}
	return nil
}

var errRefused = errors.New("1C fetched this order alone several times and never confirmed it; 1C's event log names the reason")

func (s *Server) refuse(ctx context.Context, name string, one Order, why error) error {
	if err := s.Queue.Refuse(ctx, name, one, why.Error()); err != nil {
		return err
	}
	s.report(Event{Kind: Refused, User: name, Number: one.Number, Err: why})
	return nil
}

// nextOffer is the next offer with its exchange file. The file is whole in memory, so that nothing goes out
// when it cannot be written.
func (s *Server) nextOffer(ctx context.Context, name string, last *offer) (*offer, []byte, error) {
	for _, want := range last.nextWants(s.batch()) {
		orders, err := s.Queue.Next(ctx, name, want)
		if err != nil {
			return nil, nil, err
		}
		orders, body, err := s.lay(ctx, name, orders)
		if err != nil {
			return nil, nil, err
		}
		if len(orders) > 0 {
			return &offer{orders: orders, doubt: want.Doubted}, body, nil
		}
	}
	_, body, err := s.lay(ctx, name, nil)
	return &offer{}, body, err
}

// lay writes the exchange file of as many of the orders as fit, and returns them. An order that cannot be
// written is refused, and the others go on without it.
func (s *Server) lay(ctx context.Context, name string, orders []Order) ([]Order, []byte, error) {
	for {
		var body bytes.Buffer
		err := s.Queue.Write(ctx, &body, name, orders)
		bad, isBad := errors.AsType[*OrderError](err)
		switch {
		case isBad:
			rest, one := without(orders, bad.Key)
			if len(rest) == len(orders) {
				return nil, nil, err
			}
			if err := s.refuse(ctx, name, one, bad.Err); err != nil {
				return nil, nil, err
			}
			orders = rest
		case err != nil:
			return nil, nil, err
		case body.Len() > bodyLimit && len(orders) > 1:
			orders = orders[:len(orders)/2]
		default:
			return orders, withoutBOM(body.Bytes()), nil
		}
	}
}

func without(orders []Order, key string) (rest []Order, one Order) {
	for _, o := range orders {
		if o.Key == key {
			one = o
		} else {
			rest = append(rest, o)
		}
	}
	return rest, one
}

// success confirms the orders of the session's last query. It may come twice, when the first answer got
// lost.
func (s *Server) success(q *request) {
	if !q.session.queried {
		q.fail("nothing was queried in this session, so nothing is confirmed")
		return
	}
	q.user.mu.Lock()
	defer q.user.mu.Unlock()
	o := q.session.offer
	if o == nil || len(o.orders) == 0 {
		q.session.offer = nil
		q.text("success")
		return
	}
	if err := s.Queue.Confirm(q.context(), q.session.user, o.orders); err != nil {
		s.broken(q, "", err)
		return
	}
	s.report(Event{Kind: Confirmed, User: q.session.user, Orders: len(o.orders)})
	o.orders, q.session.offer = nil, nil
	q.text("success")
}

// broken answers and reports what went wrong on our side. Its words stay here: they may name paths.
func (s *Server) broken(q *request, file string, err error) {
	s.report(Event{Kind: Broken, User: q.session.user, File: file, Err: err})
	q.fail("obmen could not do it now; its log has the reason. The next exchange tries again")
}

// info answers the lists that 1C offers in its table of correspondence.
func (s *Server) info(q *request) {
	type element struct {
		ID   string `xml:"Ид"`
		Name string `xml:"Название"`
	}
	// The first letter of the states is a Latin C, in the published exchange module and so in 1C.
	list := struct {
		XMLName  xml.Name  `xml:"Справочник"`
		Statuses []element `xml:"Cтатусы>Элемент"`
		Payments struct{}  `xml:"ПлатежныеСистемы"`
		Delivery struct{}  `xml:"СлужбыДоставки"`
	}{}
	for _, status := range s.Statuses {
		list.Statuses = append(list.Statuses, element{status, status})
	}
	body, err := xml.MarshalIndent(list, "", "\t")
	if err != nil {
		s.broken(q, "", err)
		return
	}
	write(q.w, http.StatusOK, xmlType, append([]byte(xml.Header), body...))
}
