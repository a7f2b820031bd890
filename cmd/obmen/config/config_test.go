package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/inbox"
)

// marked takes the mark § out of a text and tells the line it stood in; 0 without one.
func marked(text string) (clean string, line int) {
	before, after, found := strings.Cut(text, "§")
	if !found {
		return text, 0
	}
	return before + after, strings.Count(before, "\n") + 1
}

func TestMistakesAreNamedWithTheirLines(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[watch]\n§settle = \"soon\"", `settle = "soon": not a time span`},
		{"[watch]\nsettle = \"1s\"\n§poll = \"0s\"", `poll = "0s": not a time span`},
		{"[watch]\n§outbox_age = \"-1h\"", `outbox_age = "-1h": not a time span`},
		{"[watch]\n§outbox_age = \"1.5d\"", `outbox_age = "1.5d": not a time span`},
		{"[watch]\n§outbox_files = -1", `outbox_files = "-1": not a number between 0 and`},
		{"[watch]\n§personal_data_days = 400000", `personal_data_days = "400000": not a number`},
		{"[watch]\n§outbox_days = 3", `watch.outbox_days: obmen knows no such setting`},
		{"[[route]]\nname = \"a\"\ninbox = \"a\"\n[[route]]\n§name = \"A\"\ninbox = \"b\"", `name = "A": two routes have this name`},
		{"§[[route]]\ninbox = \"a\"", `name: the route has no name`},
		{"§[[route]]\nname = \"a\"", `inbox: the route has no inbox`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n[[route]]\nname = \"b\"\n§inbox = \"./in\"", `inbox = "in": is, or lies inside or around, inbox of route a (in)`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n[[route]]\nname = \"b\"\n§inbox = \"in/b\"", `inbox = "in/b": is, or lies inside or around, inbox of route a`},
		{"[[route]]\nname = \"a\"\ninbox = \"in/a\"\n[[route]]\nname = \"b\"\n§inbox = \"in\"", `inbox = "in": is, or lies inside or around, inbox of route a`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n§outbox = \"in/out\"", `outbox = "in/out": is, or lies inside or around, inbox of route a`},
		{"[[route]]\nname = \"a\"\n§inbox = \"state/in\"", `inbox = "state/in": is, or lies inside or around, state`},
		{"§[[route]]\nname = \"a\"\ninbox = \"in\"\narchive = \"quarantine\"", `quarantine = "quarantine": is, or lies inside or around, archive of route a`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n§include = [\"*.json\", \"re:(\"]", `include = "re:("`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n§done_marker = \"done\"", `done_marker = "done": not an ending`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n§depth = -1", `depth = "-1"`},
		{"[[route]]\nname = \"a\"\ninbox = \"in\"\n§settle = \"x\"", `settle = "x": not a time span`},
		{"[[account]]\nname = \"eu\"\n[[route]]\nname = \"a\"\n§account = \"us\"\ninbox = \"in\"", `account = "us": no [[account]] has this name`},
		{"[layout.commerceml]\nencoding = \"utf-8\"\n§version = 2.10", `version = "2.1": a number with a point loses its last zeros`},
		{"[layout.sheet]\n§format = [\"xls\"]", `format = "[xls]": not a text, a whole number, true or false`},
		{"[fetch]\n§overlap = \"x\"", `overlap = "x": not a time span`},
		{"[fetch]\n§first_run = \"800d\"", `first_run = "800d": Amazon tells of no orders that are older`},
		{"[fetch]\n§window = \"1m\"", `window = "1m": not a time span`},
		{"[[account]]\nname = \"a\"\n§region = \"us\"", `region = "us": not one of the choices`},
		{"[[account]]\nname = \"a\"\n§sandbox = true", `sandbox: does nothing without a region`},
		{"[[account]]\nname = \"a\"\nregion = \"eu\"\n§data = [\"proceeds\", \"names\"]", `data = "names": not one of Amazon's data sets`},
		{"[[account]]\nname = \"a\"\nregion = \"eu\"\n§data = [\"buyer\"]", `data = "buyer": without proceeds`},
		{"[[account]]\nname = \"a\"\nregion = \"eu\"\n§endpoint = \"http://example.com\"", `endpoint = "http://example.com": secrets would travel in the clear`},
		{"[[account]]\nname = \"a\"\nregion = \"eu\"\n§token_url = \"https://me:pass@example.com\"", `token_url: not an address`},
		{"[[account]]\nname = \"a\"\nregion = \"eu\"\n§secret_since = \"yesterday\"", `secret_since = "yesterday": not a date`},
		{"[[account]]\nname = \"a\"\nregion = \"eu\"\n§marketplaces = [\"DE\", \"US\"]", `marketplaces = "US": Amazon sells there in region "na"`},
		{"[[account]]\nname = \"a\"\n§client_secret = \"amzn1.oa2-cs\"", `account.client_secret: secrets do not belong in this file`},
		{"[[account]]\nname = \"a\"\n§refresh_token = \"Atzr\"", `account.refresh_token: secrets do not belong in this file`},
	} {
		text, line := marked(c.text)
		_, err := parseFile("obmen.toml", []byte(text))
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%s: %v, want one problem", text, err)
			continue
		}
		p := problems[0]
		if p.Line != line || !strings.Contains(p.Error(), c.want) || p.Advice == "" {
			t.Errorf("%s: line %d: %v (%s); want line %d: %s", text, p.Line, p, p.Advice, line, c.want)
		}
	}
}

// What `obmen init` writes shows the defaults: it is the same as writing nothing.
func TestTheExampleShowsTheDefaults(t *testing.T) {
	example, err := parseFile("obmen.toml", Example)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := parseFile("obmen.toml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if example.Watch != empty.Watch || example.Watch != defaultWatch() {
		t.Errorf("example %+v\nempty %+v", example.Watch, empty.Watch)
	}
	if !reflect.DeepEqual(example.fetched, empty.fetched) || len(example.Fetch) != 0 {
		t.Errorf("example %+v\nempty %+v", example.fetched, empty.fetched)
	}
	if !reflect.DeepEqual(example.Routes(), empty.Routes()) {
		t.Errorf("example %+v\nempty %+v", example.Routes(), empty.Routes())
	}
}

func TestFreeSpaceZeroIsNoDefault(t *testing.T) {
	cfg, err := parseFile("obmen.toml", []byte("[watch]\nfree_space_mb = 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Watch.FreeBytes; got != 1 {
		t.Errorf("%d bytes must be free, want 1: with 0 watch takes its default", got)
	}
}

func TestRoutes(t *testing.T) {
	cfg, err := parseFile(filepath.Join("dir", "obmen.toml"), []byte(`
[folders]
outbox = "to-1c"
[watch]
settle = "3s"
outbox_files = 500
outbox_mb = 2
outbox_age = "2d"
ack_within = "36h"
archive_days = 90
quarantine_days = 60
archive_mb = 1
personal_data_days = 0
free_space_mb = 10
poll = "5s"
[[account]]
name = "eu"
[[route]]
name = "shop"
inbox = "shop-in"
include = ["*.json"]
done_marker = ".done"
[[route]]
name = "amazon"
account = "eu"
inbox = "amazon-in"
outbox = "amazon-out"
quarantine = "bad"
depth = 2
settle = "1m"
patience = "1d"
ready_marker = ".ready"
`))
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join("dir", name) }
	limits := inbox.Limits{Files: 500, Bytes: 2 << 20, Age: 48 * time.Hour}
	want := []inbox.Route{
		{
			Name: "shop", Places: inbox.Places{Inbox: in("shop-in"), Outbox: in("to-1c"), Archive: in("archive"), Quarantine: in("quarantine"), Ack: in("ack")},
			Settle: 3 * time.Second, Patience: inbox.DefaultPatience, Selection: inbox.Selection{Include: []string{"*.json"}, Done: ".done"}, Limits: limits, AckWithin: 36 * time.Hour,
		},
		{
			Name: "amazon", Account: "eu", Places: inbox.Places{Inbox: in("amazon-in"), Outbox: in("amazon-out"), Archive: in("archive"), Quarantine: in("bad"), Ack: in("ack")},
			Settle: time.Minute, Patience: 24 * time.Hour, Selection: inbox.Selection{Depth: 2, Ready: ".ready"}, Limits: limits, AckWithin: 36 * time.Hour,
		},
	}
	if got := cfg.Routes(); !reflect.DeepEqual(got, want) {
		t.Errorf("routes\n%+v, want\n%+v", got, want)
	}
	w := cfg.Watch
	if w.Poll != 5*time.Second || w.FreeBytes != 10<<20 || w.Keep != (watch.Retention{ArchiveDays: 90, QuarantineDays: 60, ArchiveBytes: 1 << 20}) {
		t.Errorf("%+v", w)
	}
}

// Routes that share a quarantine keep lists of held orders of their own.
func TestHeldLists(t *testing.T) {
	cfg, err := parseFile("obmen.toml", []byte("[[route]]\nname = \"a b\"\ninbox = \"1\"\n[[route]]\nname = \"c\"\ninbox = \"2\"\n[[route]]\nname = \"d\"\ninbox = \"3\"\nquarantine = \"own\""))
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	for _, r := range cfg.Routes() {
		paths[r.HeldPath()] = true
	}
	if len(paths) != 3 || !paths[filepath.Join("own", inbox.HeldFile)] {
		t.Errorf("lists %v", paths)
	}
}

func ExampleClashes() {
	for _, pair := range Clashes([]Place{{"inbox", "a", "in"}, {"outbox", "a", "out"}, {"outbox", "b", "out"}, {"inbox", "b", "in"}}) {
		fmt.Println(pair[0], "and", pair[1])
	}
	// Output: inbox of route a and inbox of route b
}

func TestFetchedAccounts(t *testing.T) {
	cfg, err := parseFile("obmen.toml", []byte(`
[fetch]
every = "2h"
overlap = "1h"
[[account]]
name = "by-hand"
marketplaces = ["US"]
[[account]]
name = "eu"
region = "eu"
marketplaces = ["DE", "uk"]
first_run = "90d"
[[account]]
name = "us"
region = "na"
sandbox = true
data = ["proceeds", "Buyer"]
every = "0s"
token_url = "http://127.0.0.1:9/token"
secret_since = "2026-06-01"
marketplaces = ["CA"]
`))
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	want := []Fetch{
		{Account: "eu", Region: "eu", Marketplaces: []string{"A1PA6795UKMFR9", "A1F83G8C2ARO7P"}, Included: spapi.DefaultDatasets(), Every: 2 * time.Hour, First: 90 * day, Overlap: time.Hour, Window: 7 * day},
		{
			Account: "us", Region: "na", Sandbox: true, Marketplaces: []string{"A2EUQ1WTGCTBG2"}, Included: []spapi.Dataset{"PROCEEDS", "BUYER"}, First: 30 * day, Overlap: time.Hour, Window: 7 * day,
			TokenURL: "http://127.0.0.1:9/token", SecretSince: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		},
	}
	if !reflect.DeepEqual(cfg.Fetch, want) {
		t.Errorf("fetched\n%+v, want\n%+v", cfg.Fetch, want)
	}
	if f, ok := cfg.FetchOf("EU"); !ok || f.Account != "eu" {
		t.Errorf("account EU is %+v, %v", f, ok)
	}
}

// Several shops need no marketplaces: their files, routes or mappings tell whose the orders are.
func TestShopsWithoutMarketplaces(t *testing.T) {
	cfg, err := parseFile("obmen.toml", []byte("[[account]]\nname = \"one\"\n[[account]]\nname = \"two\"\n[numbers]\nstart = 500000\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Options.Accounts) != 2 || cfg.Numbers.Start != 500_000 || cfg.Numbers.Width != 6 {
		t.Errorf("accounts %v, numbers %+v", cfg.Options.Accounts, cfg.Numbers)
	}
}

// Constants are free; what is no text is written down as it stands, or refused where it could change.
func TestConstants(t *testing.T) {
	cfg, err := parseFile("obmen.toml", []byte("[[account]]\nname = \"a\"\n[account.constants]\n\"Договор\" = \"№ 1\"\npriority = 5\nurgent = true\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Договор": "№ 1", "priority": "5", "urgent": "true"}
	if got := cfg.Options.Accounts[0].Constants; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, value := range []string{"0.10", "2026-11-23", "[1]"} {
		_, err := parseFile("obmen.toml", []byte("[[account]]\nname = \"a\"\n[account.constants]\nrate = "+value+"\n"))
		if err == nil || !strings.Contains(err.Error(), `constants = "rate": not a text`) {
			t.Errorf("%s: %v", value, err)
		}
	}
}
