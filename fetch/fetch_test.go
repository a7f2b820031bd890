package fetch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"obmen/fetch"
	"obmen/fetch/spapi"
)

var day0 = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// memory is a store and a folder.
type memory struct {
	cursors map[string]string
	files   map[string]string
	names   []string // in the order of their puts
	failPut error
	steps   []string // puts and swaps, in their order
}

func newMemory() *memory { return &memory{cursors: map[string]string{}, files: map[string]string{}} }

func (m *memory) Cursor(_ context.Context, name string) (string, bool, error) {
	v, ok := m.cursors[name]
	return v, ok, nil
}

func (m *memory) SwapCursor(_ context.Context, name, old, value string) (bool, error) {
	if m.cursors[name] != old {
		return false, nil
	}
	m.cursors[name] = value
	m.steps = append(m.steps, "cursor")
	return true, nil
}

func (m *memory) Create() (fetch.File, error) { return &memoryFile{in: m}, nil }

func (m *memory) Put(_ context.Context, name string, content []byte) error {
	if m.failPut != nil {
		return m.failPut
	}
	if was, ok := m.files[name]; ok {
		if was == string(content) {
			return nil
		}
		return fetch.ErrTaken
	}
	m.files[name] = string(content)
	m.names = append(m.names, name)
	m.steps = append(m.steps, "put")
	return nil
}

// amazon is a few lines of Amazon: orders by the time of their last change, two to a page.
type amazon struct {
	now     func() time.Time
	orders  []change
	queries []spapi.SearchParams
	answer  func(q spapi.SearchParams, p *spapi.Page) error // changes an answer, or refuses
}

type change struct {
	id string
	at time.Time
}

const pageSize = 2

func (a *amazon) SearchOrders(_ context.Context, q spapi.SearchParams) (*spapi.Page, error) {
	a.queries = append(a.queries, q)
	end := q.LastUpdatedBefore
	if end.IsZero() {
		end = a.now().Add(-2 * time.Minute)
	}
	after := q.LastUpdatedAfter
	if !q.CreatedAfter.IsZero() {
		after = q.CreatedAfter
		if !q.CreatedBefore.IsZero() {
			end = q.CreatedBefore
		}
	}
	if t, skip, ok := strings.Cut(q.PaginationToken, " "); ok {
		end, _ = time.Parse(time.RFC3339Nano, t)
		q.PaginationToken = skip
	}
	var in []change
	for _, o := range a.orders {
		if !o.at.Before(after) && !o.at.After(end) {
			in = append(in, o)
		}
	}
	from, _ := strconv.Atoi(q.PaginationToken)
	in = in[min(from, len(in)):]
	p := &spapi.Page{LastUpdatedBefore: end}
	p.Operation, p.RequestID, p.Received = "searchOrders", fmt.Sprintf("r%d", len(a.queries)), a.now()
	if len(in) > pageSize {
		in = in[:pageSize]
		p.NextToken = end.Format(time.RFC3339Nano) + " " + strconv.Itoa(from+pageSize)
	}
	var list []string
	for _, o := range in {
		p.Orders = append(p.Orders, spapi.OrderRef{ID: o.id, LastUpdated: o.at.Format(time.RFC3339)})
		list = append(list, fmt.Sprintf(`{"orderId":%q, "lastUpdatedTime":%q}`, o.id, o.at.Format(time.RFC3339)))
	}
	p.Body = []byte(`{"orders":[` + strings.Join(list, ",") + "]}\n")
	if a.answer != nil {
		if err := a.answer(a.queries[len(a.queries)-1], p); spapi.KindOf(err) == spapi.KindAnswer {
			return p, err
		} else if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (a *amazon) GetOrder(_ context.Context, id string, _ []spapi.Dataset) (*spapi.Order, error) {
	var o spapi.Order
	o.Operation, o.Body = "getOrder", []byte(`{"order":{"orderId":"`+id+`"}}`)
	return &o, nil
}

// scene is an account with a clock that the test moves.
type scene struct {
	*memory
	*amazon
	f     fetch.Fetcher
	clock time.Time
}

func newScene() *scene {
	s := &scene{memory: newMemory(), clock: day0}
	s.amazon = &amazon{now: func() time.Time { return s.clock }}
	s.f = fetch.Fetcher{Account: "main", Source: s.amazon, Store: s.memory, Folder: s.memory, Now: func() time.Time { return s.clock }}
	return s
}

// change makes an order change at a moment, given from day0.
func (s *scene) change(id string, at time.Duration) {
	s.orders = append(s.orders, change{id, day0.Add(at)})
	slices.SortStableFunc(s.orders, func(a, b change) int { return a.at.Compare(b.at) })
}

// saved are the ids in all files, in their order, with how often each is there.
func (s *scene) saved(t *testing.T) map[string]int {
	t.Helper()
	got := map[string]int{}
	for name, text := range s.files {
		var file struct {
			Account string
			Body    struct{ Orders []struct{ OrderID string } }
		}
		if err := json.Unmarshal([]byte(text), &file); err != nil || file.Account != "main" {
			t.Fatalf("%s: %v: %s", name, err, text)
		}
		for _, o := range file.Body.Orders {
			got[o.OrderID]++
		}
	}
	return got
}

func (s *scene) run(t *testing.T) fetch.Summary {
	t.Helper()
	sum, err := s.f.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// A first run goes back 30 days in bounded windows; the next one begins an overlap before its end, and
// asks no more than once.
func TestWindowsFollowEachOther(t *testing.T) {
	s := newScene()
	for i := range 30 {
		s.change(fmt.Sprint("a", i), -time.Duration(i)*24*time.Hour-time.Hour)
	}
	s.change("too old", -31*24*time.Hour)
	sum := s.run(t)
	if sum.Orders != 30 || len(s.saved(t)) != 30 || sum.Windows != 5 || !sum.Until.Equal(day0.Add(-2*time.Minute)) {
		t.Fatalf("%+v, saved %v", sum, s.saved(t))
	}
	s.clock = s.clock.Add(time.Hour)
	s.change("late", -5*time.Hour) // Amazon shows it only now
	s.change("new", 30*time.Minute)
	asked := len(s.queries)
	s.run(t)
	if got := s.saved(t); got["late"] != 1 || got["new"] != 1 || got["a0"] != 2 {
		t.Errorf("saved %v", got)
	}
	q := s.queries[asked]
	if !q.LastUpdatedAfter.Equal(day0.Add(-2*time.Minute-fetch.DefaultOverlap)) || !q.LastUpdatedBefore.IsZero() {
		t.Errorf("asked from %s to %s", q.LastUpdatedAfter, q.LastUpdatedBefore)
	}
}

// Windows that were over long ago are not asked for twice: their last moment is the next one's first.
func TestOldWindowsDoNotOverlap(t *testing.T) {
	s := newScene()
	s.run(t)
	for i, q := range s.queries[1:] {
		if before := s.queries[i].LastUpdatedBefore; !q.LastUpdatedAfter.Equal(before) {
			t.Errorf("window %d begins at %s, the one before ends at %s", i+1, q.LastUpdatedAfter, before)
		}
	}
}

// What changed at the very moment where two windows meet is in both, and never in none.
func TestTheEdgeBelongsToBoth(t *testing.T) {
	s := newScene()
	edge := -30*24*time.Hour + fetch.DefaultWindow
	s.change("edge", edge)
	s.change("edge too", edge)
	s.change("edge three", edge)
	s.run(t)
	for id, n := range s.saved(t) {
		if n < 1 {
			t.Errorf("%s is saved %d times", id, n)
		}
	}
	if len(s.saved(t)) != 3 {
		t.Errorf("saved %v", s.saved(t))
	}
}

// Whatever the clock of this computer says, no window has an end that Amazon would refuse, and nothing
// is missed.
func TestAWrongClock(t *testing.T) {
	for _, wrong := range []time.Duration{-5 * time.Minute, 5 * time.Minute, -3 * time.Hour, 3 * time.Hour} {
		s := newScene()
		s.f.Now = func() time.Time { return s.clock.Add(wrong) }
		s.answer = func(q spapi.SearchParams, _ *spapi.Page) error {
			if q.LastUpdatedBefore.After(s.clock.Add(-2 * time.Minute)) {
				return fmt.Errorf("end %s at %s", q.LastUpdatedBefore, s.clock)
			}
			return nil
		}
		for i := range 40 {
			s.change(fmt.Sprint(i), time.Duration(i)*time.Hour-2*time.Minute)
			s.clock = day0.Add(time.Duration(i) * time.Hour)
			s.run(t)
		}
		if len(s.saved(t)) != 40 {
			t.Errorf("clock wrong by %s: saved %d of 40", wrong, len(s.saved(t)))
		}
	}
}

// The page is durable before the cursor moves, always.
func TestCursorFollowsTheFiles(t *testing.T) {
	s := newScene()
	for i := range 5 {
		s.change(fmt.Sprint(i), -time.Hour)
	}
	s.failPut = errors.New("disk full")
	if _, err := s.f.Run(t.Context()); !errors.Is(err, s.failPut) {
		t.Fatal(err)
	}
	pos, err := fetch.ReadPosition(s.cursors[fetch.CursorName("main")])
	if err != nil || pos.Window != nil && pos.Window.Pages > 0 {
		t.Errorf("%+v, %v", pos, err)
	}
	s.failPut = nil
	s.steps = nil
	s.run(t)
	puts := 0
	for i, step := range s.steps {
		if step == "put" {
			puts++
			if i+1 == len(s.steps) || s.steps[i+1] != "cursor" {
				t.Errorf("after put %d comes no cursor: %v", puts, s.steps)
			}
		}
	}
	if puts != 3 || len(s.saved(t)) != 5 {
		t.Errorf("%d puts, saved %v", puts, s.saved(t))
	}
}

// A run that was stopped goes on with the next page while the token lives, and from the start of the
// window afterwards, or when Amazon does not take the token, or when something else is asked for.
func TestGoingOn(t *testing.T) {
	stop := errors.New("stopped")
	for _, c := range []struct {
		name  string
		after time.Duration
		data  []spapi.Dataset
		stale bool
		pages []int // pages asked for in the second run, by their tokens
	}{
		{"at once", time.Minute, nil, false, []int{2, 4}},
		{"within a day", 22 * time.Hour, nil, false, []int{2, 4}},
		{"after a day", 25 * time.Hour, nil, false, []int{0, 2, 4}},
		{"refused", time.Minute, nil, true, []int{2, 0, 2, 4}},
		{"with other data", time.Minute, []spapi.Dataset{spapi.Buyer}, false, []int{0, 2, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene()
			s.f.First = day0.Add(-24 * time.Hour)
			for i := range 5 {
				s.change(fmt.Sprint(i), -time.Hour)
			}
			s.answer = func(q spapi.SearchParams, _ *spapi.Page) error {
				if q.PaginationToken != "" {
					return stop
				}
				return nil
			}
			if _, err := s.f.Run(t.Context()); !errors.Is(err, stop) {
				t.Fatal(err)
			}
			s.clock, s.f.Included, s.queries = s.clock.Add(c.after), c.data, nil
			s.answer = nil
			if c.stale {
				s.answer = func(spapi.SearchParams, *spapi.Page) error {
					s.answer = nil
					return &spapi.Error{Kind: spapi.KindInput}
				}
			}
			s.run(t)
			var pages []int
			for _, q := range s.queries {
				_, n, _ := strings.Cut(q.PaginationToken, " ")
				page, _ := strconv.Atoi(n)
				pages = append(pages, page)
			}
			if !slices.Equal(pages, c.pages) || len(s.saved(t)) != 5 {
				t.Errorf("asked for %v, want %v; saved %v", pages, c.pages, s.saved(t))
			}
		})
	}
}

// A token that comes again ends the run: following it would never end. The next run starts the window
// anew.
func TestRepeatedToken(t *testing.T) {
	for _, again := range []string{"first", "second"} {
		s := newScene()
		s.f.First = day0.Add(-time.Hour)
		for i := range 9 {
			s.change(fmt.Sprint(i), -30*time.Minute)
		}
		var tokens []string
		s.answer = func(_ spapi.SearchParams, p *spapi.Page) error {
			if tokens = append(tokens, p.NextToken); len(tokens) > 2 {
				p.NextToken = tokens[map[string]int{"first": 0, "second": 1}[again]]
			}
			return nil
		}
		if _, err := s.f.Run(t.Context()); !errors.Is(err, fetch.ErrRepeated) || len(s.queries) > 4 {
			t.Fatalf("%v after %d requests", err, len(s.queries))
		}
		s.answer = nil
		s.run(t)
		if len(s.saved(t)) != 9 {
			t.Errorf("saved %v", s.saved(t))
		}
	}
}

// A body that cannot be read is saved all the same, as text in an envelope that can, and the cursor
// stays where it was.
func TestUnreadablePages(t *testing.T) {
	for name, c := range map[string]struct{ body, key, value string }{
		"cut off":       {`{"orders":[{"orderId":"1"`, "bodyText", `{"orders":[{"orderId":"1"`},
		"a page of web": {"<html>busy</html>", "bodyText", "<html>busy</html>"},
		"no text":       {"\xff\x00", "bodyBase64", "/wA="},
		"nothing":       {"", "bodyText", ""},
	} {
		s := newScene()
		s.f.First = day0.Add(-time.Hour)
		s.answer = func(_ spapi.SearchParams, p *spapi.Page) error {
			p.Body, p.Orders = []byte(c.body), nil
			return &spapi.Error{Kind: spapi.KindAnswer}
		}
		_, err := s.f.Run(t.Context())
		if spapi.KindOf(err) != spapi.KindAnswer || len(s.names) != 1 {
			t.Fatalf("%s: %v, files %q", name, err, s.names)
		}
		var file map[string]any
		if err := json.Unmarshal([]byte(s.files[s.names[0]]), &file); err != nil || file[c.key] != c.value || file["errors"] == nil {
			t.Errorf("%s: %v: %v", name, err, file)
		}
		pos, err := fetch.ReadPosition(s.cursors[fetch.CursorName("main")])
		if err != nil || pos.Begun() || !pos.Done.Equal(s.f.First) {
			t.Errorf("%s: the cursor went to %+v, %v", name, pos, err)
		}
		s.answer = nil
		s.change("1", -time.Minute*30)
		s.names, s.files = nil, map[string]string{}
		s.run(t)
		if s.saved(t)["1"] != 1 {
			t.Errorf("%s: the next run saved %v", name, s.saved(t))
		}
	}
}

// The body stands in the file byte for byte, behind the account.
func TestEnvelope(t *testing.T) {
	s := newScene()
	const odd = "{ \"orders\" : [ {\"orderId\":\"1\",\"n\":1.10,\"t\":\"\\u00e9<\xff\"} ] }  \n"
	s.answer = func(_ spapi.SearchParams, p *spapi.Page) error {
		p.Body, p.Request, p.Orders = []byte(odd), "/orders?lastUpdatedAfter=x&marketplaceIds=A%2CB", make([]spapi.OrderRef, 1)
		return nil
	}
	s.f.First = day0.Add(-time.Hour)
	s.run(t)
	text := s.files[s.names[0]]
	want := "{\"account\":\"main\",\n\"operation\":\"searchOrders\",\n\"request\":{\"path\":\"/orders\",\"parameters\":{\"lastUpdatedAfter\":\"x\",\"marketplaceIds\":\"A,B\"}},\n" +
		"\"requestId\":\"r1\",\n\"time\":\"2026-11-01T00:00:00Z\",\n\"body\":" + odd + "}\n"
	if text != want {
		t.Errorf("file\n%s\nwant\n%s", text, want)
	}
	if s.names[0] != "amazon-main-updated-20261031T230000Z-20261031T235800Z-p0001.json" {
		t.Errorf("name %s", s.names[0])
	}
}

// A backfill asks by the time of creation, leaves the cursor alone, and can be asked for again.
func TestBackfill(t *testing.T) {
	s := newScene()
	s.change("1", -40*24*time.Hour)
	s.change("2", -50*24*time.Hour)
	s.change("3", -60*24*time.Hour)
	before := s.cursors[fetch.CursorName("main")]
	for range 2 {
		sum, err := s.f.Backfill(t.Context(), day0.Add(-55*24*time.Hour), day0.Add(-35*24*time.Hour))
		if err != nil || sum.Orders != 2 {
			t.Fatalf("%+v, %v", sum, err)
		}
	}
	for _, q := range s.queries {
		if q.CreatedAfter.IsZero() || !q.LastUpdatedAfter.IsZero() || q.CreatedBefore.After(day0.Add(-35*24*time.Hour)) {
			t.Errorf("asked %+v", q)
		}
	}
	if s.cursors[fetch.CursorName("main")] != before || s.saved(t)["3"] != 0 {
		t.Errorf("cursors %v", s.cursors)
	}
	for name, value := range s.cursors {
		if value != "" {
			t.Errorf("%s is left behind as %s", name, value)
		}
	}
}

// Two runs at once: the second to move the cursor is told, and nothing is lost.
func TestOvertaken(t *testing.T) {
	s := newScene()
	s.run(t)
	s.answer = func(spapi.SearchParams, *spapi.Page) error {
		s.cursors[fetch.CursorName("main")] = `{"done":"2026-11-01T00:00:00Z","asked":"2026-11-01T00:00:00Z"}`
		return nil
	}
	if _, err := s.f.Run(t.Context()); !errors.Is(err, fetch.ErrOvertaken) {
		t.Errorf("%v", err)
	}
}

// An overlap longer than the window still gets somewhere.
func TestAShortWindow(t *testing.T) {
	s := newScene()
	s.f.Window, s.f.First = time.Hour, day0.Add(-12*time.Hour)
	s.change("1", -time.Hour)
	s.run(t)
	s.clock = s.clock.Add(24 * time.Hour)
	s.change("2", 12*time.Hour)
	s.run(t)
	if len(s.saved(t)) != 2 {
		t.Errorf("saved %v", s.saved(t))
	}
}

// Where a first run was to begin is remembered, even if it got nowhere; and can be changed until it has.
func TestWhereAFirstRunBegins(t *testing.T) {
	s := newScene()
	down := errors.New("down")
	s.answer = func(spapi.SearchParams, *spapi.Page) error { return down }
	s.f.First = day0.Add(-100 * 24 * time.Hour)
	if _, err := s.f.Run(t.Context()); !errors.Is(err, down) {
		t.Fatal(err)
	}
	s.answer, s.queries = nil, nil
	s.f.First = time.Time{}
	if s.run(t); !s.queries[0].LastUpdatedAfter.Equal(day0.Add(-100 * 24 * time.Hour)) {
		t.Errorf("began at %s", s.queries[0].LastUpdatedAfter)
	}
	s.f.First = day0.Add(-200 * 24 * time.Hour)
	s.queries = nil
	if s.run(t); s.queries[0].LastUpdatedAfter.Before(day0.Add(-24 * time.Hour)) {
		t.Errorf("a later run began at %s", s.queries[0].LastUpdatedAfter)
	}
}
