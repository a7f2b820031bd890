package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"obmen/watch/ledger"
)

const siteExchange = "site/shop"

// offered is a set whose orders 1C fetches itself.
func offered(stem string, orders ...string) ledger.Set {
	s := mail(stem, orders...)
	s.Outputs[0].Name, s.Account = siteExchange, "shop"
	for i := range s.Queued {
		s.Queued[i].Exchange = siteExchange
	}
	return s
}

func waitingOf(t *testing.T, l *ledger.Ledger, limited bool, most int) []ledger.SiteDocument {
	t.Helper()
	list, err := l.SiteWaiting(t.Context(), []string{siteExchange}, limited, most)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// names are the documents of a list.
func names(list []ledger.SiteDocument) string {
	var words []string
	for _, d := range list {
		words = append(words, string(d.Document))
	}
	return strings.Join(words, " ")
}

func setState(t *testing.T, l *ledger.Ledger, stem string) ledger.SetState {
	t.Helper()
	sets, err := l.Sets(t.Context(), ledger.SetFilter{Stem: stem})
	if err != nil || len(sets) != 1 {
		t.Fatal(sets, err)
	}
	return sets[0].State
}

func TestSiteDelivery(t *testing.T) {
	l := fresh(t)
	post(t, l, offered("s1", "a", "b"))
	post(t, l, offered("s2", "b", "c"))
	if list, err := l.SiteExchanges(t.Context()); err != nil || fmt.Sprint(list) != "[site/shop]" {
		t.Errorf("%v, %v", list, err)
	}
	list := waitingOf(t, l, false, 10)
	if got := names(list); got != "s1a s2b s2c" {
		t.Fatalf("waiting %q", got)
	}
	if got := names(waitingOf(t, l, false, 1)); got != "s1a" {
		t.Errorf("first %q", got)
	}
	for range 2 { // the second time changes nothing
		numbers, err := l.SiteNumbers(t.Context(), list)
		if err != nil || fmt.Sprint(numbers) != "[000001 000002 000003]" {
			t.Fatalf("%v, %v", numbers, err)
		}
	}
	if err := l.SiteDelivered(t.Context(), list[1:2], at(5)); err != nil {
		t.Fatal(err)
	}
	if got := names(waitingOf(t, l, false, 10)); got != "s1a s2c" {
		t.Errorf("waiting %q", got)
	}
	if err := l.SiteDelivered(t.Context(), list, at(6)); err != nil {
		t.Fatal(err)
	}
	if got := names(waitingOf(t, l, false, 10)) + string(setState(t, l, "s1")) + string(setState(t, l, "s2")); got != "loadedloaded" {
		t.Errorf("then %q", got)
	}
}

func TestSiteSuspects(t *testing.T) {
	l := fresh(t)
	post(t, l, offered("s1", "a", "b", "c"))
	list := waitingOf(t, l, false, 10)
	for i := range list {
		list[i].Most, list[i].Tries = 1+i%2, i
	}
	if err := l.SiteSuspect(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if got := names(waitingOf(t, l, false, 10)); got != "" {
		t.Errorf("without a limit %q", got)
	}
	got := waitingOf(t, l, true, 10)
	if names(got) != "s1a" || got[0].Most != 1 {
		t.Errorf("%+v", got)
	}
	post(t, l, offered("s2", "a")) // changed: a suspicion of its own
	if got := names(waitingOf(t, l, false, 10)) + " " + names(waitingOf(t, l, true, 10)); got != "s2a s1c" {
		t.Errorf("then %q", got)
	}
}

func TestSiteRefused(t *testing.T) {
	l := fresh(t)
	post(t, l, offered("s1", "a", "b"))
	bad := waitingOf(t, l, false, 10)[0]
	if err := l.SiteRefused(t.Context(), bad, "why", "cure", at(7)); err != nil {
		t.Fatal(err)
	}
	if got := names(waitingOf(t, l, false, 10)); got != "s1b" || setState(t, l, "s1") != ledger.Failed {
		t.Errorf("waiting %q", got)
	}
	holds, err := l.Holds(t.Context(), ledger.HoldFilter{Code: ledger.RefusedBy1C})
	if err != nil || len(holds) != 1 || holds[0].Order != "a" || holds[0].Sentence != "why" || holds[0].Account != "shop" || holds[0].SHA256 == "" {
		t.Fatalf("%+v, %v", holds, err)
	}
	states, err := l.SiteStates(t.Context())
	if err != nil || len(states) != 1 || states[0].Waiting != 1 || states[0].Refused != 1 {
		t.Errorf("%+v, %v", states, err)
	}
	troubles, err := l.SiteTroubles(t.Context(), 10)
	if err != nil || len(troubles) != 1 || troubles[0].Order != "a" || troubles[0].Differs != "" {
		t.Errorf("%+v, %v", troubles, err)
	}
	again := offered("s1", "a", "b") // asked for once more by a person
	again.Again = true
	post(t, l, again)
	list := waitingOf(t, l, false, 10)
	if got := names(list); got != "s1a s1b" {
		t.Fatalf("again %q", got)
	}
	if err := l.SiteDelivered(t.Context(), list, at(9)); err != nil {
		t.Fatal(err)
	}
	if holds, err = l.Holds(t.Context(), ledger.HoldFilter{}); err != nil || len(holds) != 0 || setState(t, l, "s1") != ledger.Loaded {
		t.Errorf("%+v, %v, %s", holds, err, setState(t, l, "s1"))
	}
}

// A refused order of which a newer revision waits is not refused any more.
func TestSiteRefusedAndChanged(t *testing.T) {
	l := fresh(t)
	post(t, l, offered("s1", "a"))
	if err := l.SiteRefused(t.Context(), waitingOf(t, l, false, 10)[0], "why", "cure", at(7)); err != nil {
		t.Fatal(err)
	}
	post(t, l, offered("s2", "a"))
	states, err := l.SiteStates(t.Context())
	if err != nil || len(states) != 1 || states[0].Waiting != 1 || states[0].Refused != 0 {
		t.Errorf("%+v, %v", states, err)
	}
	if troubles, err := l.SiteTroubles(t.Context(), 10); err != nil || len(troubles) != 0 {
		t.Errorf("%+v, %v", troubles, err)
	}
}

func TestSiteAnswers(t *testing.T) {
	l := fresh(t)
	post(t, l, offered("s1", "a"))
	list := waitingOf(t, l, false, 10)
	if _, err := l.SiteNumbers(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if err := l.SiteDelivered(t.Context(), list, at(5)); err != nil {
		t.Fatal(err)
	}
	anyone := func(string) bool { return true }
	if _, found, err := l.SiteOrderOf(t.Context(), "000001", func(e string) bool { return e != siteExchange }); found || err != nil {
		t.Errorf("another user's order: %v, %v", found, err)
	}
	o, found, err := l.SiteOrderOf(t.Context(), "000001", anyone)
	if !found || err != nil || o.Order != "a" || o.Delivered != at(5) {
		t.Fatalf("%+v, %v, %v", o, found, err)
	}
	post(t, l, offered("s2", "a")) // waits: the answer is about the revision before
	o.Answer = ledger.SiteAnswer{Number1C: "СА-7", Posted: true, Paid: "3"}
	for range 2 {
		if err := l.SiteAnswered(t.Context(), []ledger.SiteOrder{o}, at(8)); err != nil {
			t.Fatal(err)
		}
	}
	sets, err := l.Sets(t.Context(), ledger.SetFilter{Stem: "s1"})
	if err != nil || sets[0].Orders[0].Number1C != "СА-7" || sets[0].Orders[0].Text != "posted; paid: 3" {
		t.Errorf("%+v, %v", sets, err)
	}
	if setState(t, l, "s2") != ledger.Published {
		t.Error("the revision that waits counts as loaded")
	}
	if err := l.SiteDelivered(t.Context(), waitingOf(t, l, false, 10), at(9)); err != nil {
		t.Fatal(err)
	}
	if sets, err = l.Sets(t.Context(), ledger.SetFilter{Stem: "s2"}); err != nil || sets[0].Orders[0].Number1C != "СА-7" {
		t.Errorf("%+v, %v", sets, err)
	}
}
