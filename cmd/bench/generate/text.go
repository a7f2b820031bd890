package generate

import (
	"fmt"
	"strconv"
)

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
