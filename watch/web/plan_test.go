package web

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"modernc.org/sqlite"

	"obmen/convert/catalog"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// planDriver is the driver of the ledger, and asks SQLite how it finds the rows of each query.
type planDriver struct {
	driver.Driver
	mu    sync.Mutex
	plans map[string][]string // by query
}

func (d *planDriver) Open(name string) (driver.Conn, error) {
	c, err := d.Driver.Open(name)
	return &planConn{c, d}, err
}

// planConn has no queries of its own: each is prepared first.
type planConn struct {
	driver.Conn
	of *planDriver
}

func (c *planConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if strings.HasPrefix(query, "SELECT") || strings.HasPrefix(query, "WITH") {
		if err := c.explain(ctx, query); err != nil {
			return nil, err
		}
	}
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

func (c *planConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *planConn) BeginTx(ctx context.Context, opt driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opt)
}

// explain keeps the plan of a query; the values do not matter for it.
func (c *planConn) explain(ctx context.Context, query string) error {
	args := make([]driver.NamedValue, 40)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	var plan []string
	row := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(row); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		plan = append(plan, row[3].(string))
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.of.plans[query] = plan
	return nil
}

var plans = &planDriver{Driver: &sqlite.Driver{}, plans: map[string][]string{}}

func init() { sql.Register("sqlite-plans", plans) }

// grown are the tables that grow with the history. To read one of them from its beginning costs nothing when it is
// read in the order of an index, and ends after a page. The index files_running has only what is being worked on.
var grown = regexp.MustCompile(`^SCAN (files|orders|sets|members|outputs|numbers|site_orders)\b(.*)`)

// No first page and no command that shows how things stand reads what grows with the history.
func TestNothingReadsTheWholeHistory(t *testing.T) {
	s := planServer(t)
	handler := s.Handler()
	token, err := s.sessions.start(&session{User: "anna", Role: roles.Admin}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/order?number=1", "/held?code=unknown-sku&file=skus.csv&line=S", "/held?gone=1", "/files?q=july"}
	for i := range pages {
		paths = append(paths, "/"+pages[i].Name)
	}
	for _, path := range paths {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError && path != "/guess" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	ctx, d := t.Context(), s.Desk
	_, err1 := d.Status(ctx, desk.StatusOptions{Finished: 20})
	_, err2 := d.Held(ctx, desk.HeldOptions{Page: desk.Page{Limit: 10}})
	_, err3 := d.Problems(ctx, time.Now())
	_, _ = d.Explain(ctx, "1") // it is not known
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			t.Error(err)
		}
	}
	plans.mu.Lock()
	defer plans.mu.Unlock()
	if len(plans.plans) < 20 {
		t.Errorf("only %d queries were seen", len(plans.plans))
	}
	for query, plan := range plans.plans {
		sorts := strings.Contains(strings.Join(plan, "\n"), "USE TEMP B-TREE FOR ORDER BY")
		for _, step := range plan {
			scan := grown.FindStringSubmatch(step)
			if scan != nil && !strings.Contains(scan[2], "files_running") && (sorts || !strings.Contains(query, "LIMIT") || !strings.Contains(scan[2], "INDEX")) {
				t.Errorf("%s\nin %s", strings.Join(plan, "\n"), query)
			}
		}
	}
}

// planServer is a page over an empty ledger.
func planServer(t *testing.T) *Server {
	t.Helper()
	dir := t.TempDir()
	book, err := ledger.Open(t.Context(), filepath.Join(dir, desk.LedgerFile), ledger.Options{Driver: "sqlite-plans"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	products, err := catalog.Load(fstest.MapFS{"products.csv": {Data: []byte("sku;name\nA-1;Sugar bowl\n")}})
	if err != nil {
		t.Fatal(err)
	}
	route := inbox.Route{Name: "main", AckWithin: time.Hour}
	for path, name := range map[*string]string{&route.Inbox: "inbox", &route.Outbox: "outbox", &route.Quarantine: "quarantine"} {
		*path = filepath.Join(dir, name)
	}
	s := &Server{
		Desk: &desk.Desk{
			State: dir, Catalogs: dir, Routes: []inbox.Route{route}, Ledger: book,
			Lookups: desk.Lookups{
				Catalog:    func() (*catalog.Snapshot, error) { return products, nil },
				Encryption: func() (*store.Encryption, error) { return nil, nil },
				Command:    func(name string, args ...string) string { return "obmen " + name + strings.Join(args, " ") },
			},
		},
		Outside: Outside{
			HasUsers: func() bool { return false }, Fetches: func() []Fetch { return nil },
			Settings: func() Settings { return Settings{} }, Check: func() []error { return nil }, Users: func() []UserRow { return nil },
		},
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
