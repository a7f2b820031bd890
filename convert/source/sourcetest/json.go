package sourcetest

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
)

// JSON is a reader of JSON with what it takes to make files for it.
type JSON struct {
	Format source.Format
	// Order returns an order of one line. All but more are JSON; more is put among the members, as `"x":1`.
	Order func(o Fields) string
	// List returns the file of several orders, and the pointer of the nth of them is List + "/" + n.
	File func(orders ...string) string
	List string
	// Amount names the member that Fields.Amount stands in, from the order: "/line_items/0/price".
	Amount string
	// Numbers reports whether amounts and quantities may be numbers of JSON.
	Numbers bool
}

// Fields are the values of an order as JSON: texts have their quotes.
type Fields struct{ ID, SKU, Quantity, Amount, More string }

// plain are fields of a good order.
func plain(id string) Fields {
	return Fields{ID: strconv.Quote(id), SKU: `"AB-100"`, Quantity: "2", Amount: `"6.25"`}
}

// ids are those of good orders, in the form of Amazon's.
var ids = []string{"171-2000001-1000001", "171-2000002-1000002", "171-2000003-1000003"}

func (s *JSON) threeOrders() string {
	return s.File(s.Order(plain(ids[0])), s.Order(plain(ids[1])), s.Order(plain(ids[2])))
}

// one is a file of one order.
func (s *JSON) one(change func(*Fields)) string {
	f := plain(ids[0])
	change(&f)
	return s.File(s.Order(f))
}

// Test runs all promises about JSON.
func (s *JSON) Test(t *testing.T) {
	t.Run("cut anywhere", s.testCut)
	t.Run("wherever a buffer ends", s.testBuffers)
	t.Run("encodings", s.testEncodings)
	t.Run("invisible characters", s.testInvisible)
	t.Run("numbers", s.testNumbers)
	t.Run("file errors", s.testFileErrors)
	t.Run("refusals", s.testRefusals)
	t.Run("hostile files", s.testHostile)
	t.Run("reading ends", func(t *testing.T) { testReadingEnds(t, s.Format, s.threeOrders()) })
}

func (s *JSON) good(t *testing.T, content string) order.Order {
	t.Helper()
	orders, refused, err := Read(t, s.Format, content)
	if err != nil || len(refused) > 0 || len(orders) != 1 || len(orders[0].Lines) != 1 {
		t.Fatalf("%d orders, refused %v, %v; want one of %s", len(orders), refused, err, content)
	}
	return orders[0]
}

// Every beginning of a file gives an error, or whole orders: never a part of one, never another.
func (s *JSON) testCut(t *testing.T) {
	content := s.threeOrders()
	whole, _, err := Read(t, s.Format, content)
	if err != nil || len(whole) != 3 {
		t.Fatalf("%d orders, %v", len(whole), err)
	}
	for n := range content {
		orders, refused, err := Read(t, s.Format, content[:n])
		if len(refused) > 0 || !errors.Is(err, source.ErrTruncated) && !(n == 0 && errors.Is(err, source.ErrEmpty)) {
			t.Fatalf("at byte %d of %s: refused %v, %v", n, content, refused, err)
		}
		compare(t, whole[:len(orders)], orders)
		if want := strconv.Itoa(n); n > 0 && !strings.Contains(err.Error(), "at byte "+want) {
			t.Fatalf("at byte %d: %v", n, err)
		}
	}
}

// Wherever the reader's buffer ends in a file, its orders are the same.
func (s *JSON) testBuffers(t *testing.T) {
	content := s.threeOrders()
	whole, _, _ := Read(t, s.Format, content)
	for _, buffer := range []int{4 << 10, 64 << 10, 128<<10 - 1} {
		for n := 0; n <= len(content); n += 7 {
			orders, refused, err := Read(t, s.Format, strings.Repeat(" ", max(0, buffer-n))+content)
			if err != nil || len(refused) > 0 {
				t.Fatalf("%d blanks: refused %v, %v", buffer-n, refused, err)
			}
			compare(t, whole, orders)
		}
	}
}

func (s *JSON) testEncodings(t *testing.T) {
	content := s.one(func(f *Fields) { f.SKU = `"АВ-100 €"` })
	units := utf16.Encode([]rune("\ufeff" + content))
	var little, big bytes.Buffer
	for _, u := range units {
		little.Write([]byte{byte(u), byte(u >> 8)})
		big.Write([]byte{byte(u >> 8), byte(u)})
	}
	for name, file := range map[string]string{
		"UTF-8": content, "UTF-8 with mark": "\ufeff" + content, "UTF-16 LE": little.String(), "UTF-16 BE": big.String(),
		"escaped": strings.NewReplacer("А", `\u0410`, "В", `\u0412`, "€", `\u20ac`).Replace(content),
	} {
		if o := s.good(t, file); o.Lines[0].SKU != "АВ-100 €" {
			t.Errorf("%s: SKU %q", name, o.Lines[0].SKU)
		}
	}
	russian, err := charmap.Windows1251.NewEncoder().String(content)
	if err != nil {
		t.Fatal(err)
	}
	if orders, _, err := Read(t, s.Format, russian); len(orders) > 0 || err == nil || !strings.Contains(err.Error(), "broken JSON at byte") {
		t.Errorf("Windows-1251: %d orders, %v", len(orders), err)
	}
}

// Characters that no screen shows are no part of an order's number; a broken one refuses the order.
func (s *JSON) testInvisible(t *testing.T) {
	for _, id := range []string{"\ufeff" + ids[0], ids[0] + "\u200b", " " + ids[0] + "\u00a0", "171-\u200e2000001-1000001\u2060"} {
		if o := s.good(t, s.one(func(f *Fields) { f.ID = `"` + id + `"` })); o.ID != ids[0] {
			t.Errorf("%+q is read as %+q", id, o.ID)
		}
	}
	for _, change := range []func(*Fields){
		func(f *Fields) { f.ID = "\"171-2000001-\ufffd\"" },
		func(f *Fields) { f.SKU = "\"AB\ufffd\"" },
		func(f *Fields) { f.SKU = `"AB\ud800"` }, // half a surrogate pair
	} {
		row := s.oneRefusal(t, s.one(change))
		if !strings.Contains(row.Error(), "U+FFFD") {
			t.Errorf("refused: %v", row)
		}
	}
}

// One number is one number, however JSON writes it.
func (s *JSON) testNumbers(t *testing.T) {
	quantities, amounts := []string{`"3"`, `" 3 "`}, []string{`"19.99"`, `"19.990"`, `"19.99 "`}
	if s.Numbers {
		quantities = append(quantities, `3`, `3.0`, `3e0`, `30e-1`, `0.3E+1`)
		amounts = append(amounts, `19.99`, `19.990`, `1.999e1`, `1999E-2`, `0.1999e2`)
	}
	want := money.MustParse("19.99")
	for _, q := range quantities {
		if o := s.good(t, s.one(func(f *Fields) { f.Quantity = q })); o.Lines[0].Ordered != money.Int(3) {
			t.Errorf("a quantity of %s is read as %s", q, o.Lines[0].Ordered)
		}
	}
	for _, a := range amounts {
		o := s.good(t, s.one(func(f *Fields) { f.Amount, f.Quantity = a, "1" }))
		if got := o.Lines[0].Price.Amount; !got.Known || got.Value != want {
			t.Errorf("an amount of %s is read as %s", a, got.Value)
		}
	}
	big := "90071992547.409931"
	if o := s.good(t, s.one(func(f *Fields) { f.Amount, f.Quantity = strconv.Quote(big), "1" })); o.Lines[0].Price.Amount.Value.String() != big {
		t.Errorf("%s became %s", big, o.Lines[0].Price.Amount.Value)
	}
	for _, bad := range []string{`"1.2.3"`, `"12,50"`, `"1e999999999"`, `"NaN"`, `"0x10"`, `"1 000"`, `{}`, `[1]`, `true`, `"` + strings.Repeat("9", 60) + `"`} {
		if bad == `{}` { // states nothing
			continue
		}
		row := s.oneRefusal(t, s.one(func(f *Fields) { f.Amount = bad }))
		if want := s.List + "/0" + s.Amount; row.At.Pointer != want {
			t.Errorf("an amount of %s is refused at %q, want %q: %v", bad, row.At.Pointer, want, row)
		}
	}
}

// What ends a file: ¦ marks the byte that the message names, counted from 0.
func (s *JSON) testFileErrors(t *testing.T) {
	good := s.Order(plain(ids[0]))
	file := s.File(good, good)
	first := strings.Index(file, good)
	with := func(text string) string { return file[:first] + text + file[first+len(good):] }
	for name, c := range map[string]struct{ content, want string }{
		"broken":         {with(`{"x":¦x}`), "broken JSON at byte ¦"},
		"no comma":       {with(`{"x":1 ¦"y":2}`), "broken JSON at byte ¦"},
		"text behind":    {file + ` ¦and so on`, "broken JSON at byte ¦"},
		"name twice":     {with(good[:len(good)-1] + `,"x":1,¦"x":2}`), "twice"},
		"leading zero":   {with(`{"x":0¦1}`), "broken JSON at byte ¦"},
		"control letter": {with("{\"x\":\"a¦\n\"}"), "broken JSON at byte"},
		"not UTF-8":      {with("{\"x\":\"a¦\xff\"}"), "broken JSON at byte ¦"},
	} {
		for mark, bom := range map[string]int{"": 0, "\ufeff": 3} {
			at := strings.Index(c.content, "¦")
			_, refused, err := Read(t, s.Format, mark+strings.Replace(c.content, "¦", "", 1))
			want := strings.Replace(c.want, "¦", strconv.Itoa(at+bom), 1)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, refused %v; want %q", name, err, refused, want)
			}
		}
	}
	if _, _, err := Read(t, s.Format, " \n"); !errors.Is(err, source.ErrEmpty) {
		t.Errorf("an empty file: %v", err)
	}
}

// One bad order keeps no other back, and each is told with its pointer.
func (s *JSON) testRefusals(t *testing.T) {
	good, bad := s.Order(plain(ids[0])), plain(ids[1])
	bad.Amount = `"dear"`
	for name, c := range map[string]struct{ order, pointer string }{
		"an amount": {s.Order(bad), s.List + "/1" + s.Amount},
		"no object": {`7`, s.List + "/1"},
		"null":      {`null`, s.List + "/1"},
		"no order":  {`{"colour":"red"}`, s.List + "/1"},
	} {
		orders, refused, err := Read(t, s.Format, s.File(good, c.order, s.Order(plain(ids[2]))))
		if err != nil || len(orders) != 2 || len(refused) != 1 {
			t.Errorf("%s: %d orders, refused %v, %v", name, len(orders), refused, err)
			continue
		}
		if refused[0].At.Pointer != c.pointer {
			t.Errorf("%s: refused at %q, want %q: %v", name, refused[0].At.Pointer, c.pointer, refused[0])
		}
	}
	if row := s.oneRefusal(t, s.one(func(f *Fields) { f.ID = "null" })); row.At.Pointer != s.List+"/0" || !strings.Contains(row.Error(), "is missing") {
		t.Errorf("without a number: %v at %q", row, row.At.Pointer)
	}
}

func (s *JSON) oneRefusal(t *testing.T, content string) *source.RowError {
	t.Helper()
	orders, refused, err := Read(t, s.Format, content)
	if err != nil || len(orders) > 0 || len(refused) != 1 {
		t.Fatalf("%d orders, refused %v, %v; want one refusal of %s", len(orders), refused, err, content)
	}
	return refused[0]
}

// Nothing takes more memory than an order may.
func (s *JSON) testHostile(t *testing.T) {
	more := func(text string) string { return s.one(func(f *Fields) { f.More = text }) }
	for name, content := range map[string]string{
		"deep order":      more(`"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100)),
		"very deep order": strings.TrimSuffix(more(`"x":`+strings.Repeat("[", 20000)), "}"),
		"long text":       more(`"x":"` + strings.Repeat("a", 17<<20) + `"`),
		"many values":     more(`"x":[` + strings.Repeat("0,", 1<<19) + `0]`),
	} {
		orders, refused, err := Read(t, s.Format, content)
		if !errors.Is(err, source.ErrHostile) && (len(refused) != 1 || !errors.Is(refused[0], source.ErrHostile)) || len(orders) > 0 {
			t.Errorf("%s: %d orders, refused %d, %.200v", name, len(orders), len(refused), err)
		}
	}
}
