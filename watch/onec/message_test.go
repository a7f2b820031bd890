package onec

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestMessageHeads(t *testing.T) {
	whole := reply("UT", "OB", 12, 7)
	for name, c := range map[string]struct {
		text string
		want messageHead
		bad  bool
	}{
		"as 1C writes it":        {text: whole, want: messageHead{"UT", "OB", 12, 7}},
		"in windows-1251":        {text: `<?xml version="1.0" encoding="windows-1251"?>` + "<Message><Header><Confirmation><From>\xd3\xd2</From><To>OB</To><MessageNo>3</MessageNo></Confirmation></Header></Message>", want: messageHead{"УТ", "OB", 3, 0}},
		"blanks between digits":  {text: strings.Replace(whole, ">12<", ">1 0\u00a012<", 1), want: messageHead{"UT", "OB", 1012, 7}},
		"without numbers":        {text: strings.NewReplacer(">12<", "><", ">7<", "><").Replace(whole), want: messageHead{"UT", "OB", 0, 0}},
		"numbering switched off": {text: strings.NewReplacer(">12<", ">-1<", ">7<", ">0<").Replace(whole), want: messageHead{"UT", "OB", 0, 0}},
		"an external system":     {text: strings.Replace(whole, "<msg:To>OB</msg:To>", "", 1), want: messageHead{"UT", "", 12, 7}},
		"no confirmation":        {text: `<Message><Header><Format>x</Format></Header></Message>`},
		"no number":              {text: strings.Replace(whole, ">7<", ">seven<", 1), bad: true},
		"another file":           {text: "<ack/>", bad: true},
		"half":                   {text: whole[:strings.Index(whole, "</msg:Header>")], bad: true},
		"nothing":                {bad: true},
		"the body is cut off":    {text: whole[:strings.Index(whole, "<Body")], want: messageHead{"UT", "OB", 12, 7}},
	} {
		got, err := parseMessage(strings.NewReader(c.text))
		if c.bad != errors.Is(err, errNoMessage) || (err != nil) != c.bad || !c.bad && got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := unpackMessage(strings.NewReader("PK not an archive"), 17); !errors.Is(err, errNoMessage) {
		t.Error(err)
	}
}

func FuzzMessageHead(f *testing.F) {
	f.Add([]byte(reply("UT", "OB", 12, 7)))
	f.Add([]byte(`<Message><Header><Confirmation><From>A</From><MessageNo>9999999999999999999</MessageNo></Confirmation></Header></Message>`))
	f.Add([]byte(`</Message>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		head, err := parseMessage(bytes.NewReader(text))
		if head.Number < 0 || head.Received < 0 || err != nil && !errors.Is(err, errNoMessage) {
			t.Errorf("%+v, %v", head, err)
		}
	})
}

// reply is 1C's message, as 1C writes it.
func reply(from, to string, number, received int) string {
	return fmt.Sprintf("\ufeff"+`<Message xmlns:msg="http://www.1c.ru/SSL/Exchange/Message"><msg:Header><msg:Format>http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.17</msg:Format>`+
		`<msg:CreationDate>2026-11-23T12:00:00</msg:CreationDate><msg:Confirmation><msg:ExchangePlan>СинхронизацияДанныхЧерезУниверсальныйФормат</msg:ExchangePlan>`+
		`<msg:To>%s</msg:To><msg:From>%s</msg:From><msg:MessageNo>%d</msg:MessageNo><msg:ReceivedNo>%d</msg:ReceivedNo></msg:Confirmation>`+
		`<msg:AvailableVersion>1.17</msg:AvailableVersion></msg:Header><Body xmlns="http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.17"/></Message>`, to, from, number, received)
}
