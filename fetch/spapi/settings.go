package spapi

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Check looks at the settings without asking Amazon anything.
func (c *Client) Check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		c.ready, c.known = c.checkSettings(), true
	}
	return c.ready
}

func (c *Client) checkSettings() error {
	wrong := func(err error, hint string) error {
		e := c.newError("settings", KindSettings, err)
		e.Advice = hint
		return e
	}
	if c.Endpoint == "" && !c.Region.Valid() {
		return wrong(fmt.Errorf("region %q is unknown", c.Region), `set region = "na", "eu" or "fe"`)
	}
	for _, a := range []struct{ name, address string }{{"endpoint", c.Endpoint}, {"token_url", c.TokenURL}} {
		if err := safeURL(a.address); a.address != "" && err != nil {
			return wrong(fmt.Errorf("%s: %w", a.name, err), "give an address that begins with https://")
		}
	}
	for _, s := range []struct{ name, value string }{
		{"client id", c.Credentials.ClientID}, {"client secret", c.Credentials.ClientSecret}, {"refresh token", c.Credentials.RefreshToken},
	} {
		if strings.TrimSpace(s.value) != s.value || s.value == "" {
			return wrong(fmt.Errorf("the %s is missing, or has spaces around it", s.name), "store it with "+c.storeCommand())
		}
	}
	if agent := c.userAgent(); len(agent) > maxUserAgent {
		return wrong(fmt.Errorf("the user agent has %d characters, Amazon takes %d", len(agent), maxUserAgent), "shorten it")
	}
	return nil
}

// safeURL refuses an address over which a token could be read.
func safeURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("not an address")
	case u.Host == "" || u.User != nil:
		return fmt.Errorf("%q is not a plain address", u.Redacted())
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("http to %q: plain http is for this computer only", u.Host)
	}
	return fmt.Errorf("%q is not a scheme for this", u.Scheme)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Client) endpoint() string {
	return strings.TrimSuffix(cmp.Or(c.Endpoint, c.Region.Endpoint(c.Sandbox)), "/")
}

func (c *Client) userAgent() string { return cmp.Or(c.UserAgent, UserAgent("obmen", "dev")) }
