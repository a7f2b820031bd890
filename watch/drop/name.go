package drop

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"unicode"
)

// MaxName is the longest name SafeName gives, in bytes. Shares and file systems hold 255, 1C and
// Windows count the whole path to 260.
const MaxName = 100

// SafeName makes a file name of any text that every file system, share and 1C can hold: letters and
// digits of ASCII, ".", "_" and "-", at most MaxName bytes, none of the names that Windows keeps for
// devices. Cyrillic is transliterated, everything else becomes "-". Where letters were lost or cut off,
// eight digits of a hash of the text keep different texts apart. An extension is kept. A safe name
// comes back as it is.
func SafeName(s string) string {
	name, lost := toASCII(s)
	plain := freeOfDevices(strings.Trim(name, ".-"))
	if plain == "" || lost || len(plain) > MaxName {
		return hashedName(strings.TrimRight(name, ".-"), s)
	}
	return plain
}

// toASCII replaces what is not safe. lost says that letters or digits went without a trace.
func toASCII(s string) (name string, lost bool) {
	var b strings.Builder
	for _, r := range s {
		switch latin, known := latinOf(r); {
		case isSafe(r):
			b.WriteRune(r)
		case known:
			b.WriteString(latin)
		default:
			lost = lost || unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.S) || r == unicode.ReplacementChar
			if !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
	}
	return b.String(), lost
}

func isSafe(r rune) bool {
	return r < unicode.MaxASCII && (r == '.' || r == '_' || r == '-' ||
		'0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z')
}

// freeOfDevices changes "con.json" to "con_.json": Windows looks at the part before the first dot.
func freeOfDevices(name string) string {
	stem, rest, _ := strings.Cut(name, ".")
	if !isDevice(strings.ToUpper(stem)) {
		return name
	}
	if rest == "" {
		return stem + "_"
	}
	return stem + "_." + rest
}

func isDevice(stem string) bool {
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN", "CONOUT", "CLOCK":
		return true
	}
	numbered := strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")
	return numbered && len(stem) == 4 && '0' <= stem[3] && stem[3] <= '9'
}

// hashedName cuts a name and adds a hash of the whole text before the extension.
func hashedName(name, text string) string {
	const longestExt = 11
	sum := sha256.Sum256([]byte(text))
	mark := hex.EncodeToString(sum[:4])
	ext := path.Ext(name)
	if len(ext) > longestExt || ext == name {
		ext = ""
	}
	stem := freeOfDevices(strings.Trim(strings.TrimSuffix(name, ext), ".-"))
	if most := MaxName - len(ext) - len(mark) - 1; len(stem) > most {
		stem = strings.TrimRight(stem[:most], ".-")
	}
	if stem == "" {
		return mark + ext
	}
	return stem + "-" + mark + ext
}

// latinOf spells a Cyrillic letter, or a Latin one with a mark, in plain Latin letters. Names stay
// readable; they need not be read back.
func latinOf(r rune) (string, bool) {
	if s, ok := letters[r]; ok {
		return s, true
	}
	lower := unicode.ToLower(r)
	s, ok := letters[lower]
	if !ok || lower == r {
		return "", false
	}
	if s == "" {
		return "", true
	}
	return string(unicode.ToUpper(rune(s[0]))) + s[1:], true
}

var letters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z",
	'и': "i", 'й': "y", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r",
	'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh",
	'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'є': "ye", 'і': "i", 'ї': "yi", 'ґ': "g", 'ў': "u", 'қ': "q", 'ғ': "g", 'ң': "n", 'ө': "o",
	'ұ': "u", 'ү': "u", 'һ': "h", 'ә': "a",
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'å': "a",
	'æ': "ae", 'ç': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ì': "i", 'í': "i", 'î': "i",
	'ï': "i", 'ñ': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ø': "o", 'ù': "u", 'ú': "u",
	'û': "u", 'ý': "y", 'ą': "a", 'ć': "c", 'ę': "e", 'ł': "l", 'ń': "n", 'ś': "s", 'ź': "z",
	'ż': "z", 'č': "c", 'ď': "d", 'ě': "e", 'ř': "r", 'š': "s", 'ť': "t", 'ů': "u", 'ž': "z",
	'ğ': "g", 'ı': "i", 'ş': "s",
}
