package site_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"obmen/watch/site"
)

// answersFile is what 1C sends of orders.
func answersFile(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.05">`)
	for i := range n {
		fmt.Fprintf(&b, `<Документ><Номер>%06d</Номер><ХозОперация>Заказ товара</ХозОперация><Валюта>RUB</Валюта><Сумма>10.00</Сумма>`+
			`<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Номер по 1С</Наименование><Значение>СА-%06d</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ>`, i+1, i+1)
	}
	b.WriteString("</КоммерческаяИнформация>\n")
	return b.Bytes()
}

// largeAnswersFile is one whose orders have long comments: it comes in many parts, and is too large to be
// tried after each of them.
func largeAnswersFile(n int) []byte {
	comment := "<Комментарий>" + strings.Repeat("x", 9<<19/n) + "</Комментарий></Документ>"
	return bytes.ReplaceAll(answersFile(n), []byte("</Документ>"), []byte(comment))
}

func archiveOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, file := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUploadOrders(t *testing.T) {
	large := largeAnswersFile(600)
	for name, tt := range map[string]struct {
		file   []byte
		name   string
		orders int
	}{
		"one part":    {answersFile(3), "orders-1.xml", 3},
		"many parts":  {large, "orders-2.xml", 600},
		"an archive":  {archiveOf(t, map[string][]byte{"orders.xml": answersFile(4), "a/b.xml": answersFile(2)}), "v8_1.zip", 6},
		"with a path": {answersFile(3), `/upload\1c_exchange/orders.xml`, 3},
		"no orders":   {answersFile(0), "orders-3.xml", 0},
		"no ending":   {answersFile(3), "orders-4", 3},
		"odd ending":  {answersFile(3), "orders-5.dat", 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, newMemory(0))
			if err := p.Upload(t.Context(), "sale", tt.name, tt.file, false); err != nil {
				t.Fatal(err)
			}
			for _, asked := range []string{"no", "one"} { // many versions of 1C ask for no import
				if got := len(p.queue.answers); got != tt.orders {
					t.Errorf("after %s import: %d orders, want %d", asked, got, tt.orders)
				}
				if err := p.Import(t.Context(), "sale", tt.name); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Parts of any size make one file.
func TestSmallParts(t *testing.T) {
	p := start(t, newMemory(0))
	if err := p.Login(t.Context(), "sale"); err != nil {
		t.Fatal(err)
	}
	if err := p.Send(t.Context(), "sale", "orders.xml", answersFile(20), 700); err != nil {
		t.Fatal(err)
	}
	if got := len(p.queue.answers); got != 20 {
		t.Errorf("%d orders", got)
	}
}

// A file that cannot be read is refused, at file or at import, and nothing of it counts.
func TestBrokenUploads(t *testing.T) {
	bomb := archiveOf(t, map[string][]byte{"orders.xml": make([]byte, 4<<20)})
	whole := answersFile(10)
	for name, tt := range map[string]struct {
		file []byte
		name string
	}{
		"not xml":        {[]byte("hello"), "orders.xml"},
		"html":           {[]byte("<html></html>"), "orders.xml"},
		"a picture":      {[]byte("\xff\xd8"), "orders.jpg"},
		"cut":            {whole[:len(whole)/2], "orders.xml"},
		"cut archive":    {archiveOf(t, map[string][]byte{"orders.xml": whole})[:100], "orders.zip"},
		"wrong in it":    {bytes.Replace(whole, []byte("</Документ></Ком"), []byte("</Документ></Док></Ком"), 1), "orders.xml"},
		"bomb":           {bomb, "orders.zip"},
		"no xml in it":   {archiveOf(t, map[string][]byte{"a.txt": whole}), "orders.zip"},
		"path in it":     {archiveOf(t, map[string][]byte{"../../orders.xml": whole}), "orders.zip"},
		"path":           {whole, "../orders.xml"},
		"path inside":    {whole, "a/../../orders.xml"},
		"path, absolute": {whole, "/tmp/../etc/passwd.xml"},
		"drive":          {whole, `C:\orders.xml`},
		"no name":        {whole, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, newMemory(0))
			if err := p.Upload(t.Context(), "sale", tt.name, tt.file, true); err == nil {
				t.Error("taken")
			}
			if len(p.queue.answers) > 0 {
				t.Errorf("%d orders of it count", len(p.queue.answers))
			}
			if err := p.Upload(t.Context(), "sale", "good.xml", whole, true); err != nil || len(p.queue.answers) != 10 {
				t.Errorf("afterwards: %v, %d orders", err, len(p.queue.answers))
			}
		})
	}
}

// What was never finished is reported when the session ends, for many clients ask for no import.
func TestUnfinishedUpload(t *testing.T) {
	p := start(t, newMemory(0))
	if err := p.Upload(t.Context(), "sale", "orders.xml", answersFile(10)[:500], false); err != nil {
		t.Fatal(err)
	}
	p.server.Close()
	if p.happened(site.Broken) != 1 {
		t.Errorf("events %v", p.events)
	}
}

// While the ledger is out of order nothing is confirmed, and the same file may be sent again.
func TestSinkFails(t *testing.T) {
	p := start(t, newMemory(1))
	p.queue.failing = errors.New("disk full at /home/x")
	err := p.Upload(t.Context(), "sale", "orders.xml", answersFile(2), true)
	if err == nil || strings.Contains(err.Error(), "/home") {
		t.Errorf("got %v", err)
	}
	p.queue.failing = nil
	if err := p.Upload(t.Context(), "sale", "orders.xml", answersFile(2), true); err != nil || len(p.queue.answers) != 2 {
		t.Errorf("%v, %d orders", err, len(p.queue.answers))
	}
}

// A file of more products than fit into memory is refused, though it is small.
func TestTooManyProducts(t *testing.T) {
	p := start(t, newMemory(0))
	file := "<КоммерческаяИнформация><Каталог><Товары>" + strings.Repeat("<Товар/>", 250_001) + "</Товары></Каталог></КоммерческаяИнформация>"
	if err := p.Upload(t.Context(), "catalog", "import.xml", []byte(file), true); err == nil || !strings.Contains(err.Error(), "products") {
		t.Errorf("got %v", err)
	}
}

// endless is a body that never ends, and counts what was taken of it: by the connection, which goes on for
// a moment after the answer.
type endless struct{ sent atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.sent.Load() == 0 {
		e.sent.Add(int64(copy(p, "<")))
		return 1, nil
	}
	for i := range p {
		p[i] = ' '
	}
	e.sent.Add(int64(len(p)))
	return len(p), nil
}

// An upload without end is refused, long before it fills the disk, and leaves nothing there.
func TestEndlessUpload(t *testing.T) {
	p := start(t, newMemory(0))
	if err := p.Login(t.Context(), "sale"); err != nil {
		t.Fatal(err)
	}
	cookie := p.login(t)
	body := &endless{}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"?type=sale&mode=file&filename=orders.xml", io.LimitReader(body, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	if response, err := p.HTTP.Do(r); err == nil { // the server may hang up instead
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !bytes.HasPrefix(answer, []byte("failure")) {
			t.Errorf("answer %q", answer)
		}
	}
	if sent := body.sent.Load(); sent > 100<<20 {
		t.Errorf("%d bytes were taken", sent)
	}
	p.server.Close()
	left, err := filepath.Glob(filepath.Join(p.server.Uploads.Dir, "*", "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// login begins a session, and returns its cookie.
func (p *peer) login(t *testing.T) string {
	t.Helper()
	answer, err := p.Get(t.Context(), "sale", "checkauth", nil)
	lines := strings.Split(string(answer), "\n")
	if err != nil || len(lines) != 3 {
		t.Fatalf("%q, %v", answer, err)
	}
	return lines[1] + "=" + lines[2]
}

func TestCatalog(t *testing.T) {
	p := start(t, newMemory(0))
	file, err := os.ReadFile("testdata/import.xml")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Upload(t.Context(), "catalog", "webdata/import.xml", file, true); err != nil {
		t.Fatal(err)
	}
	if err := p.Upload(t.Context(), "catalog", "import_files/6a/6a24.jpg", []byte("\xff\xd8"), true); err != nil {
		t.Fatal(err)
	}
	zipped := archiveOf(t, map[string][]byte{"import.xml": file, "import_files/1.jpg": {1}})
	if err := p.Upload(t.Context(), "catalog", "v8_1.zip", zipped, false); err != nil {
		t.Fatal(err)
	}
	if err := p.Import(t.Context(), "catalog", "import.xml"); err != nil {
		t.Fatal(err)
	}
	got := p.server.Products.(*shelf)
	if len(got.products) != 4 || !got.full[0] || !got.full[1] {
		t.Errorf("%+v", got)
	}
	if err := p.Import(t.Context(), "catalog", "other.xml"); err == nil {
		t.Error("a file that never came was imported")
	}
	for _, mode := range []string{"deactivate", "complete"} {
		if answer, err := p.Get(t.Context(), "catalog", mode, url.Values{"timestamp": {"1"}}); err != nil || string(answer) != "success" {
			t.Errorf("%s: %q, %v", mode, answer, err)
		}
	}
	p.server.Products = nil
	if err := p.Upload(t.Context(), "catalog", "import.xml", file, true); err == nil {
		t.Error("products were taken though they are not wanted")
	}
}
