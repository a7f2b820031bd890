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
	code := "hold." + string(h.Code)
	switch {
	case !w.Has(code + ".why"):
		return string(h.Code), ""
	case h.Code == convert.UnknownSKU && h.File == "": // no catalog can name an item without an SKU
		return w.Say(code + ".why"), w.Say("hold.no-sku.cure")
	}
	return w.Say(code + ".why"), w.Say(code + ".cure")
}

// HoldWords is why an order is held and what to do: in English the engine's own sentences, in another language
// the words of its code with that sentence behind them.
func HoldWords(w *words.Words, code, sentence, cure, file string) (string, string) {
	if w.Language == words.English {
		return sentence, cure
	}
	why, do := Words(w, &convert.Hold{Code: convert.Code(code), File: file})
	if sentence != "" {
		why += " (" + sentence + ")"
	}
	return why, cmp.Or(do, cure)
}
