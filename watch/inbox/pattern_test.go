package inbox

import (
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
