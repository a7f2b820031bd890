package layout_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/ianaindex"
	"pgregory.net/rapid"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/templates"
)

// tokens reads a file as any reader of XML does: by the encoding that it declares.
func tokens(t testing.TB, file []byte) (list []string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		e, err := ianaindex.IANA.Encoding(charset)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(in), nil
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%v in %.300q", err, file)
		}
		switch k := token.(type) {
		case xml.StartElement:
			list = append(list, "<"+k.Name.Local)
			for _, a := range k.Attr {
				list = append(list, a.Name.Local+"="+a.Value)
			}
		case xml.CharData:
			list = append(list, string(k))
		}
	}
}

// A file in another encoding says the same as one in UTF-8, to the last character.
func TestEncodingsRoundTrip(t *testing.T) {
	for _, name := range []string{"commerceml", "salesorder"} {
		plain, _ := ours(t, name, nil, varied(false))
		want := without(tokens(t, plain), "<sha256", "<template") // the digest is that of other bytes, and the settings are others
		for _, encoding := range []string{"utf-8", "windows-1251", "windows-1252", "KOI8-R", "ibm866"} {
			if name == "commerceml" && encoding == "windows-1252" {
				continue // its names are Russian
			}
			out, _ := ours(t, name, map[string]string{"encoding": encoding}, varied(false))
			got := without(tokens(t, out), "<sha256", "<template")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in %s (-want +got):\n%.2000s", name, encoding, diff)
			}
			declared := `encoding="` + strings.ToLower(encoding) + `"`
			if encoding != "utf-8" && (!bytes.Contains(out[:60], []byte(declared)) || bytes.HasPrefix(out, []byte("\ufeff"))) {
				t.Errorf("%s in %s begins with %.60q", name, encoding, out)
			}
			if name == "salesorder" && !bytes.Contains(out, []byte(sumOfOrders(out))) {
				t.Errorf("%s: the digest is not that of the bytes", encoding)
			}
			if bytes.Contains(out, []byte("?")) != bytes.Contains(plain, []byte("?")) {
				t.Errorf("%s in %s: a question mark", name, encoding)
			}
		}
	}
}

// sumOfOrders is the digest of a salesorder file's data.
func sumOfOrders(file []byte) string {
	sum := sha256.Sum256(file[bytes.Index(file, []byte("<orders>")) : bytes.LastIndex(file, []byte("</orders>"))+len("</orders>")])
	return hex.EncodeToString(sum[:])
}

// without leaves out the texts behind elements.
func without(list []string, elements ...string) (rest []string) {
	for i, token := range list {
		if i == 0 || !slices.Contains(elements, list[i-1]) {
			rest = append(rest, token)
		}
	}
	return rest
}

func TestAnyTextComesBack(t *testing.T) {
	const text = `<a b="{{.Account}}">{{.Account}}</a>`
	plain := compile(t, compiler(text), "x", nil)
	for _, encoding := range []string{"windows-1251", "windows-1252", "koi8-r", "ibm866"} {
		l := compile(t, compiler(text), "x", map[string]string{"encoding": encoding})
		rapid.Check(t, func(rt *rapid.T) {
			b := document.Batch{Account: rapid.String().Draw(rt, "text")}
			want, _ := write(t, plain, b)
			got, _ := write(t, l, b)
			if diff := cmp.Diff(tokens(t, want), tokens(t, got)); diff != "" {
				rt.Fatalf("%s: %s", encoding, diff)
			}
		})
	}
}

// Names and comments cannot hold references, and a misspelt encoding must not pass.
func TestEncodingMistakes(t *testing.T) {
	for _, tt := range []struct{ text, encoding, line, want string }{
		{"<a>\n<é/></a>", "windows-1251", "2", `windows-1251 lacks the character 'é' of a name`},
		{"<a>\n\n<b é='1'/></a>", "windows-1251", "3", `windows-1251 lacks the character 'é' of a name`},
		{"<a><!-- ☕ --></a>", "koi8-r", "1", `koi8-r lacks the character '☕' of a comment`},
		{"<a>\n<![CDATA[日]]></a>", "ibm866", "2", `ibm866 lacks the character '日' of <![CDATA[ … ]]>`},
		{"<а/>", "windows-1252", "1", `windows-1252 lacks the character 'а' of a name`},
		{"<a/>", "cp1251", "", `the layout's setting encoding is "cp1251"`},
	} {
		m := mistakes(t, tt.text, map[string]string{"encoding": tt.encoding})
		if len(m) != 1 || !strings.Contains(m[0].Error(), tt.want) || m[0].Advice == "" || tt.line != "" && !strings.Contains(m[0].Error(), "document.xml:"+tt.line+":") {
			t.Errorf("%q: %v", tt.text, m)
		}
	}
}

// The declaration follows the setting, whatever the template declares.
func TestDeclaration(t *testing.T) {
	for text, want := range map[string]string{
		"<a>ё☕</a>": "<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\xb8&#9749;</a>",
		"\ufeff<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n<a/>": "<?xml version='1.0' encoding=\"windows-1251\" standalone='yes'?>\r\n<a/>",
		"<?xml version=\"1.0\"?><a/>":                                           "<?xml version=\"1.0\" encoding=\"windows-1251\"?><a/>",
	} {
		out, _ := write(t, compile(t, compiler(text), "x", map[string]string{"encoding": "windows-1251"}), document.Batch{})
		if string(out) != want {
			t.Errorf("got  %q\nwant %q", out, want)
		}
	}
}

func TestFileNameMistakes(t *testing.T) {
	for pattern, want := range map[string]string{
		"orders":             "two files of other contents would have one name",
		"{hsh}":              "there is no word {hsh}",
		"Заказы-{hash}":      "not every share and system can hold such a name",
		"a/{hash}":           "not every share and system can hold such a name",
		"{hash}.xml":         "the extension is added by itself",
		".{hash}":            "not every share and system can hold such a name",
		"{hash}{":            "not every share and system can hold such a name",
		"{hash}" + long(40):  "more than 40 characters",
		"{account}-{date}":   "two files of other contents would have one name",
		"{hash}-{anything}":  "there is no word {anything}",
		"{HASH} {set} -1 ..": "there is no word {HASH}",
	} {
		_, err := layout.Compile(templates.FS, "sheet", map[string]string{"file_name": pattern})
		var m tmpl.Mistakes
		if !errors.As(err, &m) || len(m) != 1 || !strings.Contains(m[0].Text, want) || m[0].Advice == "" {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestTranslit(t *testing.T) {
	for text, want := range map[string]string{
		"Щука ЩУКА":          "Shchuka SHCHUKA",
		"ООО «Пример» № 5":   `OOO "Primer" No 5`,
		"Café Größe naïve Ł": "Cafe Grosse naive L",
		"Подъезд, ёж, Юлия":  "Podieezd, ezh, Iuliia",
		"日本 ab\u00a01":       " ab 1",
	} {
		if got := printed(t, "{{translit .Comment}}", document.Document{Comment: text}); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
