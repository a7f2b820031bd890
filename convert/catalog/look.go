package catalog

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Small letters that stand for one of another script which looks the same, mostly as a capital, and
// letters that are taken for digits.
var lookAlikes = func() map[rune]rune {
	alike := maps.Clone(alphabetAlikes)
	for from, to := range map[rune]rune{'o': '0', 'i': '1', 'l': '1', 'з': '3'} {
		alike[from] = to
	}
	for from, to := range alike {
		if digit, ok := alike[to]; ok {
			alike[from] = digit
		}
	}
	return alike
}()

// alphabetAlikes are those that look the same in two alphabets: who reads them cannot tell them apart.
var alphabetAlikes = func() map[rune]rune {
	alike := make(map[rune]rune)
	for _, pair := range [][2]string{
		{"авекмнорстухіјѕёԁԛԝ", "abekmhopctyxijseDqw"}, // Cyrillic
		{"αβεζηικμνορτυχ", "abezhikmnoptyx"},           // Greek
		{"–—−‐‒", "-----"},
	} {
		to := []rune(strings.ToLower(pair[1]))
		for i, from := range []rune(pair[0]) {
			alike[from] = to[i]
		}
	}
	return alike
}()

// asciiLooks is lookAlikes for the letters and digits of ASCII, and themselves where nothing else looks so.
var asciiLooks = func() (looks [utf8.RuneSelf]rune) {
	for r := range looks {
		looks[r] = rune(r)
		if to, ok := lookAlikes[rune(r)]; ok {
			looks[r] = to
		}
	}
	return looks
}()

// lookOf is what a normal text looks like: texts of the same look differ only in signs that people
// take for one another. It has as many signs as the text.
func lookOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return asciiLooks[r]
		}
		if to, ok := lookAlikes[r]; ok {
			return to
		}
		return r
	}, s)
}

// alphabetLook is lookOf a normal text without what can be told apart: O is not 0.
func alphabetLook(s string) string {
	return strings.Map(func(r rune) rune {
		if to, ok := alphabetAlikes[r]; ok {
			return to
		}
		return r
	}, s)
}

// whyLook returns how a product's sku differs from one that looks the same; both are normal.
func whyLook(query, sku string) string {
	signs := ""
	typed := []rune(query)
	for i, r := range []rune(sku) {
		if i >= len(typed) || r == typed[i] {
			continue
		}
		kind := signKind(r)
		if signs != "" && signs != kind {
			return "same look, other letters"
		}
		signs = kind
	}
	return "same look, " + signs
}

func signKind(r rune) string {
	switch {
	case unicode.Is(unicode.Latin, r):
		return "Latin letters"
	case unicode.Is(unicode.Cyrillic, r):
		return "Cyrillic letters"
	case unicode.IsDigit(r):
		return "digits"
	}
	return "other letters"
}
