package spapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

// Participation is what an account does in a marketplace.
type Participation struct {
	MarketplaceID string
	Country       string
	Name          string // "Amazon.de"
	Store         string // the seller's name there
	Currency      string
	Participating bool
	Suspended     bool // the listings are
}

// Participations is an answer of getMarketplaceParticipations.
type Participations struct {
	Answer
	Marketplaces []Participation
}

// MarketplaceParticipations asks where the account sells: the smallest question that shows whether token,
// region and app fit.
func (c *Client) MarketplaceParticipations(ctx context.Context) (*Participations, error) {
	var all Participations
	ans, err := c.call(ctx, call{
		op: OpMarketplaceParticipations, method: http.MethodGet, path: "/sellers/v1/marketplaceParticipations", role: roleSellers,
		readBody: func(body []byte) (err error) {
			all.Marketplaces, err = readParticipations(body)
			return err
		},
	})
	if ans == nil {
		return nil, err
	}
	all.Answer = *ans
	return &all, err
}

func readParticipations(body []byte) (all []Participation, err error) {
	var payload jsontext.Value
	if err := readMembers(body, map[string]*jsontext.Value{"payload": &payload}); err != nil {
		return nil, err
	}
	if payload.Kind() != '[' {
		return nil, errors.New(`there is no list "payload"`)
	}
	for _, v := range readElements(payload) {
		all = append(all, readParticipation(v))
	}
	return all, nil
}

func readParticipation(v jsontext.Value) Participation {
	var market, store, part, id, country, name, currency, in, suspended jsontext.Value
	_ = readMembers(v, map[string]*jsontext.Value{"marketplace": &market, "storeName": &store, "participation": &part})
	_ = readMembers(market, map[string]*jsontext.Value{"id": &id, "countryCode": &country, "name": &name, "defaultCurrencyCode": &currency})
	_ = readMembers(part, map[string]*jsontext.Value{"isParticipating": &in, "hasSuspendedListings": &suspended})
	return Participation{
		MarketplaceID: scalarText(id), Country: scalarText(country), Name: scalarText(name), Store: scalarText(store),
		Currency: scalarText(currency), Participating: readBool(in), Suspended: readBool(suspended),
	}
}
