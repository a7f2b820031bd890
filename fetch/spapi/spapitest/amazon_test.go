package spapitest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

func client(a *spapitest.Amazon) *spapi.Client {
	return &spapi.Client{
		Account: "a", Region: spapi.EU, Connection: spapi.Connection{Transport: a.Transport(), Attempts: 1},
		Credentials: spapi.Credentials{ClientID: spapitest.ClientID, ClientSecret: spapitest.ClientSecret, RefreshToken: spapitest.RefreshToken},
	}
}

// found lists the ids of one page.
func found(t *testing.T, a *spapitest.Amazon, p spapi.SearchParams) (ids []string, next string) {
	t.Helper()
	page, err := client(a).SearchOrders(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range page.Orders {
		ids = append(ids, o.ID)
	}
	return ids, page.NextToken
}

func order(id string, created, updated time.Time) spapitest.Order {
	return spapitest.Order{ID: id, Created: created, Updated: updated, Items: []spapitest.Item{{ID: "1", SKU: "A", Quantity: 1, Unit: 100}}}
}

// Both bounds of a window belong to it, and its end is two minutes ago at the latest.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spapitest.Amazon{}
		at := time.Now().Add(-time.Hour)
		a.Put(order("before", at, at.Add(-time.Second)), order("first", at, at), order("last", at, at.Add(time.Minute)), order("after", at, at.Add(61*time.Second)))
		ids, _ := found(t, a, spapi.SearchParams{LastUpdatedAfter: at, LastUpdatedBefore: at.Add(time.Minute)})
		if !slices.Equal(ids, []string{"first", "last"}) {
			t.Errorf("%v", ids)
		}
		a.Put(order("now", time.Now(), time.Now()))
		if ids, _ := found(t, a, spapi.SearchParams{LastUpdatedAfter: time.Now().Add(-5 * time.Minute)}); len(ids) != 0 {
			t.Errorf("%v within the last two minutes", ids)
		}
		time.Sleep(2 * time.Minute)
		if ids, _ := found(t, a, spapi.SearchParams{LastUpdatedAfter: time.Now().Add(-5 * time.Minute)}); !slices.Equal(ids, []string{"now"}) {
			t.Errorf("%v two minutes later", ids)
		}
		_, err := client(a).SearchOrders(t.Context(), spapi.SearchParams{LastUpdatedAfter: at, LastUpdatedBefore: time.Now().Add(-time.Minute)})
		if spapi.KindOf(err) != spapi.KindInput {
			t.Errorf("a window that ends a minute ago: %v", err)
		}
	})
}

// An update moves an order to its new time, from when it is visible; a late one that was overtaken is never seen.
func TestUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spapitest.Amazon{}
		at := time.Now().Add(-2 * time.Hour)
		late := order("a", at, at.Add(time.Hour))
		late.Visible = time.Now().Add(time.Hour)
		late.Status = "SHIPPED"
		a.Put(order("a", at, at), late)
		p := spapi.SearchParams{LastUpdatedAfter: at, LastUpdatedBefore: at.Add(time.Minute)}
		if ids, _ := found(t, a, p); len(ids) != 1 {
			t.Errorf("%v before the update", ids)
		}
		time.Sleep(time.Hour)
		if ids, _ := found(t, a, p); len(ids) != 0 {
			t.Errorf("%v at the old time after the update", ids)
		}
		p.LastUpdatedBefore = at.Add(time.Hour)
		if ids, _ := found(t, a, p); len(ids) != 1 {
			t.Errorf("%v at the new time after the update", ids)
		}
		for o := range a.All() {
			if o.Status != "SHIPPED" || o.Total() != 100 {
				t.Errorf("%+v", o)
			}
		}
	})
}

// A page token belongs to its search, and lives a day.
func TestPageToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spapitest.Amazon{}
		a.Plan(spapitest.Plan{Orders: 30, From: time.Now().AddDate(0, 0, -9), To: time.Now().AddDate(0, 0, -8), Still: true})
		p := spapi.SearchParams{CreatedAfter: time.Now().AddDate(0, 0, -10), MaxResultsPerPage: 20}
		_, p.PaginationToken = found(t, a, p)
		if ids, next := found(t, a, p); len(ids) != 10 || next != "" {
			t.Errorf("%d orders on the second page, token %q", len(ids), next)
		}
		other := p
		other.MaxResultsPerPage = 10
		if _, err := client(a).SearchOrders(t.Context(), other); spapi.KindOf(err) != spapi.KindInput {
			t.Errorf("another search: %v", err)
		}
		time.Sleep(24*time.Hour + time.Second)
		if _, err := client(a).SearchOrders(t.Context(), p); spapi.KindOf(err) != spapi.KindInput {
			t.Errorf("a day later: %v", err)
		}
	})
}

// Who asks too often is refused, until the bucket has refilled.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spapitest.Amazon{}
		ask := func() spapi.Kind {
			_, err := client(a).SearchOrders(t.Context(), spapi.SearchParams{CreatedAfter: time.Now().AddDate(0, 0, -1)})
			return spapi.KindOf(err)
		}
		for n := range 20 {
			if kind := ask(); kind != "" {
				t.Fatalf("request %d: %s", n+1, kind)
			}
		}
		for _, step := range []struct {
			rest time.Duration
			kind spapi.Kind
		}{{0, spapi.KindQuota}, {178 * time.Second, spapi.KindQuota}, {time.Second, ""}, {0, spapi.KindQuota}} {
			time.Sleep(step.rest)
			if kind := ask(); kind != step.kind {
				t.Errorf("after %v: %q, expected %q", step.rest, kind, step.kind)
			}
		}
	})
}

// A plan gives the same shop every time, shows every order in the end, and by either time in order.
func TestPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := spapitest.Plan{Orders: 1000, From: time.Now(), To: time.Now().AddDate(0, 0, 10), Seed: 7, Grain: time.Minute, Late: 3 * time.Hour}
		one, two := &spapitest.Amazon{}, &spapitest.Amazon{}
		one.Plan(plan)
		two.Plan(plan)
		for range 100 { // one is asked on the way, two only at the end
			for range one.All() {
				break
			}
			time.Sleep(4 * time.Hour)
		}
		first, second := slices.Collect(one.All()), slices.Collect(two.All())
		if len(first) != 1000 || len(second) != 1000 {
			t.Fatalf("%d and %d orders", len(first), len(second))
		}
		equal := 0
		for i, o := range first {
			if s := second[i]; s.ID != o.ID || s.Status != o.Status || !s.Updated.Equal(o.Updated) || s.Total() != o.Total() {
				t.Fatalf("%+v and %+v", o, s)
			}
			if o.Status != "SHIPPED" && o.Status != "CANCELLED" || o.Updated.Before(o.Created) {
				t.Errorf("%+v", o)
			}
			if i > 0 && o.Updated.Before(first[i-1].Updated) {
				t.Errorf("%s is out of order", o.ID)
			}
			if i > 0 && o.Updated.Equal(first[i-1].Updated) {
				equal++
			}
		}
		if equal < 10 {
			t.Errorf("%d equal times", equal)
		}
	})
}
