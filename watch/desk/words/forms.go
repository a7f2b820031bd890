package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// noBreak is a space that keeps a number and what belongs to it together.
const noBreak = "\u00a0"

// Number is a whole number with its thousands apart.
func (w *Words) Number(n int) string { return w.Decimal(strconv.Itoa(n)) }

// Decimal is a number, given with a point, in the form of the language: 1 234,56 or 1,234.56.
func (w *Words) Decimal(plain string) string {
	group, point := ",", "."
	if w.Language == Russian {
		group, point = noBreak, ","
	}
	sign := ""
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		sign, plain = "−", rest
	}
	whole, fraction, _ := strings.Cut(plain, ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString(point + fraction)
	}
	return sign + b.String()
}

// Figure is a number on a line of a command, given with a point: 1 234,56 in Russian; unchanged in English, where
// programs read such lines, too.
func (w *Words) Figure(plain string) string {
	if w.Language == Russian {
		return w.Decimal(plain)
	}
	return plain
}

// signs are currencies that have a sign of their own everywhere.
var signs = map[string]string{"RUB": "₽", "EUR": "€", "USD": "$", "GBP": "£"}

// Amount is an amount of money, given with a point, with its currency: 1 234,56 ₽ or €1,234.56.
func (w *Words) Amount(plain, currency string) string {
	number, sign := w.Decimal(plain), signs[currency]
	switch {
	case currency == "":
		return number
	case w.Language == Russian && sign != "":
		return number + noBreak + sign
	case w.Language == Russian || sign == "" || currency == "RUB":
		return number + noBreak + currency
	}
	if rest, negative := strings.CutPrefix(number, "−"); negative {
		return "−" + sign + rest
	}
	return sign + number
}

// Day is a date in the reader's own zone; empty when it is not known.
func (w *Words) Day(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case w.Language == Russian:
		return t.Local().Format("02.01.2006")
	}
	return t.Local().Format("2 Jan 2006")
}

// Minute is a time to the minute in the reader's own zone; empty when it is not known.
func (w *Words) Minute(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case w.Language == Russian:
		return t.Local().Format("02.01.2006 15:04")
	}
	return t.Local().Format("2 Jan 2006 15:04")
}

// Second is the wall clock of a document to the second, as 1C shows it; in English as programs read it.
func (w *Words) Second(t time.Time) string {
	if w.Language == Russian {
		return t.Format("02.01.2006 15:04:05")
	}
	return t.Format(time.DateTime)
}

// Size is a number of bytes for a person.
func (w *Words) Size(n int64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	if w.Language == Russian {
		units = []string{"байт", "КБ", "МБ", "ГБ", "ТБ"}
	}
	const step = 1024
	value, unit := float64(n), 0
	for value >= step && unit < len(units)-1 {
		value /= step
		unit++
	}
	digits := 0
	if unit > 0 && value < 10 {
		digits = 1
	}
	return w.Decimal(fmt.Sprintf("%.*f", digits, value)) + noBreak + units[unit]
}
