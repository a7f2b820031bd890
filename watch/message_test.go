package watch

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"obmen/convert/layout"
	"obmen/templates"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

const (
	ourMessage = "Message_OB_UT.xml"
	itsMessage = "Message_UT_OB.xml"
)

// exchanging gives a place that sends messages from OB to UT and nothing else.
func exchanging(p *place, settings ...string) *place {
	p.t.Helper()
	values := map[string]string{"from": "OB", "to": "UT", "products_without_id": "create"}
	for i := 0; i < len(settings); i += 2 {
		values[settings[i]] = settings[i+1]
	}
	l, err := layout.Compile(templates.FS, "enterprisedata", values)
	if err != nil {
		p.t.Fatal(err)
	}
	p.w.Layouts = []*layout.Layout{l}
	return p
}

// message is what stands in the message of the outbox: its number, the last number of 1C's, and the
// numbers of orders in their order.
type message struct {
	No, Received int
	Orders       []string
}

var (
	numberIn   = regexp.MustCompile(`<msg:MessageNo>([0-9]+)</msg:MessageNo>\s*<msg:ReceivedNo>([0-9]+)</msg:ReceivedNo>`)
	orderIn    = regexp.MustCompile(`<НомерВходящегоДокумента>([^<]+)</НомерВходящегоДокумента>`)
	totalIn    = regexp.MustCompile(`(?s)<НомерВходящегоДокумента>([^<]+)<.*?<Сумма>([^<]+)</Сумма>`)
	wholeFile  = []byte("</Message>")
	errPartial = errors.New("half a message")
)

func (p *place) message() (m message) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.r.Outbox, ourMessage))
	if errors.Is(err, os.ErrNotExist) {
		return m
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return parse(p.t, text)
}

func parse(t testing.TB, text []byte) (m message) {
	t.Helper()
	if !bytes.HasSuffix(bytes.TrimSpace(text), wholeFile) {
		t.Fatal(errPartial)
	}
	if n := numberIn.FindSubmatch(text); n != nil {
		m.No, _ = strconv.Atoi(string(n[1]))
		m.Received, _ = strconv.Atoi(string(n[2]))
	}
	for _, o := range orderIn.FindAllSubmatch(text, -1) {
		m.Orders = append(m.Orders, string(o[1]))
	}
	return m
}

func (p *place) wants(no, received int, orders ...string) {
	p.t.Helper()
	m := p.message()
	slices.Sort(m.Orders)
	if m.No != no || m.Received != received || !slices.Equal(m.Orders, orders) {
		p.t.Errorf("message %+v, want %d, %d with %v", m, no, received, orders)
	}
}

// reply is 1C's message, as 1C writes it.
func reply(from, to string, number, received int) string {
	return fmt.Sprintf("\ufeff"+`<Message xmlns:msg="http://www.1c.ru/SSL/Exchange/Message"><msg:Header><msg:Format>http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.17</msg:Format>`+
		`<msg:CreationDate>2026-11-23T12:00:00</msg:CreationDate><msg:Confirmation><msg:ExchangePlan>СинхронизацияДанныхЧерезУниверсальныйФормат</msg:ExchangePlan>`+
		`<msg:To>%s</msg:To><msg:From>%s</msg:From><msg:MessageNo>%d</msg:MessageNo><msg:ReceivedNo>%d</msg:ReceivedNo></msg:Confirmation>`+
		`<msg:AvailableVersion>1.17</msg:AvailableVersion></msg:Header><Body xmlns="http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.17"/></Message>`, to, from, number, received)
}

func (p *place) states() (list []string) {
	p.t.Helper()
	sets, err := p.w.Ledger.Sets(p.t.Context(), ledger.SetFilter{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, s := range sets {
		list = append(list, string(s.State))
	}
	return list
}

func sell(p *place, number int, price string) {
	p.t.Helper()
	p.put(p.r.Inbox, fmt.Sprintf("order-%d-%s.json", number, price), shopFile(number, "02", "A", price))
	p.once()
}

// A message has every order until 1C says that it has read one with it.
func TestMessagesHoldWhatIsNotConfirmed(t *testing.T) {
	p := exchanging(newPlace(t))
	p.once()
	p.wants(0, 0)
	sell(p, 1, "5.00")
	p.wants(1, 0, "1")
	sell(p, 2, "6.00")
	p.wants(2, 0, "1", "2")

	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 7, 1))
	p.once()
	p.wants(3, 7, "2")
	if got := p.states(); !slices.Equal(got, []string{"loaded", "published"}) {
		t.Errorf("sets %v", got)
	}
	p.once() // the same message of 1C says nothing new
	p.wants(3, 7, "2")

	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 8, 3))
	p.once()
	p.wants(4, 8)
	sell(p, 3, "7.00")
	p.wants(5, 8, "3")
	if got := p.names(p.r.Outbox); !slices.Equal(got, []string{ourMessage, itsMessage}) {
		t.Errorf("in the outbox lie %v", got)
	}
}

// A newer revision takes the place of the older one, and is confirmed by its own number only.
func TestMessagesHoldTheNewestRevision(t *testing.T) {
	p := exchanging(newPlace(t))
	sell(p, 1, "5.00")
	p.put(p.r.Inbox, "again.json", shopFile(1, "03", "A", "9.50"))
	p.once()
	p.wants(2, 0, "1")
	text, _ := os.ReadFile(filepath.Join(p.r.Outbox, ourMessage))
	if m := totalIn.FindSubmatch(text); m == nil || string(m[2]) != "9.50" {
		t.Errorf("%q", m)
	}
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 1, 1))
	p.once()
	p.wants(3, 1, "1")
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 2, 3))
	p.once()
	p.wants(4, 2)
}

// 1C takes the newest file that fits its mask, so there must be one only, beside other layouts' files.
func TestMessagesBesideFiles(t *testing.T) {
	p := newPlace(t)
	files := p.w.Layouts
	exchanging(p)
	p.w.Layouts = append(files, p.w.Layouts...)
	sell(p, 1, "5.00")
	p.wants(1, 0, "1")
	fits, _ := filepath.Glob(filepath.Join(p.r.Outbox, "Message*_OB_UT.*"))
	if names := p.names(p.r.Outbox); len(fits) != 1 || len(names) != 3 {
		t.Errorf("%v, %d for 1C", names, len(fits))
	}
	p.put(p.r.Ack, itsMessage, reply("UT", "OB", 1, 1))
	p.once()
	p.wants(2, 1)
	if got := p.states(); !slices.Equal(got, []string{"loaded"}) || len(p.names(p.r.Ack)) != 0 {
		t.Errorf("sets %v, ack %v", got, p.names(p.r.Ack))
	}
}

// Without numbers nothing is ever confirmed: an order stays for some days.
func TestMessagesWithoutNumbers(t *testing.T) {
	p := exchanging(newPlace(t), "numbered", "false", "keep_days", "2")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p.w.Now = func() time.Time { return now }
	sell(p, 1, "5.00")
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 1, 1))
	now = now.Add(24 * time.Hour)
	sell(p, 2, "5.00")
	p.wants(0, 0, "1", "2")
	now = now.Add(25 * time.Hour)
	sell(p, 3, "5.00")
	p.wants(0, 0, "2", "3")
}

// A ledger that was lost does not know the numbers that 1C has read: they are learnt, from the message
// that is there or from 1C's, and nothing counts as confirmed by mistake.
func TestMessageNumbersOfALostLedger(t *testing.T) {
	p := exchanging(newPlace(t))
	for i := range 3 {
		sell(p, i+1, "5.00")
	}
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 9, 2))
	lost := exchanging(newPlace(t))
	old, _ := os.ReadFile(filepath.Join(p.r.Outbox, ourMessage))
	lost.put(lost.r.Outbox, ourMessage, string(old))
	sell(lost, 4, "5.00")
	lost.wants(4, 0, "4")

	gone := exchanging(newPlace(t))
	sell(gone, 5, "5.00")
	gone.wants(1, 0, "5")
	gone.put(gone.r.Outbox, itsMessage, reply("UT", "OB", 9, 57))
	gone.once()
	gone.wants(58, 9, "5")
	if kinds := gone.told(); !slices.Contains(kinds, Alert) {
		t.Errorf("told %v", kinds)
	}
	if got := gone.states(); !slices.Equal(got, []string{"published"}) {
		t.Errorf("sets %v", got)
	}
}

// What 1C is still writing, and what is another's, changes nothing; a packed message is read.
func TestMessagesOf1C(t *testing.T) {
	p := exchanging(newPlace(t))
	sell(p, 1, "5.00")
	whole := reply("UT", "OB", 1, 1)
	p.put(p.r.Outbox, itsMessage, whole[:len(whole)/2])
	p.once()
	p.wants(1, 0, "1")
	for _, text := range []string{reply("UT", "XX", 1, 1), reply("XX", "OB", 1, 1), strings.ReplaceAll(whole, "Message", "Massage"), strings.Replace(whole, "<msg:ReceivedNo>1", "<msg:ReceivedNo>one", 1)} {
		p.put(p.r.Ack, itsMessage, text)
		p.told()
		p.once()
		p.wants(1, 0, "1")
		if kinds := p.told(); !slices.Contains(kinds, Alert) {
			t.Errorf("nobody was told of %.200s", text)
		}
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	f, err := z.Create("Message.xml")
	if err == nil {
		_, err = f.Write([]byte(whole))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	p.put(p.r.Outbox, "Message_UT_OB.zip", packed.String())
	p.once()
	p.wants(2, 1)
}

// A rebuilt ledger sends again what stands in the message that lies there, for 1C may not have read it;
// what does not stand there was confirmed and stays where it is.
func TestRebuildKeepsWhatTheMessageHolds(t *testing.T) {
	p := exchanging(newPlace(t))
	sell(p, 1, "5.00")
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 1, 1))
	p.once()
	sell(p, 2, "6.00")
	p.wants(3, 1, "2")
	p.w.Ledger.Close()
	if err := errors.Join(os.RemoveAll(p.w.State), os.Mkdir(p.w.State, 0o700)); err != nil {
		t.Fatal(err)
	}
	p.open()
	if sum, err := p.w.Rebuild(t.Context()); err != nil || sum.Orders != 2 || sum.Sets != 2 || len(sum.Left) != 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if got := p.states(); !slices.Equal(got, []string{"taken", "published"}) {
		t.Errorf("sets %v", got)
	}
	sell(p, 3, "7.00")
	p.wants(p.message().No, 1, "2", "3")
	if n := p.message().No; n < 4 {
		t.Errorf("number %d was used before", n)
	}
}

// A base of 1C that was restored asks for nothing by itself: people are told, and can send it all again.
func TestMessagesToARestoredBase(t *testing.T) {
	p := exchanging(newPlace(t))
	sell(p, 1, "5.00")
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 5, 1))
	p.once()
	p.told()
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 4, 0))
	p.once()
	p.wants(3, 4)
	if kinds := p.told(); !slices.Contains(kinds, Alert) {
		t.Errorf("told %v", kinds)
	}
	p.once()
	if kinds := p.told(); slices.Contains(kinds, Alert) {
		t.Error("told twice")
	}
}

// Messages stay in the outbox for ever, so they count for none of its limits.
func TestMessagesFillNoOutbox(t *testing.T) {
	p := exchanging(newPlace(t))
	p.r.Limits = inbox.Limits{Files: 1, Bytes: 1, Age: time.Nanosecond}
	p.put(p.r.Outbox, itsMessage, reply("UT", "OB", 1, 0))
	sell(p, 1, "5.00")
	sell(p, 2, "5.00")
	p.wants(3, 1, "1", "2")
	p.put(p.r.Outbox, "other.xml", "<a/>")
	sell(p, 3, "5.00")
	p.wants(3, 1, "1", "2")
}
