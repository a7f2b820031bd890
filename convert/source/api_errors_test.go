package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/source"
	"obmen/convert/source/input"
)

func TestAPIAnswers(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"errors":           {`{"errors":[{"code":"QuotaExceeded","message":"secret","details":"secret"}]}`, "an error answer of the API (QuotaExceeded)"},
		"errors, recorded": {`{"status":403,"headers":{"a":"b"},"body":{"errors":[{"message":"secret","code":"Unauthorized"}]}}`, "an error answer of the API (Unauthorized)"},
		"odd code":         {`{"errors":[{"code":"Atza|secret","message":"m"}]}`, "an error answer of the API"},
		"login refused":    {`{"error_description":"secret","error":"invalid_grant"}`, "a refusal of Login with Amazon (invalid_grant)"},
		"token":            {`{"access_token":"Atza|secret","refresh_token":"Atzr|secret","expires_in":3600}`, "an access token of Login with Amazon"},
		"restricted":       {`{"restrictedDataToken":"Atz.sprdt|secret","expiresIn":3600}`, "a restricted data token"},
		"report":           {`{"reportId":"ID323","reportType":"X","processingStatus":"DONE"}`, "the description of a report"},
		"reports":          {`{"payload":{"reports":[{"reportId":"ID323"}]}}`, "the description of a report"},
		"document":         {`{"reportDocumentId":"0356cf79","url":"https://example.com/secret"}`, "the address of a report's document"},
		"marketplaces":     {`{"payload":[{"marketplace":{"id":"A1"},"participation":{}}]}`, "the account's list of marketplaces"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			orders, refused, err := readAll(jsonFile(test.content))
			var file *input.FileError
			if len(orders) > 0 || len(refused) > 0 || !errors.As(err, &file) || !errors.Is(err, input.ErrNotOrders) {
				t.Fatalf("%d orders, refused %v, error %v", len(orders), refused, err)
			}
			if want := "in.json: not orders: " + test.want; err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
			if strings.Contains(err.Error()+file.Advice, "secret ") || file.Advice == "" || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q, hint %q", err, file.Advice)
			}
		})
	}
}

func TestAPIAnswersAreNoFormat(t *testing.T) {
	_, err := source.Detect(jsonFile(`{"colour":"red"}`), nil)
	var file *input.FileError
	if !errors.As(err, &file) || strings.Contains(file.Advice, "api-answer") || !strings.Contains(file.Advice, "shop-orders") {
		t.Errorf("error %v, hint %q", err, file.Advice)
	}
}

// The recorded answers of the API are all refused by what they are.
func TestAPIAnswersRecorded(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedJSON(t), "amazon", "http-errors", "*.json"))
	if err != nil || len(files) < 12 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := readAll(jsonFile(string(content))); !errors.Is(err, input.ErrNotOrders) {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}
