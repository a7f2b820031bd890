package report

import (
	"cmp"

	"obmen/convert"
	"obmen/watch/desk/words"
)

// numberOf is how the report calls an order, which may be one whose number cannot be read.
func numberOf(o *convert.Outcome) string { return cmp.Or(o.Order, "(без номера)") }

// SkipWords is why a rule left an order out.
func SkipWords(w *words.Words, rule convert.Rule) string {
	if code := "skip." + string(rule); w.Has(code) {
		return w.Say(code)
	}
	return rule.Meaning()
}

// Words is why an order is held and what to do, by the code alone: the values stand in its sentence.
func Words(w *words.Words, h *convert.Hold) (why, cure string) {
	return w.HoldCode(string(h.Code), h.File)
}
