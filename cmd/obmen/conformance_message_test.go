package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
	"obmen/watch/ledger"
	"obmen/watch/outbox"

	"github.com/google/go-cmp/cmp"
)

// Every constant of an account that the layout knows has its place, in every version of the format.
func TestEnterpriseConstants(t *testing.T) {
	xmllint := need(t, "xmllint")
	values := map[string]string{
		"ИНН": "7700000000", "КПП": "770001001", "Договор": "Основной договор", "ТипЦен": "Розничная", "Подразделение": "Отдел продаж", "Ответственный": "Примерова А. Б.",
		"СсылкаОрганизации": "0c7d5f0a-52f1-4c37-8a35-0b9a4e6d7f21", "СсылкаСклада": "1c7d5f0a-52f1-4c37-8a35-0b9a4e6d7f21",
	}
	for version, release := range map[string]string{"1.8": "1_8_6", "1.16": "1_16_2", "1.17": "1_17_3", "1.20": "1_20_2", "1.21": "1_21_1"} {
		opt := createAll(t, hardCases(t))
		opt.Layouts = []string{"enterprisedata"}
		var text strings.Builder
		fmt.Fprintf(&text, "%s[layout.enterprisedata]\nversion = %q\n[[account]]\nname = \"shop\"\norganisation = \"ООО «Пример»\"\nwarehouses = { any = \"Склад\" }\n[account.constants]\n", read(t, opt.Config), version)
		for name, value := range values {
			fmt.Fprintf(&text, "%q = %q\n", name, value)
		}
		opt.Config = filepath.Join(t.TempDir(), "obmen.toml")
		if err := os.WriteFile(opt.Config, []byte(text.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		c := convertAll(t, opt)
		file := c.paths(".xml")[0]
		if words, err := validate(xmllint, enterpriseSchema(release)(t), []string{file}); err != nil {
			t.Errorf("%s: %s", version, words)
		}
		for name, value := range values {
			if !strings.Contains(read(t, file), ">"+value+"<") {
				t.Errorf("%s: no %s", version, name)
			}
		}
	}
}

var messageOrder = regexp.MustCompile(`(?s)<Документ\.ЗаказКлиента>.*?<НомерВходящегоДокумента>([^<]+)<.*?</Документ\.ЗаказКлиента>`)

// documents are the texts of all orders in some files, by number.
func documentTexts(t *testing.T, files ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, file := range files {
		for _, m := range messageOrder.FindAllStringSubmatch(read(t, file), -1) {
			texts[m[1]] = m[0]
		}
	}
	return texts
}

// A message holds every order as a file by hand does, to the byte: what the ledger keeps of a document
// loses nothing.
func TestMessageHoldsWhatConvertWrites(t *testing.T) {
	inputs := glob(t, filepath.Join(samplesDir, "amazon-*", "*", "input", "*"))
	config := withSettings(t, filepath.Join(samplesDir, "obmen.toml"), "enterprisedata", "")
	c := convertAll(t, converting.Options{Files: inputs, Layouts: []string{"enterprisedata"}, Catalogs: filepath.Join(samplesDir, "catalogs"), Config: config})

	dir := t.TempDir()
	if err := runInit(dir, ui.Streams{Out: io.Discard, Err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	settings := strings.Replace(read(t, config), `["commerceml", "sheet"]`, `["enterprisedata"]`, 1) + "from = \"OB\"\nto = \"UT\"\n[watch]\nsettle = \"1ms\"\n"
	if err := os.WriteFile(filepath.Join(dir, "obmen.toml"), []byte(settings), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, f := range glob(t, filepath.Join(samplesDir, "catalogs", "*.csv")) {
		copyFile(t, f, filepath.Join(dir, "catalogs", filepath.Base(f)))
	}
	for _, f := range inputs {
		copyFile(t, f, filepath.Join(dir, "inbox", filepath.Base(filepath.Dir(filepath.Dir(f)))+"-"+filepath.Base(f)))
	}
	copyFile(t, filepath.Join(c.Dir, outbox.NumbersFile), filepath.Join(dir, "state", ledger.NumbersFile)) // the orders keep the numbers that they have
	var words bytes.Buffer
	err := serving.Run(t.Context(), serving.Options{Config: filepath.Join(dir, "obmen.toml"), Once: true}, ui.Streams{Out: &words, Err: &words})
	if code := exitCode(err, ui.Streams{Err: &words}); code != ui.ExitOK && code != ui.ExitHeld {
		t.Fatalf("exit code %d:\n%s", code, words.String())
	}
	message := filepath.Join(dir, "outbox", "Message_OB_UT.xml")
	if words, err := validate(need(t, "xmllint"), enterpriseSchema("1_16_2")(t), []string{message}); err != nil || !strings.Contains(read(t, message), "<msg:MessageNo>") {
		t.Errorf("%v:\n%.2000s", err, words)
	}
	for _, wrong := range parseEnterprise(t, message).repeated() {
		t.Error(wrong)
	}
	want, got := documentTexts(t, c.paths(".xml")...), documentTexts(t, message)
	if len(want) < 30 {
		t.Fatalf("only %d orders", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-convert +message):\n%s", diff)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, []byte(read(t, from)), 0o666); err != nil {
		t.Fatal(err)
	}
}
