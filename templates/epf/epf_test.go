package epf_test

import (
	"bytes"
	"encoding/xml"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"obmen/templates/epf"
)

const bom = "\ufeff"

var sample = epf.Processor{
	Name:    "ТестоваяЗагрузка",
	Synonym: "Тестовая загрузка",
	Module:  "Процедура ВыполнитьКоманду(Ид, П) Экспорт\r\n\tСообщить(\"ок\");\r\nКонецПроцедуры\r\n",
}

// unpacked is a processor's file taken apart: the entries inflated, the module's container opened.
func unpacked(t *testing.T, file []byte) map[string]string {
	t.Helper()
	parts, err := takeApart(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, p := range parts {
		data, err := inflate(p.data)
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		if !strings.HasSuffix(p.name, ".0") {
			all[p.name] = string(data)
			continue
		}
		inner, err := takeApart(data)
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		for _, q := range inner {
			all[p.name+"/"+q.name] = string(q.data)
		}
	}
	return all
}

func TestFile(t *testing.T) {
	all := unpacked(t, sample.File())
	root, ok := strings.CutPrefix(all["root"], bom+"{2,")
	root, ok2 := strings.CutSuffix(root, ",}")
	if !ok || !ok2 {
		t.Fatalf("root is %q", all["root"])
	}
	description := all[root]
	object := regexp.MustCompile(`\{3,\s*\{1,0,([0-9a-f-]{36})\},"ТестоваяЗагрузка",\s*\{1,"ru","Тестовая загрузка"\}`).FindStringSubmatch(description)
	if object == nil {
		t.Fatalf("the description names no object:\n%s", description)
	}
	if got := all[object[1]+".0/text"]; got != bom+sample.Module {
		t.Errorf("the module is %q", got)
	}
	if open, closed := strings.Count(description, "{"), strings.Count(description, "}"); open != closed {
		t.Errorf("%d { and %d }", open, closed)
	}
	for name := range all {
		if entry, _, _ := strings.Cut(name, "/"); !strings.Contains(all["versions"], `"`+entry+`"`) {
			t.Errorf("versions does not know %s:\n%s", entry, all["versions"])
		}
	}
}

// The platform writes entries in the order of their names.
func TestEntriesAreInOrder(t *testing.T) {
	parts, err := takeApart(sample.File())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) }) || len(parts) != 6 {
		t.Errorf("the entries are %v", parts)
	}
}

func TestFileIsTheSameEveryTime(t *testing.T) {
	if !bytes.Equal(sample.File(), sample.File()) {
		t.Error("the same processor gives two files")
	}
	other := sample
	other.Module += "// иначе\r\n"
	if a, b := unpacked(t, sample.File()), unpacked(t, other.File()); a["versions"] == b["versions"] {
		t.Error("another module has the same version")
	} else if a["root"] != b["root"] {
		t.Error("another module is another object")
	}
}

// Whatever is in a module comes out again.
func TestModuleRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := epf.Processor{Name: "A", Synonym: rapid.String().Draw(r, "synonym"), Module: rapid.String().Draw(r, "module")}
		text := strings.ReplaceAll(strings.TrimPrefix(p.Module, bom), "\r\n", "\n")
		want := bom + strings.ReplaceAll(text, "\n", "\r\n")
		found := false
		for name, got := range unpacked(t, p.File()) {
			if strings.HasSuffix(name, "/text") {
				found = true
				if got != want {
					r.Fatalf("%q became %q", want, got)
				}
			}
		}
		if !found {
			r.Fatal("no module in the file")
		}
	})
}

var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// plain replaces the ids by their numbers in order of appearance, so that two files can be compared.
func plain(all map[string]string) map[string]string {
	seen := map[string]string{}
	number := func(s string) string {
		return ids.ReplaceAllStringFunc(s, func(id string) string {
			if known, ok := seen[id]; ok {
				return known
			}
			seen[id] = "id" + string(rune('a'+len(seen)))
			return seen[id]
		})
	}
	number(all["root"]) // counting begins with these, whatever the ids are
	number(all[ids.FindString(all["root"])])
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "versions" { // random in the other writer; names stand in the order of the ids
			words := strings.Split(ids.ReplaceAllString(all[name], "id"), ",")
			slices.Sort(words)
			out[name] = strings.Join(words, ",")
			continue
		}
		out[number(name)] = number(all[name])
	}
	return out
}

// asOf83 writes what the known writer made as 8.3 does since 8.3.15: the head of an object has one more reference and
// a count, and the version is another.
func asOf83(t *testing.T, all map[string]string) map[string]string {
	t.Helper()
	for old, now := range map[string]string{
		"{0,\r\n{1,\r\n{0,0,": "{0,\r\n{3,\r\n{1,0,",
		`"",0,0}`:             `"",0,0,00000000-0000-0000-0000-000000000000,0}`,
		"80310":               "80315",
	} {
		n := 0
		for name, text := range all {
			n += strings.Count(text, old)
			all[name] = strings.ReplaceAll(text, old, now)
		}
		if n != 1 {
			t.Fatalf("the known writer has %q %d times", old, n)
		}
	}
	return all
}

// The file has the structure of the one that unpackers took for a vendor's.
func TestAsTheKnownWriter(t *testing.T) {
	script := filepath.Join(shared(t), "onec", "examples", "epf_write.py")
	python, err := exec.LookPath("python3")
	if err != nil {
		missing(t, "python3")
	}
	other := filepath.Join(t.TempDir(), "other.epf")
	if out, err := exec.Command(python, script, other).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := plain(asOf83(t, unpacked(t, file))), plain(unpacked(t, sample.File()))
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("other structure (-known +ours):\n%s", diff)
	}
	if a, b := file[:16], sample.File()[:16]; !bytes.Equal(a, b) {
		t.Errorf("the header is % x, the known one % x", b, a)
	}
}

func TestDump(t *testing.T) {
	files := epf.Processor{Name: "A", Synonym: `Заказы & "другое" <1>`, Module: "// модуль\n"}.Dump()
	if got := string(files["A/Ext/ObjectModule.bsl"]); got != bom+"// модуль\r\n" {
		t.Errorf("the module is %q", got)
	}
	var root struct {
		XMLName   xml.Name
		Processor struct {
			UUID   string `xml:"uuid,attr"`
			Object string `xml:"InternalInfo>ContainedObject>ObjectId"`
			Type   struct {
				Name string `xml:"name,attr"`
			} `xml:"InternalInfo>GeneratedType"`
			Name    string `xml:"Properties>Name"`
			Synonym string `xml:"Properties>Synonym>item>content"`
		} `xml:"ExternalDataProcessor"`
	}
	text := bytes.TrimPrefix(files["A.xml"], []byte(bom))
	if err := xml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	p := root.Processor
	if !ids.MatchString(p.UUID) || !ids.MatchString(p.Object) || p.UUID == p.Object {
		t.Errorf("ids are %q and %q", p.UUID, p.Object)
	}
	if p.Name != "A" || p.Synonym != `Заказы & "другое" <1>` || p.Type.Name != "ExternalDataProcessorObject.A" {
		t.Errorf("got %+v", p)
	}
	if root.XMLName.Space != "http://v8.1c.ru/8.3/MDClasses" || len(files) != 2 {
		t.Errorf("root %v, %d files", root.XMLName, len(files))
	}
}

// shared is the test data that lies beside the checkout, or in the folder that OBMEN_SHARED names.
func shared(t *testing.T) string {
	t.Helper()
	root := os.Getenv("OBMEN_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	for _, dir := range []string{filepath.Join(root, "data"), root} {
		if dirExists(filepath.Join(dir, "onec")) {
			return dir
		}
	}
	missing(t, "the shared test data")
	return ""
}

func dirExists(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// missing skips a test by name, and fails it where everything has to be there.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing: %s", what)
	}
	t.Skipf("missing: %s", what)
}
