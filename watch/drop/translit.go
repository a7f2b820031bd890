package drop

import "unicode"

// translit spells a Cyrillic letter, or a Latin one with a mark, in plain Latin letters. Names stay
// readable; they need not be read back.
func translit(r rune) (string, bool) {
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
