package bsltest

import (
	"encoding/hex"
	"maps"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Portable is what both the platform and stand-alone interpreters of the language have, as far as it is
// of use here.
func Portable() Host {
	h := Host{map[string]Func{}, map[string]Func{}, map[string]any{
		"символы": Enum{"пс": "\n", "вк": "\r", "таб": "\t"},
	}}
	for _, part := range []Host{textual(), collections(), files(), xmlFiles()} {
		maps.Copy(h.Funcs, part.Funcs)
		maps.Copy(h.Types, part.Types)
		maps.Copy(h.Names, part.Names)
	}
	return h
}

func textual() Host {
	return Host{Funcs: map[string]Func{
		"пустаястрока": ofTexts(1, func(s []string) any { return strings.TrimSpace(s[0]) == "" }),
		"сокрлп":       ofTexts(1, func(s []string) any { return strings.TrimSpace(s[0]) }),
		"нрег":         ofTexts(1, func(s []string) any { return strings.ToLower(s[0]) }),
		"стрзаменить":  ofTexts(3, func(s []string) any { return strings.ReplaceAll(s[0], s[1], s[2]) }),
		"стрдлина":     ofTexts(1, func(s []string) any { return Number(int64(len([]rune(s[0])))) }),
		"стрразделить": ofTexts(2, func(s []string) any { return split(s[0], s[1]) }),
		"стрсоединить": join,
		"стрнайти": ofTexts(2, func(s []string) any {
			before, _, ok := strings.Cut(s[0], s[1])
			if !ok {
				return Number(0)
			}
			return Number(int64(len([]rune(before)) + 1))
		}),
		"лев":            func(args []any) (any, error) { return cut(arg(args, 0), Number(1), arg(args, 1)) },
		"сред":           func(args []any) (any, error) { return cut(arg(args, 0), arg(args, 1), arg(args, 2)) },
		"число":          toNumber,
		"дата":           toDate,
		"формат":         format,
		"объединитьпути": joinPaths,
		"получитьhexстрокуиздвоичныхданных": func(args []any) (any, error) {
			b, ok := arg(args, 0).(binary)
			if !ok {
				return nil, &Fault{0, "no ДвоичныеДанные"}
			}
			return strings.ToUpper(hex.EncodeToString([]byte(b))), nil
		},
	}}
}

// split cuts at every character of the separators, as СтрРазделить does.
func split(s, separators string) *Array {
	out := &Array{}
	for {
		i := strings.IndexAny(s, separators)
		if i < 0 {
			out.items = append(out.items, s)
			return out
		}
		out.items = append(out.items, s[:i])
		_, s = s[:i], s[i+1:]
	}
}

func join(args []any) (any, error) {
	list, ok := arg(args, 0).(*Array)
	by, ok2 := arg(args, 1).(string)
	if !ok || !ok2 {
		return nil, &Fault{0, "СтрСоединить takes Массив and Строка"}
	}
	s, err := texts(list.items, len(list.items))
	return strings.Join(s, by), err
}

func cut(s, from, count any) (any, error) {
	str, ok := s.(string)
	start, ok2 := whole(from)
	n, ok3 := whole(count)
	if count == nil {
		n, ok3 = len(str), true
	}
	if !ok || !ok2 || !ok3 || start < 1 {
		return nil, &Fault{0, "Лев and Сред take Строка and numbers"}
	}
	runes := []rune(str)
	start = min(start-1, len(runes))
	return string(runes[start:min(len(runes), start+max(0, n))]), nil
}

func toNumber(args []any) (any, error) {
	s, err := texts(args, 1)
	if err != nil {
		return nil, err
	}
	str := strings.TrimSpace(s[0])
	n, ok := new(big.Rat).SetString(str)
	if !ok || strings.ContainsAny(str, "eE/xXpP_") {
		return nil, Raise("%q is no number", str)
	}
	return n, nil
}

// toDate takes yyyyMMddHHmmss or three to six numbers.
func toDate(args []any) (any, error) {
	if s, ok := arg(args, 0).(string); ok && len(args) == 1 {
		t, err := time.Parse("20060102150405", s)
		if err != nil {
			return nil, Raise("%q is no date", s)
		}
		return t, nil
	}
	parts := []int{1, 1, 1, 0, 0, 0}
	for i := range args {
		n, ok := whole(args[i])
		if !ok || i >= len(parts) {
			return nil, &Fault{0, "Дата takes a text or numbers"}
		}
		parts[i] = n
	}
	return time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], parts[4], parts[5], 0, time.UTC), nil
}

// format knows ЧГ=0 (no groups), ЧРД=. (decimal point) and ЧН=0 (zero as such); without ЧРД a fraction
// would look as the session's language wants, which is a fault here.
func format(args []any) (any, error) {
	n, ok := arg(args, 0).(*big.Rat)
	how, ok2 := arg(args, 1).(string)
	if !ok || !ok2 {
		return nil, &Fault{0, "Формат is known for numbers"}
	}
	var parts []string
	for part := range strings.SplitSeq(how, ";") {
		parts = append(parts, strings.TrimSpace(part))
	}
	for _, part := range parts {
		if !slices.Contains([]string{"ЧГ=0", "ЧРД=.", "ЧН=0"}, part) {
			return nil, &Fault{0, "Формат: " + part + " is not known"}
		}
	}
	switch {
	case !slices.Contains(parts, "ЧГ=0"):
		return nil, &Fault{0, "Формат would group digits"}
	case n.Sign() == 0 && !slices.Contains(parts, "ЧН=0"):
		return "", nil
	case n.IsInt():
		return n.Num().String(), nil
	case !slices.Contains(parts, "ЧРД=."):
		return nil, &Fault{0, "Формат of a fraction needs ЧРД=."}
	}
	return strings.TrimRight(n.FloatString(10), "0"), nil
}

func joinPaths(args []any) (any, error) {
	s, err := texts(args, len(args))
	if err != nil {
		return nil, err
	}
	return filepath.Join(s...), nil
}
