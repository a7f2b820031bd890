package fetch

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// stamp is how times stand in the names of files: they sort.
const stamp = "20060102T150405Z"

// stem is the name of a page's file, without its ending: account, window and page. Whoever sorts the
// names has them in their order.
func (c *course) stem(w *Window) string {
	kind := "updated"
	if c.created {
		kind = "created"
	}
	end := w.End.UTC().Format(stamp)
	return fmt.Sprintf("amazon-%s-%s-%s-%s-p%04d", c.f.Account, kind, w.After.UTC().Format(stamp), end, w.Pages)
}

// put makes a page durable as a file. A name that is taken by other bytes is one of an earlier try: both
// are kept, for nobody can tell which is better.
func (f *Fetcher) put(ctx context.Context, stem string, answer Page) error {
	const most = 100
	content, err := f.envelope(answer)
	if err != nil {
		return err
	}
	name := stem + ".json"
	for n := 2; ; n++ {
		err := f.Put(ctx, name, content)
		if err == nil || !errors.Is(err, ErrTaken) || n > most {
			return err
		}
		name = fmt.Sprintf("%s-%d.json", stem, n)
	}
}

// envelope is the file of a page: a JSON object that says whose it is and what was asked, and then the
// body, byte for byte. The account stands first, for readers take the orders as they come. A body that
// is no JSON would make the whole file none: it stands there as a text, beside the reason.
func (f *Fetcher) envelope(answer Page) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{")
	for _, m := range []struct {
		name  string
		value any
	}{
		{"account", f.Account},
		{"operation", answer.Operation},
		{"request", parameters(answer.Request)},
		{"requestId", answer.RequestID},
		{"time", f.Now().UTC().Format(time.RFC3339)},
	} {
		if err := member(&b, m.name, m.value); err != nil {
			return nil, err
		}
		b.WriteString(",\n")
	}
	if err := body(&b, answer); err != nil {
		return nil, err
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}

func body(b *bytes.Buffer, answer Page) error {
	if json.Valid(answer.Body) {
		b.WriteString(`"body":`)
		b.Write(answer.Body)
		return nil
	}
	reason := "the body is no JSON"
	if answer.Unread != nil {
		reason += ": " + answer.Unread.Error()
	}
	if err := member(b, "errors", []map[string]string{{"code": "UnreadableBody", "message": reason}}); err != nil {
		return err
	}
	b.WriteString(",\n")
	if utf8.Valid(answer.Body) {
		return member(b, "bodyText", string(answer.Body))
	}
	return member(b, "bodyBase64", base64.StdEncoding.EncodeToString(answer.Body))
}

func member(b *bytes.Buffer, name string, value any) error {
	fmt.Fprintf(b, "%q:", name)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line's end
	return nil
}

// parameters are what was asked, as an object; of a name that was sent twice all values.
func parameters(list [][2]string) map[string]string {
	out := map[string]string{}
	for _, p := range list {
		if was, ok := out[p[0]]; ok {
			p[1] = strings.Join([]string{was, p[1]}, ",")
		}
		out[p[0]] = p[1]
	}
	return out
}
