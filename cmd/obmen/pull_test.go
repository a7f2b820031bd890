package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/secrets"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
)

const (
	wooKey    = "ck_abcdefgh"
	wooSecret = "cs_ijklmnop"
)

// wooShop is a WooCommerce shop with so many orders.
type wooShop struct {
	mu     sync.Mutex
	orders int
	fault  func(w http.ResponseWriter, r *http.Request) bool // reports whether it answered
	asked  []string
}

func (s *wooShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.String())
	if s.fault != nil && s.fault(w, r) {
		return
	}
	if key, secret, ok := r.BasicAuth(); !ok || key != wooKey || secret != wooSecret {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"code":"woocommerce_rest_authentication_error","message":"Consumer key %s is invalid."}`, key)
		return
	}
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	var list []string
	for i := offset; i < min(offset+size, s.orders); i++ {
		list = append(list, fmt.Sprintf(`{"id":%d,"number":"%d","status":"processing","currency":"EUR","prices_include_tax":true,"date_created_gmt":"2026-11-18T11:12:44",`+
			`"date_modified_gmt":"2026-11-18T11:20:00","total":"12.00","total_tax":"2.00","billing":{"first_name":"Anna","last_name":"Muster","email":"anna@example.com"},`+
			`"line_items":[{"id":1,"sku":"A","name":"Thing","quantity":1,"total":"10.00","total_tax":"2.00"}],"shipping_lines":[],"fee_lines":[]}`, 1000+i, 1000+i))
	}
	fmt.Fprint(w, "\ufeff["+strings.Join(list, ",")+"]")
}

// newPullScene has one account, shop, that is pulled from a WooCommerce shop.
func newPullScene(t *testing.T, shop *wooShop, more string) *fetchScene {
	t.Helper()
	server := httptest.NewServer(shop)
	t.Cleanup(server.Close)
	s := &fetchScene{t: t, dir: t.TempDir()}
	for _, name := range workFolders {
		s.check(os.Mkdir(s.path(name), 0o777))
	}
	s.write("obmen.toml", fmt.Sprintf("[watch]\nsettle = \"10ms\"\n[match]\nunknown_product = \"create\"\n[[account]]\nname = \"shop\"\npull = \"woocommerce\"\npull_with = { shop = %q }\n%s", server.URL, more))
	s.write("catalogs/products.csv", "sku;name\nA;Thing\n")
	s.storePulled(wooSecret)
	return s
}

func (s *fetchScene) storePulled(secret string) {
	s.t.Helper()
	in := s.streams()
	in.In = strings.NewReader(wooKey + "\n" + secret + "\n")
	s.check(secrets.RunSet(s.t.Context(), s.path("obmen.toml"), "shop", false, in))
}

// exported are the shop's numbers of the orders that are out.
func (s *fetchScene) exported() map[string]int {
	s.t.Helper()
	got := map[string]int{}
	for _, path := range s.files("outbox", "*.xml") {
		for _, d := range parseExchange(s.t, path).Documents {
			got[d.shopNumber()]++
		}
	}
	return got
}

// From the shop to the outbox: each order once, whatever is pulled again.
func TestPullToTheOutbox(t *testing.T) {
	shop := &wooShop{orders: 230}
	s := newPullScene(t, shop, "")
	for range 2 {
		if code := s.fetch(fetching.Options{}); code != ui.ExitOK {
			t.Fatalf("exit code %d\n%s", code, &s.err)
		}
		s.watch()
	}
	got := s.exported()
	for i := range 230 {
		if got[strconv.Itoa(1000+i)] != 1 {
			t.Fatalf("order %d is out %d times of %d\n%s", 1000+i, got[strconv.Itoa(1000+i)], len(got), &s.err)
		}
	}
	if !strings.Contains(s.err.String(), "shop: first run: asks for what changed since ") || !strings.Contains(s.err.String(), "saved in the inbox, complete until ") {
		t.Errorf("words: %s", &s.err)
	}
	s.out.Reset()
	s.check(runStatus(t.Context(), s.path("obmen.toml"), filesChosen{last: 5}, true, s.streams()))
	var status struct{ Fetch []fetching.State }
	if err := json.Unmarshal(s.out.Bytes(), &status); err != nil || len(status.Fetch) != 1 || status.Fetch[0].Orders == 0 || status.Fetch[0].Until == "" {
		t.Errorf("%v: %s", err, &s.out)
	}
	s.noPulledSecrets()
}

// A dry run asks nothing and shows no secret; a check saves nothing.
func TestPullLooksFirst(t *testing.T) {
	shop := &wooShop{orders: 3}
	s := newPullScene(t, shop, "")
	if code := s.fetch(fetching.Options{DryRun: true}); code != ui.ExitOK || len(shop.asked) > 0 || !strings.Contains(s.out.String(), "shop: would ask GET http://127.0.0.1:") {
		t.Errorf("exit code %d, asked %q\n%s%s", code, shop.asked, &s.out, &s.err)
	}
	if code := s.fetch(fetching.Options{Check: true}); code != ui.ExitOK || len(shop.asked) != 1 || !strings.Contains(s.err.String(), "shop: ok: woocommerce answers; its first page has 3 orders") {
		t.Errorf("exit code %d, asked %q\n%s", code, shop.asked, &s.err)
	}
	s.storePulled("wrong")
	shop.fault = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":"%s wrong"}`, wooKey)
		return true
	}
	if code := s.fetch(fetching.Options{Check: true, JSON: true}); code != ui.ExitRemote || !strings.Contains(s.out.String(), "the shop does not take the secrets") || !strings.Contains(s.out.String(), "obmen secret set") {
		t.Errorf("exit code %d\n%s%s", code, &s.out, &s.err)
	}
	if list := s.files("inbox", "*"); len(list) > 0 {
		t.Errorf("inbox has %q", list)
	}
	for _, o := range []fetching.Options{{Orders: []string{"302-1234567-1234567"}}, {Report: "all-orders", From: "2026-10-01", To: "2026-10-02"}, {From: "2026-10-01", To: "2026-10-02"}} {
		if code := s.fetch(o); code != ui.ExitUsage {
			t.Errorf("%+v: exit code %d", o, code)
		}
	}
	s.noPulledSecrets()
}

// An answer that cannot be read lies in quarantine with its reason, and the next run brings the orders.
func TestUnreadablePullIsQuarantined(t *testing.T) {
	shop := &wooShop{orders: 3}
	shop.fault = func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, `{"orders":{"none":true}}`)
		return true
	}
	s := newPullScene(t, shop, "")
	if code := s.fetch(fetching.Options{}); code != ui.ExitRemote || !strings.Contains(s.err.String(), "no orders where the mapping looks for them") {
		t.Fatalf("exit code %d\n%s", code, &s.err)
	}
	s.watch()
	if reasons := s.files("quarantine", "*/*.reason.json"); len(reasons) != 1 {
		t.Errorf("quarantine has %q", reasons)
	}
	shop.fault = nil
	s.fetch(fetching.Options{})
	s.watch()
	if got := s.exported(); len(got) != 3 {
		t.Errorf("%v are out\n%s", got, &s.err)
	}
}

// Two shops may have the same order numbers; a watcher pulls both on its schedule.
func TestWatchPulls(t *testing.T) {
	shop := &wooShop{orders: 2}
	server := httptest.NewServer(shop)
	defer server.Close()
	s := newPullScene(t, shop, fmt.Sprintf("[[account]]\nname = \"other\"\npull = \"woocommerce\"\npull_with = { shop = %q }\n", server.URL))
	cfg, err := config.Load(s.path("obmen.toml"))
	s.check(err)
	s.check(config.StoreSecrets(cfg.SecretsFile(), "other", map[string]string{"consumer_key": wooKey, "consumer_secret": wooSecret}, time.Now(), false))
	if cfg.Fetch[0].Every != 15*time.Minute {
		t.Errorf("every %v", cfg.Fetch[0].Every)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serving.Run(ctx, serving.Options{Config: s.path("obmen.toml")}, s.streams()) }()
	s.until("both shops are in the archive", func() bool {
		return len(s.files("archive", "*/woocommerce-shop-*.json")) == 1 && len(s.files("archive", "*/woocommerce-other-*.json")) == 1
	})
	stop()
	s.check(<-ended)
	if got := s.exported(); got["1000"] != 2 || got["1001"] != 2 {
		t.Errorf("%v are out\n%s", got, &s.err)
	}
}

func (s *fetchScene) noPulledSecrets() {
	s.t.Helper()
	for where, text := range s.everyText() {
		for _, secret := range []string{wooKey, wooSecret, "Y2tfYWJj"} {
			if strings.Contains(text, secret) {
				s.t.Errorf("%s has a secret: %.400s", where, text)
			}
		}
	}
}
