package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/convert"
	"obmen/watch/inbox"
)

// Delivery is how orders reach 1C.
type Delivery string

// The ways of delivery.
const (
	ByFolder Delivery = "folder" // files in the outbox
	BySite   Delivery = "site"   // 1C fetches them from the server of [site]
)

// SiteListen is where the server listens unless the settings say otherwise: this machine alone reaches it.
const SiteListen = "127.0.0.1:8271"

// Site is the server from which 1C fetches its orders.
type Site struct {
	Listen    string // address and port
	Cert, Key string // PEM files; empty without TLS
	Batch     int    // orders a query; 0 is the default
	Target    string // of the layout commerceml; empty leaves its settings
	Products  bool   // what 1C sends of products goes into products.csv
	Users     []SiteUser
}

// SiteUser is a node of 1C that logs in.
type SiteUser struct {
	Name     string
	Accounts []string // whose orders it gets; nil for all
}

// Delivered are the ways of delivery that the settings choose, the most particular first.
type Delivered struct {
	Watch            Delivery
	Routes, Accounts map[string]Delivery // by name
}

// Of is how the orders of an account that come in a route are delivered.
func (d *Delivered) Of(route, account string) Delivery {
	if by, ok := d.Accounts[account]; ok {
		return by
	}
	if by, ok := d.Routes[route]; ok {
		return by
	}
	return d.Watch
}

// siteSection is the shape of [site].
type siteSection struct {
	Listen      string     `toml:"listen"`
	Cert        string     `toml:"tls_cert"`
	Key         string     `toml:"tls_key"`
	BehindProxy bool       `toml:"behind_proxy"`
	Batch       *int64     `toml:"batch"`
	Target      string     `toml:"target"`
	Products    *bool      `toml:"products"`
	Users       []siteUser `toml:"user"`
}

type siteUser struct {
	Name    string `toml:"name"`
	Account any    `toml:"account"` // a text or a list of texts
}

// checkSite checks [site] and [[site.user]]; the accounts are known by now.
func (c *checker) checkSite(cfg *Config, s *siteSection) {
	if s == nil {
		return
	}
	add := c.problemsOf("site")
	out := &Site{Listen: s.Listen, Target: s.Target, Products: s.Products == nil || *s.Products}
	if out.Listen == "" {
		out.Listen = SiteListen
	}
	out.Batch = int(c.checkNumber(add, "batch", s.Batch, 0, 10000))
	out.Cert, out.Key = c.checkCertificate(add, s.Cert, s.Key, "site")
	c.checkListen(add, out.Listen, out.Cert != "" || s.BehindProxy, `write "127.0.0.1:8271", or ":8271" for all addresses of this machine`,
		"others can reach this address, and the password of 1C would cross the network in the open")
	for n := range s.Users {
		c.checkSiteUser(cfg, out, &s.Users[n], n)
	}
	if len(s.Users) == 0 {
		add("", "", "no user is named, so 1C cannot log in", `add [[site.user]] with name = "1c", then run: obmen site user set 1c`)
	}
	cfg.Site = out
}

func (c *checker) checkSiteUser(cfg *Config, out *Site, given *siteUser, n int) {
	add := func(key, value, text, hint string) {
		line := c.findKey("site.user", n, key)
		if line == 0 {
			line = c.findKey("site.user", n, "")
		}
		c.problems = append(c.problems, Problem{c.path, line, key, value, text, hint})
	}
	u := SiteUser{Name: strings.TrimSpace(given.Name)}
	switch {
	case u.Name == "":
		add("name", "", "the user has no name", `write name = "1c": what 1C is to log in with`)
	case strings.ContainsAny(u.Name, ":\r\n\t"):
		add("name", u.Name, "a name cannot have a colon", `write a short name: "1c"`)
	}
	for _, other := range out.Users {
		if strings.EqualFold(other.Name, u.Name) {
			add("name", u.Name, "two users have this name", "give each node of 1C its own")
		}
	}
	var ok bool
	if u.Accounts, ok = textsOf(given.Account); !ok {
		add("account", fmt.Sprint(given.Account), "neither a name nor a list of names", `write account = "shop", or account = ["shop", "amazon"]`)
	}
	c.checkSiteAccounts(cfg, out, &u, add)
	out.Users = append(out.Users, u)
}

// checkSiteAccounts looks whether the accounts are there, and whether an order would go to two nodes.
func (c *checker) checkSiteAccounts(cfg *Config, out *Site, u *SiteUser, add func(key, value, text, hint string)) {
	for _, account := range u.Accounts {
		if !slices.ContainsFunc(cfg.Options.Accounts, func(a convert.Account) bool { return a.Name == account }) {
			add("account", account, "no [[account]] has this name", "write the name of one of them")
		}
	}
	for _, other := range out.Users {
		common := slices.ContainsFunc(u.Accounts, func(a string) bool { return slices.Contains(other.Accounts, a) })
		if common || u.Accounts == nil || other.Accounts == nil {
			add("account", "", "the users "+other.Name+" and "+u.Name+" would get the same orders", "give each account one user: the first that came would take the order from the other")
			return
		}
	}
}

func textsOf(value any) (list []string, ok bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case []any:
		for _, one := range v {
			text, isText := one.(string)
			if !isText {
				return nil, false
			}
			list = append(list, text)
		}
		return list, len(list) > 0
	}
	return nil, false
}

// checkDeliveries checks the settings deliver of [watch], [[route]] and [[account]].
func (c *checker) checkDeliveries(cfg *Config, f *file) {
	d := Delivered{Watch: ByFolder, Routes: map[string]Delivery{}, Accounts: map[string]Delivery{}}
	used := false
	look := func(section string, n int, value string, note func(Delivery)) {
		if value == "" {
			return
		}
		if value != string(ByFolder) && value != string(BySite) {
			c.problems = append(c.problems, Problem{c.path, c.findKey(section, n, "deliver"), "deliver", value, "not a way of delivery", `write "folder" or "site"`})
			return
		}
		if value == string(BySite) && cfg.Site == nil && !used {
			used = true
			c.problems = append(c.problems, Problem{c.path, c.findKey(section, n, "deliver"), "deliver", value, "there is no [site] for 1C to fetch orders from", "add the section [site] with a [[site.user]]"})
		}
		note(Delivery(value))
	}
	look("watch", 0, f.Watch.Deliver, func(by Delivery) { d.Watch = by })
	for n := range f.Routes {
		look("route", n, f.Routes[n].Deliver, func(by Delivery) { d.Routes[strings.TrimSpace(f.Routes[n].Name)] = by })
	}
	for n := range f.Accounts {
		look("account", n, f.Accounts[n].Deliver, func(by Delivery) { d.Accounts[strings.TrimSpace(f.Accounts[n].Name)] = by })
	}
	cfg.Delivered = d
}

// BothWays names the routes whose orders of one account would go to 1C in both ways; an order that comes
// in both routes would be two. Each text is a problem of its own.
func (c *Config) BothWays() (list []string) {
	routes := c.Routes()
	accounts := []string{""}
	for _, a := range c.Options.Accounts {
		accounts = append(accounts, a.Name)
	}
	for i := range routes {
		for j := range routes[:i] {
			for _, account := range accounts {
				if !mayCarry(routes[i].Account, account) || !mayCarry(routes[j].Account, account) || len(accounts) > 1 && account == "" {
					continue
				}
				a, b := c.Delivered.Of(routes[j].Name, account), c.Delivered.Of(routes[i].Name, account)
				if a != b {
					list = append(list, fmt.Sprintf("an order%s goes by %s from route %s and by %s from route %s", ofAccount(account), a, routes[j].Name, b, routes[i].Name))
					break
				}
			}
		}
	}
	return list
}

// mayCarry reports whether orders of an account can come in a route.
func mayCarry(route, account string) bool { return route == "" || route == account }

func ofAccount(account string) string {
	if account == "" {
		return ""
	}
	return " of account " + account
}

// Unfetched names the accounts whose orders wait for 1C and that no user gets.
func (c *Config) Unfetched() (list []string) {
	if c.Site == nil {
		return nil
	}
	for _, a := range c.Options.Accounts {
		fetched := slices.ContainsFunc(c.Site.Users, func(u SiteUser) bool { return u.Accounts == nil || slices.Contains(u.Accounts, a.Name) })
		if c.goesBySite(a.Name) && !fetched {
			list = append(list, a.Name)
		}
	}
	return list
}

// goesBySite reports whether an account has orders that 1C is to fetch, of any route.
func (c *Config) goesBySite(account string) bool {
	return slices.ContainsFunc(c.Routes(), func(r inbox.Route) bool {
		return mayCarry(r.Account, account) && c.Delivered.Of(r.Name, account) == BySite
	})
}

// Idle names the users none of whose accounts has orders to fetch.
func (c *Config) Idle() (list []string) {
	for _, u := range c.Site.Users {
		if u.Accounts != nil && !slices.ContainsFunc(u.Accounts, c.goesBySite) {
			list = append(list, u.Name)
		}
	}
	return list
}

// siteKey keeps users of the site and accounts apart in the file of secrets: no account has a colon.
func siteKey(user string) string { return "site:" + strings.ToLower(user) }

// StoreSiteHash keeps the hash of a user's password.
func (c *Config) StoreSiteHash(user string, hash []byte, now time.Time, machine bool) error {
	return StoreSecrets(c.SecretsFile(), siteKey(user), map[string]string{passwordHash: string(hash)}, now, machine)
}

// SiteHash returns the hash of a user's password; nil for a user that the settings do not name, or that has
// none yet. It reads the file each time, so that a new password counts at once.
func (c *Config) SiteHash(user string) ([]byte, error) {
	if _, known := c.SiteUserOf(user); !known {
		return nil, nil
	}
	for _, path := range c.secretFiles() {
		file, err := ReadSecrets(path)
		if err != nil {
			return nil, err
		}
		if hash := file[siteKey(user)][passwordHash]; hash != "" {
			return []byte(hash), nil
		}
	}
	return nil, nil
}

// SiteUserOf finds a user by the name that 1C logs in with.
func (c *Config) SiteUserOf(name string) (SiteUser, bool) {
	if c.Site == nil {
		return SiteUser{}, false
	}
	i := slices.IndexFunc(c.Site.Users, func(u SiteUser) bool { return strings.EqualFold(u.Name, name) })
	if i < 0 {
		return SiteUser{}, false
	}
	return c.Site.Users[i], true
}

// Ways are the ways of delivery that the settings name anywhere.
func (c *Config) Ways() (list []Delivery) {
	list = append(list, c.Delivered.Watch)
	for _, named := range []map[string]Delivery{c.Delivered.Routes, c.Delivered.Accounts} {
		for _, by := range named {
			list = append(list, by)
		}
	}
	return list
}
