package bucket

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// Address is where a bucket is, as people write it: s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION.
type Address struct {
	Bucket, Prefix string // the prefix ends with a slash if there is one
	Host           string // with its port, if it has one
	Secure         bool   // over TLS
	Region         string
}

// Amazon's own server, and the region of servers that have but one.
const (
	amazonHost    = "s3.amazonaws.com"
	defaultRegion = "us-east-1"
)

// AddressError refuses the address of a bucket. It never has a part that may be secret.
type AddressError struct{ Text, Advice string }

func (e *AddressError) Error() string { return e.Text }

// Hint returns the next step, one line; empty when there is none.
func (e *AddressError) Hint() string { return e.Advice }

// shape is how an address is written.
const shape = `write url = "s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION"; AWS needs no endpoint`

// ParseAddress reads an address; the error is an *AddressError.
func ParseAddress(text string) (Address, error) {
	refuse := func(text, advice string) (Address, error) { return Address{}, &AddressError{text, advice} }
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Fragment != "" {
		return refuse("not the address of a bucket", shape)
	}
	given, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return refuse("not the address of a bucket", shape)
	}
	for name := range given {
		if !slices.Contains([]string{"endpoint", "region"}, name) || len(given[name]) > 1 {
			return refuse("obmen knows endpoint and region behind the question mark, each once", "the access key and its secret are stored by: obmen secret set store-key")
		}
	}
	if u.User != nil {
		return refuse("secrets do not belong in this file", "take them out, and store them: obmen secret set store-key")
	}
	if s3utils.CheckValidBucketNameStrict(u.Host) != nil {
		return refuse("not the name of a bucket", "3 to 63 small letters, digits and hyphens")
	}
	a := Address{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/"), Region: given.Get("region")}
	if a.Prefix != "" {
		a.Prefix += "/"
	}
	if strings.Contains(a.Prefix, "//") || strings.Contains("/"+a.Prefix, "/../") {
		return refuse("not a prefix of names", "write it as a path: s3://BUCKET/obmen/shop")
	}
	return a, a.readEndpoint(given.Get("endpoint"))
}

func (a *Address) readEndpoint(text string) error {
	if text == "" {
		a.Host, a.Secure = amazonHost, true
		if a.Region == "" {
			return &AddressError{"it names no region", "AWS needs it: write ?region=eu-central-1, or ?endpoint=https://HOST for another server"}
		}
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return &AddressError{"its endpoint is not the address of a server", "write endpoint=https://HOST or endpoint=https://HOST:PORT, without a path"}
	}
	a.Host, a.Secure = u.Host, u.Scheme == "https"
	if a.Region == "" {
		a.Region = defaultRegion
	}
	return nil
}

// IsPrivate reports whether what is sent to the server can be read by nobody else on its way: over TLS, or on this
// computer.
func (a Address) IsPrivate() bool {
	host := a.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return a.Secure || host == "localhost" || ip != nil && ip.IsLoopback()
}

// String names the bucket and its server to people.
func (a Address) String() string {
	return strings.TrimSuffix("s3://"+a.Bucket+"/"+a.Prefix, "/") + " (" + a.Host + ")"
}
