package config

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"obmen/convert/source/mapped"
)

// Pull is how the orders of an account are pulled from a shop.
type Pull struct {
	Source   *mapped.Mapping // which has a [pull]; nil until the sources are loaded
	Settings map[string]string

	name         string
	every, first string         // as the account states them
	lines        map[string]int // of the keys in the file
}

// checkPull checks what an account states of its pull; that the source knows it is checked when the sources are
// loaded.
func (c *accountChecker) checkPull(cfg *Config, a *account) {
	f := Fetch{Account: c.out.Name, Every: cfg.fetched.Every, First: cfg.fetched.First}
	f.Pull = &Pull{name: a.Pull, Settings: map[string]string{}, every: a.Every, first: a.FirstRun, lines: map[string]int{}}
	for _, key := range []string{"pull", "pull_with"} {
		f.Pull.lines[key] = c.findKey("account", c.n, key)
	}
	for name, value := range a.PullWith {
		f.Pull.Settings[name] = strings.TrimSpace(value)
	}
	for key, set := range map[string]bool{
		"region": a.Region != "", "sandbox": a.Sandbox, "endpoint": a.Endpoint != "", "token_url": a.TokenURL != "", "data": a.Data != nil,
		"secret_since": a.SecretSince != "",
	} {
		if set {
			c.addProblem(key, "", "is for accounts of Amazon, and this one is pulled", "take it out, or give the shop an [[account]] of its own")
		}
	}
	c.checkSpan(c.addProblem, "every", a.Every, &f.Every, 0)
	c.checkSpan(c.addProblem, "first_run", a.FirstRun, &f.First, 0)
	c.addFetch(cfg, f)
}

// joinPulls finds the source of each account that is pulled, and checks the account's settings by it.
func (c *Config) joinPulls(set *mapped.Set) error {
	var problems Problems
	for i := range c.Fetch {
		f := &c.Fetch[i]
		if f.Pull != nil {
			problems = append(problems, f.joinPull(c.Path, set)...)
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

func (f *Fetch) joinPull(path string, set *mapped.Set) (problems Problems) {
	p := f.Pull
	add := func(key, value, text, hint string) {
		problems = append(problems, Problem{path, p.lines[key], key, value, text, hint})
	}
	m, found := set.Find(p.name)
	switch {
	case !found:
		add("pull", p.name, "there is no mapped source of this name", "`obmen source list` names them")
		return problems
	case m.Pull == nil:
		add("pull", p.name, "this source has no [pull]", "sources with one: "+strings.Join(pulledNames(set), ", ")+"; or add one to a mapping of your own")
		return problems
	}
	p.Source = m
	if p.every == "" && m.Pull.Interval > 0 {
		f.Every = m.Pull.Interval
	}
	if p.first == "" && m.Pull.Depth > 0 {
		f.First = m.Pull.Depth
	}
	f.Overlap = m.Pull.Overlap
	p.checkSettings(add)
	return problems
}

// pulledNames are the sources that can be pulled.
func pulledNames(set *mapped.Set) (list []string) {
	for _, m := range set.Mappings() {
		if m.Pull != nil {
			list = append(list, m.Name)
		}
	}
	return list
}

func (p *Pull) checkSettings(add func(key, value, text, hint string)) {
	var known []string
	for _, s := range p.Source.Pull.Settings {
		known = append(known, s.Name)
		value := p.Settings[s.Name]
		if value == "" {
			add("pull_with", s.Name, "it is missing", fmt.Sprintf(`write pull_with = { %s = "…" }: %s`, s.Name, cmp.Or(s.About, "see the mapping")))
			continue
		}
		if !s.Address {
			continue
		}
		if shown, wrong, hint := wrongAddress(value); wrong != "" {
			add("pull_with", shown, s.Name+": "+wrong, hint)
		} else if u, _ := url.Parse(value); u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(value, "?#") {
			add("pull_with", "", s.Name+": an address with ? or # in it", "write the address as far as the shop's own page")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Settings)) {
		if !slices.Contains(known, name) {
			add("pull_with", name, p.name+" knows no such setting", "known here: "+cmp.Or(strings.Join(known, ", "), "none"))
		}
	}
}

// By is the pull by a mapping that was changed meanwhile, if it still has all that it needs.
func (p *Pull) By(m *mapped.Mapping) *Pull {
	changed := *p
	changed.Source = m
	wrong := m.Pull == nil
	if !wrong {
		changed.checkSettings(func(string, string, string, string) { wrong = true })
	}
	if wrong {
		return p
	}
	return &changed
}
