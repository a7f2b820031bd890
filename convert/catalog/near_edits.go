package catalog

import "unicode/utf8"

// edits tries every text that is one typing error away from the query: a sign left out, put in,
// replaced, or two neighbours swapped. That is a thousand look-ups for a common sku and needs no index
// of its own.
func (n *near) edits(f *found) {
	typed := look(f.query)
	if signs := utf8.RuneCountInString(typed); signs < shortestEdited || signs > longestEdited {
		return
	}
	before := hashStart // of what stands before the error
	for at := 0; at < len(typed); {
		first := sign(typed[at:])
		after := typed[at+len(first):]
		n.edited(f, before, typed[:at], "", after)
		if after != "" {
			second := sign(after)
			n.edited(f, before, typed[:at], second+first, after[len(second):])
		}
		for _, letter := range n.letters {
			with := hashMore(before, letter)
			n.edit(f, with, typed[:at], letter, after)
			n.edit(f, with, typed[:at], letter, typed[at:])
		}
		before = hashMore(before, first)
		at += len(first)
	}
	for _, letter := range n.letters {
		n.edited(f, before, typed, letter, "")
	}
}

// sign is the first character of a text.
func sign(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// edited tries a text in three parts, of which the first is hashed already.
func (n *near) edited(f *found, hash uint64, before, middle, after string) {
	n.edit(f, hashMore(hash, middle), before, middle, after)
}

// edit tries a text in three parts, of which two are hashed already. Nearly all of them are no sku of
// the catalog, which the hash alone tells: the text is put together for the others only.
func (n *near) edit(f *found, hash uint64, before, middle, after string) {
	if !n.byLook.maybe(hashEnd(hashMore(hash, after))) {
		return
	}
	for _, row := range n.byLook.all(before + middle + after) {
		f.add(row, whyEdit)
	}
}
