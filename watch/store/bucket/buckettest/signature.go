package buckettest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// skew is the greatest difference of clocks that S3 bears.
const skew = 15 * time.Minute

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`)

// checkSignature checks the signature of a request by the published algorithm: "Authenticating Requests: Using the
// Authorization Header (AWS Signature Version 4)". It returns the code of the refusal, empty for none.
func (s *Server) checkSignature(r *http.Request, body []byte) (code string, status int) {
	m := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return "AccessDenied", http.StatusForbidden
	}
	key, day, region, signed, signature := m[1], m[2], m[3], strings.Split(m[4], ";"), m[5]
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	switch {
	case key != Key:
		return "InvalidAccessKeyId", http.StatusForbidden
	case err != nil || !strings.HasPrefix(stamp, day):
		return "AccessDenied", http.StatusForbidden
	case s.now().Sub(at).Abs() > skew:
		return "RequestTimeTooSkewed", http.StatusForbidden
	case region != cmp.Or(s.Region, Region):
		return "AuthorizationHeaderMalformed", http.StatusBadRequest
	}
	sum := r.Header.Get("X-Amz-Content-Sha256")
	if sum != sha256Hex(body) { // nothing is taken unsigned
		return "XAmzContentSHA256Mismatch", http.StatusBadRequest
	}
	for _, needed := range []string{"host", "x-amz-content-sha256", "x-amz-date"} {
		if !slices.Contains(signed, needed) {
			return "AccessDenied", http.StatusForbidden
		}
	}
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + day + "/" + region + "/s3/aws4_request\n" + sha256Hex([]byte(canonical(r, signed, sum)))
	secret := []byte("AWS4" + Secret)
	for _, part := range []string{day, region, "s3", "aws4_request"} {
		secret = sign(secret, part)
	}
	if hex.EncodeToString(sign(secret, text)) != signature {
		return "SignatureDoesNotMatch", http.StatusForbidden
	}
	return "", 0
}

func sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonical is the request in the form that is signed.
func canonical(r *http.Request, signed []string, sum string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = r.Header.Get(name)
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + sum)
	return b.String()
}

func canonicalQuery(q url.Values) string {
	var list []string
	for name, values := range q {
		for _, value := range values {
			list = append(list, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "&")
}

// escape is the percent-encoding of the algorithm: a blank is %20.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
