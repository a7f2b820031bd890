package jsontree

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"obmen/convert/source/input"

	"github.com/go-json-experiment/json/jsontext"
)

// What is JSON is what jsontext says is JSON, and of a valid text the tree is what encoding/json reads.
func FuzzJSONValue(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+7,true,false,null,"\u00e9é\ud83d\ude00\\\"\/"],"b":{},"\u0062":[]}`, `[[[]],{"a":{"b":""}}]`, "\"\\ud800\"", "\"a\xff\"", "01", "1.", "-", "\"\x01\"", `{"a":1,"\u0061":2}`, `{"a":1,}`, `{"":0,"":0}`, "truefalse",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "[")+strings.Count(text, "{") > MaxDepth {
			return
		}
		doc := new(Doc)
		begin := input.SkipBlanks([]byte(text), 0)
		err := doc.Parse([]byte(text[begin:] + "\n"))
		valid := err == nil && input.SkipBlanks([]byte(text), begin+len(doc.text)) == len(text)
		if want := jsontext.Value(text).IsValid(jsontext.AllowInvalidUTF8(true)) && utf8.ValidString(text); valid != want {
			t.Fatalf("%q: valid %t, jsontext %t (%v)", text, valid, want, err)
		}
		if !valid {
			return
		}
		var want any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			return // numbers that no float holds
		}
		checkTree(t, doc.Root(), want)
	})
}

func checkTree(t *testing.T, v Value, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		n := 0
		for at := v.node().child; at != 0; at = v.doc.nodes[at].next {
			n++
		}
		if v.Kind() != '{' || n != len(want) {
			t.Fatalf("%s: %d members of %d", v.Pointer(), n, len(want))
		}
		for name, member := range want {
			checkTree(t, v.Get(name), member)
		}
	case []any:
		if v.Kind() != '[' || v.Len() != len(want) {
			t.Fatalf("%s: %d elements of %d", v.Pointer(), v.Len(), len(want))
		}
		i := 0
		for e := range v.All() {
			checkTree(t, e, want[i])
			i++
		}
	case string:
		if v.Kind() != '"' || v.Text() != want {
			t.Fatalf("%s: %q instead of %q", v.Pointer(), v.Text(), want)
		}
	case float64:
		if v.Kind() != '0' && v.Kind() != '-' || !json.Valid(v.Raw()) {
			t.Fatalf("%s: %q is no number", v.Pointer(), v.Raw())
		}
	case bool:
		if v.Flag() != want {
			t.Fatalf("%s: %t", v.Pointer(), v.Flag())
		}
	case nil:
		if v.Kind() != 'n' {
			t.Fatalf("%s: not null", v.Pointer())
		}
	}
}

// Names are told apart however many an object has.
func TestJSONNamesTwice(t *testing.T) {
	for _, n := range []int{1, 2, mostFewNames - 1, mostFewNames, mostFewNames + 1, 3 * mostFewNames} {
		var names []string
		for i := range n {
			names = append(names, `"n`+strings.Repeat("x", i)+`":0`)
		}
		once := "{" + strings.Join(names, ",")
		if err := new(Doc).Parse([]byte(once + "}")); err != nil {
			t.Errorf("%d names: %v", n, err)
		}
		for i := range n {
			twice := once + "," + strings.Replace(names[i], "n", `\u006e`, 1) + "}"
			if err := new(Doc).Parse([]byte(twice)); err != ErrBroken { //nolint:errorlint // its own
				t.Errorf("name %d of %d twice: %v", i, n, err)
			}
		}
	}
}
