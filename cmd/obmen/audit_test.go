package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/review"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/fetch/spapi/spapitest"
	"obmen/watch/ledger"
)

// An audit finds what is missing, waiting, extra, and different; and the command that it names mends it.
func TestAudit(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	clock := now
	shop := &spapitest.Amazon{Rates: spapitest.Rates{Limits: map[string]spapitest.Limit{"searchOrders": {}}}, Now: func() time.Time { return clock }}
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
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK {
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
	for _, cure := range s.cures(report) { // each as it is printed
		if code := run(t.Context(), strings.Fields(cure), s.streams()); code != ui.ExitOK {
			t.Fatalf("%s: exit code %d\n%s", cure, code, &s.err)
		}
	}
	s.watch()
	if got := s.audit(report); !slices.Equal(got, want[:1]) {
		t.Errorf("after the cures: %q, want %q\n%s", got, want[:1], &s.err)
	}
	for _, o := range []review.AuditOptions{{CSV: true}, {}} {
		s.out.Reset()
		o.Config, o.Files = s.path("obmen.toml"), report
		if err := review.RunAudit(t.Context(), o, s.streams()); !errors.Is(err, ui.ErrHeld) || !strings.Contains(s.out.String(), "explain --config "+s.path("obmen.toml")+" 900-9999999-0000099") {
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
	if code := s.fetch(fetching.Options{Report: "all-orders", From: day(-5), To: day(0)}); code != ui.ExitOK {
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
	for _, f := range s.audited(files).Differences {
		found = append(found, f.Kind+" "+f.Order)
	}
	slices.Sort(found)
	return found
}

// cures are the commands that an audit names.
func (s *fetchScene) cures(files []string) (list []string) {
	s.t.Helper()
	for _, f := range s.audited(files).Differences {
		list = append(list, f.Cure)
	}
	return list
}

func (s *fetchScene) audited(files []string) (out review.JSONAudit) {
	s.t.Helper()
	s.out.Reset()
	if err := review.RunAudit(s.t.Context(), review.AuditOptions{Config: s.path("obmen.toml"), Files: files, JSON: true}, s.streams()); err != nil && !errors.Is(err, ui.ErrHeld) {
		s.t.Fatal(err)
	}
	s.check(json.Unmarshal(s.out.Bytes(), &out))
	return out
}

// auditText is what an audit tells people.
func (s *fetchScene) auditText(files ...string) string {
	s.t.Helper()
	s.out.Reset()
	if err := review.RunAudit(s.t.Context(), review.AuditOptions{Config: s.path("obmen.toml"), Files: files}, s.streams()); err != nil && !errors.Is(err, ui.ErrHeld) {
		s.t.Fatal(err)
	}
	return s.out.String()
}

// auditReport is an All Orders report of so many orders, a minute apart.
func auditReport(orders int, more ...string) string {
	var b strings.Builder
	b.WriteString("amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tship-country\n")
	for n := range orders {
		at := time.Date(2026, 10, 1, 0, n, 0, 0, time.UTC).Format(time.RFC3339)
		fmt.Fprintf(&b, "%s\t%s\t%s\tShipped\tMerchant\tAmazon.de\tThing\tA\tB000000001\tShipped\t1\tEUR\t11.90\t1.90\tDE\n", auditID(n), at, at)
	}
	return b.String() + strings.Join(more, "")
}

// An audit that cannot compare something says what and why, and says it of every order.
func TestAuditWhatIsNotCompared(t *testing.T) {
	s := newFetchScene(t, selling(0), "")
	s.write("inbox/orders.txt", auditReport(40))
	s.watch()
	broken := func(id string) string {
		return id + "\t2026-10-01T00:00:00Z\t2026-10-01T00:00:00Z\tShipped\tMerchant\tAmazon.de\tThing\tA\tB000000001\tShipped\tmany\tEUR\t11.90\t1.90\tDE\n"
	}
	s.write("all.txt", auditReport(39, broken(auditID(39)), broken("")))
	if got := s.audited([]string{s.path("all.txt")}); got.Agree != 39 || got.Unproven != 1 || got.Unread != 1 || len(got.Differences) != 0 {
		t.Errorf("of broken rows: %+v", got)
	}
	if text := s.auditText(s.path("all.txt")); !strings.Contains(text, "not compared: 1 order went out") || !strings.Contains(text, "not read: 1 row") || !strings.Contains(text, "all.txt:41") {
		t.Errorf("words: %s", text)
	}
	s.check(runPurge(t.Context(), s.path("obmen.toml"), time.Now().AddDate(0, 0, 1), false, false, s.streams()))
	s.write("half.txt", auditReport(30))
	if got := s.audited([]string{s.path("half.txt")}); got.Purged != 30 || got.Unplaced != 10 || got.Agree != 0 || len(got.Differences) != 0 {
		t.Errorf("after a purge: %+v", got)
	}
	if text := s.auditText(s.path("half.txt")); !strings.Contains(text, "30 orders went out, but totals and status are no longer known: a purge") ||
		!strings.Contains(text, "10 orders went out since 2026-09-30 and stand in no report") {
		t.Errorf("words: %s", text)
	}
}

// What people have dismissed is told apart from what is to be mended.
func TestAuditDismissed(t *testing.T) {
	s := newFetchScene(t, selling(0), "")
	row := auditID(5) + "\t2026-10-01T00:00:00Z\t2026-10-01T00:00:00Z\tShipped\tMerchant\tAmazon.de\tThing\tA\tB000000001\tShipped\tmany\tEUR\t11.90\t1.90\tDE\n"
	s.write("inbox/orders.txt", auditReport(5, row))
	s.watch()
	session, err := setup.OpenSession(t.Context(), s.path("obmen.toml"))
	s.check(err)
	defer session.Close()
	held, err := session.Ledger.Holds(t.Context(), ledger.HoldFilter{})
	s.check(err)
	s.check(session.Ledger.Dismiss(t.Context(), []ledger.Key{held[0].Key}, "entered by hand", time.Now()))
	s.write("later.txt", auditReport(7))
	got := s.audited([]string{s.path("later.txt")})
	if got.Agree != 5 || len(got.Dismissed) != 1 || got.Dismissed[0].Order != auditID(5) || len(got.Differences) != 1 || got.Differences[0].Order != auditID(6) {
		t.Errorf("%+v", got)
	}
	if text := s.auditText(s.path("later.txt")); !strings.HasSuffix(text, "7 orders, 2026-10-01 to 2026-10-01: 5 agree, 1 difference, 1 dismissed\n") ||
		!strings.Contains(text, "dismissed: entered by hand\n  cure: obmen dismiss --config ") {
		t.Errorf("words: %s", text)
	}
}

// Many orders have a command that brings them all, for Amazon gives single ones slowly.
func TestAuditAllAtOnce(t *testing.T) {
	s := newFetchScene(t, selling(0), "")
	s.watch()
	s.write("few.txt", auditReport(30))
	s.write("many.txt", auditReport(31))
	want := "obmen fetch --config " + s.path("obmen.toml") + " --account eu --from 2026-10-01 --to 2026-10-01"
	if few, many := s.audited([]string{s.path("few.txt")}), s.audited([]string{s.path("many.txt")}); len(few.Backfills) != 0 || !slices.Equal(many.Backfills, []string{want}) {
		t.Errorf("of 30 orders %q, of 31 %q, want %q", few.Backfills, many.Backfills, want)
	}
}

// The memory of an audit does not grow with the report, whether obmen has the orders or lacks all of them.
func TestAuditMemory(t *testing.T) {
	orders := 20_000
	if raceOn { // SQLite takes a hundred times as long, and the memory is another
		orders = 500
	}
	s := newFetchScene(t, selling(0), "")
	s.watch()
	s.write("report.txt", auditReport(orders))
	runtime.GC() // of what tests before have left
	heap := watchHeap()
	s.err.Reset()
	var out lineCount
	if err := review.RunAudit(t.Context(), review.AuditOptions{Config: s.path("obmen.toml"), Files: []string{s.path("report.txt")}}, ui.Streams{Out: &out, Err: &s.err}); !errors.Is(err, ui.ErrHeld) {
		t.Fatal(err)
	}
	if peak := heap.peak(); out.lines != 2*orders+2 || peak > 72<<20 {
		t.Errorf("%d lines, want %d; the heap grew by %d MB", out.lines, 2*orders+2, peak>>20)
	} else {
		t.Logf("the heap grew by %d MB", peak>>20)
	}
}

// lineCount counts what is printed.
type lineCount struct{ lines int }

func (c *lineCount) Write(b []byte) (int, error) {
	c.lines += bytes.Count(b, []byte("\n"))
	return len(b), nil
}
