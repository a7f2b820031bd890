// Package sitetest is a client of 1C's exchange with sites that is as strict as the strictest known one,
// for tests: init of exactly two lines, "<?xml" as the first five characters, no empty answer, a batch in
// one transaction, and no success after a batch that failed.
package sitetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Step is a request of a session.
type Step string

// The steps of a session.
const (
	Checkauth Step = "checkauth"
	Query     Step = "query"
	Success   Step = "success"
	Init      Step = "init"
	File      Step = "file"
	Import    Step = "import"
)

// Client runs the exchange of one node of 1C.
type Client struct {
	URL            string // with the path
	User, Password string
	HTTP           *http.Client // nil means http.DefaultClient
	// Before and After, if set, are called around every request; an error ends the session there, as a
	// crash of 1C would.
	Before, After func(Step) error

	cookie string
}

// Download fetches a batch into the base, and confirms it when it was loaded. It returns the number of
// orders.
func (c *Client) Download(ctx context.Context, base *Base) (int, error) {
	if err := c.login(ctx, "sale"); err != nil {
		return 0, err
	}
	body, err := c.get(ctx, Query, "sale", nil)
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(body, []byte("<?xml")) {
		return 0, fmt.Errorf("query: %.40q does not begin with <?xml", body)
	}
	n, err := base.Load(body)
	if err != nil {
		return 0, err
	}
	_, err = c.get(ctx, Success, "sale", nil)
	return n, err
}

// Upload sends a file in parts, and asks for its import if told to. Kind is sale or catalog.
func (c *Client) Upload(ctx context.Context, kind, name string, file []byte, imported bool) error {
	if err := c.login(ctx, kind); err != nil {
		return err
	}
	limit, err := c.limit(ctx, kind)
	if err != nil {
		return err
	}
	if err := c.Send(ctx, kind, name, file, limit); err != nil || !imported {
		return err
	}
	return c.Import(ctx, kind, name)
}

// Send sends a file in parts of at most limit bytes within the session.
func (c *Client) Send(ctx context.Context, kind, name string, file []byte, limit int) error {
	for len(file) > 0 {
		n := min(limit, len(file))
		answer, err := c.do(ctx, File, http.MethodPost, kind, url.Values{"filename": {name}}, file[:n])
		if err != nil {
			return err
		}
		if err := wantSuccess(File, answer); err != nil {
			return err
		}
		file = file[n:]
	}
	return nil
}

// Import asks for the import of a file until the answer is not progress any more.
func (c *Client) Import(ctx context.Context, kind, name string) error {
	for {
		answer, err := c.get(ctx, Import, kind, url.Values{"filename": {name}})
		if err != nil {
			return err
		}
		if first, _, _ := strings.Cut(string(answer), "\n"); strings.TrimSpace(first) != "progress" {
			return wantSuccess(Import, answer)
		}
	}
}

// Login begins a session, and forgets the one before.
func (c *Client) Login(ctx context.Context, kind string) error { return c.login(ctx, kind) }

func (c *Client) login(ctx context.Context, kind string) error {
	c.cookie = ""
	answer, err := c.get(ctx, Checkauth, kind, nil)
	if err != nil {
		return err
	}
	lines := strings.Split(string(answer), "\n")
	if lines[0] != "success" || len(lines) < 3 {
		return fmt.Errorf("checkauth: %q", answer)
	}
	c.cookie = lines[1] + "=" + lines[2]
	return nil
}

// limit is the size of parts.
func (c *Client) limit(ctx context.Context, kind string) (int, error) {
	answer, err := c.get(ctx, Init, kind, nil)
	if err != nil {
		return 0, err
	}
	lines := strings.Split(string(answer), "\n")
	if len(lines) != 2 {
		return 0, fmt.Errorf("init: %d lines in %q", len(lines), answer)
	}
	zip, isZip := strings.CutPrefix(lines[0], "zip=")
	size, isSize := strings.CutPrefix(lines[1], "file_limit=")
	n, err := strconv.Atoi(size)
	if !isZip || !isSize || zip != "no" && zip != "yes" || err != nil || n <= 0 {
		return 0, fmt.Errorf("init: %q", answer)
	}
	return n, nil
}

// Get asks for a mode of the exchange within the session, and returns the answer.
func (c *Client) Get(ctx context.Context, kind, mode string, more url.Values) ([]byte, error) {
	return c.get(ctx, Step(mode), kind, more)
}

func (c *Client) get(ctx context.Context, step Step, kind string, more url.Values) ([]byte, error) {
	return c.do(ctx, step, http.MethodGet, kind, more, nil)
}

var errEmpty = errors.New("blank answer of the server")

// do sends a request. Old versions of 1C do not look at the status, so neither does it.
func (c *Client) do(ctx context.Context, step Step, method, kind string, more url.Values, body []byte) (answer []byte, err error) {
	if c.Before != nil {
		if err := c.Before(step); err != nil {
			return nil, err
		}
	}
	query := url.Values{"type": {kind}, "mode": {string(step)}}
	for name, values := range more {
		query[name] = values
	}
	r, err := http.NewRequestWithContext(ctx, method, c.URL+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(c.User, c.Password)
	r.Header.Set("User-Agent", "1C+Enterprise/8.3")
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	if len(answer) == 0 {
		return nil, errEmpty
	}
	if c.After != nil {
		err = c.After(step)
	}
	return answer, err
}

func wantSuccess(step Step, answer []byte) error {
	if first, _, _ := strings.Cut(string(answer), "\n"); strings.TrimSpace(first) != "success" {
		return fmt.Errorf("%s: %q", step, answer)
	}
	return nil
}
