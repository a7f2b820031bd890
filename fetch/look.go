package fetch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// page is what fetch itself reads of a body: enough to count and to tell how far it is.
type page struct {
	orders int
	empty  bool      // a list of orders with nothing in it
	last   time.Time // when its last order was changed, of those that say so
	unread error
}

var errNoOrders = errors.New("it has no list of orders")

// look reads a body. A body that is no JSON is unread; what is in its orders does not matter.
func look(body []byte) (p page) {
	if !json.Valid(body) {
		p.unread = broken(body)
		return p
	}
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	list, err := p.read(dec)
	switch {
	case err != nil:
		p.unread = err
	case !list:
		p.unread = errNoOrders
	default:
		p.empty = p.orders == 0
	}
	return p
}

// broken says where a body ends or stops being JSON.
func broken(body []byte) error {
	var v any
	err := json.Unmarshal(body, &v)
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// read looks for the list of orders, or the one order, among the members of a body.
func (p *page) read(dec *jsontext.Decoder) (list bool, err error) {
	if dec.PeekKind() != '{' {
		return false, nil
	}
	if _, err := dec.ReadToken(); err != nil {
		return false, err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return list, err
		}
		switch key := name.String(); {
		case key == "orders" && dec.PeekKind() == '[':
			list = true
			err = p.list(dec)
		case key == "order" && dec.PeekKind() == '{':
			list = true
			err = p.order(dec)
		default:
			err = dec.SkipValue()
		}
		if err != nil {
			return list, err
		}
	}
	return list, nil
}

func (p *page) list(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if err := p.order(dec); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// order counts one order and notes its time of change.
func (p *page) order(dec *jsontext.Decoder) error {
	p.orders++
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if name.String() != "lastUpdatedTime" || dec.PeekKind() != '"' {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		text, err := dec.ReadToken()
		if err != nil {
			return err
		}
		p.note(text.String())
	}
	_, err := dec.ReadToken()
	return err
}

func (p *page) note(text string) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return // a time that is none is the reader's business
	}
	p.last = t
}
