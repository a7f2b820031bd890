package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/secrets"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
	"obmen/fetch/spapi/spapitest"
	"obmen/watch/folder"
)

// fetchScene is a set of folders, and a fake of Amazon to fetch from.
type fetchScene struct {
	t        *testing.T
	dir      string
	shop     *spapitest.Amazon
	out, err bytes.Buffer
}

// newFetchScene has one account, eu, with its secrets stored; more is added to its section, with URL for the address of the fake.
func newFetchScene(t *testing.T, shop *spapitest.Amazon, more string) *fetchScene {
	t.Helper()
	server := httptest.NewServer(shop)
	t.Cleanup(server.Close)
	s := &fetchScene{t: t, dir: t.TempDir(), shop: shop}
	for _, name := range workFolders {
		s.check(os.Mkdir(s.path(name), 0o777))
	}
	s.write("obmen.toml", fmt.Sprintf(`[watch]
settle = "10ms"
[match]
unknown_product = "create"
[[account]]
name = "eu"
region = "eu"
marketplaces = ["DE"]
endpoint = %q
token_url = %q
%s`, server.URL, server.URL+spapitest.TokenPath, strings.ReplaceAll(more, "URL", server.URL)))
	s.write("catalogs/products.csv", "sku;name\nA;Thing\n")
	s.secrets("eu")
	return s
}

func (s *fetchScene) secrets(account string) {
	s.t.Helper()
	cfg, err := config.Load(s.path("obmen.toml"))
	s.check(err)
	s.check(config.StoreSecrets(cfg.SecretsFile(), account, map[string]string{
		config.ClientID: spapitest.ClientID, config.ClientSecret: spapitest.ClientSecret, config.RefreshToken: spapitest.RefreshToken,
	}, time.Now(), false))
}

func (s *fetchScene) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *fetchScene) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *fetchScene) write(name, text string) {
	s.t.Helper()
	s.check(os.WriteFile(s.path(name), []byte(text), 0o666))
}

func (s *fetchScene) streams() ui.Streams {
	return ui.Streams{In: strings.NewReader(""), Out: &s.out, Err: &s.err}
}

// fetch runs a fetch, and shows its errors as the program does.
func (s *fetchScene) fetch(o fetching.Options) (code int) {
	s.t.Helper()
	o.Config = s.path("obmen.toml")
	return exitCode(fetching.Run(s.t.Context(), o, s.streams()), s.streams())
}

// watch lets a watcher work until nothing is left to do.
func (s *fetchScene) watch() {
	s.t.Helper()
	if err := serving.Run(s.t.Context(), serving.Options{Config: s.path("obmen.toml"), Once: true}, s.streams()); err != nil && !errors.Is(err, ui.ErrHeld) {
		s.t.Fatalf("%v\n%s", err, &s.err)
	}
}

// files lists the files of a folder, those of the program's own left out.
func (s *fetchScene) files(dir, pattern string) (names []string) {
	s.t.Helper()
	paths, err := filepath.Glob(s.path(dir + "/" + pattern))
	s.check(err)
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.Base(path) != folder.Marker {
			names = append(names, path)
		}
	}
	return names
}

// selling is a shop that sells since three days ago, and whose clock stands still. It keeps no rates: their
// tests are others.
func selling(orders int) *spapitest.Amazon {
	now := time.Now()
	shop := &spapitest.Amazon{Rates: spapitest.Rates{Limits: map[string]spapitest.Limit{"searchOrders": {}}}, Now: func() time.Time { return now }}
	shop.Plan(spapitest.Plan{Orders: orders, From: now.Add(-72 * time.Hour), To: now.Add(-time.Hour), Seed: 7})
	return shop
}

// From Amazon to the outbox: every order that is to go out does, once, in valid files, and the sums are
// those of the shop. What was fetched before does not come out again.
func TestFromAmazonToTheOutbox(t *testing.T) {
	s := newFetchScene(t, selling(350), "")
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK {
		t.Fatalf("exit code %d\n%s", code, &s.err)
	}
	for _, path := range s.files("inbox", "*") {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, rights %v", path, err, info.Mode())
		}
	}
	s.watch()
	want, wantSum := s.sold(2 * time.Minute)
	s.expect(want, wantSum)
	s.fetch(fetching.Options{}) // the overlap comes once more
	if len(s.files("inbox", "*.json")) == 0 {
		t.Error("the second fetch brought nothing")
	}
	s.fetch(fetching.Options{From: time.Now().AddDate(0, 0, -4).Format(time.DateOnly), To: time.Now().Format(time.DateOnly)})
	if len(s.files("inbox", "*-created-*.json")) == 0 {
		t.Error("the backfill brought nothing")
	}
	for id := range want {
		s.fetch(fetching.Options{Orders: []string{id}})
		break
	}
	if len(s.files("inbox", "*-order-*.json")) != 1 {
		t.Errorf("a single order brought nothing\n%s", &s.err)
	}
	s.watch()
	s.expect(s.sold(0)) // by their creation Amazon shows those as well that changed just now
	if broken := s.shop.Broken(); len(broken) > 0 {
		t.Errorf("the client did what no client may: %q", broken)
	}
	s.valid()
}

// sold are the orders that must go out, with their sum; those that changed less than so long ago are left
// out.
func (s *fetchScene) sold(ago time.Duration) (want map[string]int, sum *big.Rat) {
	want, sum = map[string]int{}, new(big.Rat)
	for o := range s.shop.All() {
		if old := !o.Updated.After(s.shop.Now().Add(-ago)); old && (o.Status == "SHIPPED" || o.Status == "UNSHIPPED") {
			want[o.ID]++
			sum.Add(sum, rat(s.t, o.Amount(o.Total())))
		}
	}
	return want, sum
}

// expect compares the exchange files with the orders that must be in them, once each.
func (s *fetchScene) expect(want map[string]int, wantSum *big.Rat) {
	s.t.Helper()
	got, sum := map[string]int{}, new(big.Rat)
	for _, path := range s.files("outbox", "*.xml") {
		e := parseExchange(s.t, path)
		for i := range e.Documents {
			d := &e.Documents[i]
			got[d.shopNumber()]++
			sum.Add(sum, rat(s.t, d.Amount))
		}
	}
	if len(want) == 0 || len(got) != len(want) || sum.Cmp(wantSum) != 0 {
		s.t.Fatalf("%d orders of %s are out, want %d of %s\n%s", len(got), sum.FloatString(2), len(want), wantSum.FloatString(2), &s.err)
	}
	for id, n := range got {
		if n != want[id] {
			s.t.Errorf("order %s is out %d times, want %d", id, n, want[id])
		}
	}
}

// valid checks the exchange files by 1C's schemas.
func (s *fetchScene) valid() {
	s.t.Helper()
	xmllint, dir := need(s.t, "xmllint"), shared(s.t, "onec/commerceml")
	if words, err := validate(xmllint, filepath.Join(dir, schemas[0]), namespaced(s.t, s.files("outbox", "*.xml"))); err != nil {
		s.t.Errorf("%v:\n%.4000s", err, words)
	}
}

// A later state of an order that was fetched comes out, an older one that comes late does not.
func TestLaterAndOlderStates(t *testing.T) {
	shop := &spapitest.Amazon{Rates: spapitest.Rates{Limits: map[string]spapitest.Limit{"searchOrders": {}}}}
	now := time.Now().UTC().Truncate(time.Second)
	order := func(at time.Time, units int64) spapitest.Order {
		return spapitest.Order{ID: "900-0000000-0000001", Created: now.Add(-10 * time.Hour), Updated: at, Items: []spapitest.Item{{ID: "1", SKU: "A", Quantity: 1, Unit: units}}}
	}
	shop.Put(order(now.Add(-4*time.Hour), 500))
	s := newFetchScene(t, shop, "")
	s.fetch(fetching.Options{})
	older := s.files("inbox", "*.json")
	text, err := os.ReadFile(older[0])
	s.check(err)
	s.watch()
	shop.Put(order(now.Add(-3*time.Hour), 700))
	s.fetch(fetching.Options{})
	s.watch()
	s.write("inbox/late.json", string(text)+"\n")
	s.watch()
	var sums []string
	for _, path := range s.files("outbox", "*.xml") {
		for _, d := range parseExchange(t, path).Documents {
			sums = append(sums, d.Amount)
		}
	}
	slices.Sort(sums)
	if !slices.Equal(sums, []string{"5.00", "7.00"}) && !slices.Equal(sums, []string{"5", "7"}) {
		t.Errorf("the order is out with %q, want 5 and then 7", sums)
	}
}

// A page that cannot be read is in quarantine at once, with a reason, and its orders come with the next
// run.
func TestUnreadablePageIsQuarantined(t *testing.T) {
	shop := selling(20)
	bad := true
	shop.Fault = func(r spapitest.Request) *spapitest.Fault {
		if r.Operation != "searchOrders" || !bad {
			return nil
		}
		return &spapitest.Fault{Mangle: func([]byte) []byte { return []byte("<html>" + strings.Repeat("busy ", 9) + "</html>") }}
	}
	s := newFetchScene(t, shop, "")
	if code := s.fetch(fetching.Options{}); code != ui.ExitRemote || !strings.Contains(s.err.String(), "the answer cannot be read") {
		t.Fatalf("exit code %d\n%s", code, &s.err)
	}
	s.watch()
	reasons := s.files("quarantine", "*/*.reason.json")
	if len(reasons) != 1 {
		t.Fatalf("quarantine has %q\n%s", reasons, &s.err)
	}
	if text, err := os.ReadFile(reasons[0]); err != nil || !strings.Contains(string(text), "UnreadableBody") {
		t.Errorf("%v: %s", err, text)
	}
	bad = false
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK || len(s.files("inbox", "*.json")) == 0 {
		t.Errorf("exit code %d\n%s", code, &s.err)
	}
}

// No secret is in any file but the secrets' own and the token's, nor in any word, whatever goes wrong.
func TestSecretsStaySecret(t *testing.T) {
	faults := map[string]*spapitest.Fault{
		"none": nil, "role": spapitest.Denied(), "server": spapitest.Invalid(),
		"echo": {Status: 400, Body: `{"errors":[{"code":"InvalidInput","message":"` + spapitest.RefreshToken + `","details":"` + spapitest.ClientSecret + `"}]}`},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			shop := selling(30)
			shop.Fault = func(r spapitest.Request) *spapitest.Fault {
				if r.Operation == "searchOrders" {
					return fault
				}
				return nil
			}
			s := newFetchScene(t, shop, "")
			for _, o := range []fetching.Options{{DryRun: true}, {Check: true, JSON: true}, {JSON: true}, {Orders: []string{"900-0000000-0000001"}}} {
				s.fetch(o)
			}
			s.watch()
			s.check(secrets.RunCheck(s.path("obmen.toml"), nil, true, s.streams()))
			s.check(runStatus(t.Context(), s.path("obmen.toml"), filesChosen{last: 5}, true, s.streams()))
			s.noSecrets()
		})
	}
	t.Run("grant", func(t *testing.T) {
		shop := selling(1)
		shop.Fault = func(r spapitest.Request) *spapitest.Fault {
			if r.Operation == "token" {
				return spapitest.Login(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token "+spapitest.RefreshToken)
			}
			return nil
		}
		s := newFetchScene(t, shop, "")
		if code := s.fetch(fetching.Options{Check: true}); code != ui.ExitRemote || !strings.Contains(s.err.String(), "authorise the app again") {
			t.Errorf("exit code %d\n%s", code, &s.err)
		}
		s.noSecrets()
	})
}

// everyText are the texts of all files but those that keep secrets, and the words.
func (s *fetchScene) everyText() map[string]string {
	s.t.Helper()
	words := map[string]string{"stdout": s.out.String(), "stderr": s.err.String()}
	err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		s.check(err)
		if name := d.Name(); name == "token" || strings.HasPrefix(name, "secrets.") {
			if info.Mode().Perm() != 0o600 {
				s.t.Errorf("%s has the rights %v", path, info.Mode())
			}
			return nil
		}
		text, err := os.ReadFile(path)
		words[path] = string(text)
		return err
	})
	s.check(err)
	return words
}

func (s *fetchScene) noSecrets() {
	s.t.Helper()
	token := s.token()
	for where, text := range s.everyText() {
		for _, secret := range []string{spapitest.ClientSecret, spapitest.RefreshToken, token} {
			if secret != "" && strings.Contains(text, secret) {
				s.t.Errorf("%s has a secret: %.400s", where, text)
			}
		}
	}
}

// token is the access token that is kept.
func (s *fetchScene) token() string {
	text, err := os.ReadFile(s.path("state/fetch/eu/token"))
	if err != nil {
		return ""
	}
	var kept struct{ Token string }
	s.check(json.Unmarshal(text, &kept))
	return kept.Token
}

// A report comes into the inbox behind the file that tells its charset, and out of the outbox.
func TestReportToTheOutbox(t *testing.T) {
	shop := selling(40)
	shop.ReportDelay, shop.ReportCharset, shop.Now = time.Nanosecond, "Cp1252", nil // its clock goes on
	s := newFetchScene(t, shop, "")
	day := func(d int) string { return time.Now().AddDate(0, 0, d).Format(time.DateOnly) }
	if code := s.fetch(fetching.Options{Report: "all-orders", From: day(-5), To: day(0)}); code != ui.ExitOK {
		t.Fatalf("exit code %d\n%s", code, &s.err)
	}
	if list := s.files("inbox", "*.txt.charset"); len(list) != 1 {
		t.Fatalf("inbox has %q", s.files("inbox", "*"))
	}
	if !regexp.MustCompile(`eu: report of \S+ to \S+ → amazon-eu-all-orders-\S+ \(request id \S+-0000-4000-8000-\S+\)`).MatchString(s.err.String()) {
		t.Errorf("words: %s", &s.err)
	}
	s.watch()
	if len(s.files("outbox", "*.xml")) == 0 || len(s.files("inbox", "*")) != 0 {
		t.Errorf("outbox %q, inbox %q\n%s", s.files("outbox", "*"), s.files("inbox", "*"), &s.err)
	}
}

// One account that fails stops no other.
func TestOneAccountFails(t *testing.T) {
	s := newFetchScene(t, selling(10), "[[account]]\nname = \"us\"\nregion = \"na\"\nmarketplaces = [\"US\"]\n")
	if code := s.fetch(fetching.Options{}); code != ui.ExitConfig || len(s.files("inbox", "amazon-eu-*.json")) == 0 {
		t.Errorf("exit code %d, inbox %q\n%s", code, s.files("inbox", "*"), &s.err)
	}
	if !strings.Contains(s.err.String(), "account us: client id, client secret, refresh token not stored\n  hint: ") {
		t.Errorf("words: %s", &s.err)
	}
}

// An inbox that is not the real one gets nothing, and the cursor stays.
func TestInboxThatIsNotConnected(t *testing.T) {
	s := newFetchScene(t, selling(10), "")
	s.watch() // marks the folders
	s.check(os.Rename(s.path("inbox"), s.path("elsewhere")))
	s.check(os.Mkdir(s.path("inbox"), 0o777))
	if code := s.fetch(fetching.Options{}); code != ui.ExitError || !strings.Contains(s.err.String(), "is not the one it was") || len(s.files("inbox", "*.json")) != 0 {
		t.Errorf("exit code %d\n%s", code, &s.err)
	}
	s.check(os.RemoveAll(s.path("inbox")))
	s.check(os.Rename(s.path("elsewhere"), s.path("inbox")))
	if code := s.fetch(fetching.Options{}); code != ui.ExitOK || len(s.files("inbox", "*.json")) == 0 {
		t.Errorf("exit code %d\n%s", code, &s.err)
	}
}
