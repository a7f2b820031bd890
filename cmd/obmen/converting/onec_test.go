package converting

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"obmen/cmd/obmen/ui"
	"obmen/templates/epf"
)

// The .epf holds the text that lies beside it.
func TestOnecExport(t *testing.T) {
	dir := t.TempDir()
	opt := onecOptions{Dir: dir, Folder: `\\server\obmen`, Set: pairs{"ПроводитьДокументы=да"}}
	if err := runOnecExport(t.Context(), opt, ui.Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range []string{"ObmenOrders.bsl", "ObmenOrders.epf", "README.md"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	text := files["ObmenOrders.bsl"]
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") || !strings.HasPrefix(text, "\ufeff//") {
		t.Error("the text is not as Designer writes it: UTF-8 with a byte order mark, CRLF")
	}
	same := epf.Processor{Name: "ObmenOrders", Synonym: "Обмен заказами (obmen)", Module: text}
	if !bytes.Equal([]byte(files["ObmenOrders.epf"]), same.File()) {
		t.Error("the .epf does not hold the text beside it")
	}

	names := map[string]bool{"ВыполнитьОбмен": true, "ВыполнитьЗагрузку": true, "ВыполнитьВыгрузку": true, "СведенияОВнешнейОбработке": true}
	for _, s := range epf.Settings(text) {
		names[s.Name] = true
	}
	for _, m := range regexp.MustCompile("`([А-Я][а-я]+[А-Я]\\p{L}+)`").FindAllStringSubmatch(files["README.md"], -1) {
		if !names[m[1]] {
			t.Errorf("the page names %s, which is no setting", m[1])
		}
	}
}
