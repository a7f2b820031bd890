package mapped

import (
	"bytes"
	"slices"
	"strings"
)

// sampledOrders is how many orders of a sample are looked at: as many as orderSet has bits.
const sampledOrders = 64

// orderSet is a set of the orders of a sample.
type orderSet uint64

// has reports whether all orders of another set are in the set.
func (s orderSet) has(other orderSet) bool { return other&^s == 0 }

// setOrders takes a list as the orders.
func (g *guesser) setOrders(d *doc, orders candidate) {
	elements := d.elements(orders.first)
	g.ordersAt, g.order, g.count, g.linesAt = orders.path, d.sampleLeaves(elements), len(elements), "@"
	g.line = g.order
}

// leaves are the values of an object that are no lists, with their paths from it.
func (d *doc) leaves(at int32, path string) (list []leaf) {
	if strings.Count(path, ".") > 4 {
		return nil
	}
	for c := d.nodes[at].child; c != 0; c = d.nodes[c].next {
		name := string(d.name(c))
		switch d.nodes[c].kind {
		case '{':
			list = append(list, d.leaves(c, joinPath(path, name))...)
		case '[', 'n':
		default:
			list = append(list, leaf{path: joinPath(path, name), name: name, text: string(d.raw(c))})
		}
	}
	return list
}

// elements are the nodes of a list: an element and those behind it that have its name.
func (d *doc) elements(first int32) (list []int32) {
	for at := first; len(list) < sampledOrders; at = d.nodes[at].next {
		// elements of a list of JSON are named by their numbers, those of XML by their own name
		if at == first || d.nodes[at].kind == '{' && (d.inList(at) || bytes.Equal(d.name(at), d.name(first))) {
			list = append(list, at)
		}
		if d.nodes[at].next == 0 {
			break
		}
	}
	return list
}

func (d *doc) inList(at int32) bool { return d.nodes[d.nodes[at].parent].kind == '[' }

// sampleLeaves are the values that stand in any of some elements, with the elements that state each.
func (d *doc) sampleLeaves(elements []int32) (list []leaf) {
	index := map[string]int{}
	for n, at := range elements {
		for _, l := range d.leaves(at, "") {
			i, known := index[l.path]
			if !known {
				i = len(list)
				index[l.path] = i
				list = append(list, leaf{path: l.path, name: l.name})
			}
			list[i].add(l.text, n)
		}
	}
	all := allOrders(len(elements))
	for i := range list {
		list[i].gaps = list[i].in != all
	}
	return list
}

func allOrders(count int) orderSet { return ^orderSet(0) >> (sampledOrders - count) }

// add notes the value that the leaf has in an order.
func (l *leaf) add(text string, order int) {
	if text == "" {
		return
	}
	l.in |= 1 << order
	if l.text == "" {
		l.text = text
	}
	if len(l.words) < sampledOrders && !slices.Contains(l.words, text) {
		l.words = append(l.words, text)
	}
}

// standIn finds what stands for a value in the orders that do not state it: one value that all orders state, or
// further ones beside it. Values of a table have no stand-ins, since one row may speak for others.
func (g *guesser) standIn(w wanted, found leaf, free []leaf) leaf {
	all := allOrders(g.count)
	if g.Kind == CSV || !found.gaps {
		return found
	}
	alike := slices.DeleteFunc(slices.Clone(free), func(l leaf) bool { return l.path == found.path || !w.meansSame(found, l) })
	for _, l := range alike {
		if l.in == all {
			return l
		}
	}
	for _, l := range alike {
		if !found.in.has(l.in) {
			found.others = append(found.others, l.path)
			found.in |= l.in
		}
	}
	return found
}

// meansSame reports whether a second value may stand for the first: their names begin alike, as date_created and
// date_created_gmt do, and they stand in the same place.
func (w wanted) meansSame(a, b leaf) bool {
	if w.like != nil && !w.like(b.text) {
		return false
	}
	short, long := plainName(a.path), plainName(b.path)
	if len(short) > len(long) {
		short, long = long, short
	}
	return len(short) >= 6 && strings.HasPrefix(long, short)
}

// statusParts are parts of the words that shops use for the state of an order, first the ones that decide.
var statusParts = []struct {
	status string
	parts  []string
}{
	{"cancelled", []string{"cancel", "storn", "annul", "отмен", "аннул"}},
	{"pending", []string{"pending", "hold", "unpaid", "неоплач", "checkoutdraft"}},
	{"open", []string{"unfulfilled", "unshipped", "partial", "process", "paid", "open", "new", "confirm", "accepted", "оплач", "нов", "обраб"}},
	{"shipped", []string{"shipped", "complete", "delivered", "fulfilled", "доставлен", "выполнен", "отгружен"}},
}

// guessStatus is what a word of a shop most likely means.
func guessStatus(word string) (string, bool) {
	word = plainName(word)
	for _, s := range statusParts {
		if slices.ContainsFunc(s.parts, func(part string) bool { return strings.Contains(word, part) }) {
			return s.status, true
		}
	}
	return "", false
}
