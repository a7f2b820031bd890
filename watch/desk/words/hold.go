package words

import "cmp"

// codeNoSKU is that of a hold whose item has no SKU, so that no catalog can name it.
const codeNoSKU = "unknown-sku"

// HoldCode is why an order is held and what to do, by the code of its hold alone: the values stand in its sentence.
// File is the catalog to mend, empty where there is none.
func (w *Words) HoldCode(code, file string) (why, cure string) {
	switch {
	case !w.Has("hold." + code + ".why"):
		return code, ""
	case code == codeNoSKU && file == "":
		return w.Say("hold." + code + ".why"), w.Say("hold.no-sku.cure")
	}
	return w.Say("hold." + code + ".why"), w.Say("hold." + code + ".cure")
}

// Hold is why an order is held and what to do: in English the engine's own sentences, in another language the words
// of its code with that sentence behind them.
func (w *Words) Hold(code, sentence, cure, file string) (string, string) {
	if w.Language == English {
		return sentence, cure
	}
	why, do := w.HoldCode(code, file)
	if sentence != "" {
		why += " (" + w.Phrase(sentence) + ")"
	}
	return why, cmp.Or(do, w.Phrase(cure))
}
