package bsltest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// made converts the article's sample to salesorder and gives its name and text.
func (o *office) made(settings string) (name, text string) {
	o.t.Helper()
	out := o.t.TempDir()
	config := filepath.Join(out, "obmen.toml")
	if err := os.WriteFile(config, []byte(settings), 0o666); err != nil {
		o.t.Fatal(err)
	}
	obmen(o.t, "convert", "--config", config, "--catalogs", samplesDir+"/catalogs", "--out", out, "--layout", "salesorder", "--currency", "USD", samplesDir+"/shop-orders/article-minimal/input")
	found, err := filepath.Glob(filepath.Join(out, "*.xml"))
	if err != nil || len(found) != 1 {
		o.t.Fatalf("obmen made %v, %v", found, err)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		o.t.Fatal(err)
	}
	return filepath.Base(found[0]), string(b)
}

// A salesorder file that somebody has changed is refused whole.
func TestSalesorderIsWhole(t *testing.T) {
	o := article(t)
	name, text := o.made("")
	for change, wanted := range map[string]string{
		"<count>2</count>\t<count>3</count>":      "заказов 2, в заголовке 3",
		"<total>59.98</total>\t<total>60</total>": "сумма заказов в USD не сходится с заголовком: 60",
		"<name>Мария</name>\t<name>Марья</name>":  "контрольная сумма sha256 не сходится",
	} {
		was, now, _ := strings.Cut(change, "\t")
		other := strings.Replace(text, was, now, 1)
		if other == text {
			t.Fatalf("%s is not in the file:\n%s", was, text)
		}
		o.drop(name, other)
		wantIn(t, change, o.load(), wanted)
	}
	if n := len(o.base.stores["Документ.SalesOrder"].items); n != 0 {
		t.Errorf("%d documents were made of files that are not whole", n)
	}
}

// resigned gives a changed file its control sum again.
func resigned(text string) string {
	start, end := strings.Index(text, "<orders>"), strings.Index(text, "</orders>")
	sum := sha256.Sum256([]byte(text[start : end+len("</orders>")]))
	return regexp.MustCompile(`<sha256>[0-9a-f]+</sha256>`).ReplaceAllString(text, "<sha256>"+hex.EncodeToString(sum[:])+"</sha256>")
}

// What obmen calls an update is written even if only the heading differs; a posted document is not.
func TestUpdateOfTheHeading(t *testing.T) {
	o := typical(t)
	o.set("СоздаватьПокупателей", "да")
	o.base.stores["Справочник.Валюты"].put("", "Наименование=USD")
	for _, code := range []string{"УТ-00000101", "УТ-00000102"} {
		o.base.stores["Справочник.Номенклатура"].put("", "Код="+code).values["этогруппа"] = false
	}
	name, text := o.made("")
	o.drop(name, text)
	wantIn(t, "log", o.load(), "создано 2")
	o.drop(name, text)
	wantIn(t, "log", o.load(), "без изменений 2")

	update := regexp.MustCompile(`<comment>.*</comment>`).ReplaceAllString(strings.ReplaceAll(text, "<action>new</action>", "<action>update</action>"), "<comment>позвонить</comment>")
	o.drop(name, resigned(update))
	wantIn(t, "log", o.load(), "изменено 2")
	documents := o.base.stores["Документ.ЗаказКлиента"].items
	for _, doc := range documents {
		want(t, "comment", doc.values["комментарий"].(string), "позвонить")
		doc.values["проведен"] = true
	}
	o.drop(name, resigned(strings.ReplaceAll(update, "позвонить", "не звонить")))
	wantIn(t, "log", o.load(), "без изменений 2")
	for _, doc := range documents {
		want(t, "comment", doc.values["комментарий"].(string), "позвонить")
	}
	buyer := regexp.MustCompile(`(<customer>\s*)<id>[^<]*</id>(\s*<code>)[^<]*(</code>\s*<name>)[^<]*`).ReplaceAllString(update, "${1}<id>"+orderID+"</id>${2}${3}Другой")
	o.drop(name, resigned(buyer))
	wantIn(t, "log", o.load(), "проведён, а заказ изменился")
}

// The account's constants fill the attributes of their names.
func TestConstantsFillAttributes(t *testing.T) {
	o := typical(t)
	o.set("ЗначенияДокумента", "")
	o.set("СоздаватьПокупателей", "да")
	o.base.stores["Справочник.Валюты"].put("", "Наименование=Доллар", "Код=840")
	products := o.base.stores["Справочник.Номенклатура"]
	products.put("", "Наименование=Кружка", "Артикул=AB-100", "Код=УТ-00000101").values["этогруппа"] = false
	byCode := products.put("", "Наименование=Чайник", "Артикул=другой", "Код=УТ-00000102")
	byCode.values["этогруппа"] = false
	name, text := o.made("[[account]]\nname = \"shop\"\n[account.constants]\n\"Партнер\" = \"Розничный покупатель\"\n\"ХозяйственнаяОперация\" = \"Реализация клиенту\"\nforeign = \"1\"\n")
	o.drop(name, text)
	wantIn(t, "log", o.load(), "создано 2")
	for _, doc := range o.base.stores["Документ.ЗаказКлиента"].items {
		want(t, "Партнер", shown(doc.values["партнер"]), "Розничный покупатель")
		want(t, "Валюта", shown(doc.values["валюта"]), "Доллар")
		if doc.values["хозяйственнаяоперация"] != "ХозяйственныеОперации.РеализацияКлиенту" {
			t.Errorf("the operation is %v", doc.values["хозяйственнаяоперация"])
		}
		if product := doc.rows["товары"][0].values["номенклатура"].(ref); doc.values["номерподаннымклиента"] == "1002" && product.id != byCode.id {
			t.Error("a product whose code is known is found by its code")
		}
	}
}
