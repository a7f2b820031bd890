package mapped_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/source"
	"obmen/convert/source/mapped"
)

var pullSince = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

func turn(token string) mapped.PullTurn {
	return mapped.PullTurn{
		Since: pullSince, Until: pullSince.Add(24 * time.Hour), Token: token,
		Settings: map[string]string{"shop": "https://shop.example.com/"},
		Secrets:  map[string]string{"consumer_key": "ck", "consumer_secret": "cs", "client_id": "7", "api_key": "k", "access_token": "t"},
	}
}

// What the shipped mappings send.
func TestShippedPulls(t *testing.T) {
	for name, want := range map[string]mapped.PullRequest{
		"woocommerce": {
			Method: "GET", URL: "https://shop.example.com/wp-json/wc/v3/orders?orderby=id&order=asc&status=any&per_page=100&offset=95&modified_after=2026-11-01T10%3A00%3A00&dates_are_gmt=true",
			Headers: []mapped.Header{{Name: "Authorization", Value: "Basic Y2s6Y3M="}},
		},
		"ozon-postings": {
			Method: "POST", URL: "https://api-seller.ozon.ru/v3/posting/fbs/list",
			Headers: []mapped.Header{{Name: "Client-Id", Value: "7"}, {Name: "Api-Key", Value: "k"}},
			Body: `{"dir":"ASC","limit":1000,"offset":95,"with":{"analytics_data":true,"financial_data":true},` + "\n" +
				`"filter":{"since":"2026-08-03T10:00:00Z","to":"2026-11-02T10:00:00Z","last_changed_status_date":{"from":"2026-11-01T10:00:00Z","to":"2026-11-02T10:00:00Z"}}}`,
		},
		"zenfulfillment": {
			Method: "GET", URL: "https://partner.alaiko.com/api/partner/order?updatedAtMin=2026-11-01T10%3A00%3A00Z&order%5BcreatedAt%5D=asc&page=95&itemsPerPage=200",
			Headers: []mapped.Header{{Name: "Authorization", Value: "Bearer t"}, {Name: "x-api-key", Value: "k"}},
		},
	} {
		if diff := cmp.Diff(want, shipped(t, name).Pull.Request(turn("95"))); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// How one page leads to the next.
func TestNextPage(t *testing.T) {
	orders := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`{"id":1},`, n), ",") + "]" }
	ozon := func(n int, more string) string {
		return `{"result":{"postings":` + orders(n) + `,"has_next":` + more + `}}`
	}
	for _, c := range []struct {
		source, token, body string
		orders              int
		next                string
	}{
		{"woocommerce", "", orders(100), 100, "95"},
		{"woocommerce", "95", orders(100), 100, "190"},
		{"woocommerce", "95", orders(40), 40, "135"}, // a shop may give less than it is asked for
		{"woocommerce", "135", orders(0), 0, ""},
		{"woocommerce", "", " [ ] ", 0, ""},
		{"zenfulfillment", "", orders(50), 50, "2"},
		{"zenfulfillment", "2", `{"hydra:member":` + orders(3) + `}`, 3, "3"},
		{"zenfulfillment", "3", `{"hydra:member":[]}`, 0, ""},
		{"ozon-postings", "", ozon(1000, "true"), 1000, "980"},
		{"ozon-postings", "980", ozon(30, "false"), 30, ""},
		{"ozon-postings", "", `{"result":{"postings":null,"has_next":false}}`, 0, ""},
	} {
		page, err := shipped(t, c.source).Pull.LookAt(c.token, []byte(c.body))
		if err != nil || page.Orders != c.orders || page.Next != c.next {
			t.Errorf("%s behind %q: %+v, %v; want %d orders and %q", c.source, c.token, page, err, c.orders, c.next)
		}
	}
}

// An answer that is no list of orders is an error, and no page without orders.
func TestPagesThatAreNone(t *testing.T) {
	woo := shipped(t, "woocommerce").Pull
	for body, want := range map[string]string{
		`{"code":"rest_no_route","message":"none"}`: "no orders where the mapping looks",
		`[{"id":1}`:                    source.ErrTruncated.Error(),
		`[{"id":1}]Warning: ini_set()`: "there is more behind",
		`[{"id":01}]`:                  "broken JSON at byte",
		"[{\"id\":\"\xff\"}]":          "broken JSON at byte",
		strings.Repeat("[", 100) + strings.Repeat("]", 100): "nested",
		`null`: "no orders where the mapping looks",
		``:     source.ErrTruncated.Error(),
	} {
		if page, err := woo.LookAt("", []byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %+v, %v; want %q", body, page, err, want)
		}
	}
}

const pullText = shopText + `
[pull]
url = "https://api.example.com/{realm}/orders"
secrets = ["key"]
headers = { X-Key = "{secret:key}" }
settings = { realm = "your realm" }
query = { since = "{since}", after = "{cursor}", n = "{size}" }
page = { by = "cursor", size = 50, next = "meta.next" }
time = { format = "unix-ms" }
limit = { requests = 60, within = "1m" }
`

// A cursor leads on until there is none; settings are escaped.
func TestPullByCursor(t *testing.T) {
	p := parse(t, pullText).Pull
	at := turn("a/b=")
	at.Settings, at.Secrets = map[string]string{"realm": "a b/c"}, map[string]string{"key": "s"}
	if got := p.Request(at).URL; got != "https://api.example.com/a%20b%2Fc/orders?since=1793527200000&after=a%2Fb%3D&n=50" {
		t.Error(got)
	}
	for body, want := range map[string]string{
		`{"orders":[],"meta":{"next":"x"}}`: "x", `{"orders":[{}],"meta":{"next":null}}`: "", `{"orders":[{}],"meta":{"next":17}}`: "17", `{"orders":[{}]}`: "",
	} {
		if page, err := p.LookAt("", []byte(body)); err != nil || page.Next != want {
			t.Errorf("%s: %+v, %v", body, page, err)
		}
	}
	if p.Requests != 60 || p.Within != time.Minute || !p.Asks("since") || p.Asks("until") {
		t.Errorf("%+v", p)
	}
}

// What is wrong with a [pull] is told with its place.
func TestPullMistakes(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`https://api.example.com/{realm}`, `http://api.example.com/{realm}`, "no address of https"},
		{`https://api.example.com/{realm}`, `https://api.example.com/{realm}{secret:key}`, "secrets stand in headers only"},
		{`{secret:key}`, `{secret:other}`, "other is not among the secrets"},
		{`{secret:key}`, `fixed`, "the secret key is not used"},
		{`{realm}/`, ``, "the setting realm is not used"},
		{`{since}`, `{since-90}`, "only times have a length taken off"},
		{`{since}`, `{sinc}`, "no such placeholder"},
		{`after = "{cursor}", `, ``, "nothing asks for the next page"},
		{`next = "meta.next"`, `more = "meta.next"`, "a cursor and next go together"},
		{`by = "cursor"`, `by = "link"`, `pull.page.by "link" is none`},
		{`X-Key`, `Host`, `"Host" is none that can be sent`},
		{`within = "1m"`, `within = "soon"`, "no length of time"},
		{`format = "unix-ms"`, `format = "soon"`, "no format of a date"},
		{`settings = { realm`, `settings = { page`, `setting "page" is no name`},
		{`query = `, "body = '{'\nquery = ", "pull.body needs the method POST"},
		{`kind = "json"`, `kind = "jsonl"`, "only JSON can be pulled"},
		{`url = `, `uri = `, "unknown key pull.uri"},
	} {
		text := strings.Replace(pullText, c.old, c.new, 1)
		if _, err := mapped.Parse("t.toml", []byte(text)); text == pullText || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v; want %q", c.old, c.new, err, c.want)
		}
	}
}
