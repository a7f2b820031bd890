package source

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
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

// isOrderName says whether a member of that name makes an object an order. Names that wrappers may
// have too (orderId) are not among them.
func isOrderName(name string) bool {
	switch name {
	case "AmazonOrderId", "OrderItems", "order_number", "line_items", "orderItems":
		return true
	}
	return false
}

// shape tells by its names what an object is.
func (v jsonValue) shape() jsonShape {
	switch {
	case v.has("AmazonOrderId"), v.has("OrderItems"):
		return shapeV0
	case v.has("order_number"), v.has("line_items"):
		return shapeShop
	case v.has("orderId"), v.has("orderItems"):
		return shape2026
	case !v.empty() && v.kind() == '{' && !v.get("errors").empty():
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

// jsonLike says whether a file begins like a JSON object, or an array of objects or arrays.
func jsonLike(head []byte) bool {
	first := blanks(head, 0)
	if first == len(head) || head[first] != '[' {
		return first < len(head) && head[first] == '{'
	}
	second := blanks(head, first+1)
	return second < len(head) && (head[second] == '{' || head[second] == '[')
}

func sniffHead(head []byte) *jsonSniffer {
	s := &jsonSniffer{}
	text := bytes.TrimSpace(head)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return s
	}
	s.dec = jsontext.NewDecoder(bytes.NewReader(text))
	var err error
	for err == nil && s.sure < Sure {
		err = s.body(0)
	}
	if s.sure == No && s.answer.what != "" {
		s.shape, s.sure = shapeAnswer, Sure
	}
	whole := len(head) < HeadSize/2-2 // UTF-16 halves on its way here
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

// claim keeps the surest of what the names told.
func (s *jsonSniffer) claim(shape jsonShape, c Confidence) {
	if c > s.sure {
		s.shape, s.sure = shape, c
	}
}

// body looks at a body or at an array of them. The error is how the head ends.
func (s *jsonSniffer) body(depth int) error {
	switch s.dec.PeekKind() {
	case '{':
		return s.object(depth)
	case '[':
		_, err := s.list(depth)
		return err
	}
	return s.dec.SkipValue()
}

// list looks at the elements of an array and counts them.
func (s *jsonSniffer) list(depth int) (elements int, err error) {
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
		if err := s.body(depth + 1); err != nil || s.sure == Sure {
			return elements, err
		}
	}
}

// object looks at the names in an object until they tell.
func (s *jsonSniffer) object(depth int) error {
	if depth > jsonMaxDepth {
		return errTooDeep
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
			if s.judge(seen); s.sure == Sure {
				return nil
			}
			err = s.member(key, seen, depth)
		} else if err == nil {
			s.answers(seen)
			return nil
		}
		if err != nil || s.sure == Sure {
			s.answers(seen)
			return err
		}
	}
}

// members are the names met in an object so far, with the values of those that are short texts.
type members map[string]string

func (m members) has(names ...string) bool {
	for _, name := range names {
		if _, ok := m[name]; !ok {
			return false
		}
	}
	return true
}

func (m members) any(names ...string) bool {
	for _, name := range names {
		if m.has(name) {
			return true
		}
	}
	return false
}

// member looks into what may lead to orders and passes over everything else.
func (s *jsonSniffer) member(key string, seen members, depth int) error {
	switch {
	case isOrderList(key):
		n, err := s.list(depth + 1)
		if n == 0 || err != nil { // an empty page, or the head ends before its first order tells
			seen["empty "+key] = ""
			s.claim(map[string]jsonShape{"orders": shape2026, "Orders": shapeV0}[key], Maybe)
			s.judge(seen)
		}
		return err
	case isWrapperName(key), key == "OrderItems", key == "errors", key == "reports", key == "reportSchedules":
		return s.body(depth + 1)
	case s.dec.PeekKind() == '"':
		text, err := s.dec.ReadToken()
		if err == nil {
			seen[key] = text.String()
		}
		return err
	}
	return s.dec.SkipValue()
}

// judge claims the shape that the names of an object have told so far.
func (s *jsonSniffer) judge(seen members) {
	switch {
	case seen.has("AmazonOrderId"),
		seen.has("OrderItemId") && seen.any("ASIN", "SellerSKU", "QuantityOrdered"),
		seen.has("empty Orders") && seen.any("NextToken", "CreatedBefore", "LastUpdatedBefore"):
		s.claim(shapeV0, Sure)
	case seen.any("order_number", "line_items"):
		s.claim(shapeShop, Sure)
	case seen.has("orderId") && seen.any("createdTime", "lastUpdatedTime", "salesChannel"),
		seen.has("empty orders") && seen.any("pagination", "createdBefore", "lastUpdatedBefore"):
		s.claim(shape2026, Sure)
	case seen.has("orderId", "orderItems"):
		s.claim(shape2026, Maybe)
	}
}
