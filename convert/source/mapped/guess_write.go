package mapped

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

var noContext = context.Background()

func originOf(in source.Input) order.Origin { return order.Origin{File: in.Name} }

// write makes the text of the mapping.
func (g *guesser) write(file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Guessed from a sample: look at every line, then `obmen source try` it.\nname  = \"my-source\"\ntitle = %s\nsure  = \"guessed from a sample\"\nkind  = %q\n", quote("orders as in "+baseName(file)), string(g.Kind))
	found := g.fields(wantedOrder, g.order)
	if g.linesAt == "" || g.linesAt == "@" { // what is the order's own is not the line's
		g.line = slices.DeleteFunc(slices.Clone(g.line), func(l leaf) bool {
			return slices.ContainsFunc([]string{"id", "created", "total", "discount", "status", "buyer.name"}, func(f string) bool { return found[f].path == l.path })
		})
	}
	lines := g.fields(wantedLine, g.line)
	g.writeDetection(&b, found, lines)
	shipping, ships := pick(wantedShipping, g.order)
	if g.Kind == CSV && g.group != "" {
		fmt.Fprintf(&b, "\n[table]\ngroup   = %s\n", quote(g.group))
		if g.inherit {
			b.WriteString("inherit = \"first-row\"\n")
		}
		if ships {
			fmt.Fprintf(&b, "once    = [%s] # the same in all rows of an order, and counted once\n", quote(shipping.path))
		}
	}
	if g.Kind != CSV {
		fmt.Fprintf(&b, "\n[orders]\nat = %s\n", quote(g.ordersAt))
	}
	b.WriteString("\n[order]\n")
	g.writeFields(&b, wantedOrder, found, []string{"id", "created", "total"})
	b.WriteString("\n[lines]\n")
	if g.Kind != CSV {
		fmt.Fprintf(&b, "at = %s\n", quote(g.linesAt))
	}
	if _, whole := lines["amount"]; whole {
		delete(lines, "unit")
	}
	needed := []string{"sku", "quantity", "amount"}
	if _, unit := lines["unit"]; unit {
		needed = needed[:2]
	}
	g.writeFields(&b, wantedLine, lines, needed)
	if ships {
		fmt.Fprintf(&b, "\n[[service]]\ncode = \"ORDER_DELIVERY\"\namount = %s # %s\n", quote(shipping.path), shown(shipping.text))
		found["shipping"] = shipping
	}
	g.writeRest(&b, found, lines)
	return b.String()
}

func baseName(file string) string {
	return file[strings.LastIndexAny(file, `/\`)+1:]
}

// quote writes a text as TOML has it; control characters are escaped.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "?") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, "\\u%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (g *guesser) fields(list []wanted, leaves []leaf) map[string]leaf {
	found, taken := map[string]leaf{}, map[string]bool{}
	for _, w := range list {
		var free []leaf
		for _, l := range leaves {
			if !taken[l.path] {
				free = append(free, l)
			}
		}
		if l, ok := pick(w, free); ok {
			l = g.standIn(w, l, free)
			found[w.field], taken[l.path] = l, true
		}
	}
	return found
}

func (g *guesser) writeDetection(b *strings.Builder, found, lines map[string]leaf) {
	var has []string
	for _, field := range []string{"id", "created", "total"} {
		if l, ok := found[field]; ok {
			has = append(has, quote(l.path))
		}
	}
	for _, field := range []string{"quantity", "sku"} {
		l, ok := lines[field]
		switch {
		case !ok:
		case g.linesAt == "" || g.linesAt == "@":
			has = append(has, quote(l.path))
		default:
			has = append(has, quote(g.linesAt+".0."+l.path))
		}
	}
	if len(has) == 0 {
		has = []string{`"FILL-IN"`}
	}
	fmt.Fprintf(b, "\n[detect]\nhas = [%s]\n", strings.Join(has, ", "))
}

// writeFields writes the fields that were found, and marks those that are needed and were not.
func (g *guesser) writeFields(b *strings.Builder, list []wanted, found map[string]leaf, needed []string) {
	for _, w := range list {
		l, ok := found[w.field]
		switch {
		case ok && (w.field == "created" || w.field == "revision"):
			fmt.Fprintf(b, "%s = %s # %s\n", w.field, timeValue(l), shown(l.text))
		case ok && w.field == "status":
			g.writeStatus(b, l)
		case ok && w.field == "currency" && l.text == "RUR":
			fmt.Fprintf(b, "currency = { at = %s, map = { RUR = \"RUB\" } }\n", quote(l.path))
		case ok && (strings.HasPrefix(w.field, "buyer.") || strings.HasPrefix(w.field, "ship.")): // no buyer's data in a mapping
			fmt.Fprintf(b, "%s = %s\n", w.field, pathValue(l))
		case ok:
			fmt.Fprintf(b, "%s = %s # %s\n", w.field, pathValue(l), shown(l.text))
		case contains(needed, w.field) && w.field == "total":
			b.WriteString("total = \"FILL-IN\" # not found in the sample; without it nothing proves the amounts: take the line out if the file has none\n")
			g.Notes = append(g.Notes, "the order's total was not found: write its path instead of FILL-IN, nothing else proves the amounts")
		case contains(needed, w.field):
			fmt.Fprintf(b, "%s = \"FILL-IN\" # not found in the sample\n", w.field)
			g.Notes = append(g.Notes, w.field+" was not found: write its path instead of FILL-IN")
		}
	}
	if _, ok := found["currency"]; !ok && contains(needed, "created") {
		b.WriteString("currency = { const = \"EUR\" } # not found in the sample\n")
		g.Notes = append(g.Notes, "the currency was not found: EUR is only an example")
	}
}

func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, input.Shorten(strings.ToValidUTF8(s, "?")))
}

// pathValue is the path of a value, or the paths of those that stand for each other.
func pathValue(l leaf) string {
	if len(l.others) == 0 {
		return quote(l.path)
	}
	return "{ " + firstOf(l) + " }"
}

func firstOf(l leaf) string {
	if len(l.others) == 0 {
		return "at = " + quote(l.path)
	}
	paths := []string{quote(l.path)}
	for _, path := range l.others {
		paths = append(paths, quote(path))
	}
	return "first = [" + strings.Join(paths, ", ") + "]"
}

func timeValue(l leaf) string {
	value := firstOf(l)
	if name := plainName(l.path); strings.HasSuffix(name, "gmt") || strings.HasSuffix(name, "utc") {
		value += `, zone = "UTC"`
	}
	layout, _ := timeLayout(l.text)
	if layout != "" {
		value += fmt.Sprintf(", format = [%s]", quote(layout))
	}
	if value == "at = "+quote(l.path) {
		return quote(l.path)
	}
	return "{ " + value + " }"
}

// writeRest names in comments what looks like money or a date and was not used.
func (g *guesser) writeRest(b *strings.Builder, found, lines map[string]leaf) {
	used := map[string]bool{}
	for _, l := range found {
		used[l.path] = true
	}
	fmt.Fprintf(b, "\n# Further values of an order that look like money or dates:\n")
	for _, l := range g.order {
		decimal := strings.ContainsAny(l.text, ".,") && likeMoney(l.text)
		if !used[l.path] && (decimal || likeTime(l.text) && len(l.text) > 7) {
			fmt.Fprintf(b, "#   %s = %s\n", shown(l.path), shown(l.text))
		}
	}
	if g.linesAt == "" || g.linesAt == "@" {
		return
	}
	used = map[string]bool{}
	for _, l := range lines {
		used[l.path] = true
	}
	fmt.Fprintf(b, "# Of a line:\n")
	for _, l := range g.line {
		if !used[l.path] && strings.ContainsAny(l.text, ".,") && likeMoney(l.text) {
			fmt.Fprintf(b, "#   %s = %s\n", shown(l.path), shown(l.text))
		}
	}
}

// writeStatus writes the words of the sample with what they most likely mean. A word that nothing is known of is
// left out, so that its orders are refused until it is stated.
func (g *guesser) writeStatus(b *strings.Builder, l leaf) {
	var words, open []string
	cancelled := false
	for _, word := range l.words {
		if status, known := guessStatus(word); known {
			words = append(words, quote(word)+" = "+quote(status))
			cancelled = cancelled || status == "cancelled"
		} else {
			open = append(open, quote(word))
		}
	}
	if !cancelled {
		words = append(words, `cancelled = "cancelled"`)
	}
	fmt.Fprintf(b, "status = { at = %s, map = { %s } } # state what each word means\n", quote(l.path), strings.Join(words, ", "))
	g.Notes = append(g.Notes, "status: state which words mean pending, shipped and cancelled; orders with any other word are refused")
	if len(open) > 0 {
		g.Notes = append(g.Notes, "status: what these words mean was not guessed: "+input.Shorten(strings.Join(open, ", ")))
	}
}
