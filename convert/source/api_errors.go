package source

// What the APIs answer besides orders: errors, tokens, descriptions of reports. Such files lie around
// where orders are fetched by hand; they are known by the names in them (Login with Amazon, Reports API 2021-06-30, Tokens API 2021-03-01).

import (
	"context"
	"fmt"
	"iter"
	"regexp"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

func init() { registerFormat(apiAnswers{}) }

// apiAnswers refuses what is known and holds no orders.
type apiAnswers struct{}

var _ Format = apiAnswers{}

func (apiAnswers) Name() string { return string(shapeAnswer) }

// isForeign keeps it out of the list of formats that orders may come in.
func (apiAnswers) isForeign() {}

// Sniff is sure only of answers that hold nothing else: orders beside an error are orders.
func (apiAnswers) Sniff(_ string, head []byte) Confidence {
	if shape, sure := sniffJSON(head); shape == shapeAnswer {
		return sure
	}
	return No
}

// Read refuses the file and says what it is. No value of it is repeated but the code of an error:
// it may hold a token.
func (apiAnswers) Read(_ context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		head, err := in.ReadHead()
		if err == nil {
			s := sniffHead(head)
			err = in.Refuse(s.answer.refusalError(s.code), s.answer.hint)
		}
		yield(order.Order{}, err)
	}
}

// answer is one kind of answer, known by names that stand in one object.
type answer struct {
	names []string
	what  string
	hint  string
}

const apiErrorHint = "fetch the orders again; if the API goes on refusing, its code tells why"

var answers = []answer{
	{[]string{"access_token"}, "an access token of Login with Amazon", "delete the file, it holds a secret; drop the orders themselves"},
	{[]string{"refresh_token"}, "a refresh token of Login with Amazon", "delete the file, it holds a secret; drop the orders themselves"},
	{[]string{"restrictedDataToken"}, "a restricted data token", "delete the file, it holds a secret; drop the orders themselves"},
	{[]string{"error", "error_description"}, "a refusal of Login with Amazon", "authorise obmen again and fetch the orders again"},
	{[]string{"errors", "error code"}, "an error answer of the API", apiErrorHint},
	{[]string{"reportDocumentId", "url"}, "the address of a report's document", "download what is behind its url within five minutes and drop that"},
	{[]string{"reportId"}, "the description of a report", "download the report's document and drop that"},
	{[]string{"reportScheduleId"}, "the schedule of a report", "download the documents of its reports and drop those"},
	{[]string{"OrderItemId", "BuyerCustomizedInfo"}, "what the buyer said of an order item", "drop the body of getOrder or getOrderItems instead"},
	{[]string{"marketplace", "participation"}, "the account's list of marketplaces", "drop orders instead"},
	{[]string{"marketplaceParticipationList"}, "a description of the account", "drop orders instead"},
}

// noteAnswer keeps the first answer that the names of an object make up.
func (s *jsonSniffer) noteAnswer(seen members) {
	if code := seen["code"]; code != "" && s.code == "" {
		s.code = code
	}
	if s.code != "" {
		seen["error code"] = ""
	}
	for _, a := range answers {
		if s.answer.what == "" && seen.hasAll(a.names...) {
			s.answer = a
			if s.code == "" {
				s.code = seen["error"]
			}
		}
	}
}

func (a answer) refusalError(code string) error {
	if a.what == "" {
		return input.ErrNotOrders
	}
	if word := errorCode(code); word != "" {
		return fmt.Errorf("%w: %s (%s)", input.ErrNotOrders, a.what, word)
	}
	return fmt.Errorf("%w: %s", input.ErrNotOrders, a.what)
}

var plainWord = regexp.MustCompile(`^([A-Za-z_]{3,40}|[0-9]{3})$`)

// errorCode returns a code that is safe to repeat: one plain word ("QuotaExceeded", "invalid_grant")
// or a status.
func errorCode(code string) string {
	if plainWord.MatchString(code) {
		return code
	}
	return ""
}

// apiError is an error answer in the place of orders, or beside them: some may be missing.
func apiError(errs jsontree.Value) error {
	a := answer{what: "an error answer of the API"}
	for e := range errs.All() {
		if code := e.Get("code").Text(); errorCode(code) != "" {
			return a.refusalError(code)
		}
	}
	return a.refusalError("")
}
