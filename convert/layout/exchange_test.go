package layout_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/templates"
)

func TestExchange(t *testing.T) {
	if compile(t, templates.FS, "enterprisedata", nil).Exchange() != nil || compile(t, templates.FS, "commerceml", nil).Exchange() != nil {
		t.Error("an exchange that nobody has set up")
	}
	e := compile(t, templates.FS, "enterprisedata", map[string]string{"from": "ОБ", "to": "УТ", "numbered": "false", "keep_days": "3"}).Exchange()
	if e == nil || e.Name() != "Message_ОБ_УТ.xml" || e.Numbered || e.Keep != 72*time.Hour {
		t.Fatalf("%+v", e)
	}
	for name, want := range map[string]bool{
		"Message_УТ_ОБ.xml": true, "Message_ИБ_УТ_ОБ.xml": true, "Message_УТ_ОБ.zip": true,
		"Message_ОБ_УТ.xml": false, "Message_УТ_ОБ.xml.tmp": false, "Message_УТ_ОБ2.xml": false, "orders_УТ_ОБ.xml": false,
	} {
		if e.Answer(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestExchangeMistakes(t *testing.T) {
	for says, settings := range map[string]map[string]string{
		`setting to is ""`:            {"from": "A"},
		`setting from is ""`:          {"to": "A"},
		`setting to is "A"`:           {"from": "A", "to": "A"},
		`setting from is "A/B"`:       {"from": "A/B", "to": "C"},
		`setting keep_days is "soon"`: {"from": "A", "to": "B", "keep_days": "soon"},
		`setting numbered is "maybe"`: {"from": "A", "to": "B", "numbered": "maybe"},
		`setting version is "1.5"`:    {"version": "1.5"},
		`no setting "frm"`:            {"frm": "A"},
	} {
		_, err := layout.Compile(templates.FS, "enterprisedata", settings)
		var m tmpl.Mistakes
		if !errors.As(err, &m) || len(m) != 1 || !strings.Contains(m[0].Text, says) || m[0].Advice == "" {
			t.Errorf("%v: %v", settings, err)
		}
	}
}

// The head of a message names both nodes and its numbers; a file of its own names none.
func TestMessageHead(t *testing.T) {
	head := func(settings map[string]string, m document.Message) string {
		text, _ := ours(t, "enterprisedata", settings, document.Batch{Message: m})
		_, rest, _ := strings.Cut(string(text), "</msg:CreationDate>")
		head, _, _ := strings.Cut(rest, "<msg:AvailableVersion>")
		return strings.Join(strings.Fields(head), "")
	}
	nodes := map[string]string{"from": "A", "to": "B"}
	const plan = "<msg:ExchangePlan>СинхронизацияДанныхЧерезУниверсальныйФормат</msg:ExchangePlan>"
	if got := head(nil, document.Message{Sent: true, Number: 1}); got != "" {
		t.Error(got)
	}
	if got := head(nodes, document.Message{}); got != "" {
		t.Error(got)
	}
	want := "<msg:Confirmation>" + plan + "<msg:To>B</msg:To><msg:From>A</msg:From><msg:MessageNo>5</msg:MessageNo><msg:ReceivedNo>3</msg:ReceivedNo></msg:Confirmation>"
	if got := head(nodes, document.Message{Sent: true, Number: 5, Received: 3}); got != want {
		t.Error(got)
	}
	nodes["numbered"] = "false"
	want = "<msg:Confirmation>" + plan + "<msg:To>B</msg:To><msg:From>A</msg:From></msg:Confirmation>"
	if got := head(nodes, document.Message{Sent: true, Number: 5, Received: 3}); got != want {
		t.Error(got)
	}
}

func TestEnterpriseData(t *testing.T) {
	got, report := ours(t, "enterprisedata", nil, varied(false))
	golden(t, "enterprisedata.xml", got)
	if len(report.Replaced) == 0 {
		t.Error("nothing replaced of what XML cannot carry")
	}
	if !bytes.HasPrefix(got, []byte("\xEF\xBB\xBF<?xml ")) {
		t.Error("no byte order mark before the declaration")
	}
}
