package spapi

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"obmen/fetch/web"
)

// Download is a report on its way. Its text comes uncompressed and otherwise byte for byte.
type Download struct {
	Document
	ContentType string
	Charset     string // of the Content-Type, "" when it names none: lost unless it is kept beside the file
	Size        int64  // of what was written
}

// DownloadReport writes a report to where create says. It asks for the document, and again when the link
// expires or the line breaks: create is called for each attempt, with what is known by then, and what an
// earlier attempt wrote is void. A restricted type is downloaded with a restricted data token.
func (c *Client) DownloadReport(ctx context.Context, reportType, documentID string, create func(Download) (io.Writer, error)) (*Download, error) {
	var d *Download
	err := c.retryCall(ctx, OpDownload, func(ctx context.Context, attempt int) error {
		document, err := c.GetReportDocument(ctx, reportType, documentID)
		if err != nil {
			return err
		}
		started := time.Now()
		d, err = c.downloadOnce(ctx, document, create)
		x := Exchange{Operation: OpDownload, Attempt: attempt, Took: time.Since(started)}
		if err == nil {
			x.Status, x.Bytes = http.StatusOK, int(d.Size)
		}
		c.reportExchange(x, err)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (c *Client) downloadOnce(ctx context.Context, document *Document, create func(Download) (io.Writer, error)) (*Download, error) {
	if !time.Now().Before(document.Expires) {
		return nil, c.newError(OpDownload, KindLink, nil)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	patience := cmp.Or(c.Timeout, DefaultTimeout)
	stalled := time.AfterFunc(patience, func() { stop(errStalled) })
	defer stalled.Stop()
	// No token goes along: the link is all that is needed, and its host is not Amazon's API.
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, document.url, nil)
	if err != nil {
		return nil, c.newError(OpDownload, KindAnswer, errors.New("the link is not an address"))
	}
	r.Header.Set("User-Agent", c.userAgent())
	r.Header.Set("Accept-Encoding", "identity") // the only compression is the one that the document names
	resp, err := web.NewClient(c.Transport).Do(r)
	if err != nil {
		return nil, c.newError(OpDownload, KindNetwork, c.lateError(ctx, web.UnwrapURL(err)))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		e := &Error{Account: c.Account, Operation: OpDownload, Kind: linkKind(resp.StatusCode), Status: resp.StatusCode}
		return nil, c.complete(e)
	}
	d := &Download{Document: *document, ContentType: resp.Header.Get("Content-Type")}
	if _, params, err := mime.ParseMediaType(d.ContentType); err == nil {
		d.Charset = params["charset"]
	}
	into, err := create(*d)
	if err != nil {
		return nil, fmt.Errorf("keep the report: %w", err)
	}
	line := &reader{Reader: resp.Body, came: func() { stalled.Reset(patience) }}
	d.Size, err = c.copyBody(ctx, into, line, d.Compression)
	return d, err
}

// linkKind reads the status of a storage that is not the API: it says 403 of a link that expired.
func linkKind(status int) Kind {
	switch {
	case status == http.StatusForbidden, status == http.StatusNotFound:
		return KindLink
	case status == http.StatusTooManyRequests, status >= 500:
		return KindServer
	}
	return KindRefused
}

// copyBody tells a line that broke, or a packing that is damaged, from a disk that refuses.
func (c *Client) copyBody(ctx context.Context, into io.Writer, body io.Reader, compression string) (int64, error) {
	if compression == "GZIP" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return 0, c.newError(OpDownload, KindNetwork, fmt.Errorf("unpack the report: %w", c.lateError(ctx, web.UnwrapURL(err))))
		}
		body = z
	}
	most := cmp.Or(c.MaxReport, DefaultMaxReport)
	from := &reader{Reader: io.LimitReader(body, most+1), came: func() {}}
	n, err := io.Copy(into, from)
	switch {
	case n > most:
		return n, c.tooLarge(most)
	case from.err != nil:
		return n, c.newError(OpDownload, KindNetwork, c.lateError(ctx, web.UnwrapURL(from.err)))
	case err != nil:
		return n, fmt.Errorf("keep the report: %w", err)
	}
	return n, nil
}

// tooLarge is the error of a report that goes on and on, or is packed to do so.
func (c *Client) tooLarge(most int64) error {
	e := c.newError(OpDownload, KindRefused, fmt.Errorf("the report has more than %d MB", most>>20))
	e.Advice = "ask for a shorter time: --from and --to"
	return e
}

// reader remembers why it ended, and tells whenever something came.
type reader struct {
	io.Reader
	came func()
	err  error // but for io.EOF
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.came()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}
