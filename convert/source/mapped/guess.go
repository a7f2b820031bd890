package mapped

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"obmen/convert/money"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// Guess is a first mapping that was made of a sample: it compiles, and its owner mends what is wrong.
type Guess struct {
	Kind  Kind     `json:"kind"`
	Text  string   `json:"text"`  // the mapping
	Notes []string `json:"notes"` // what was not found, and what is doubtful
}

// guessSize is how much of a sample is looked at.
const guessSize = 1 << 20

// leaf is a value of an order with the way to it.
type leaf struct {
	path, name, text string   // text is the first that the sample states
	words            []string // the different texts of the sample
	in               orderSet // the orders that state it
	gaps             bool     // some orders, of a table some rows, do not state it
	others           []string // the paths of values that stand for it where an order does not state it
}

// field is a field that is looked for, with the names that it has in one place or another, the likeliest
// first.
type wanted struct {
	field string
	names []string
	like  func(string) bool // what its values look like; nil for anything
	whole bool              // the end of a name is not enough
}

var wantedOrder = []wanted{
	{"id", []string{"number", "ordernumber", "orderno", "orderid", "postingnumber", "purchaseordernumber", "bestellnummer", "bestellnr", "auftragsnummer", "номерзаказа", "заказ", "номер", "numérodecommande", "numerodepedido", "code", "id", "name"}, nil, false},
	{"created", []string{"createdat", "datecreated", "created", "orderdate", "creationdate", "purchasedate", "saledate", "date", "timestamp", "createdon", "bestelldatum", "datum", "датазаказа", "датасоздания", "дата", "datedecommande", "fecha"}, likeTime, false},
	{"revision", []string{"updatedat", "datemodified", "modifiedat", "lastupdatedate", "lastchangedate", "updated", "modified"}, likeTime, false},
	{"currency", []string{"currency", "currencycode", "currencyid", "währung", "waehrung", "валюта", "devise", "moneda"}, likeCurrency, false},
	{"total", []string{"total", "totalprice", "grandtotal", "ordertotal", "totalamount", "itemstotal", "amount", "sum", "gesamtbetrag", "gesamt", "gesamtsumme", "итого", "суммазаказа", "montanttotal", "importetotal"}, likeMoney, true},
	{"discount", []string{"discountamount", "discounttotal", "totaldiscount", "discount", "rabatt", "скидка"}, likeMoney, true},
	{"status", []string{"status", "state", "orderstatus", "статус", "состояние", "statut", "estado"}, nil, false},
	{"buyer.email", []string{"email", "buyeremail", "customeremail", "почта", "элпочта", "correo"}, func(s string) bool { return strings.Contains(s, "@") }, false},
	{"buyer.phone", []string{"phone", "buyerphone", "telephone", "mobile", "cellphone", "telefon", "телефон", "teléfono"}, nil, false},
	{"buyer.first_name", []string{"firstname", "givenname", "vorname", "имя"}, nil, false},
	{"buyer.last_name", []string{"lastname", "familyname", "surname", "nachname", "фамилия"}, nil, false},
	{"buyer.name", []string{"buyername", "customername", "fullname", "buyer", "customer", "kunde", "käufer", "покупатель", "клиент", "фио", "client", "cliente"}, nil, false},
	{"ship.country", []string{"shipcountry", "shippingcountry", "countrycode", "country", "shiptocountry", "land", "страна", "pays", "país"}, nil, false},
	{"ship.city", []string{"shipcity", "shippingcity", "city", "shiptocity", "stadt", "ort", "город", "ville", "ciudad"}, nil, false},
}

// wantedShipping finds the amount that the buyer pays for the delivery of an order.
var wantedShipping = wanted{
	"shipping",
	[]string{"shippingtotal", "ordershipping", "shippingcost", "shippingprice", "shippingandhandling", "shipping", "deliverytotal", "delivery", "versandkosten", "versand", "доставка", "стоимостьдоставки"},
	likeMoney, true,
}

var wantedLine = []wanted{
	{"id", []string{"lineid", "itemid", "orderitemid", "transactionid", "id"}, nil, false},
	{"sku", []string{"lineitemsku", "sku", "sellersku", "offerid", "article", "vendorcode", "productcode", "customlabel", "itemcode", "reference", "artikelnummer", "artikelnr", "артикул", "référence"}, nil, false},
	{"title", []string{"lineitemname", "itemtitle", "itemname", "offername", "productname", "title", "name", "description", "artikel", "artikelname", "bezeichnung", "produkt", "товар", "наименование", "название", "produit", "producto"}, nil, false},
	{"quantity", []string{"lineitemquantity", "quantity", "qty", "count", "quantityordered", "units", "menge", "anzahl", "количество", "колво", "quantité", "cantidad"}, likeNumber, false},
	{"amount", []string{"linetotal", "total", "totalprice", "amount", "sum", "itemtotal", "positionssumme", "zeilensumme", "суммастроки", "стоимость", "сумма"}, likeMoney, true},
	{"unit", []string{"lineitemprice", "unitprice", "price", "priceperunit", "itemprice", "baseprice", "einzelpreis", "stückpreis", "preis", "ценазаединицу", "цена", "prixunitaire", "precio"}, likeMoney, true},
	{"tax", []string{"totaltax", "taxamount", "tax", "vatamount", "vat", "mwst", "steuer", "ндс", "tva", "iva"}, likeMoney, true},
	{"discount", []string{"lineitemdiscount", "totaldiscount", "discountamount", "discount"}, likeMoney, true},
}

func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func likeNumber(s string) bool { _, err := parseNumber(strings.TrimSpace(s)); return err == nil }

func likeMoney(s string) bool {
	_, err := parseWritten(s, markAuto, 2)
	return err == nil || err == errDoubtful //nolint:errorlint // its own
}

func likeCurrency(s string) bool { _, err := money.ParseCurrency(s); return err == nil || s == "RUR" }

func likeTime(s string) bool { _, ok := timeLayout(s); return ok }

// guessedLayouts are tried for dates; the usual ones need no format in a mapping.
var guessedLayouts = []string{
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006", "02-01-2006 15:04:05", "2006/01/02 15:04:05", "01/02/2006 15:04", "01/02/2006",
	"01/02/06", "Jan-02-06", "02-Jan-06", "2006-01-02 15:04:05 -0700",
}

// timeLayout is the format of a date, empty for the usual ones.
func timeLayout(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if _, _, err := (&form{}).moment(s); err == nil {
		return "", true
	}
	for _, layout := range guessedLayouts {
		if _, ok := readTime(layout, s, time.UTC); ok {
			return layout, true
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 1e9 {
		if n > 1e11 && n < 1e13 {
			return "unix-ms", true
		}
		return "unix", n < 1e11
	}
	return "", false
}

// MakeGuess proposes a mapping for a sample of a source.
func MakeGuess(in source.Input) (*Guess, error) {
	text, err := beginning(in)
	if err != nil {
		return nil, err
	}
	g := &guesser{Guess: &Guess{Notes: []string{}}}
	trimmed := bytes.TrimLeft(text, "\ufeff \t\r\n")
	switch {
	case len(trimmed) == 0:
		return nil, &source.FileError{At: originOf(in), Err: source.ErrEmpty, Advice: "give a file with one order at least"}
	case trimmed[0] == '{' || trimmed[0] == '[':
		g.Kind = JSON
		g.json(partOfJSON(trimmed))
	case trimmed[0] == '<':
		g.Kind = XML
		g.xml(partOfXML(trimmed))
	default:
		g.Kind = CSV
		g.table(text)
	}
	if len(g.order) == 0 {
		return nil, &source.FileError{At: originOf(in), Err: fmt.Errorf("%w: no list of orders was found in it", source.ErrUnknown), Advice: "give a file of JSON, CSV or XML with one order at least"}
	}
	g.Text = g.write(in.Name)
	return g.Guess, nil
}

func beginning(in source.Input) ([]byte, error) {
	cs, err := input.FindCharset(in)
	if err != nil {
		return nil, err
	}
	r, err := cs.Open(in)
	if err != nil {
		return nil, unreadable(in, err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, guessSize))
	if err != nil {
		return nil, unreadable(in, err)
	}
	return text, nil
}

// guesser looks at the first order of a sample.
type guesser struct {
	*Guess
	ordersAt string // path, empty in a table
	linesAt  string // path, "@" where the order is its own line
	group    string // of a table
	inherit  bool
	order    []leaf
	count    int // of the orders that were looked at; 0 for a table
	line     []leaf
}

// candidate is a list of objects that may be the orders.
type candidate struct {
	path  string
	first int32 // its first element
	score int
}

func (g *guesser) json(d *doc) {
	if len(d.nodes) == 0 {
		return
	}
	lists := d.lists(0, "", 0)
	if d.nodes[0].kind == '{' { // the body may be one order
		lists = append(lists, candidate{"@", 0, 1})
	}
	g.choose(d, lists)
}

// lists finds the lists of objects down to a few levels.
func (d *doc) lists(at int32, path string, depth int) (found []candidate) {
	n := &d.nodes[at]
	if n.kind == '[' && n.child != 0 && d.nodes[n.child].kind == '{' {
		count := 0
		for e := n.child; e != 0; e = d.nodes[e].next {
			count++
		}
		found = append(found, candidate{cmp.Or(path, "@"), n.child, count})
	}
	if n.kind != '{' || depth > 3 {
		return found
	}
	for c := n.child; c != 0; c = d.nodes[c].next {
		found = append(found, d.lists(c, joinPath(path, string(d.name(c))), depth+1)...)
	}
	return found
}

func joinPath(path, name string) string {
	name = strings.ReplaceAll(name, ".", `\.`)
	if path == "" {
		return name
	}
	return path + "." + name
}

// choose takes the likeliest list as the orders: one whose elements have a list of their own with a quantity,
// and an id.
func (g *guesser) choose(d *doc, lists []candidate) {
	for i := range lists {
		c := &lists[i]
		if _, ok := pick(wantedOrder[0], d.leaves(c.first, "")); !ok {
			continue
		}
		c.score += 100
		for _, l := range d.lists(c.first, "", 0) {
			if _, ok := pick(wantedLine[3], d.leaves(l.first, "")); ok {
				c.score += 1000
				break
			}
		}
	}
	if len(lists) == 0 {
		return
	}
	best := slices.MaxFunc(lists, func(a, b candidate) int { return cmp.Compare(a.score, b.score) })
	g.setOrders(d, best)
	most := 0
	for _, l := range d.lists(best.first, "", 0) {
		if leaves := d.leaves(l.first, ""); len(leaves) > 0 {
			score := len(leaves)
			if _, ok := pick(wantedLine[3], leaves); ok {
				score += 100
			}
			if score > most {
				most, g.linesAt, g.line = score, l.path, leaves
			}
		}
	}
}

func (g *guesser) xml(d *doc) {
	var lists []candidate
	var look func(at int32, path string, depth int)
	look = func(at int32, path string, depth int) {
		counts := map[string]int{}
		for c := d.nodes[at].child; c != 0; c = d.nodes[c].next {
			counts[string(d.name(c))]++
		}
		for c := d.nodes[at].child; c != 0; c = d.nodes[c].next {
			name := string(d.name(c))
			if d.nodes[c].kind != '{' || depth > 5 || counts[name] == 0 {
				continue
			}
			lists = append(lists, candidate{joinPath(path, name), c, counts[name]*10 - depth})
			counts[name] = 0
			look(c, joinPath(path, name), depth+1)
		}
	}
	look(0, "", 0)
	for i := range lists {
		if _, ok := pick(wantedOrder[0], d.leaves(lists[i].first, "")); ok {
			lists[i].score += 100
		}
		if likeOrder := plainName(lists[i].path[strings.LastIndexByte(lists[i].path, '.')+1:]); strings.HasSuffix(likeOrder, "order") {
			lists[i].score += 1000
		}
	}
	if len(lists) == 0 {
		return
	}
	best := slices.MaxFunc(lists, func(a, b candidate) int { return cmp.Compare(a.score, b.score) })
	g.setOrders(d, best)
	for _, l := range lists {
		inner, below := strings.CutPrefix(l.path, best.path+".")
		if leaves := d.leaves(l.first, ""); below {
			if _, ok := pick(wantedLine[3], leaves); ok {
				g.linesAt, g.line = inner, leaves
				return
			}
		}
	}
}

// table takes the line with most columns among the first as the header.
func (g *guesser) table(text []byte) {
	lines := bytes.SplitN(text, []byte("\n"), 30)
	header := headerIn(lines[:min(len(lines), 10)])
	m := &Mapping{Kind: CSV, rules: rules{table: tableRules{within: header + 1, delimiter: separator(lines[header])}}}
	for range header {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	t, err := m.openTable(noContext, "", bytes.NewReader(text))
	if err != nil {
		return
	}
	var rows [][]string
	for len(rows) < 200 {
		cells, err := t.next()
		if err != nil {
			break
		}
		rows = append(rows, slices.Clone(cells))
	}
	for i, name := range t.header {
		value, gaps, words := "", false, []string(nil)
		for _, row := range rows {
			if i >= len(row) || row[i] == "" {
				gaps = true
				continue
			}
			value = cmp.Or(value, row[i])
			if len(words) < sampledOrders && !slices.Contains(words, row[i]) {
				words = append(words, row[i])
			}
		}
		g.order = append(g.order, leaf{path: strings.TrimSpace(name), name: name, text: value, words: words, gaps: gaps})
	}
	g.line, g.linesAt = g.order, ""
	if id, ok := pick(wantedOrder[0], g.order); ok {
		g.grouped(t.header, rows, id.path)
	}
}

// headerIn is the first line that has nearly as many separators as any: rows may have some within quotes.
func headerIn(lines [][]byte) int {
	most := 0
	count := func(line []byte) int {
		if len(bytes.Trim(line, ",;\t \r\"")) == 0 {
			return 0
		}
		return bytes.Count(line, []byte{separator(line)})
	}
	for _, line := range lines {
		most = max(most, count(line))
	}
	return max(0, slices.IndexFunc(lines, func(line []byte) bool { return count(line)*5 >= most*4 }))
}

// grouped learns whether an order has several rows, and whether only the first of them is filled.
func (g *guesser) grouped(header []string, rows [][]string, id string) {
	at := slices.IndexFunc(header, func(h string) bool { return strings.TrimSpace(h) == id })
	g.group = id
	for i := 1; i < len(rows); i++ {
		if at < len(rows[i]) && at < len(rows[i-1]) && rows[i][at] == rows[i-1][at] {
			g.inherit = true
		}
	}
}

// pick is the likeliest value for a field: by its own name, by the end of its name, or by a name further down.
func pick(w wanted, leaves []leaf) (leaf, bool) {
	for _, is := range []func(l leaf, name string) bool{
		func(l leaf, name string) bool { return !strings.Contains(l.path, ".") && plainName(l.name) == name },
		func(l leaf, name string) bool {
			return !w.whole && len(name) >= 6 && strings.HasSuffix(plainName(l.name), name)
		},
		func(l leaf, name string) bool {
			return name != "id" && (name != "name" || w.field != "id") && (plainName(l.name) == name || plainName(l.path) == name)
		},
	} {
		for _, name := range w.names {
			for _, l := range leaves {
				if is(l, name) && !(l.gaps && w.field == "id") && (w.like == nil || l.text == "" || w.like(l.text)) {
					return l, true
				}
			}
		}
	}
	return leaf{}, false
}
