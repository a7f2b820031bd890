package watch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"*.json", []string{"a.json", "A.JSON"}, []string{"a.json.bak", "json"}},
		{"orders-?.txt", []string{"orders-1.txt"}, []string{"orders-12.txt"}},
		{`re:^orders-\d+\.`, []string{"orders-12.txt", "ORDERS-1.xml"}, []string{"my-orders-1.txt", "orders-.txt"}},
		{"re:заказ", []string{"Новый ЗАКАЗ.json"}, []string{"order.json"}},
	} {
		p, err := compilePatterns([]string{c.pattern})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range c.yes {
			if !p.match(name) {
				t.Errorf("%s leaves %s out", c.pattern, name)
			}
		}
		for _, name := range c.no {
			if p.match(name) {
				t.Errorf("%s takes %s", c.pattern, name)
			}
		}
	}
	for _, bad := range []string{"[a", "re:("} {
		if CheckPattern(bad) == nil {
			t.Errorf("%q is no pattern and passes", bad)
		}
	}
}

func TestIncludeExcludeAndDepth(t *testing.T) {
	p := newPlace(t)
	p.r.Include, p.r.Exclude, p.r.Depth = []string{"*.json"}, []string{"re:draft"}, 1
	for _, dir := range []string{"one", "one/two", ".hidden"} {
		if err := os.Mkdir(filepath.Join(p.r.Inbox, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"a.json", "b.txt", "my-draft.json", "one/c.json", "one/two/d.json", ".hidden/e.json"} {
		p.put(p.r.Inbox, name, shopFile(i+1, "02", "A", "5.00"))
	}
	p.once()
	left := p.names(p.r.Inbox)
	slices.Sort(left)
	p.expect("inbox", left, []string{"b.txt", "d.json", "e.json", "my-draft.json"})
	p.expect("archive", p.names(p.r.Archive), []string{"a.json", "c.json"})
}
