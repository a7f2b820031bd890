package drop_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"obmen/watch/drop"
)

func TestSafeName(t *testing.T) {
	long := strings.Repeat("a", 120)
	for in, want := range map[string]string{
		"orders-2026.xml":       "orders-2026.xml",
		"Заказы за ноябрь.xml":  "Zakazy-za-noyabr.xml",
		"ЩУКА Ёж":               "ShchUKA-Ezh",
		"Amazon DE (main)":      "Amazon-DE-main",
		"Größe.TXT":             "Groesse.TXT",
		"../../etc/passwd":      "etc-passwd",
		`C:\orders\a.txt`:       "C-orders-a.txt",
		".hidden":               "hidden",
		"-rf":                   "rf",
		"dots...":               "dots",
		"blank .txt ":           "blank-.txt",
		"CON":                   "CON_",
		"con.json":              "con_.json",
		"nul.tar.gz":            "nul_.tar.gz",
		"com1.txt":              "com1_.txt",
		"Lpt9":                  "Lpt9_",
		"console.txt":           "console.txt",
		"com10.txt":             "com10.txt",
		"a\x00b\nc":             "a-b-c",
		"注文.csv":                "f5d2a1ee.csv",
		"":                      "e3b0c442",
		"...":                   "ab5df625",
		long + ".json":          strings.Repeat("a", 86) + "-00000000.json",
		"order 注文 1.csv":        "order-1-00000000.csv",
		strings.Repeat("ж", 60): strings.Repeat("zh", 45) + "z-00000000",
		"a." + long:             "a." + strings.Repeat("a", 89) + "-00000000",
	} {
		got := drop.SafeName(in)
		if digits.ReplaceAllString(got, "$1") != digits.ReplaceAllString(want, "$1") || len(got) != len(want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// digits finds the hash in a name; its value is checked by the property that different texts differ.
var digits = regexp.MustCompile(`(^|-)[0-9a-f]{8}(\.|$)`)

var isSafe = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)

func TestSafeNameOfAnything(t *testing.T) {
	pieces := []string{"con", "aux.", "lpt1", ".", "-", " ", "/", "ж", "注", "é", "a", "Z", "9", ".xml", "\xff", "²"}
	text := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 80).Draw(t, "pieces"), "")
	}))
	reserved := regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		got := drop.SafeName(s)
		if !isSafe.MatchString(got) || len(got) > drop.MaxName || reserved.MatchString(got) || strings.HasSuffix(got, ".") {
			t.Fatalf("%q became %q", s, got)
		}
		if again := drop.SafeName(got); again != got {
			t.Fatalf("%q became %q and then %q", s, got, again)
		}
	})
}

func TestSafeNameKeepsLongTextsApart(t *testing.T) {
	stem := strings.Repeat("заказ", 40)
	seen := map[string]string{}
	for _, s := range []string{stem + "1.xml", stem + "2.xml", "注文.csv", "返品.csv", "☎", "✈", ""} {
		got := drop.SafeName(s)
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q both became %q", s, other, got)
		}
		seen[got] = s
	}
}

func FuzzSafeName(f *testing.F) {
	f.Add("Заказы.xml")
	f.Add("con.txt")
	f.Fuzz(func(t *testing.T, s string) {
		if got := drop.SafeName(s); !isSafe.MatchString(got) || len(got) > drop.MaxName {
			t.Errorf("%q became %q", s, got)
		}
	})
}
