package readers

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Target is a configuration whose reading is modelled.
type Target struct {
	Name    string // as it is spelled in settings: "ut"
	Title   string // as people know it
	site    func(Node) Reader
	message func(Node) Reader
}

var targets = []Target{
	{
		"ut", "УТ 11.5", func(n Node) Reader { return Trade{n} },
		func(n Node) Reader { return TradeMessage(n) },
	},
	{
		"erp", "ERP 2.5", func(n Node) Reader { return Trade{n} },
		func(n Node) Reader { return EnterpriseMessage(n) },
	},
	{
		"unf", "УНФ 3.0", func(n Node) Reader { return Small{n} },
		func(n Node) Reader { return SmallMessage(n) },
	},
}

// Targets are the configurations whose reading is modelled.
func Targets() []Target { return slices.Clone(targets) }

// LookUp finds a target by its name.
func LookUp(name string) (Target, error) {
	var names []string
	for _, t := range targets {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Target{}, fmt.Errorf("no model of a configuration %q; there are %s", name, strings.Join(names, ", "))
}

// Site is the target's exchange with sites, which reads CommerceML.
func (t Target) Site(n Node) Reader { return t.site(n) }

// Message is the target's exchange by EnterpriseData.
func (t Target) Message(n Node) Reader { return t.message(n) }

// ReaderOf is what reads a file of that beginning; nil where it is none that a model knows.
func (t Target) ReaderOf(head []byte, n Node) Reader {
	switch {
	case bytes.Contains(head, []byte("<КоммерческаяИнформация")), bytes.Contains(head, commerceIn1251):
		return t.Site(n)
	case bytes.Contains(head, []byte("<Message")):
		return t.Message(n)
	}
	return nil
}

// commerceIn1251 is the beginning of the root of CommerceML in windows-1251.
var commerceIn1251 = []byte{'<', 0xCA, 0xEE, 0xEC, 0xEC, 0xE5, 0xF0, 0xF7}
