package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
)

// The book of phrases is sound, and says what the program says: an English text that changes loses its Russian one
// here, and not before a user.
func TestPhrasesAreOfTheProgram(t *testing.T) {
	said := map[string]bool{}
	for _, text := range textsOfProgram(t, os.DirFS("../.."), nil) {
		for said[text] = true; strings.Contains(text, ": "); said[text] = true { // places stand before a colon
			_, text, _ = strings.Cut(text, ": ")
		}
	}
	seen := map[string]bool{}
	for _, p := range words.Phrases() {
		if seen[p.English] {
			t.Errorf("%q is in the book twice", p.English)
		}
		seen[p.English] = true
		forms := strings.Split(p.Russian, "¦")
		if len(forms) != 1 && (len(forms) != 3 || !strings.Contains(p.English, "{n}")) {
			t.Errorf("%q has %d Russian forms", p.English, len(forms))
		}
		for _, english := range strings.Split(p.English, "¦") {
			for _, form := range forms {
				if given, used := valuesOfPhrase(english), valuesOfPhrase(form); !slices.Equal(given, used) {
					t.Errorf("%q has the values %v in English and %v in Russian", english, given, used)
				}
			}
			skeleton := valueOfPhrase.ReplaceAllString(english, "{}")
			counted := strings.TrimPrefix(skeleton, "{} ")
			if !p.Elsewhere && !said[skeleton] && !(strings.HasPrefix(english, "{n} ") && said[counted]) {
				t.Errorf("the program does not say %q any more", english)
			}
		}
	}
	if len(seen) < 400 {
		t.Errorf("only %d phrases", len(seen))
	}
}

// What commands refuse, advise and note has Russian words.
func TestPhrasesOfCommands(t *testing.T) {
	russian := words.In(words.Russian)
	root := os.DirFS("../..")
	texts := textsOfProgram(t, root, func(name string, call *ast.CallExpr) bool {
		f, ok := call.Fun.(*ast.SelectorExpr)
		return ok && strings.HasPrefix(name, "cmd/obmen/") && slices.Contains([]string{"WithHint", "Usage", "PrintPhrase", "PrintProblem"}, f.Sel.Name)
	})
	if len(texts) < 100 {
		t.Fatalf("only %d texts", len(texts))
	}
	for _, text := range texts {
		sentence := strings.ReplaceAll(text, "{}", "7")
		if letters.MatchString(text) && !isCommand(text) && russian.Phrase(sentence) == sentence {
			t.Errorf("no Russian for %q", text)
		}
	}
}

// Why an order is held or a file refused, and what to do about it, has Russian words: the accountant reads them.
func TestPhrasesOfHoldsAndRefusals(t *testing.T) {
	russian := words.In(words.Russian)
	looked := 0
	for _, dir := range []string{"convert", "watch"} {
		root := os.DirFS("../../" + dir)
		err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "sourcetest") {
				return err
			}
			if dir == "convert" && (strings.HasPrefix(name, "layout/") || strings.HasPrefix(name, "source/mapped/")) {
				return nil // mistakes of those who write templates and mappings
			}
			source, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, e := range toldTexts(n) {
					text, isText := skeletonOf(e)
					sentence := strings.ReplaceAll(text, "{}", "7")
					if looked++; isText && letters.MatchString(text) && !isCommand(text) && russian.Phrase(sentence) == sentence {
						t.Errorf("%s/%s: no Russian for %q", dir, name, text)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 300 {
		t.Errorf("looked at %d texts", looked)
	}
}

// toldTexts are the texts of a piece of source that a person is told: why something is held, refused or alarming, and
// the next step.
func toldTexts(n ast.Node) (texts []ast.Expr) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		key, ok := n.Key.(*ast.Ident)
		if ok && slices.Contains([]string{"Sentence", "Cure", "Advice", "Text", "Hint", "Err"}, key.Name) {
			return innerTexts(n.Value)
		}
	case *ast.CallExpr:
		called := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			called = f.Name
		case *ast.SelectorExpr:
			called = f.Sel.Name
		}
		if slices.Contains([]string{"Refuse", "refuse", "WithHint", "NewFileError", "refuseLine", "rowError", "refuseOrder"}, called) {
			for _, arg := range n.Args {
				texts = append(texts, innerTexts(arg)...)
			}
		}
	}
	return texts
}

// innerTexts is a text, or that of the error that is made of it.
func innerTexts(e ast.Expr) []ast.Expr {
	if call, ok := e.(*ast.CallExpr); ok {
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "New" || f.Sel.Name == "Errorf" || f.Sel.Name == "Sprintf") && len(call.Args) > 0 {
			return call.Args[:1]
		}
		return nil
	}
	return []ast.Expr{e}
}

// What --help says of every command and option has Russian words.
func TestHelpInRussian(t *testing.T) {
	russian := words.In(words.Russian)
	look := func(where, text string) {
		for _, p := range strings.Split(text, "\n\n") {
			one := strings.Join(strings.Fields(p), " ")
			if letters.MatchString(one) && russian.Phrase(one) == one {
				t.Errorf("%s: no Russian for\n%s", where, one)
			}
		}
	}
	var walk func([]*cli.Command)
	walk = func(commands []*cli.Command) {
		for _, c := range commands {
			look(c.Name, c.Usage)
			look(c.Name, c.Description)
			for _, f := range c.Flags {
				usage := usageOf(f)
				if usage == nil {
					t.Fatalf("%s: an option of a kind that has no Russian help: %T", c.Name, f)
				}
				look(c.Name+" --"+f.Names()[0], *usage)
			}
			walk(c.Subcommands)
		}
	}
	walk(newApp(ui.Streams{}).Commands)
}

var (
	letters       = regexp.MustCompile(`[a-z]{2,} [a-z]`)
	valueOfPhrase = regexp.MustCompile(`\{[a-z0-9]+\}`)
	verbOfText    = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)
)

// isCommand reports whether a text is a command line, the same in every language.
func isCommand(text string) bool {
	return strings.HasPrefix(text, "obmen ") && !strings.Contains(text, ",")
}

// namesCommand reports whether the texts of a call are words of a command line, or a noun that is counted.
func namesCommand(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"Command", "command", "Plural"}, f.Sel.Name)
}

func valuesOfPhrase(text string) []string {
	values := valueOfPhrase.FindAllString(text, -1)
	slices.Sort(values)
	return values
}

// textsOfProgram are the texts of the program, a line each, with {} where values stand; only those within calls that
// are wanted, where there is a choice.
func textsOfProgram(t *testing.T, root fs.FS, wanted func(file string, call *ast.CallExpr) bool) (texts []string) {
	t.Helper()
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		collect := func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && wanted != nil && namesCommand(call) {
				return false
			}
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, isText := skeletonOf(e)
			if isText && wanted == nil { // descriptions are looked up by their paragraphs
				for _, p := range strings.Split(text, "\n\n") {
					texts = append(texts, strings.Join(strings.Fields(p), " "))
				}
			}
			for line := range strings.Lines(text) {
				if isText {
					texts = append(texts, strings.TrimSpace(line))
				}
			}
			return !isText
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if wanted == nil {
				return collect(n)
			}
			if call, ok := n.(*ast.CallExpr); ok && wanted(name, call) {
				for _, arg := range call.Args {
					ast.Inspect(arg, collect)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// skeletonOf is a text with {} for its values, be they written with verbs or added.
func skeletonOf(e ast.Expr) (text string, isText bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, ok := literal(e)
		return verbOfText.ReplaceAllString(text, "{}"), ok
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, one := skeletonOf(e.X)
			right, other := skeletonOf(e.Y)
			return left + right, one || other
		}
	}
	return "{}", false
}

// Each of two questions of a sentence is Russian, and so are the amounts of a line.
func TestRussianQuestionsAndFigures(t *testing.T) {
	russian, english := words.In(words.Russian), words.In(words.English)
	got := russian.Phrase(`"AB-10O" is in no catalog; is it "AB-100" (Mug, same look, digits); or "AB-200" (Pot, one letter differs)?; "AB-201" is in no catalog; is it "AB-200" (Pot, one letter differs)?`)
	for _, left := range []string{"is it", "differs", "same look", "catalog"} {
		if strings.Contains(got, left) {
			t.Errorf("%q is left in %s", left, got)
		}
	}
	got = russian.Phrase(`"123" (Cup) is in no catalog; products.csv has "00123" (leading zeros); "ABC-1" (Mug) is in no catalog; products.csv has "ABС-1" (same look, Cyrillic letters)`)
	for _, left := range []string{"leading", "has", "same look", "catalog"} {
		if strings.Contains(got, left) {
			t.Errorf("%q is left in %s", left, got)
		}
	}
	if got := russian.Figure("-1243.10"); got != "−1\u00a0243,10" {
		t.Errorf("%q", got)
	}
	if got := english.Figure("1243.10"); got != "1243.10" {
		t.Errorf("%q", got)
	}
}
