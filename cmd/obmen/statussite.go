package main

import (
	"context"
	"slices"
	"strings"

	"obmen/cmd/obmen/review"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// jsonSite is how the orders of an account stand that 1C fetches itself.
type jsonSite struct {
	Exchange string      `json:"exchange"` // the account
	Waiting  int         `json:"waiting"`  // orders that 1C has not fetched, or not confirmed
	Refused  int         `json:"refused"`  // orders that 1C does not accept; they are held
	Since    desk.Moment `json:"since"`    // the oldest that waits
	Last     desk.Moment `json:"last"`     // when 1C confirmed some last

	RefusedOrders   []siteOrder `json:"refused_orders,omitempty"`
	DifferingOrders []siteOrder `json:"differing_orders,omitempty"` // of which 1C has other figures than were sent
}

// siteOrder is an order that needs a person.
type siteOrder struct {
	Order   string `json:"order"`
	Number  string `json:"number_for_1c"`
	Differs string `json:"differs,omitempty"` // in what
}

// mostTroubles is how many orders of each kind are read; --json has them all.
const mostTroubles = 1000

func siteStates(ctx context.Context, book *ledger.Ledger) ([]jsonSite, error) {
	states, err := book.SiteStates(ctx)
	list := []jsonSite{}
	for _, s := range states {
		account := strings.TrimPrefix(s.Exchange, ledger.SitePrefix)
		list = append(list, jsonSite{Exchange: account, Waiting: s.Waiting, Refused: s.Refused, Since: desk.Moment{Time: s.Since}, Last: desk.Moment{Time: s.Last}})
	}
	if err != nil {
		return nil, err
	}
	troubles, err := book.SiteTroubles(ctx, mostTroubles)
	for i := range troubles {
		t := &troubles[i]
		at := slices.IndexFunc(list, func(s jsonSite) bool { return s.Exchange == strings.TrimPrefix(t.Exchange, ledger.SitePrefix) })
		if at < 0 {
			continue
		}
		one := siteOrder{t.Order, t.Number, t.Differs}
		if t.Differs == "" {
			list[at].RefusedOrders = append(list[at].RefusedOrders, one)
		} else {
			list[at].DifferingOrders = append(list[at].DifferingOrders, one)
		}
	}
	return list, err
}

// named lists orders for the screen.
func named(orders []siteOrder) string {
	var list []string
	for i := range orders {
		if len(list) == review.MostNamed {
			list = append(list, "…")
			break
		}
		list = append(list, ui.OneLine(orders[i].Order+" ("+orders[i].Number+")"))
	}
	return strings.Join(list, ", ")
}

// printSites prints how the accounts stand with orders that wait for 1C, or that it has fetched.
func printSites(s ui.Streams, list []jsonSite) {
	for _, site := range list {
		account := ui.OneLine(site.Exchange)
		switch {
		case site.Waiting > 0:
			s.Tell("site.waits", "Orders", words.Count("count.orders", site.Waiting), "Account", account, "Since", site.Since.Time)
		case !site.Last.IsZero():
			s.Tell("site.fetched", "Account", account, "Last", site.Last.Time)
		}
		if site.Refused > 0 {
			s.Tell("site.refused", "Orders", words.Count("count.orders", site.Refused), "Account", account, "Named", named(site.RefusedOrders))
		}
		if len(site.DifferingOrders) > 0 {
			s.Tell("site.differs", "Account", account, "Named", named(site.DifferingOrders))
		}
	}
}
