package catalog

import "unicode/utf8"

// findEdits tries every text that is one typing error away from the query: a sign left out, put in,
// replaced, or two neighbours swapped. That is a thousand look-ups for a common sku and needs no index
// of its own.
func (n *near) findEdits(f *found) {
	typed := lookOf(f.query)
	if signs := utf8.RuneCountInString(typed); signs < shortestEdited || signs > longestEdited {
		return
	}
	before := hashStart // of what stands before the error
	for at := 0; at < len(typed); {
		first := firstSign(typed[at:])
		after := typed[at+len(first):]
		n.tryReplaced(f, before, typed[:at], "", after)
		if after != "" {
			second := firstSign(after)
			n.tryReplaced(f, before, typed[:at], second+first, after[len(second):])
		}
		for _, letter := range n.letters {
			with := hashMore(before, letter)
			n.tryText(f, with, typed[:at], letter, after)
			n.tryText(f, with, typed[:at], letter, typed[at:])
		}
		before = hashMore(before, first)
		at += len(first)
	}
	for _, letter := range n.letters {
		n.tryReplaced(f, before, typed, letter, "")
	}
}

// firstSign is the first character of a text.
func firstSign(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// tryReplaced tries a text in three parts, of which the first is hashed already.
func (n *near) tryReplaced(f *found, hash uint64, before, middle, after string) {
	n.tryText(f, hashMore(hash, middle), before, middle, after)
}

// tryText tries a text in three parts, of which two are hashed already. Nearly all of them are no sku of
// the catalog, which the hash alone tells: the text is put together for the others only.
func (n *near) tryText(f *found, hash uint64, before, middle, after string) {
	if !n.byLook.mayHave(hashEnd(hashMore(hash, after))) {
		return
	}
	for _, row := range n.byLook.allRows(before + middle + after) {
		f.add(row, whyEdit)
	}
}
