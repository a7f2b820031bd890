package layout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"obmen/convert/layout/tmpl"
)

// Exchange is how the documents of a layout go out under one name, of which 1C reads only the newest: as
// messages of a folder synchronisation, where the template asks for the settings from and to, or as one file
// that is replaced whole and has all orders that 1C has not answered.
type Exchange struct {
	From, To string // codes of our node and of 1C's; empty for a file that is no message
	File     string // name of such a file, without its extension
	Numbered bool   // messages have numbers, and 1C's answers confirm them
	Keep     time.Duration
}

// DefaultKeep is how long a document stays in messages that no one confirms: longer than a scheduled
// exchange stands still unnoticed.
const DefaultKeep = 14 * 24 * time.Hour

// Name is the name of the one file that 1C looks for.
func (e *Exchange) Name() string {
	if e.File != "" {
		return e.File + ".xml"
	}
	return "Message_" + e.From + "_" + e.To + ".xml"
}

// Answer reports whether a file of that name is a message of 1C to us: "Message_TO_FROM.xml", with a prefix
// before the codes where TO is long, and packed where 1C is told so.
func (e *Exchange) Answer(name string) bool {
	if e.File != "" {
		return false
	}
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
		if c.fixed == "" {
			return nil
		}
		return &Exchange{File: c.fixed, Keep: c.keepDays()}
	}
	e := &Exchange{From: s.Get("from"), To: s.Get("to"), Numbered: s.Get("numbered") != "false", Keep: c.keepDays()}
	for _, key := range []string{"from", "to"} {
		if value := s.Get(key); strings.ContainsAny(value, `/\:*?"<>|`) || strings.TrimSpace(value) != value {
			c.addMistake(key, value, "write the node's code as 1C's settings of the synchronisation show it; it stands in a file name")
		}
	}
	switch {
	case e.From == "" && e.To == "" && c.fixed != "":
		return &Exchange{File: c.fixed, Keep: e.Keep}
	case e.From == "" && e.To == "":
		return nil
	case c.fixed != "":
		c.addMistake("file_name", c.fixed, "a message of a synchronisation has its name from from and to: leave file_name out")
	case e.From == "" || e.To == "":
		missing := []string{"from", "to"}[slices.Index([]string{e.From, e.To}, "")]
		c.addMistake(missing, "", "from and to go together: the codes of both nodes, as 1C's settings of the synchronisation show them")
	case e.From == e.To:
		c.addMistake("to", e.To, "each side has a code of its own")
	}
	return e
}

// keepDays reads for how long documents stay that 1C does not confirm.
func (c *folder) keepDays() time.Duration {
	days := c.settings.Get("keep_days")
	if days == "" {
		return DefaultKeep
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 1 || n > 3650 {
		c.addMistake("keep_days", days, "write a number of days: 14")
	}
	return time.Duration(n) * 24 * time.Hour
}

func (c *folder) addMistake(key, value, hint string) {
	c.found = append(c.found, tmpl.Mistake{File: c.name, Text: fmt.Sprintf("the layout's setting %s is %q", key, value), Advice: hint})
}
