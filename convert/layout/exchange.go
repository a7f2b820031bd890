package layout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"obmen/convert/layout/tmpl"
)

// Exchange is the folder synchronisation of a layout whose template asks for the settings from and to:
// its documents go out in messages under one name, of which 1C reads only the newest.
type Exchange struct {
	From, To string // codes of our node and of 1C's
	Numbered bool   // messages have numbers, and 1C's answers confirm them
	Keep     time.Duration
}

// DefaultKeep is how long a document stays in messages that no one confirms: longer than a scheduled
// exchange stands still unnoticed.
const DefaultKeep = 14 * 24 * time.Hour

// Name is the name of the one file that 1C looks for.
func (e *Exchange) Name() string { return "Message_" + e.From + "_" + e.To + ".xml" }

// Answer reports whether a file of that name is a message of 1C to us: "Message_TO_FROM.xml", with a prefix
// before the codes where TO is long, and packed where 1C is told so.
func (e *Exchange) Answer(name string) bool {
	stem, xml := strings.CutSuffix(name, ".xml")
	if !xml {
		if stem, xml = strings.CutSuffix(name, ".zip"); !xml {
			return false
		}
	}
	return strings.HasPrefix(stem, "Message") && strings.HasSuffix(stem, "_"+e.To+"_"+e.From)
}

// Exchange is how the layout's documents go out; nil for files of their own.
func (l *Layout) Exchange() *Exchange { return l.exchange }

// readExchange reads the settings of the exchange, if the template knows such a thing.
func (c *folder) readExchange() *Exchange {
	s := c.settings
	if !s.Asked["from"] || !s.Asked["to"] {
		return nil
	}
	e := &Exchange{From: s.Get("from"), To: s.Get("to"), Numbered: s.Get("numbered") != "false", Keep: DefaultKeep}
	if days := s.Get("keep_days"); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 3650 {
			c.addMistake("keep_days", days, "write a number of days: 14")
		}
		e.Keep = time.Duration(n) * 24 * time.Hour
	}
	for _, key := range []string{"from", "to"} {
		if value := s.Get(key); strings.ContainsAny(value, `/\:*?"<>|`) || strings.TrimSpace(value) != value {
			c.addMistake(key, value, "write the node's code as 1C's settings of the synchronisation show it; it stands in a file name")
		}
	}
	switch {
	case e.From == "" && e.To == "":
		return nil
	case e.From == "" || e.To == "":
		missing := []string{"from", "to"}[slices.Index([]string{e.From, e.To}, "")]
		c.addMistake(missing, "", "from and to go together: the codes of both nodes, as 1C's settings of the synchronisation show them")
	case e.From == e.To:
		c.addMistake("to", e.To, "each side has a code of its own")
	}
	return e
}

func (c *folder) addMistake(key, value, hint string) {
	c.found = append(c.found, tmpl.Mistake{File: c.name, Text: fmt.Sprintf("the layout's setting %s is %q", key, value), Advice: hint})
}
