package fetch

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"obmen/fetch/spapi"
)

// stamp is how times stand in the names of files: they sort.
const stamp = "20060102T150405Z"

// pageName is the name of a page's file, without its ending: account, window and page. Whoever sorts the
// names has them in their order.
func (c *cursorRun) pageName(w *Window) string {
	kind := "updated"
	if c.created {
		kind = "created"
	}
	end := w.End.UTC().Format(stamp)
	return fmt.Sprintf("amazon-%s-%s-%s-%s-p%04d", c.f.fileLabel(), kind, w.After.UTC().Format(stamp), end, w.Pages)
}

// putPage makes a page durable as a file.
func (f *Fetcher) putPage(ctx context.Context, stem string, answer *spapi.Answer, unread error) error {
	content, err := f.envelope(answer, unread)
	if err != nil {
		return err
	}
	return publishUnderFreeName(stem, ".json", func(name string) error { return f.Folder.Put(ctx, name, content) })
}

// publishUnderFreeName calls publish with a name that no other file has. One that is taken by other bytes is of an earlier
// try: both are kept, for nobody can tell which is better.
func publishUnderFreeName(stem, ext string, publish func(name string) error) error {
	const most = 100
	for n := 1; ; n++ {
		name := stem + ext
		if n > 1 {
			name = fmt.Sprintf("%s-%d%s", stem, n, ext)
		}
		if err := publish(name); !errors.Is(err, ErrTaken) || n == most {
			return err
		}
	}
}

// envelope is the file of a page: a JSON object that says whose it is and what was asked, and then the
// body, byte for byte. The account stands first, for readers take the orders as they come. A body that
// is no JSON would make the whole file none: it stands there as a text, beside the reason.
func (f *Fetcher) envelope(answer *spapi.Answer, unread error) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{")
	for _, m := range []struct {
		name  string
		value any
	}{
		{"account", f.Account},
		{"operation", answer.Operation},
		{"request", requestObject(answer.Request)},
		{"requestId", answer.RequestID},
		{"time", answer.Received.UTC().Format(time.RFC3339)},
	} {
		if err := writeMember(&b, m.name, m.value); err != nil {
			return nil, err
		}
		b.WriteString(",\n")
	}
	if err := writeBody(&b, answer.Body, unread); err != nil {
		return nil, err
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}

func writeBody(b *bytes.Buffer, text []byte, unread error) error {
	if json.Valid(text) {
		b.WriteString(`"body":`)
		b.Write(text)
		return nil
	}
	reason := "the body is no JSON"
	if unread != nil {
		reason += ": " + unread.Error()
	}
	if err := writeMember(b, "errors", []map[string]string{{"code": "UnreadableBody", "message": reason}}); err != nil {
		return err
	}
	b.WriteString(",\n")
	if utf8.Valid(text) {
		return writeMember(b, "bodyText", string(text))
	}
	return writeMember(b, "bodyBase64", base64.StdEncoding.EncodeToString(text))
}

func writeMember(b *bytes.Buffer, name string, value any) error {
	fmt.Fprintf(b, "%q:", name)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line's end
	return nil
}

// requestObject is a request as an object.
func requestObject(request string) any {
	u, err := url.Parse(request)
	if err != nil {
		return request
	}
	parameters := map[string]string{}
	for name, values := range u.Query() {
		parameters[name] = strings.Join(values, ",")
	}
	return struct {
		Path       string            `json:"path"`
		Parameters map[string]string `json:"parameters"`
	}{u.Path, parameters}
}
