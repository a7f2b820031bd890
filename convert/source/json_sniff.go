package source

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// jsonShape is what kind of thing an object in an order's place is: one of the formats by its name, an
// answer of an API that is no order, or nothing we know.
type jsonShape string

const (
	shapeUnknown jsonShape = ""
	shape2026    jsonShape = "amazon-orders-2026-01-01"
	shapeV0      jsonShape = "amazon-orders-v0"
	shapeShop    jsonShape = "shop-orders"
	shapeAnswer  jsonShape = "api-answer"
)

// isOrderName reports whether a member of that name makes an object an order. Names that wrappers may
// have too (orderId) are not among them.
func isOrderName(name string) bool {
	switch name {
	case "AmazonOrderId", "OrderItems", "order_number", "line_items", "orderItems":
		return true
	}
	return false
}

// shapeOf returns what an object is, by its names.
func shapeOf(v jsontree.Value) jsonShape {
	switch {
	case v.Has("posting_number"), v.Has("prices_include_tax"):
		return shapeUnknown // Ozon's and WooCommerce's, whose amounts mean something else
	case v.Has("AmazonOrderId"), v.Has("OrderItems"):
		return shapeV0
	case v.Has("order_number"), v.Has("line_items"):
		return shapeShop
	case v.Has("orderId"), v.Has("orderItems"):
		return shape2026
	case !v.IsEmpty() && v.Kind() == '{' && !v.Get("errors").IsEmpty():
		return shapeAnswer
	}
	return shapeUnknown
}

// sniffJSON judges the beginning of a file: the first object in an order's place that can be told
// decides. A file that was cut off before anything told counts as 2026-01-01, whose reader then says
// where it ends.
func sniffJSON(head []byte) (jsonShape, Confidence) {
	s := sniffHead(head)
	return s.shape, s.sure
}

func sniffHead(head []byte) *jsonSniffer {
	s := sniffText(head)
	if s.sure < Sure {
		if t := sniffText(head, jsontext.AllowInvalidUTF8(true)); t.sure > s.sure { // half a surrogate pair stopped it
			return t
		}
	}
	return s
}

func sniffText(head []byte, options ...jsontext.Options) *jsonSniffer {
	s := &jsonSniffer{}
	text := bytes.TrimSpace(head)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return s
	}
	s.dec = jsontext.NewDecoder(bytes.NewReader(text), options...)
	var err error
	for err == nil && s.sure < Sure {
		err = s.sniffBody(0)
	}
	if s.sure == No && s.answer.what != "" {
		s.shape, s.sure = shapeAnswer, Sure
	}
	whole := len(head) < input.HeadSize/2-2 // UTF-16 halves on its way here
	if s.sure == No && whole && errors.Is(err, io.ErrUnexpectedEOF) {
		s.shape, s.sure = shape2026, Maybe
	}
	return s
}

// jsonSniffer walks the beginning of a file as jsonReader walks the whole.
type jsonSniffer struct {
	dec    *jsontext.Decoder
	shape  jsonShape
	sure   Confidence
	answer answer // the first answer met that is no order
	code   string // the error code met last
}

// claimShape keeps the surest of what the names told.
func (s *jsonSniffer) claimShape(shape jsonShape, c Confidence) {
	if c > s.sure {
		s.shape, s.sure = shape, c
	}
}

// sniffBody looks at a body or at an array of them. The error is how the head ends.
func (s *jsonSniffer) sniffBody(depth int) error {
	switch s.dec.PeekKind() {
	case '{':
		return s.sniffObject(depth)
	case '[':
		_, err := s.sniffList(depth)
		return err
	}
	return s.dec.SkipValue()
}

// sniffList looks at the elements of an array and counts them.
func (s *jsonSniffer) sniffList(depth int) (elements int, err error) {
	if s.dec.PeekKind() != '[' {
		return 0, s.dec.SkipValue()
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return 0, err
	}
	for ; ; elements++ {
		switch s.dec.PeekKind() {
		case ']', 0:
			_, err := s.dec.ReadToken()
			return elements, err
		}
		if err := s.sniffBody(depth + 1); err != nil || s.sure == Sure {
			return elements, err
		}
	}
}

// sniffObject looks at the names in an object until they tell.
func (s *jsonSniffer) sniffObject(depth int) error {
	if depth > jsontree.MaxDepth {
		return jsontree.ErrTooDeep
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	seen := members{}
	for {
		name, err := s.dec.ReadToken()
		if err == nil && name.Kind() != '}' {
			key := name.String()
			seen[key] = ""
			if s.judgeNames(seen); s.sure == Sure {
				return nil
			}
			err = s.sniffMember(key, seen, depth)
		} else if err == nil {
			s.noteAnswer(seen)
			return nil
		}
		if err != nil || s.sure == Sure {
			s.noteAnswer(seen)
			return err
		}
	}
}

// members are the names met in an object so far, with the values of those that are short texts.
type members map[string]string

func (m members) hasAll(names ...string) bool {
	for _, name := range names {
		if _, ok := m[name]; !ok {
			return false
		}
	}
	return true
}

func (m members) hasAny(names ...string) bool {
	for _, name := range names {
		if m.hasAll(name) {
			return true
		}
	}
	return false
}

// sniffMember looks into what may lead to orders and passes over everything else.
func (s *jsonSniffer) sniffMember(key string, seen members, depth int) error {
	switch {
	case isOrderList(key):
		n, err := s.sniffList(depth + 1)
		if n == 0 || err != nil { // an empty page, or the head ends before its first order tells
			seen["empty "+key] = ""
			s.claimShape(map[string]jsonShape{"orders": shape2026, "Orders": shapeV0}[key], Maybe)
			s.judgeNames(seen)
		}
		return err
	case isWrapperName(key), key == "OrderItems", key == "errors", key == "reports", key == "reportSchedules":
		return s.sniffBody(depth + 1)
	case s.dec.PeekKind() == '"':
		text, err := s.dec.ReadToken()
		if err == nil {
			seen[key] = text.String()
		}
		return err
	}
	return s.dec.SkipValue()
}

// Bodies of orders come bare, in arrays, one after another, and wrapped. A wrapper is any object that
// holds orders or another wrapper under one of these names; whatever else it says is passed over, but
// for the account: a text under "account" that stands before the body names the seller account of the
// orders in it. (Once orders have left, it would come too late.)
func isWrapperName(name string) bool {
	switch name {
	case "order", "payload", "body", "bodies", "response", "responses", "page", "pages", "data",
		"result", "results", "content":
		return true
	}
	return false
}

// Names of the lists whose elements are orders and nothing else.
func isOrderList(name string) bool { return name == "orders" || name == "Orders" }

// judgeNames claims the shape that the names of an object have told so far.
func (s *jsonSniffer) judgeNames(seen members) {
	switch {
	case seen.hasAll("AmazonOrderId"),
		seen.hasAll("OrderItemId") && seen.hasAny("ASIN", "SellerSKU", "QuantityOrdered"),
		seen.hasAll("empty Orders") && seen.hasAny("NextToken", "CreatedBefore", "LastUpdatedBefore"):
		s.claimShape(shapeV0, Sure)
	case seen.hasAny("order_number", "line_items"):
		s.claimShape(shapeShop, Sure)
	case seen.hasAll("orderId") && seen.hasAny("createdTime", "lastUpdatedTime", "salesChannel"),
		seen.hasAll("empty orders") && seen.hasAny("pagination", "createdBefore", "lastUpdatedBefore"):
		s.claimShape(shape2026, Sure)
	case seen.hasAll("orderId", "orderItems"):
		s.claimShape(shape2026, Maybe)
	}
}
