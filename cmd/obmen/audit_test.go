package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/fetch/spapi/spapitest"
)

// An audit finds what is missing, waiting, extra, and different; and the command that it names mends it.
func TestAudit(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	clock := now
	shop := &spapitest.Amazon{Limits: map[string]spapitest.Limit{"searchOrders": {}}, Now: func() time.Time { return clock }}
	put := func(n, hours int, units int64, status string) {
		shop.Put(spapitest.Order{
			ID: auditID(n), Created: now.Add(-48*time.Hour + time.Duration(n)*time.Minute), Updated: now.Add(-time.Duration(hours) * time.Hour),
			Status: status, Items: []spapitest.Item{{ID: fmt.Sprint(n), SKU: "A", Quantity: 1, Unit: units}},
		})
	}
	for n := 1; n <= 6; n++ {
		put(n, 20, int64(100*n), "UNSHIPPED")
	}
	put(7, 20, 700, "CANCELLED")
	put(8, 20, 800, "PENDING")
	s := newFetchScene(t, shop, "")
	if code := s.fetch(fetchOptions{}); code != exitOK {
		t.Fatalf("%s", &s.err)
	}
	s.watch()
	extra := `{"account":"eu","body":{"orders":[{"orderId":"900-9999999-0000099","createdTime":"` + now.Add(-48*time.Hour+90*time.Second).Format(time.RFC3339) + `","lastUpdatedTime":"` + now.Format(time.RFC3339) +
		`","salesChannel":{"channelName":"AMAZON","marketplaceId":"A1PA6795UKMFR9"},"fulfillment":{"fulfillmentStatus":"SHIPPED"},"proceeds":{"grandTotal":{"amount":"5.00","currencyCode":"EUR"}},` +
		`"orderItems":[{"orderItemId":"1","quantityOrdered":1,"product":{"sellerSku":"A"},"proceeds":{"proceedsTotal":{"amount":"5.00","currencyCode":"EUR"},"breakdowns":[{"type":"ITEM","subtotal":{"amount":"5.00","currencyCode":"EUR"}}]}}]}]}}`
	s.write("inbox/extra.json", extra)
	s.watch()
	// What obmen does not know of yet.
	put(2, 1, 999, "UNSHIPPED")
	put(3, 1, 300, "CANCELLED")
	put(4, 1, 400, "SHIPPED")
	put(9, 1, 900, "UNSHIPPED")
	report := s.report()
	want := []string{"extra 900-9999999-0000099", "missing " + auditID(9), "status " + auditID(3), "status " + auditID(4), "total " + auditID(2)}
	if got := s.audit(report); !slices.Equal(got, want) {
		t.Fatalf("found %q, want %q\n%s", got, want, &s.err)
	}
	for n := range 10 {
		if n == 2 || n == 3 || n == 4 || n == 9 {
			if code := s.fetch(fetchOptions{Accounts: []string{"eu"}, Orders: []string{auditID(n)}}); code != exitOK {
				t.Fatalf("%s", &s.err)
			}
		}
	}
	s.watch()
	if got := s.audit(report); !slices.Equal(got, want[:1]) {
		t.Errorf("after the cures: %q, want %q\n%s", got, want[:1], &s.err)
	}
	for _, o := range []auditOptions{{CSV: true}, {}} {
		s.out.Reset()
		o.Config, o.Files = s.path("obmen.toml"), report
		if err := runAudit(t.Context(), o, s.streams()); !errors.Is(err, errHeld) || !strings.Contains(s.out.String(), "explain --config "+s.path("obmen.toml")+" 900-9999999-0000099") {
			t.Errorf("%v: %s", err, &s.out)
		}
	}
}

func auditID(n int) string { return fmt.Sprintf("900-0000000-%07d", n) }

// report fetches an All Orders report and puts it aside.
func (s *fetchScene) report() []string {
	s.t.Helper()
	real := s.shop.Now
	s.shop.ReportDelay, s.shop.Now = time.Nanosecond, nil
	day := func(d int) string { return time.Now().AddDate(0, 0, d).Format(time.DateOnly) }
	if code := s.fetch(fetchOptions{Report: "all-orders", From: day(-5), To: day(0)}); code != exitOK {
		s.t.Fatalf("%s", &s.err)
	}
	s.shop.Now = real
	files := s.files("inbox", "*.txt")
	for i, file := range files {
		s.write(fmt.Sprintf("report-%d.txt", i), read(s.t, file))
		files[i] = s.path(fmt.Sprintf("report-%d.txt", i))
	}
	for _, file := range s.files("inbox", "*") {
		s.check(os.Remove(file))
	}
	return files
}

// audit lists what an audit finds: kinds and orders.
func (s *fetchScene) audit(files []string) (found []string) {
	s.t.Helper()
	s.out.Reset()
	if err := runAudit(s.t.Context(), auditOptions{Config: s.path("obmen.toml"), Files: files, JSON: true}, s.streams()); err != nil && !errors.Is(err, errHeld) {
		s.t.Fatal(err)
	}
	var out jsonAudit
	s.check(json.Unmarshal(s.out.Bytes(), &out))
	for _, f := range out.Differences {
		if f.Cure == "" {
			s.t.Errorf("%+v has no cure", f)
		}
		found = append(found, f.Kind+" "+f.Order)
	}
	slices.Sort(found)
	return found
}
