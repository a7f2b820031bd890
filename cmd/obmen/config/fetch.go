package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"obmen/convert/order"
	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/watch/drop"
)

// Fetch is an [[account]] whose orders are fetched: from Amazon, if it names a region, or from a shop that a
// mapping describes, if it names one to pull by.
type Fetch struct {
	Account            string
	Pull               *Pull  // nil for Amazon
	Region             string // "na", "eu" or "fe"
	Sandbox            bool
	Endpoint, TokenURL string   // Amazon's when empty
	Marketplaces       []string // ids; empty for all that the account sells on
	Included           []spapi.Dataset
	Every              time.Duration // how often watch fetches; 0 means that it does not
	First              time.Duration // how far back a first run asks
	Overlap, Window    time.Duration
	SecretSince        time.Time // when the client secret was made; zero when nobody says
}

// DefaultEvery is how often watch fetches. Amazon gives 20 pages an hour for good, so that an hour's
// orders and the overlap before it are through before the next run.
const DefaultEvery = time.Hour

// fetchSection is the shape of [fetch].
type fetchSection struct {
	Every    string `toml:"every"`
	FirstRun string `toml:"first_run"`
	Overlap  string `toml:"overlap"`
	Window   string `toml:"window"`
}

// fetchKeys are those of [[account]] that say how it is fetched.
type fetchKeys struct {
	Region      string   `toml:"region"`
	Sandbox     bool     `toml:"sandbox"`
	Endpoint    string   `toml:"endpoint"`
	TokenURL    string   `toml:"token_url"`
	Data        []string `toml:"data"`
	Every       string   `toml:"every"`
	FirstRun    string   `toml:"first_run"`
	SecretSince string   `toml:"secret_since"`

	Pull     string            `toml:"pull"`
	PullWith map[string]string `toml:"pull_with"`
}

// FetchOf is how the orders of an account are fetched; false when they are not.
func (c *Config) FetchOf(account string) (Fetch, bool) {
	i := slices.IndexFunc(c.Fetch, func(f Fetch) bool { return strings.EqualFold(f.Account, account) })
	if i < 0 {
		return Fetch{}, false
	}
	return c.Fetch[i], true
}

// fetchDefaults reads [fetch], which holds for all accounts.
func (c *checker) fetchDefaults(s *fetchSection) Fetch {
	f := Fetch{Every: DefaultEvery, First: fetch.DefaultDepth, Overlap: fetch.DefaultOverlap, Window: fetch.DefaultWindow}
	add := c.problemsOf("fetch")
	c.checkSpan(add, "every", s.Every, &f.Every, 0)
	c.checkSpan(add, "overlap", s.Overlap, &f.Overlap, 0)
	c.checkSpan(add, "window", s.Window, &f.Window, time.Hour)
	c.checkDepth(add, s.FirstRun, &f.First)
	return f
}

func (c *checker) checkDepth(add func(key, value, text, hint string), text string, target *time.Duration) {
	c.checkSpan(add, "first_run", text, target, 0)
	if *target > fetch.MaxDepth {
		add("first_run", text, "Amazon tells of no orders that are older than two years", `write "730d" or less`)
	}
}

// checkFetch checks what an account says of its fetching.
func (c *accountChecker) checkFetch(cfg *Config, a *account) {
	f := cfg.fetched
	if a.Pull != "" {
		c.checkPull(cfg, a)
		return
	}
	if a.PullWith != nil {
		c.addProblem("pull_with", "", "does nothing without pull", `add pull = "woocommerce", or another name of `+"`obmen source list`")
	}
	if a.Region == "" {
		c.notFetched(a)
		return
	}
	f.Account, f.Region, f.Sandbox, f.Endpoint, f.TokenURL = c.out.Name, a.Region, a.Sandbox, a.Endpoint, a.TokenURL
	c.checkChoice(c.addProblem, "region", a.Region, "na", "eu", "fe")
	c.checkAddress("endpoint", a.Endpoint)
	c.checkAddress("token_url", a.TokenURL)
	c.checkData(a.Data, &f)
	c.checkSpan(c.addProblem, "every", a.Every, &f.Every, 0)
	c.checkDepth(c.addProblem, a.FirstRun, &f.First)
	if a.SecretSince != "" {
		since, err := time.Parse(time.DateOnly, a.SecretSince)
		if err != nil {
			c.addProblem("secret_since", a.SecretSince, "not a date", `write the day when the client secret was made: "2026-11-23"`)
		}
		f.SecretSince = since
	}
	for _, name := range a.Marketplaces {
		m, ok := order.LookUp(name)
		if !ok {
			continue // told already
		}
		f.Marketplaces = append(f.Marketplaces, m.ID)
		if known, ok := spapi.FindMarketplace(m.ID); ok && f.Endpoint == "" && string(known.Region) != a.Region {
			c.addProblem("marketplaces", name, fmt.Sprintf("Amazon sells there in region %q", known.Region), "a refresh token is good for one region: give the marketplace to another [[account]]")
		}
	}
	c.addFetch(cfg, f)
}

func (c *accountChecker) addFetch(cfg *Config, f Fetch) {
	for _, other := range cfg.Fetch { // they would share a folder in state, and its lock
		if strings.EqualFold(drop.SafeName(other.Account), drop.SafeName(f.Account)) && !strings.EqualFold(other.Account, f.Account) {
			c.addProblem("name", f.Account, fmt.Sprintf("in names of files this is the same as %q", other.Account), "give one of the two accounts another name")
		}
	}
	cfg.Fetch = append(cfg.Fetch, f)
}

// notFetched refuses settings that would do nothing.
func (c *accountChecker) notFetched(a *account) {
	for key, set := range map[string]bool{
		"sandbox": a.Sandbox, "endpoint": a.Endpoint != "", "token_url": a.TokenURL != "", "data": a.Data != nil, "every": a.Every != "",
		"first_run": a.FirstRun != "", "secret_since": a.SecretSince != "",
	} {
		if set {
			c.addProblem(key, "", "does nothing without a region", `add region = "eu" (or "na", "fe") to fetch this account's orders from Amazon`)
		}
	}
}

func (c *accountChecker) checkData(given []string, f *Fetch) {
	f.Included = spapi.DefaultDatasets()
	if given == nil {
		return
	}
	f.Included = nil
	for _, name := range given {
		set := spapi.Dataset(strings.ToUpper(name))
		if !slices.Contains(spapi.Datasets(), set) {
			c.addProblem("data", name, "not one of Amazon's data sets", "write some of "+DataNames(spapi.Datasets()))
		}
		f.Included = append(f.Included, set)
	}
	if !slices.Contains(f.Included, spapi.Proceeds) {
		c.addProblem("data", strings.Join(given, ", "), "without proceeds no order has an amount, and all would be held", `add "proceeds"`)
	}
}

// DataNames are data sets as obmen.toml spells them.
func DataNames(sets []spapi.Dataset) string {
	var names []string
	for _, set := range sets {
		names = append(names, strings.ToLower(string(set)))
	}
	return strings.Join(names, ", ")
}

// checkAddress refuses where a token could be read on its way.
func (c *accountChecker) checkAddress(key, text string) {
	if text == "" {
		return
	}
	if shown, wrong, hint := wrongAddress(text); wrong != "" {
		c.addProblem(key, shown, wrong, hint)
	}
}

// wrongAddress returns what is wrong with an address that secrets are sent to; shown is what of it may be repeated.
func wrongAddress(text string) (shown, wrong, hint string) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return "", "not an address", `write "https://…", without a user and password`
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return text, "secrets would travel in the clear", "write https://; plain http is for this computer alone (127.0.0.1)"
	}
	return "", "", ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// secretKeys are what people write into obmen.toml and should not.
var secretKeys = []string{"client_id", "client_secret", "refresh_token", "access_token", "lwa_client_secret", "lwa_refresh_token", "secret", "password", "token", "key", "access_key", "secret_key"}

// misplacedSecret is the hint for a secret in obmen.toml; false for any other key.
func misplacedSecret(path string, key []string) (text, hint string, ok bool) {
	if len(key) == 0 || !slices.Contains(secretKeys, strings.ToLower(key[len(key)-1])) {
		return "", "", false
	}
	if key[0] == "store" {
		return "secrets do not belong in this file", fmt.Sprintf("take the line out and store the secret with `%s`", Command(path, "secret set", StoreKeyName)), true
	}
	return "secrets do not belong in this file", fmt.Sprintf("take the line out and store the secret with `%s`; if others can read %s, make a new secret first", Command(path, "secret set", "ACCOUNT"), path), true
}
