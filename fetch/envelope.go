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

// Stamp is how times stand in the names of files: they sort.
const Stamp = "20060102T150405Z"

// pageName is the name of a page's file, without its ending: account, window and page. Whoever sorts the
// names has them in their order.
func (c *cursorRun) pageName(w *Window) string {
	kind := "updated"
	if c.created {
		kind = "created"
	}
	end := w.End.UTC().Format(Stamp)
	return fmt.Sprintf("amazon-%s-%s-%s-%s-p%04d", c.f.fileLabel(), kind, w.After.UTC().Format(Stamp), end, w.Pages)
}

// putPage makes a page durable as a file.
func (f *Fetcher) putPage(ctx context.Context, stem string, answer *spapi.Answer, unread error) error {
	e := Envelope{
		Account: f.Account, Operation: string(answer.Operation), Request: requestObject(answer.Request), RequestID: answer.RequestID,
		Received: answer.Received, Body: answer.Body, Unread: unread,
	}
	return e.Put(ctx, f.Folder, stem)
}

// Put makes the envelope durable as a file of that name, without its ending, or of one near it that is free.
func (e *Envelope) Put(ctx context.Context, folder Folder, stem string) error {
	content, err := e.encode()
	if err != nil {
		return err
	}
	return publishUnderFreeName(stem, ".json", func(name string) error { return folder.Put(ctx, name, content) })
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

// Envelope is the file of a page: a JSON object with whose it is and what was asked, and then the body, byte
// for byte. The account stands first, for readers take the orders as they come. A body that is no JSON would
// make the whole file none: it stands there as a text, beside the reason.
type Envelope struct {
	Account   string
	Operation string
	Request   any // as JSON shows it; without secrets
	RequestID string
	Received  time.Time
	Body      []byte
	Unread    error // why the body cannot be read
	Refused   bool  // the body is JSON, and Unread is wrong with it all the same
}

func (e *Envelope) encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{")
	for _, m := range []struct {
		name  string
		value any
	}{
		{"account", e.Account},
		{"operation", e.Operation},
		{"request", e.Request},
		{"requestId", e.RequestID},
		{"time", e.Received.UTC().Format(time.RFC3339)},
	} {
		if err := writeMember(&b, m.name, m.value); err != nil {
			return nil, err
		}
		b.WriteString(",\n")
	}
	if err := e.writeBody(&b); err != nil {
		return nil, err
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}

func (e *Envelope) writeBody(b *bytes.Buffer) error {
	valid := json.Valid(e.Body)
	if valid && !e.Refused {
		b.WriteString(`"body":`)
		b.Write(e.Body)
		return nil
	}
	var reason string
	switch {
	case valid:
		reason = e.Unread.Error()
	case e.Unread != nil:
		reason = "the body is no JSON: " + e.Unread.Error()
	default:
		reason = "the body is no JSON"
	}
	if err := writeMember(b, "errors", []map[string]string{{"code": "UnreadableBody", "message": reason}}); err != nil {
		return err
	}
	b.WriteString(",\n")
	if utf8.Valid(e.Body) {
		return writeMember(b, "bodyText", string(e.Body))
	}
	return writeMember(b, "bodyBase64", base64.StdEncoding.EncodeToString(e.Body))
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
