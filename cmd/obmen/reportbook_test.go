package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/money"
	"obmen/watch/desk/words"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// reported converts all samples with --report, and gives the rows of both sheets and the JSON result.
func reported(t *testing.T) (checks, unmatched [][]string, result report.Result, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "report.xlsx")
	var out, notes bytes.Buffer
	opt := converting.Options{
		Config: filepath.Join(samplesDir, "obmen.toml"), Catalogs: filepath.Join(samplesDir, "catalogs"), Out: filepath.Join(dir, "out"),
		Report: file, JSON: true,
	}
	for _, s := range samples(t) {
		opt.Files = append(opt.Files, filepath.Join(s, "input"))
	}
	if err := converting.Run(context.Background(), opt, ui.Streams{Out: &out, Err: &notes}); !errors.Is(err, ui.ErrHeld) {
		t.Fatalf("%v\n%s", err, notes.String())
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if diff := cmp.Diff([]string{"Проверка", "Не сопоставлено", "Не приняты"}, book.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	raw := excelize.Options{RawCellValue: true}
	checks, err1 := book.GetRows("Проверка", raw)
	unmatched, err2 := book.GetRows("Не сопоставлено", raw)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return checks, unmatched, result, file
}

// The report names every order once with its proof, its sums add up, and every difference is nought.
func TestReport(t *testing.T) {
	checks, unmatched, result, _ := reported(t)
	at := slices.IndexFunc(checks, func(row []string) bool { return len(row) > 0 && row[0] == "Заказ" })
	if at < 0 {
		t.Fatal("no table of orders")
	}
	column := func(row []string, title string) string {
		if i := slices.Index(checks[at], title); i < len(row) {
			return row[i]
		}
		return ""
	}
	documents, states, unstated := map[string]money.Amount{}, map[string]int{}, map[string]int{}
	for _, row := range checks[at+1:] {
		state := column(row, "Состояние")
		states[state]++
		if state != "выгружен" && column(row, "Итог заказа") == "нет в источнике" {
			unstated[column(row, "Валюта")]++
		}
		if state != "выгружен" {
			continue
		}
		stated := !strings.Contains(column(row, "Как сошлись суммы"), "итог в источнике не указан")
		if !stated {
			unstated[column(row, "Валюта")]++
		}
		if d := column(row, "Разница"); stated && d != "0" || !stated && (d != "не с чем сверить" || column(row, "Итог заказа") != "нет в источнике") {
			t.Errorf("order %s differs by %s (total stated: %v)", row[0], d, stated)
		}
		if column(row, "Как сошлись суммы") == "" {
			t.Errorf("order %s has no proof", row[0])
		}
		c := column(row, "Валюта")
		documents[c] = documents[c].Plus(money.MustParse(column(row, "Сумма документа")))
	}
	want := map[string]int{}
	for _, o := range result.Orders {
		want[map[string]string{"exported": "выгружен", "held": "удержан", "skipped": "пропущен"}[o.Outcome]]++
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Error(diff)
	}
	if len(unmatched)-1 != want["удержан"] {
		t.Errorf("%d held orders are listed, not %d", len(unmatched)-1, want["удержан"])
	}
	if len(unstated) == 0 {
		t.Error("no order without a stated total among the samples")
	}
	for _, row := range checks[2 : at-2] {
		if len(row) < 11 { // the line of refused files
			continue
		}
		if n, err := strconv.Atoi(row[10]); err != nil || row[0] != "валюта не указана" && n != unstated[row[0]] {
			t.Errorf("%s: %s orders are without a stated total, below are %d", row[0], row[10], unstated[row[0]])
		}
		if sum := documents[row[0]]; row[0] != "валюта не указана" && money.MustParse(row[6]) != sum {
			t.Errorf("%s: the documents come to %s, the control total says %s", row[0], sum, row[6])
		}
	}
}

// A file that was not read is named in the report with its reason: its orders stand nowhere else.
func TestReportNamesRefusedFiles(t *testing.T) {
	_, _, result, file := reported(t)
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Не приняты")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, row := range rows[1:] {
		named[row[0]] = row[1]
	}
	n := 0
	for _, f := range result.Files {
		if f.Outcome == "refused" {
			n++
			if named[f.Name] != f.Reason {
				t.Errorf("%s was refused for %q, the report says %q", f.Name, f.Reason, named[f.Name])
			}
		}
	}
	if n == 0 || n != len(named) {
		t.Errorf("%d files were refused, %d are named", n, len(named))
	}
}

// The same orders give the same report.
func TestReportIsTheSame(t *testing.T) {
	_, _, _, first := reported(t)
	_, _, _, second := reported(t)
	a, err1 := os.ReadFile(first)
	b, err2 := os.ReadFile(second)
	if err := errors.Join(err1, err2); err != nil || !bytes.Equal(a, b) {
		t.Error("two reports of the same orders differ", err)
	}
}

// Every reason of a hold is told in Russian, with what to do.
func TestReportSpeaksRussian(t *testing.T) {
	_, unmatched, _, _ := reported(t)
	why, cure := slices.Index(unmatched[0], "Почему удержан"), slices.Index(unmatched[0], "Что сделать")
	for _, row := range unmatched[1:] {
		if !isRussian(row[why]) || !isRussian(row[cure]) {
			t.Errorf("order %s: held because %q, do %q", row[0], row[why], row[cure])
		}
	}
	source, err := os.ReadFile("../../convert/outcome.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`\bCode += "([a-z-]+)"`).FindAllSubmatch(source, -1)
	if len(codes) < 20 {
		t.Fatalf("%d codes", len(codes))
	}
	for _, code := range codes {
		why, cure := report.Words(words.In(words.Russian), &convert.Hold{Code: convert.Code(code[1]), File: "skus.csv"})
		if !isRussian(why) || !isRussian(cure) {
			t.Errorf("%s: %q, %q", code[1], why, cure)
		}
	}
}

func isRussian(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}
