package fetch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"obmen/fetch/spapi"
)

// Reporter is the part of Amazon that makes reports, as *spapi.Client asks it.
type Reporter interface {
	CreateReport(ctx context.Context, r spapi.ReportRequest) (id string, err error)
	WaitReport(ctx context.Context, id string, patience time.Duration) (*spapi.Report, error)
	DownloadReport(ctx context.Context, reportType, documentID string, create func(spapi.Download) (io.Writer, error)) (*spapi.Download, error)
}

var _ Reporter = (*spapi.Client)(nil)

// ReportSpan is the longest time that one report is asked for; a longer time is cut into several.
const ReportSpan = 30 * 24 * time.Hour

// CharsetSuffix names the file that tells the charset of the report beside it: once a report is saved,
// nothing else does.
const CharsetSuffix = ".charset"

// Saved is a report that was saved, or that Amazon had nothing for.
type Saved struct {
	From, Until time.Time
	Name        string // of the file; empty when there was nothing to report
	Size        int64
	Charset     string
	Request     string // Amazon's number of the last request
}

// Report fetches the reports of one type over a time and saves them. A report that was ordered by a run
// which was killed is not ordered again.
func (f *Fetcher) Report(ctx context.Context, from Reporter, kind, short string, start, end time.Time) ([]Saved, error) {
	var list []Saved
	for _, ask := range f.ReportPlan(kind, start, end) {
		r := reportRun{f: f, from: from, short: short, ask: ask, Saved: Saved{From: ask.Start, Until: ask.End}}
		if err := r.fetchReport(ctx); err != nil {
			return list, fmt.Errorf("report %s of %s to %s: %w", short, ask.Start.Format(time.DateOnly), ask.End.Format(time.DateOnly), err)
		}
		list = append(list, r.Saved)
	}
	return list, nil
}

// ReportPlan is what Report asks for. Nothing is asked or changed.
func (f *Fetcher) ReportPlan(kind string, start, end time.Time) (list []spapi.ReportRequest) {
	for start.Before(end) {
		until := start.Add(ReportSpan)
		if until.After(end) {
			until = end
		}
		list = append(list, spapi.ReportRequest{Type: kind, Start: start, End: until, MarketplaceIDs: f.Marketplaces})
		start = until
	}
	return list
}

// reportRun is one report on its way.
type reportRun struct {
	Saved
	f     *Fetcher
	from  Reporter
	short string
	ask   spapi.ReportRequest
}

// cursorName names the cursor that remembers the number of a report that was ordered and not saved yet.
func (r *reportRun) cursorName() string {
	return fmt.Sprintf("report %s %s %s %s %s", r.f.Account, r.ask.Type, r.From.UTC().Format(Stamp), r.Until.UTC().Format(Stamp), strings.Join(r.ask.MarketplaceIDs, ","))
}

func (r *reportRun) fetchReport(ctx context.Context) error {
	known, _, err := r.f.Store.Cursor(ctx, r.cursorName())
	if err != nil {
		return err
	}
	id, report := known, (*spapi.Report)(nil)
	if known != "" {
		report, err = r.from.WaitReport(ctx, known, 0)
	}
	if known == "" || spapi.KindOf(err) == spapi.KindNotFound { // Amazon forgets old ones
		if id, err = r.orderReport(ctx, known); err != nil {
			return err
		}
		report, err = r.from.WaitReport(ctx, id, 0)
	}
	switch kind := spapi.KindOf(err); {
	case kind == spapi.KindEmpty:
		r.Request = requestOf(err)
		return r.forgetOrder(ctx, id)
	case kind == spapi.KindFatal: // the next run orders another
		return errors.Join(err, r.forgetOrder(ctx, id))
	case err != nil:
		return err
	}
	if err := r.saveReport(ctx, report.DocumentID); err != nil {
		return err
	}
	return r.forgetOrder(ctx, id)
}

func (r *reportRun) orderReport(ctx context.Context, known string) (id string, err error) {
	if id, err = r.from.CreateReport(ctx, r.ask); err != nil {
		return "", err
	}
	return id, r.swapCursor(ctx, known, id)
}

func (r *reportRun) forgetOrder(ctx context.Context, id string) error {
	return r.swapCursor(ctx, id, "")
}

func (r *reportRun) swapCursor(ctx context.Context, old, value string) error {
	swapped, err := r.f.Store.SwapCursor(context.WithoutCancel(ctx), r.cursorName(), old, value)
	if err == nil && !swapped {
		err = ErrOvertaken
	}
	return err
}

// saveReport downloads a report and publishes it. What tells its charset comes first: a report without it might
// be read in the wrong letters.
func (r *reportRun) saveReport(ctx context.Context, document string) error {
	var file File
	defer func() {
		if file != nil {
			_ = file.Abort() // does nothing once it is published
		}
	}()
	got, err := r.from.DownloadReport(ctx, r.ask.Type, document, func(spapi.Download) (w io.Writer, err error) {
		if file != nil {
			_ = file.Abort() // of an attempt that broke off
		}
		file, err = r.f.Folder.Create()
		return file, err
	})
	if err != nil {
		return err
	}
	stem, ext := r.fileStem(document), r.fileExt(got)
	return publishUnderFreeName(stem, ext, func(name string) error {
		if got.Charset != "" {
			if err := r.f.Folder.Put(ctx, name+CharsetSuffix, []byte(got.Charset+"\n")); err != nil {
				return err
			}
		}
		if err := file.Publish(ctx, name); err != nil {
			return err
		}
		r.Name, r.Size, r.Charset, r.Request = name, got.Size, got.Charset, got.RequestID
		return nil
	})
}

func requestOf(err error) string {
	if e, ok := errors.AsType[*spapi.Error](err); ok {
		return e.RequestID
	}
	return ""
}

// fileStem tells reports of the same time apart by their document.
func (r *reportRun) fileStem(document string) string {
	sum := sha256.Sum256([]byte(document))
	return fmt.Sprintf("amazon-%s-%s-%s-%s-%x", r.f.fileLabel(), r.short, r.From.UTC().Format(Stamp), r.Until.UTC().Format(Stamp), sum[:4])
}

func (r *reportRun) fileExt(got *spapi.Download) string {
	if strings.Contains(got.ContentType, "xml") {
		return ".xml"
	}
	return ".txt"
}
