package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/pelletier/go-toml/v2"

	"obmen/convert"
	"obmen/templates"
	"obmen/watch/desk/words"
)

// sayers are the functions whose first text is the code of a message.
var sayers = []string{"New", "Count", "Say", "Tell", "Note"}

// Every message has its words in both languages, with the same values: those that the program hands over.
func TestWordsOfBothLanguages(t *testing.T) {
	english, russian := wordCatalog(t, words.English), wordCatalog(t, words.Russian)
	used := messagesUsed(t, os.DirFS("../.."))
	for code, given := range used {
		for lang, catalog := range map[string]map[string]message{"English": english, "Russian": russian} {
			m, found := catalog[code]
			if !found {
				t.Errorf("message %s (%s) has no %s words", code, given.at, lang)
				continue
			}
			for name := range m.values {
				if !given.open && !given.values[name] {
					t.Errorf("the %s words of %s have {{.%s}}, which %s does not give", lang, code, name, given.at)
				}
			}
		}
	}
	for _, c := range convert.Codes() {
		for _, part := range []string{".why", ".cure"} {
			used["hold."+string(c)+part] = usedMessage{}
			if _, found := russian["hold."+string(c)+part]; !found {
				t.Errorf("code %s has no words hold.%s%s", c, c, part)
			}
		}
	}
	for _, code := range misreadCodes(t) {
		used["misread."+code] = usedMessage{}
		if _, found := russian["misread."+code]; !found {
			t.Errorf("a targets.toml has the code %s, which has no words", code)
		}
	}
	for code, m := range english {
		if _, found := used[code]; !found && !strings.HasPrefix(code, "hold.") && !strings.HasPrefix(code, "skip.") && !m.dynamic {
			t.Errorf("message %s is used nowhere", code)
		}
		if other, found := russian[code]; !found {
			t.Errorf("message %s has no Russian words", code)
		} else if !maps.Equal(m.values, other.values) {
			t.Errorf("message %s has the values %v in English and %v in Russian", code, slices.Sorted(maps.Keys(m.values)), slices.Sorted(maps.Keys(other.values)))
		}
	}
	for code, m := range russian {
		if _, found := english[code]; !found {
			t.Errorf("message %s has no English words", code)
		}
		if m.plural && (!m.forms["one"] || !m.forms["few"] || !m.forms["many"]) {
			t.Errorf("message %s lacks a Russian plural form: it has %v", code, slices.Sorted(maps.Keys(m.forms)))
		}
	}
}

// misreadCodes are the reasons that the built-in layouts give for warnings about their settings.
func misreadCodes(t *testing.T) (codes []string) {
	t.Helper()
	files, err := fs.Glob(templates.FS, "*/targets.toml")
	if err != nil || len(files) == 0 {
		t.Fatal("no targets", err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Misread []struct{ Code string }
		}
		if err := toml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, m := range file.Misread {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

// message is an entry of a catalog.
type message struct {
	values  map[string]bool
	forms   map[string]bool
	plural  bool
	dynamic bool // its code is put together by the program
}

var valueInWords = regexp.MustCompile(`\.(\w+)`)

func wordCatalog(t *testing.T, lang string) map[string]message {
	t.Helper()
	var tree map[string]any
	if err := toml.Unmarshal(words.Source(lang), &tree); err != nil {
		t.Fatal(err)
	}
	all := map[string]message{}
	var walk func(code string, node any)
	walk = func(code string, node any) {
		switch node := node.(type) {
		case string:
			all[code] = message{values: valuesIn(node), dynamic: strings.HasPrefix(code, "word.")}
		case map[string]any:
			if _, plural := node["other"]; plural {
				m := message{values: map[string]bool{}, forms: map[string]bool{}, plural: true, dynamic: strings.HasPrefix(code, "word.")}
				for form, text := range node {
					m.forms[form] = true
					maps.Copy(m.values, valuesIn(fmt.Sprint(text)))
				}
				all[code] = m
				return
			}
			for name, below := range node {
				walk(strings.TrimPrefix(code+"."+name, "."), below)
			}
		}
	}
	walk("", tree)
	if len(all) < 50 {
		t.Fatalf("only %d messages in %s", len(all), lang)
	}
	return all
}

func valuesIn(text string) map[string]bool {
	values := map[string]bool{}
	for _, action := range regexp.MustCompile(`\{\{.*?\}\}`).FindAllString(text, -1) {
		for _, m := range valueInWords.FindAllStringSubmatch(action, -1) {
			values[m[1]] = true
		}
	}
	return values
}

// usedMessage is a message as the program makes it.
type usedMessage struct {
	at     string
	values map[string]bool
	open   bool // values are handed on that stand elsewhere
}

// messagesUsed finds the messages in the code by the literal codes of the sayers.
func messagesUsed(t *testing.T, root fs.FS) map[string]usedMessage {
	t.Helper()
	used := map[string]usedMessage{}
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".html" && path.Dir(name) == "watch/web/pages" {
			return messagesOfTemplate(root, name, used)
		}
		if err != nil || e.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil || !strings.Contains(string(text), "obmen/watch/desk/words") && !strings.Contains(string(text), "obmen/cmd/obmen/ui") {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if code, m, ok := messageOf(call); ok {
					m.at = fset.Position(call.Pos()).String()
					used[code] = m
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

var codeOfMessage = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$`)

// messageOf reads the code and the names of the values of a call that makes a message.
func messageOf(call *ast.CallExpr) (string, usedMessage, bool) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(sayers, f.Sel.Name) || len(call.Args) == 0 {
		return "", usedMessage{}, false
	}
	code, ok := literal(call.Args[0])
	if !ok || !codeOfMessage.MatchString(code) || !strings.Contains(code, ".") && code != "hint" {
		return "", usedMessage{}, false
	}
	m := usedMessage{values: map[string]bool{}, open: call.Ellipsis.IsValid()}
	pairs := call.Args[1:]
	if f.Sel.Name == "Count" && len(pairs) > 0 {
		m.values["N"], pairs = true, pairs[1:]
	}
	for i := 0; i < len(pairs); i += 2 {
		if name, ok := literal(pairs[i]); ok {
			m.values[name] = true
		}
	}
	return code, m, true
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// messagesOfTemplate finds the messages of a page: what its functions say and count have behind them.
func messagesOfTemplate(root fs.FS, name string, used map[string]usedMessage) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	all := map[string]*parse.Tree{}
	if _, err := tree.Parse(string(text), "", "", all); err != nil {
		return err
	}
	if page := strings.TrimSuffix(path.Base(name), ".html"); page != "layout" && page != "parts" {
		used["web."+page+".title"] = usedMessage{at: name} // the layout shows it
	}
	var walk func(n reflect.Value)
	walk = func(n reflect.Value) {
		switch n.Kind() {
		case reflect.Pointer, reflect.Interface:
			if n.IsNil() {
				return
			}
			if c, ok := n.Interface().(*parse.CommandNode); ok {
				addMessageOf(c, name, used)
			}
			if _, ok := n.Interface().(*parse.Tree); !ok {
				walk(n.Elem())
			}
		case reflect.Slice:
			for i := range n.Len() {
				walk(n.Index(i))
			}
		case reflect.Struct:
			for i := range n.NumField() {
				if n.Type().Field(i).IsExported() {
					walk(n.Field(i))
				}
			}
		}
	}
	for _, one := range all {
		walk(reflect.ValueOf(one.Root))
	}
	return nil
}

func addMessageOf(c *parse.CommandNode, file string, used map[string]usedMessage) {
	f, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok || f.Ident != "say" && f.Ident != "count" || len(c.Args) < 2 {
		return
	}
	code, ok := c.Args[1].(*parse.StringNode)
	if !ok {
		return
	}
	m, pairs := usedMessage{at: file, values: map[string]bool{}}, c.Args[2:]
	if f.Ident == "count" && len(pairs) > 0 {
		m.values["N"], pairs = true, pairs[1:]
	}
	for i := 0; i < len(pairs); i += 2 {
		if name, ok := pairs[i].(*parse.StringNode); ok {
			m.values[name.Text] = true
		}
	}
	used[code.Text] = m
}
