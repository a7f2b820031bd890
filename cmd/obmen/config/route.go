package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
	"obmen/watch/inbox"
)

// MainRoute is the name of the route that [folders] make where there is no [[route]].
const MainRoute = "main"

// route is a [[route]] section.
type route struct {
	Name    string `toml:"name"`
	Account string `toml:"account"`
	routeFolders
	Include  []string `toml:"include"`
	Exclude  []string `toml:"exclude"`
	Depth    int      `toml:"depth"`
	Done     string   `toml:"done_marker"`
	Ready    string   `toml:"ready_marker"`
	Settle   string   `toml:"settle"`
	Patience string   `toml:"patience"`
	Deliver  string   `toml:"deliver"`
}

// routeFolders are the keys of a route's folders.
type routeFolders struct {
	Inbox      string `toml:"inbox"`
	Outbox     string `toml:"outbox"`
	Archive    string `toml:"archive"`
	Quarantine string `toml:"quarantine"`
	Ack        string `toml:"ack"`
}

// Routes are the inboxes to watch: those of [[route]], or else the one of [folders].
func (c *Config) Routes() []inbox.Route {
	if len(c.routes) > 0 {
		return c.routes
	}
	return []inbox.Route{c.route(MainRoute)}
}

// route is a route with everything by default.
func (c *Config) route(name string) inbox.Route {
	f, w := c.Folders, c.Watch
	return inbox.Route{
		Name: name, Places: inbox.Places{Inbox: f.Inbox, Outbox: f.Outbox, Archive: f.Archive, Quarantine: f.Quarantine, Ack: f.Ack},
		Settle: w.Settle, Patience: w.Patience, AckWithin: w.AckWithin,
		Limits: inbox.Limits{Files: w.OutboxFiles, Bytes: w.OutboxBytes, Age: w.OutboxAge},
	}
}

// routeChecker checks one [[route]] section.
type routeChecker struct {
	*checker
	n      int // which of the sections, from 0
	out    inbox.Route
	before *placeIndex // the folders of the routes before it, and those of [folders]
}

func (c *routeChecker) addProblem(key, value, text, hint string) {
	line := c.findKey("route", c.n, key)
	if line == 0 {
		line = c.findKey("route", c.n, "") // what is missing, or there by default, belongs to the section
	}
	c.problems = append(c.problems, Problem{c.path, line, key, value, text, hint})
}

func (c *checker) checkRoutes(cfg *Config, list []route) {
	before := newPlaceIndex(Place{"catalogs", "", cfg.Folders.Catalogs}, Place{"state", "", cfg.Folders.State})
	named := map[string]bool{}
	for n := range list {
		r := &list[n]
		rc := &routeChecker{checker: c, n: n, out: cfg.route(strings.TrimSpace(r.Name)), before: before}
		rc.checkName(cfg, r, named)
		rc.checkFolders(r)
		rc.checkFiles(r)
		rc.checkTimes(r)
		cfg.routes = append(cfg.routes, rc.out)
		for _, p := range placesOf(&rc.out) {
			before.add(p)
		}
	}
	nameHeld(cfg.routes)
}

// checkName looks whether a route before has the name, in letters of either case, and whether its account is one.
func (c *routeChecker) checkName(cfg *Config, r *route, named map[string]bool) {
	if c.out.Name == "" {
		c.addProblem("name", "", "the route has no name", `write name = "shop"; obmen remembers by it what the route has seen`)
	}
	key := strings.ToLower(strings.ToUpper(c.out.Name))
	if named[key] {
		c.addProblem("name", c.out.Name, "two routes have this name", "give each route its own")
	}
	named[key] = true
	c.out.Account = r.Account
	if r.Account == "" {
		return
	}
	for _, a := range cfg.Options.Accounts {
		if a.Name == r.Account {
			return
		}
	}
	if len(cfg.Options.Accounts) > 0 {
		c.addProblem("account", r.Account, "no [[account]] has this name", "write the name of one of them, or leave the line out")
	}
}

// checkFolders places the route's folders and compares them with those of the routes before it.
func (c *routeChecker) checkFolders(r *route) {
	if r.Inbox == "" {
		c.addProblem("inbox", "", "the route has no inbox", `write inbox = "shop-inbox": a folder that no other route has`)
		c.out.Inbox = ""
	}
	for _, f := range []struct {
		given  string
		target *string
	}{
		{r.Inbox, &c.out.Inbox},
		{r.Outbox, &c.out.Outbox},
		{r.Archive, &c.out.Archive},
		{r.Quarantine, &c.out.Quarantine},
		{r.Ack, &c.out.Ack},
	} {
		if f.given != "" {
			*f.target = c.makeAbsolute(f.given)
		}
	}
	if c.out.Inbox == "" {
		return
	}
	mine := placesOf(&c.out)
	for i, a := range mine {
		for _, b := range append(c.before.clashesWith(a), mine[:i]...) {
			if a.clashesWith(b) {
				c.addProblem(a.Role, a.Path, fmt.Sprintf("is, or lies inside or around, %s (%s)", b, b.Path), "give each folder a place of its own, or files would go round in circles")
				return
			}
		}
	}
}

// checkFiles are the choices of which files to take, and their markers.
func (c *routeChecker) checkFiles(r *route) {
	for key, list := range map[string][]string{"include": r.Include, "exclude": r.Exclude} {
		for _, p := range list {
			if err := inbox.CheckPattern(p); err != nil {
				c.addProblem(key, p, err.Error(), `write shell patterns like "*.json", or regular expressions like "re:^orders-[0-9]+"`)
			}
		}
	}
	for key, suffix := range map[string]string{"done_marker": r.Done, "ready_marker": r.Ready} {
		if suffix != "" && (!strings.HasPrefix(suffix, ".") || strings.ContainsAny(suffix, `/\`)) {
			c.addProblem(key, suffix, "not an ending of file names", `write it with its dot: ".done"`)
		}
	}
	if r.Depth < 0 {
		c.addProblem("depth", fmt.Sprint(r.Depth), "not a number of folder levels", "write 0 for the inbox alone, 1 for its sub-folders too")
	}
	c.out.Include, c.out.Exclude, c.out.Depth, c.out.Done, c.out.Ready = r.Include, r.Exclude, r.Depth, r.Done, r.Ready
}

func (c *routeChecker) checkTimes(r *route) {
	c.checkSpan(c.addProblem, "settle", r.Settle, &c.out.Settle, time.Nanosecond)
	c.checkSpan(c.addProblem, "patience", r.Patience, &c.out.Patience, time.Nanosecond)
}

// nameHeld gives routes with one quarantine lists of held orders of their own.
func nameHeld(routes []inbox.Route) {
	having := map[string]int{}
	for i := range routes {
		having[routes[i].Quarantine]++
	}
	for i := range routes {
		if having[routes[i].Quarantine] > 1 {
			routes[i].Lists = "-" + drop.SafeName(routes[i].Name)
		}
	}
}

// Place is a folder with the part it plays.
type Place struct {
	Role  string // the name of its setting
	Route string // empty for those of [folders]
	Path  string
}

func (p Place) String() string {
	if p.Route == "" {
		return p.Role
	}
	return p.Role + " of route " + p.Route
}

// Places are all folders that watch works in.
func (c *Config) Places() []Place {
	all := []Place{{"catalogs", "", c.Folders.Catalogs}, {"state", "", c.Folders.State}}
	routes := c.Routes()
	for i := range routes {
		for _, p := range placesOf(&routes[i]) {
			if len(c.routes) == 0 {
				p.Route = "" // people know no route then
			}
			all = append(all, p)
		}
	}
	return all
}

func placesOf(r *inbox.Route) []Place {
	return []Place{
		{"inbox", r.Name, r.Inbox},
		{"outbox", r.Name, r.Outbox},
		{"archive", r.Name, r.Archive},
		{"quarantine", r.Name, r.Quarantine},
		{"ack", r.Name, r.Ack},
	}
}

// clashesWith reports whether two folders may not be used side by side: one is the other or lies inside it. Only
// routes may share a folder, and no inbox.
func (p Place) clashesWith(q Place) bool {
	if p.Path == q.Path && p.Role == q.Role && p.Role != "inbox" {
		return false
	}
	return Within(p.Path, q.Path) || Within(q.Path, p.Path)
}

// Clashes are the pairs of places that may not be used side by side.
func Clashes(places []Place) (pairs [][2]Place) {
	before := newPlaceIndex()
	for _, a := range places {
		for _, b := range before.clashesWith(a) {
			pairs = append(pairs, [2]Place{b, a})
		}
		before.add(a)
	}
	return pairs
}

// Within reports whether a is b or lies below it.
func Within(a, b string) bool {
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
