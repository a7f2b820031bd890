package watch

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// answered exports one file of two orders, and returns the stem of its set.
func answered(p *place) string {
	p.t.Helper()
	two := strings.Replace(shopFile(1, "02", "A", "5.00"), "]}]}", "]},"+strings.TrimPrefix(shopFile(2, "02", "A", "5.00"), `{"orders":[`), 1)
	p.put(p.r.Inbox, "good.json", two)
	p.once()
	p.told()
	return p.set().Stem
}

// set is the only set.
func (p *place) set() ledger.Set {
	p.t.Helper()
	sets, err := p.w.Ledger.Sets(p.t.Context(), ledger.SetFilter{})
	if err != nil || len(sets) != 1 {
		p.t.Fatalf("sets %+v, %v", sets, err)
	}
	return sets[0]
}

func encoded(t *testing.T, text, name string) string {
	t.Helper()
	var err error
	switch name {
	case "windows-1251":
		text, err = charmap.Windows1251.NewEncoder().String(text)
	case "utf-16le":
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewEncoder().String(text)
	case "utf-16be":
		text, err = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewEncoder().String(text)
	case "utf-16le without a mark":
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	case "utf-16be without a mark":
		text, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnswersInEveryEncoding(t *testing.T) {
	const result = `<ack><order id="1" result="ok" number="УТ-1"/><order id="2" result="error">Договор не найден</order></ack>`
	for _, c := range []struct{ ext, text, encoding string }{
		{".err", "Договор не найден", "utf-8"},
		{".err", "Договор не найден", "windows-1251"},
		{".err", "Договор не найден\r\n", "utf-16le"},
		{".ERR", "Договор не найден", "utf-16be"},
		{".err", "Договор не найден", "utf-16le without a mark"},
		{".err", "Договор не найден", "utf-16be without a mark"},
		{".xml", result, "utf-8"},
		{".xml", "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>` + result, "utf-8"},
		{".xml", `<?xml version="1.0" encoding="windows-1251"?>` + result, "windows-1251"},
		{".xml", `<?xml version="1.0" encoding="UTF-8"?>` + result, "windows-1251"}, // a declaration that is not true
		{".xml", `<?xml version="1.0" encoding="UTF-16"?>` + result, "utf-16le"},
		{".xml", `<?xml version="1.1"?>` + result, "utf-8"},
	} {
		t.Run(c.ext+" "+c.encoding, func(t *testing.T) {
			p := newPlace(t)
			stem := answered(p)
			p.put(p.r.Ack, stem+c.ext, encoded(t, c.text, c.encoding))
			p.once()
			set := p.set()
			text := set.Text
			for _, m := range set.Orders {
				text += m.Text
			}
			if set.State != ledger.Failed || !strings.Contains(text, "Договор не найден") || strings.Contains(text, "\x00") {
				t.Errorf("set %+v", set)
			}
			if got := p.alerts("main"); len(got) != 1 || !strings.Contains(got[0], "1C refused") || !strings.Contains(got[0], "Договор не найден") {
				t.Errorf("alerts %q", got)
			}
			p.expect("ack", p.names(p.r.Ack), nil)
			p.expect("quarantine", p.names(p.r.Quarantine), nil)
		})
	}
}

// One bad answer stops neither the others nor the inbox.
func TestABadAnswerStopsNothing(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"blank":          " \r\n",
		"cut":            `<ack><order id="1" resu`,
		"no xml":         "hello",
		"no order":       "<ack/>",
		"unknown order":  `<ack><order id="999" result="ok"/></ack>`,
		"strange coding": "<?xml version=\"1.0\" encoding=\"x-unheard-of\"?><ack><order id=\"\xff\" result=\"ok\"/></ack>",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			stem := answered(p)
			p.put(p.r.Ack, "0"+stem+".xml", text) // read before the good one
			p.put(p.r.Ack, stem+".xml", text)
			p.put(p.r.Ack, stem+".xml.ok", "")
			p.put(p.r.Inbox, "next.json", shopFile(3, "02", "A", "5.00"))
			p.once()
			if got := p.names(p.r.Archive); !slices.Contains(got, "next.json") || !slices.Contains(got, stem+".xml.ok") {
				t.Errorf("archive %q", got)
			}
			got := p.names(p.r.Quarantine)
			if !slices.Contains(got, stem+".xml") || !slices.Contains(got, stem+".xml.reason.json") {
				t.Errorf("quarantine %q", got)
			}
			if kinds := p.told(); !slices.Contains(kinds, Answered) || !slices.Contains(kinds, Alert) {
				t.Errorf("reported %q", kinds)
			}
		})
	}
}

// What is known of one answer counts, though another line of it names an order that is not in the set.
func TestAnAnswerThatIsPartlyUnknownCounts(t *testing.T) {
	p := newPlace(t)
	stem := answered(p)
	p.put(p.r.Ack, stem+".xml", `<ack><order id="1" result="ok"/><order id="NOPE" result="ok"/><order id="2" result="error">why</order></ack>`)
	p.once()
	states := map[string]ledger.SetState{}
	for _, m := range p.set().Orders {
		states[m.Order] = m.State
	}
	if states["1"] != ledger.Loaded || states["2"] != ledger.Failed {
		t.Errorf("orders %v", states)
	}
	p.expect("quarantine", p.names(p.r.Quarantine), []string{stem + ".xml", stem + ".xml.reason.json"})
	if got := p.alerts("main"); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "NOPE") }) {
		t.Errorf("alerts %q", got)
	}
}

// An answer that 1C is still writing is not read before it is whole, however slowly it comes.
func TestAnAnswerThatIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		p.w.blind = true
		stem := answered(p)
		p.w.Poll, p.r.Settle = time.Second, 3*time.Second
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.w.Run(ctx, false) }()
		whole := `<ack><order id="1" result="ok"/><order id="2" result="ok"/></ack>`
		for _, part := range []string{"", whole[:20], whole[:40], whole} {
			p.put(p.r.Ack, stem+".xml", part)
			time.Sleep(30 * time.Second)
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if set := p.set(); set.State != ledger.Loaded {
			t.Errorf("the set is %s", set.State)
		}
		p.expect("quarantine", p.names(p.r.Quarantine), nil)
	})
}

// unreadableFile is a disk that does not give one file.
type unreadableFile struct {
	drop.FS
	suffix string
}

func (d unreadableFile) Open(path string) (io.ReadCloser, error) {
	if strings.HasSuffix(path, d.suffix) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	return d.FS.Open(path)
}

// An answer that obmen's account may not read stays where it is, and counts when it may.
func TestAnAnswerWithoutTheRightToReadIt(t *testing.T) {
	p := newPlace(t)
	stem := answered(p)
	p.put(p.r.Ack, stem+".ok", "")
	p.put(p.r.Inbox, "next.json", shopFile(3, "02", "A", "5.00"))
	p.w.FS = unreadableFile{drop.OS{}, stem + ".ok"}
	p.once()
	p.expect("ack", p.names(p.r.Ack), []string{stem + ".ok"})
	if got := p.alerts("main"); len(got) != 1 || !strings.Contains(got[0], "permission denied") {
		t.Errorf("alerts %q", got)
	}
	if got := p.names(p.r.Archive); !slices.Contains(got, "next.json") {
		t.Errorf("archive %q", got)
	}
	p.w.FS = nil
	p.once()
	p.expect("ack", p.names(p.r.Ack), nil)
}

// However large a file beside the work is, what is read of it is bounded.
func TestReadsAreBounded(t *testing.T) {
	p := newPlace(t)
	stem := answered(p)
	sparse := func(path string) {
		t.Helper()
		p.put(filepath.Dir(path), filepath.Base(path), "x")
		if err := os.Truncate(path, 3<<30); err != nil {
			t.Fatal(err)
		}
	}
	sparse(filepath.Join(p.r.Ack, stem+".err"))
	sparse(filepath.Join(p.r.Ack, "other.xml"))
	p.put(p.r.Inbox, "x.json", shopFile(4, "02", "A", "5.00"))
	sparse(filepath.Join(p.r.Inbox, "x.json.charset"))
	p.put(p.r.Inbox, "y.json", shopFile(5, "02", "A", "5.00"))
	p.once()
	for _, set := range []ledger.SetState{ledger.Failed} {
		sets, err := p.w.Ledger.Sets(t.Context(), ledger.SetFilter{Stem: stem})
		if err != nil || len(sets) != 1 || sets[0].State != set || len(sets[0].Text) > 10_000 {
			t.Errorf("sets %.200v, %v", sets, err)
		}
	}
	got := p.names(p.r.Quarantine)
	for _, want := range []string{"other.xml", "other.xml.reason.json", "x.json", "x.json.reason.json"} {
		if !slices.Contains(got, want) {
			t.Errorf("quarantine %q lacks %s", got, want)
		}
	}
	if got := p.names(p.r.Archive); !slices.Contains(got, "y.json") {
		t.Errorf("archive %q", got)
	}
}

// A side file that is no file of its own stops no other order file.
func TestACharsetThatIsALink(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "x.json", shopFile(4, "02", "A", "5.00"))
	p.put(p.r.Inbox, "y.json", shopFile(5, "02", "A", "5.00"))
	if err := os.Symlink("/nowhere", filepath.Join(p.r.Inbox, "x.json.charset")); err != nil {
		t.Skip(err)
	}
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"y.json"})
	p.expect("quarantine", p.names(p.r.Quarantine), []string{"x.json", "x.json.reason.json"})
}

// The same bytes with another charset are another report: they are read once more.
func TestACorrectedCharsetCounts(t *testing.T) {
	p := newPlace(t)
	text := shopFile(1, "02", "A", "5.00")
	p.put(p.r.Inbox, "x.json", text)
	p.put(p.r.Inbox, "x.json.charset", "Cp1252")
	p.once()
	p.told()
	p.put(p.r.Inbox, "x.json", text)
	p.put(p.r.Inbox, "x.json.charset", "UTF-8")
	p.once()
	if got := p.told(); !slices.Contains(got, Converted) || slices.Contains(got, Repeated) {
		t.Errorf("reported %q", got)
	}
	p.put(p.r.Inbox, "x.json", text)
	p.put(p.r.Inbox, "x.json.charset", "UTF-8\n")
	p.once()
	if got := p.told(); !slices.Contains(got, Repeated) {
		t.Errorf("with the same charset: reported %q", got)
	}
}
