package generate

import (
	"fmt"
	"strconv"
	"time"
)

// Sizes of the catalogs that the orders are drawn from.
const (
	Products  = 200_000
	Customers = 100_000
)

const (
	unknownSKUs   = 2 // lines in a hundred
	unknownBuyers = 5 // orders in a hundred
)

// market is one of Amazon's sites that sell in euro, with tax inside its prices.
type market struct {
	country, id, domain, city, postcode string
	rate                                int64 // VAT in percent
}

var markets = []market{
	{"DE", "A1PA6795UKMFR9", "Amazon.de", "Musterstadt", "01000", 19},
	{"FR", "A13V1IB3VIYZZH", "Amazon.fr", "Exempleville", "75999", 20},
	{"IT", "APJ6JRA9NG5V4", "Amazon.it", "Esempio", "00199", 22},
	{"ES", "A1RKKUPIHCS9HS", "Amazon.es", "Villa Ejemplo", "28999", 21},
}

// Order is a sold order; Number makes it.
type Order struct {
	number  int
	id      string
	created time.Time
	market  market
	amazon  bool // shipped by Amazon
	buyer   int  // number of the buyer; Customers and more are in no catalog
	items   []item
}

// item is an order line. Amounts are cents for its whole quantity, tax inside.
type item struct {
	product            int // number of the product; Products and more are in no catalog
	id                 int
	quantity           int64
	price              int64
	shipping, discount int64 // discount is that of the goods, positive
	free               bool  // the shipping is discounted away
}

func (it item) total() int64 {
	if it.free {
		return it.price - it.discount
	}
	return it.price + it.shipping - it.discount
}

// tax is the VAT inside an amount, half up.
func (m market) tax(cents int64) int64 { return (cents*m.rate*2 + 100 + m.rate) / (2 * (100 + m.rate)) }

func (o *Order) total() (sum int64) {
	for _, it := range o.items {
		sum += it.total()
	}
	return sum
}

// start is when the first order was placed; a new one comes every five minutes of its year.
var start = time.Date(2025, 11, 1, 8, 0, 0, 0, time.UTC)

const year = 365 * 24 * time.Hour

// Number is order number i, from 0. The items are only good until the next call with the same memory.
func Number(i int, memory []item) Order {
	r := chance(i)
	o := Order{
		number:  i,
		id:      orderID(i),
		created: start.Add(time.Duration(i) * 5 * time.Minute % year).Add(time.Duration(r.below(300)) * time.Second),
		market:  markets[r.below(len(markets))],
		amazon:  r.below(4) > 0,
		buyer:   r.below(Customers),
		items:   memory[:0],
	}
	if r.below(100) < unknownBuyers {
		o.buyer += Customers
	}
	for n := range lines(r.below(100)) {
		o.items = append(o.items, line(&r, i, n))
	}
	return o
}

// lines gives 2.0 lines an order on average.
func lines(percent int) int {
	switch {
	case percent < 40:
		return 1
	case percent < 74:
		return 2
	case percent < 90:
		return 3
	case percent < 97:
		return 4
	}
	return 5
}

func line(r *random, order, n int) item {
	it := item{product: r.below(Products), id: order*8 + n, quantity: 1}
	if r.below(100) < unknownSKUs {
		it.product += Products
	}
	if r.below(5) == 0 {
		it.quantity += int64(1 + r.below(4))
	}
	it.price = it.quantity * (399 + 10*int64(r.below(1500)))
	switch r.below(10) {
	case 0:
		it.discount = it.price / 10
	case 1:
		it.shipping = 499
	case 2, 3:
		it.shipping, it.free = 499, true
	}
	return it
}

// random is splitmix64: small, and the same for ever.
type random uint64

// chance starts a sequence for the number i. It is mixed, or neighbours would have the same sequence
// shifted by one.
func chance(i int) random { return random(mixed(uint64(i) + 0x2545f4914f6cdd1d)) }

func (r *random) below(n int) int {
	*r += 0x9e3779b97f4a7c15
	return int(mixed(uint64(*r)) % uint64(n))
}

func mixed(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func orderID(i int) string { return fmt.Sprintf("302-%07d-%07d", i/10_000_000, i%10_000_000) }

func sku(product int) string { return fmt.Sprintf("AB-%06d-%02d", product, product%89) }

var things = []string{"Becher „Morgenrot“", "Teekanne „Fjord“", "Leinentuch", "Holzspielzeug", "Kerze & Halter", "Notizbuch A5", "Schale <klein>", "Vase „Nordlicht“"}

var colours = []string{"weiß", "blau", "grün", "schwarz", "naturfarben"}

func title(product int) string {
	return things[product%len(things)] + " | Steingut, 350 ml | Farbe " + colours[product%len(colours)] + " | spülmaschinenfest"
}

var товары = []string{"Кружка «Заря»", "Чайник «Фьорд»", "Полотенце льняное", "Игрушка деревянная", "Свеча с подсвечником", "Блокнот А5", "Пиала малая", "Ваза «Северное сияние»"}

var цвета = []string{"белый", "синий", "зелёный", "чёрный", "натуральный"}

func товар(product int) string {
	return товары[product%len(товары)] + ", " + цвета[product%len(цвета)] + ", арт. " + strconv.Itoa(product)
}

var firstNames = []string{"Ana", "Lem", "Mila", "Toma", "Greta", "Oskar", "Pia", "Jonas", "Nora", "Emil"}

var lastNames = []string{"Beispiel", "Muster", "Sample", "Exemple", "Prova", "Ejemplo", "Probe", "Dupont-Test"}

func firstName(buyer int) string { return firstNames[buyer%len(firstNames)] }

// lastName is no other buyer's, so that names tell buyers apart.
func lastName(buyer int) string {
	return lastNames[buyer%len(lastNames)] + " " + letters(buyer)
}

func letters(n int) string {
	var b [5]byte
	for i := range b {
		b[i] = byte('a' + n%26)
		n /= 26
	}
	b[0] -= 'a' - 'A'
	return string(b[:])
}

func email(buyer int) string { return fmt.Sprintf("b%07d@marketplace.example.com", buyer) }

// guid is a GUID of a number in a space of its own.
func guid(space, n int) string {
	r := chance(n + space*1_000_003)
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.below(1<<32), r.below(1<<16), r.below(1<<12), r.below(1<<12), n)
}

// appendCents appends an amount of cents as "12.30".
func appendCents(b []byte, cents int64) []byte {
	if cents < 0 {
		b, cents = append(b, '-'), -cents
	}
	b = strconv.AppendInt(b, cents/100, 10)
	return append(b, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}
