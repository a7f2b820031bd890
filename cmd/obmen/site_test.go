package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obmen/watch/ledger"
	"obmen/watch/site/sitetest"
)

// siteScene is a folder whose orders 1C fetches itself, with a server that can be killed.
type siteScene struct {
	t      *testing.T
	dir    string
	client sitetest.Client
	base   sitetest.Base
	kill   func()
	pid    int             // of the server
	words  strings.Builder // that the server said; whole when it is killed
}

const sitePassword = "right password"

func newSiteScene(t *testing.T, orders int) *siteScene {
	t.Helper()
	s := &siteScene{t: t, dir: filepath.Join(t.TempDir(), "shop"), kill: func() {}}
	s.run("", "init", s.dir)
	s.client = sitetest.Client{User: "1c", Password: sitePassword}
	s.write("obmen.toml", `[watch]
settle = "1ms"
deliver = "site"
[[account]]
name = "shop"
currency = "RUB"
[site]
listen = "127.0.0.1:0"
batch = 5
[[site.user]]
name = "1c"
`)
	catalogs, err := filepath.Glob("../../samples/catalogs/*.csv")
	s.check(err)
	for _, path := range catalogs {
		text, err := os.ReadFile(path)
		s.check(err)
		s.write("catalogs/"+filepath.Base(path), string(text))
	}
	s.drop(orders)
	s.run(sitePassword, "site", "user", "set", "--config", s.path("obmen.toml"), "1c")
	s.run("", "watch", "--once", "--config", s.path("obmen.toml"))
	t.Cleanup(func() { s.kill() })
	return s
}

// drop puts a file of orders into the inbox: copies of one of the samples.
func (s *siteScene) drop(orders int) {
	text, err := os.ReadFile("../../samples/shop-orders/rub-vat-inside-order-discount/input/shop-rub.json")
	s.check(err)
	var file struct {
		Orders []map[string]any `json:"orders"`
	}
	s.check(json.Unmarshal(text, &file))
	one := file.Orders[0]
	file.Orders = nil
	for i := range orders {
		order := map[string]any{}
		for name, value := range one {
			order[name] = value
		}
		order["id"], order["order_number"], order["name"] = 6000000+i, 2000+i, fmt.Sprintf("#%d", 2000+i)
		file.Orders = append(file.Orders, order)
	}
	text, err = json.Marshal(&file)
	s.check(err)
	s.write("inbox/orders.json", string(text))
}

func (s *siteScene) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *siteScene) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *siteScene) write(name, text string) {
	s.t.Helper()
	s.check(os.WriteFile(s.path(name), []byte(text), 0o600))
}

// run runs a command to its end, and returns what it printed.
func (s *siteScene) run(in string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command("obmen", args...)
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("obmen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// start starts the server, and returns when it listens.
func (s *siteScene) start() {
	s.t.Helper()
	s.kill()
	cmd := exec.Command("obmen", "watch", "--config", s.path("obmen.toml"))
	words, err := cmd.StderrPipe()
	s.check(err)
	s.check(cmd.Start())
	s.pid = cmd.Process.Pid
	lines := bufio.NewScanner(words)
	for lines.Scan() {
		s.words.WriteString(lines.Text() + "\n")
		if _, url, found := strings.Cut(lines.Text(), "1C fetches its orders from "); found {
			s.client.URL = url
			break
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
			s.words.WriteString(lines.Text() + "\n")
		}
	}()
	s.kill = func() {
		s.kill = func() {}
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait()
	}
	if s.client.URL == "" {
		s.t.Fatal("the server does not listen")
	}
}

// fetchAll lets 1C fetch until nothing is left.
func (s *siteScene) fetchAll(ctx context.Context) {
	s.t.Helper()
	for range 100 {
		n, err := s.client.Download(ctx, &s.base)
		s.check(err)
		if n == 0 {
			return
		}
	}
	s.t.Fatal("there is always something left")
}

// siteAnswer is what 1C sends of one of its orders.
func siteAnswer(number string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация><Документ><Номер>` + number +
		`</Номер><ХозОперация>Заказ товара</ХозОперация><Валюта>руб.</Валюта><ЗначенияРеквизитов><ЗначениеРеквизита>` +
		`<Наименование>Номер по 1С</Наименование><Значение>СА-` + number + `</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ></КоммерческаяИнформация>`)
}

// The server is killed before and after each request of a session. In the end 1C has every order once,
// and obmen has all of 1C's numbers.
func TestSiteKilledAtEveryStep(t *testing.T) {
	const orders = 40
	s := newSiteScene(t, orders)
	killed := errors.New("killed")
	for at := 1; at <= 12; at++ {
		s.start()
		step := 0
		count := func(sitetest.Step) error {
			if step++; step == at {
				s.kill()
				return killed
			}
			return nil
		}
		s.client.Before, s.client.After = count, count
		_, err := s.client.Download(t.Context(), &s.base)
		if err == nil && step < at {
			err = s.client.Upload(t.Context(), "sale", "orders.xml", siteAnswer("000001"), false)
		}
		if !errors.Is(err, killed) {
			t.Fatalf("step %d of %d: %v", step, at, err)
		}
	}
	s.client.Before, s.client.After = nil, nil
	s.start()
	s.fetchAll(t.Context())
	if len(s.base.Documents) != orders || len(s.base.Doubled()) > 0 {
		t.Fatalf("1C has %d orders, twice %v", len(s.base.Documents), s.base.Doubled())
	}
	for _, number := range s.base.Numbers() {
		s.check(s.client.Upload(t.Context(), "sale", "orders-"+number+".xml", siteAnswer(number), true))
	}
	s.kill()
	book, err := ledger.Open(t.Context(), s.path("state/ledger.db"), ledger.Options{})
	s.check(err)
	defer book.Close()
	sets, err := book.Sets(t.Context(), ledger.SetFilter{})
	s.check(err)
	numbers := map[string]bool{}
	for _, set := range sets {
		for _, m := range set.Orders {
			numbers[m.Number1C] = true
		}
		if set.State != ledger.Loaded {
			t.Errorf("set %s is %s", set.Stem, set.State)
		}
	}
	if len(numbers) != orders || numbers[""] {
		t.Errorf("%d numbers of 1C: %v", len(numbers), numbers)
	}
	if files, err := os.ReadDir(s.path("outbox")); err != nil || len(files) > 1 { // .obmen-tmp at most
		t.Errorf("the outbox has %v, %v", files, err)
	}
}

// Orders that are dropped while the server runs are there for 1C.
func TestSiteServesNewOrders(t *testing.T) {
	s := newSiteScene(t, 1)
	s.start()
	s.fetchAll(t.Context())
	s.drop(3)
	for deadline := time.Now().Add(time.Minute); len(s.base.Documents) < 3; {
		if _, err := s.client.Download(t.Context(), &s.base); err != nil || time.Now().After(deadline) {
			t.Fatal(len(s.base.Documents), err)
		}
	}
	s.check(s.client.Upload(t.Context(), "sale", "orders.xml", siteAnswer("000001"), true))
	if out := s.run("", "explain", "--config", s.path("obmen.toml"), "2000"); !strings.Contains(out, "in 1C number СА-000001") {
		t.Errorf("explain: %s", out)
	}
}

// An order that 1C does not accept is held with its reason, and goes out once more when a person asks for
// it.
func TestSiteRefusedAndReplayed(t *testing.T) {
	s := newSiteScene(t, 8)
	s.start()
	sick := true
	s.base.Refuse = func(d *sitetest.Document) bool { return sick && d.Number == "000003" }
	for range 25 {
		_, _ = s.client.Download(t.Context(), &s.base)
	}
	held := s.run("", "held", "--json", "--config", s.path("obmen.toml"))
	if len(s.base.Documents) != 7 || !strings.Contains(held, `"refused-by-1c"`) {
		t.Fatalf("1C has %d orders; held: %s", len(s.base.Documents), held)
	}
	if out := s.run("", "status", "--config", s.path("obmen.toml")); !strings.Contains(out, " (000003); obmen held shows them") {
		t.Errorf("status: %s", out)
	}
	sick = false
	var list struct {
		Held []struct {
			Order string `json:"order"`
		} `json:"held"`
	}
	if err := json.Unmarshal([]byte(held), &list); err != nil || len(list.Held) != 1 {
		t.Fatalf("%v: %s", err, held)
	}
	if out := s.run("", "explain", "--config", s.path("obmen.toml"), list.Held[0].Order); !strings.Contains(out, "obmen replay") || strings.Contains(out, "obmen retry") {
		t.Errorf("explain names the wrong cure: %s", out)
	}
	s.run("", "replay", "--config", s.path("obmen.toml"), list.Held[0].Order)
	for deadline := time.Now().Add(time.Minute); len(s.base.Documents) < 8; {
		if _, err := s.client.Download(t.Context(), &s.base); err != nil || time.Now().After(deadline) {
			t.Fatal(len(s.base.Documents), err)
		}
	}
	if held := s.run("", "held", "--json", "--config", s.path("obmen.toml")); strings.Contains(held, "refused-by-1c") {
		t.Errorf("still held: %s", held)
	}
}

// What a rebuild of a lost ledger does not know 1C has, it offers once more, and under the old numbers.
func TestSiteRebuilt(t *testing.T) {
	s := newSiteScene(t, 8)
	s.start()
	if _, err := s.client.Download(t.Context(), &s.base); err != nil {
		t.Fatal(err)
	}
	s.kill()
	lost, err := filepath.Glob(s.path("state/ledger.db*"))
	s.check(err)
	for _, path := range lost {
		s.check(os.Remove(path))
	}
	s.run("", "ledger", "rebuild", "--config", s.path("obmen.toml"))
	s.start()
	s.fetchAll(t.Context())
	if len(s.base.Documents) != 8 || len(s.base.Doubled()) > 0 {
		t.Errorf("1C has %d orders, twice %v", len(s.base.Documents), s.base.Doubled())
	}
}

// 1C was away for long, and 100,000 orders wait: each answer takes the memory of its batch.
func TestMemoryOfSite(t *testing.T) {
	measuresMemory(t)
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the memory of another process is read in /proc")
	}
	s := newSiteScene(t, 20)
	fetched := func() (peak int) {
		s.start()
		for range 2 {
			began := time.Now()
			n, err := s.client.Download(t.Context(), &s.base)
			if err != nil || n != 5 {
				t.Fatal(n, err)
			}
			t.Logf("%d orders after %v", n, time.Since(began))
		}
		return s.peak()
	}
	few := fetched()
	s.kill()
	s.wait(100_000)
	many := fetched()
	t.Logf("%d kB with few orders, %d kB with many", few, many)
	if many-few > 16<<10 {
		t.Errorf("%d kB in place of %d", many, few)
	}
	if out := s.run("", "status", "--config", s.path("obmen.toml")); !strings.Contains(out, "100,000") && !strings.Contains(out, "100000") {
		t.Errorf("status: %s", out)
	}
}

// wait lets n more orders wait, behind those that do. They are copies of one, but for their number.
func (s *siteScene) wait(n int) {
	s.t.Helper()
	db, err := sql.Open("sqlite", s.path("state/ledger.db")+"?_pragma=synchronous(OFF)&_pragma=cache_size(-65536)")
	s.check(err)
	_, err = db.ExecContext(s.t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
		INSERT INTO letters (set_id, exchange, order_id, scope, document, number, since)
		SELECT set_id, exchange, order_id || '-' || i, scope, document, number, since
		FROM n, (SELECT * FROM letters WHERE number = 0 ORDER BY order_id DESC LIMIT 1)`, n)
	s.check(errors.Join(err, db.Close()))
}

// peak is the most memory that the server had, in kilobytes.
func (s *siteScene) peak() (kilobytes int) {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	s.check(err)
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		s.t.Fatalf("%v: %s", err, status)
	}
	return kilobytes
}
