package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
	"obmen/fetch/spapi/spapitest"
)

// A watcher fetches by itself. An account that fails stops neither the other nor the watcher, and status
// shows how both stand.
func TestWatchFetches(t *testing.T) {
	s := newFetchScene(t, selling(30), "every = \"1s\"\nfirst_run = \"2d\"\n[[account]]\nname = \"us\"\nregion = \"na\"\nmarketplaces = [\"US\"]\nevery = \"1s\"\nendpoint = \"URL\"\ntoken_url = \"URL"+spapitest.TokenPath+"\"\nfirst_run = \"2d\"\n")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serving.Run(ctx, serving.Options{Config: s.path("obmen.toml")}, s.streams()) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%v\n%s", err, &s.err)
		}
	}()
	s.until("orders in the outbox", func() bool { return len(s.files("outbox", "*.xml")) > 0 })
	calls := s.shop.Count("searchOrders")
	s.until("a second fetch", func() bool { return s.shop.Count("searchOrders") > calls })
	s.until("the status of both", func() bool {
		var out bytes.Buffer
		s.check(runStatus(t.Context(), s.path("obmen.toml"), filesChosen{last: 5}, true, ui.Streams{Out: &out, Err: &out}))
		var st jsonStatus
		s.check(json.Unmarshal(out.Bytes(), &st))
		eu, us := st.Fetch[0], st.Fetch[1]
		return st.Running && eu.Ended != "" && eu.Until != "" && eu.Error == "" && strings.Contains(us.Error, "not stored") && us.Hint != ""
	})
	s.secrets("us") // counts at once; its marketplace is none of this shop's
	s.until("what Amazon says of the other", func() bool {
		st, err := fetching.ReadStatus(s.path("state/fetch/us"))
		return err == nil && strings.Contains(st.Error, "Amazon denies access")
	})
}

// until waits for what another goroutine brings about.
func (s *fetchScene) until(what string, is func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal("never came: " + what)
		}
	}
}

// Where a route waits for markers, each page has one.
func TestPagesWithMarkers(t *testing.T) {
	s := newFetchScene(t, selling(30), "[[route]]\nname = \"amazon\"\naccount = \"eu\"\ninbox = \"pages\"\ndone_marker = \".done\"\n")
	s.check(os.Mkdir(s.path("pages"), 0o777))
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK {
		t.Fatalf("%s", &s.err)
	}
	s.watch()
	if len(s.files("outbox", "*.xml")) == 0 || len(s.files("pages", "*")) != 0 {
		t.Errorf("outbox %q, inbox %q\n%s", s.files("outbox", "*"), s.files("pages", "*"), &s.err)
	}
}

// A run that was interrupted leaves no error behind, and the next goes on with the next page.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	shop := selling(250)
	shop.Fault = func(r spapitest.Request) *spapitest.Fault {
		if r.Operation == "searchOrders" && r.N == 2 {
			stop()
		}
		return nil
	}
	s := newFetchScene(t, shop, "first_run = \"5d\"\n")
	if err := fetching.Run(ctx, fetching.Options{Config: s.path("obmen.toml")}, s.streams()); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if st, err := fetching.ReadStatus(s.path("state/fetch/eu")); err != nil || st.Running || st.Error != "" {
		t.Errorf("%+v, %v", st, err)
	}
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK || shop.Count("searchOrders") != 4 {
		t.Errorf("exit code %d after %d requests\n%s", code, shop.Count("searchOrders"), &s.err)
	}
}

// A backfill up to now that was interrupted goes on with the next page as well.
func TestInterruptedBackfillUpToNow(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	shop := selling(250)
	s := newFetchScene(t, shop, "first_run = \"5d\"\n")
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK {
		t.Fatalf("%s", &s.err)
	}
	before := shop.Count("searchOrders")
	shop.Fault = func(r spapitest.Request) *spapitest.Fault {
		if r.Operation == "searchOrders" && r.N == before+2 {
			stop()
		}
		return nil
	}
	from := time.Now().AddDate(0, 0, -4).Format(time.DateOnly)
	if err := fetching.Run(ctx, fetching.Options{Config: s.path("obmen.toml"), From: from}, s.streams()); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if code := s.fetch(fetching.Options{From: from}); code != ui.ExitOK || shop.Count("searchOrders") != before+4 {
		t.Errorf("exit code %d after %d requests\n%s", code, shop.Count("searchOrders")-before, &s.err)
	}
}

// A check says in a line each what is wrong, and leaves no trace of a run.
func TestFetchCheck(t *testing.T) {
	shop := selling(30)
	shop.Refused = []string{"BUYER"}
	s := newFetchScene(t, shop, "data = [\"proceeds\", \"fulfillment\", \"buyer\"]\n")
	if code := s.fetch(fetching.Options{Check: true}); code != ui.ExitRemote {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"eu: ok: Amazon takes the secrets", "eu: ok: the account sells in DE", "eu: WRONG: orders: ", "the app lacks the role", "Tax Invoicing",
		"eu: ok: Amazon gives them: only the roles for personal data are missing",
	} {
		if !strings.Contains(s.err.String(), want) {
			t.Errorf("no word of %q in\n%s", want, &s.err)
		}
	}
	if st, err := fetching.ReadStatus(s.path("state/fetch/eu")); err != nil || !st.Ended.IsZero() || st.Error != "" || len(s.files("inbox", "*")) != 0 {
		t.Errorf("status %+v, %v, inbox %q", st, err, s.files("inbox", "*"))
	}
	shop.Refused, shop.Withheld = nil, []string{"BUYER"}
	s.err.Reset()
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK || !strings.Contains(s.err.String(), "no order has buyer although it was asked for: the app lacks the role Tax") {
		t.Errorf("exit code %d\n%s", code, &s.err)
	}
}

// A check names a clock that is wrong, whichever way, and a role that is missing with what to do about it.
func TestFetchCheckClockAndRole(t *testing.T) {
	for off, want := range map[time.Duration]string{
		-time.Hour:                 "eu: WRONG: clock: this computer's clock is 1h0m ahead of Amazon's\n  hint: let the computer set its clock",
		time.Hour + 25*time.Second: "eu: WRONG: clock: this computer's clock is 1h0m behind Amazon's\n",
		time.Minute:                "eu: ok: Amazon gives orders",
	} {
		shop := selling(3)
		shop.Now = func() time.Time { return time.Now().Add(off) }
		s := newFetchScene(t, shop, "")
		code := s.fetch(fetching.Options{Check: true})
		if !strings.Contains(s.err.String(), want) || (code == ui.ExitOK) != (off == time.Minute) {
			t.Errorf("Amazon's clock off by %v: exit code %d\n%s", off, code, &s.err)
		}
	}
	shop := selling(3)
	shop.Fault = func(r spapitest.Request) *spapitest.Fault {
		if r.Operation == "searchOrders" {
			return spapitest.Denied()
		}
		return nil
	}
	s := newFetchScene(t, shop, "")
	if code := s.fetch(fetching.Options{Check: true}); code != ui.ExitRemote || !strings.Contains(s.err.String(), "\n  hint: add the role to the app in Seller Central") {
		t.Errorf("exit code %d\n%s", code, &s.err)
	}
}

// An account may be called as people call it; its files can be held by every file system, and say whose
// they are all the same.
func TestAccountNames(t *testing.T) {
	const name = "Амазон / Европа"
	s := newFetchScene(t, selling(30), "[[account]]\nname = \""+name+"\"\nregion = \"eu\"\nmarketplaces = [\"FR\"]\nendpoint = \"URL\"\ntoken_url = \"URL"+spapitest.TokenPath+"\"\n")
	s.secrets(name)
	s.shop.Marketplaces = []spapitest.Marketplace{spapitest.Germany, {ID: "A13V1IB3VIYZZH", Country: "FR", Currency: "EUR"}}
	s.shop.Put(spapitest.Order{
		ID: "900-0000009-0000001", Created: s.shop.Now().Add(-time.Hour), Updated: s.shop.Now().Add(-time.Hour), Marketplace: s.shop.Marketplaces[1],
		Items: []spapitest.Item{{ID: "1", SKU: "A", Quantity: 1, Unit: 500}},
	})
	if code := s.fetch(fetching.Options{Accounts: []string{name}}); code != ui.ExitOK {
		t.Fatalf("%s", &s.err)
	}
	files := s.files("inbox", "amazon-Amazon-Evropa-*.json")
	if len(files) != 1 || !strings.Contains(read(t, files[0]), `"account":"`+name+`"`) {
		t.Errorf("inbox %q", s.files("inbox", "*"))
	}
}
