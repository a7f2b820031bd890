package main

import (
	"context"
	"strings"

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
}

func siteStates(ctx context.Context, book *ledger.Ledger) ([]jsonSite, error) {
	states, err := book.SiteStates(ctx)
	list := []jsonSite{}
	for _, s := range states {
		account := strings.TrimPrefix(s.Exchange, ledger.SitePrefix)
		list = append(list, jsonSite{account, s.Waiting, s.Refused, desk.Moment{Time: s.Since}, desk.Moment{Time: s.Last}})
	}
	return list, err
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
			s.Tell("site.refused", "Orders", words.Count("count.orders", site.Refused), "Account", account)
		}
	}
}
