package spapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch/spapi"
)

// paths is an Amazon that answers each path with a text; TOKEN in it stands for the token of the request.
type paths map[string]func(r *http.Request) (status int, body string)

func (a paths) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusNotFound, "{}"
	for path, answer := range a {
		if strings.Contains(r.URL.Path, path) {
			status, body = answer(r)
		}
	}
	body = strings.ReplaceAll(body, "TOKEN", r.Header.Get("X-Amz-Access-Token"))
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"id " + r.Header.Get("X-Amz-Access-Token")}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

const (
	accessSecret     = "Atza|invented-access"
	restrictedSecret = "Atz.sprdt|invented-restricted"
	linkSecret       = "https://reports.example.com/r?X-Amz-Signature=invented"
)

func login(*http.Request) (int, string) {
	return 200, `{"access_token":"` + accessSecret + `","token_type":"bearer","expires_in":3600}`
}

// A secret of any kind that comes back in a refusal is not shown, whether this run was given it or another one.
func TestRefusalThatRepeatsASecret(t *testing.T) {
	echo := func(text string) func(*http.Request) (int, string) {
		return func(*http.Request) (int, string) {
			return 400, fmt.Sprintf(`{"errors":[{"code":"Bad %s","message":"the token %[1]s is bad","details":"%[1]s"}]}`, text)
		}
	}
	foreign := []string{"Atzr|of-another-app", "Atza|of-another-run", "Atz.sprdt|of-another", "amzn1.oa2-cs.v1.invented", "Atza%7Cescaped"}
	synctest.Test(t, func(t *testing.T) {
		for _, text := range append(foreign, "TOKEN", strings.ReplaceAll(linkSecret, `"`, "")) {
			a := paths{"/auth/": login, "/orders/": echo(text)}
			c := &spapi.Client{Account: "a", Region: spapi.EU, Connection: spapi.Connection{Transport: a}, Credentials: spapi.Credentials{ClientID: "an-id", ClientSecret: "a-client-secret", RefreshToken: "a-refresh-token"}}
			_, err := c.GetOrder(t.Context(), "902-0000001-0000001", nil)
			e, _ := errors.AsType[*spapi.Error](err)
			if e == nil {
				t.Fatalf("%s: %v", text, err)
			}
			shown := strings.Join([]string{err.Error(), fmt.Sprintf("%+v", *e), e.RequestID}, "\n")
			for _, secret := range append(foreign, accessSecret, "Signature=invented") {
				if strings.Contains(shown, secret) {
					t.Errorf("%q is shown:\n%s", secret, shown)
				}
			}
			if !strings.Contains(shown, "[secret]") {
				t.Errorf("nothing of %q is left: %s", text, shown)
			}
		}
	})
}

// A report that goes on for ever, packed or not, ends at the limit; a link to this computer or into its network is
// not followed.
func TestReportLimits(t *testing.T) {
	const most = 1 << 20
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.CopyN(z, zeros{}, 3*most); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	document := func(link, compression string) func(*http.Request) (int, string) {
		return func(*http.Request) (int, string) {
			return 200, fmt.Sprintf(`{"reportDocumentId":"d","url":%q%s}`, link, compression)
		}
	}
	const bomb = `,"compressionAlgorithm":"GZIP"`
	for name, tt := range map[string]struct {
		link, compression, body, want string
	}{
		"packed":   {linkSecret, bomb, packed.String(), "the report has more than 1 MB"},
		"plain":    {linkSecret, "", strings.Repeat("x", most+1), "the report has more than 1 MB"},
		"loopback": {"http://127.0.0.1:1/r", "", "x", "no host of Amazon's"},
		"inside":   {"https://192.168.1.1/r", "", "x", "no host of Amazon's"},
		"metadata": {"https://169.254.169.254/r", "", "x", "no host of Amazon's"},
		"in clear": {"http://reports.example.com/r", "", "x", "plain http"},
		"whole":    {linkSecret, "", strings.Repeat("x", most), ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := paths{
					"/auth/": login, "/documents/": document(tt.link, tt.compression),
					"/r": func(r *http.Request) (int, string) {
						if strings.Contains(r.URL.Path, "reports/") { // the API
							return document(tt.link, tt.compression)(r)
						}
						return 200, tt.body
					},
				}
				c := &spapi.Client{
					Account: "a", Region: spapi.EU, Connection: spapi.Connection{Transport: a, MaxReport: most, Attempts: 2},
					Credentials: spapi.Credentials{ClientID: "an-id", ClientSecret: "a-client-secret", RefreshToken: "a-refresh-token"},
				}
				ctx, stop := context.WithTimeout(t.Context(), time.Hour)
				defer stop()
				got, err := c.DownloadReport(ctx, spapi.AllOrdersByLastUpdate, "d", func(spapi.Download) (io.Writer, error) { return io.Discard, nil })
				if tt.want == "" {
					if err != nil || got.Size != most {
						t.Errorf("%+v, %v", got, err)
					}
					return
				}
				if e, _ := errors.AsType[*spapi.Error](err); e == nil || !strings.Contains(err.Error(), tt.want) || e.Advice == "" {
					t.Errorf("%v, want %q", err, tt.want)
				}
			})
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
