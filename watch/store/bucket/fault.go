package bucket

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"obmen/watch/drop"
	"obmen/watch/store"
)

// errUnconditional reports that a server does not know the condition that a name must be free.
var errUnconditional = errors.New("puts with a condition are not known")

// A request is tried so often, with pauses that double, or for so long, before it counts as an outage.
const (
	mostTries  = 5
	firstPause = 100 * time.Millisecond
	patience   = 30 * time.Second
)

// try does a request until it succeeds, is refused for good, or has failed too often. The error is an fs.ErrNotExist,
// an fs.ErrExist, one of this disk, or a *store.OutageError.
func (b *Bucket) try(ctx context.Context, do func() error) error {
	begun := time.Now()
	for n := range mostTries {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = b.fault(err)
		out, isOutage := errors.AsType[*store.OutageError](err)
		if !isOutage || !out.Passing || n == mostTries-1 || time.Since(begun) > patience {
			return err
		}
		pause := firstPause << n
		b.opt.Pause(ctx, pause/2+rand.N(pause))
	}
	return nil
}

func sleep(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// isTaken reports whether a server refused to replace what is there.
func isTaken(err error) bool { return errors.Is(err, fs.ErrExist) }

// fault turns a refusal of the server into one that a person can mend.
func (b *Bucket) fault(err error) error {
	if _, disk := errors.AsType[*drop.Error](err); disk || errors.Is(err, errUnconditional) {
		return err
	}
	if _, done := errors.AsType[*store.OutageError](err); done {
		return err
	}
	refusal, answered := errors.AsType[minio.ErrorResponse](err)
	if !answered {
		return b.unanswered(err)
	}
	switch refusal.Code {
	case minio.NoSuchKey, "NotFound":
		return fs.ErrNotExist
	case minio.PreconditionFailed:
		return fs.ErrExist
	}
	out := b.refusal(refusal)
	out.Err = errors.New(b.redact(refusal.Error()))
	return out
}

// unanswered is the fault when no answer came, or none of S3.
func (b *Bucket) unanswered(err error) *store.OutageError {
	where, why := b.opt.Address.String(), b.redact(causeOf(err))
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, named := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case unknown || named || invalid:
		return &store.OutageError{
			Text: "the certificate of the store " + where + " is not trusted: " + why, Err: err,
			Advice: "let this computer trust who signed it, and write into endpoint the name that the certificate has",
		}
	case noTLS || strings.Contains(why, "server gave HTTP response to HTTPS client"):
		return &store.OutageError{
			Text: "the store " + where + " does not speak TLS", Err: err,
			Advice: "let it speak TLS, or mend the port; endpoint=http://… is for this computer alone",
		}
	}
	return &store.OutageError{
		Text: "the store " + where + " does not answer: " + why, Err: err, Passing: true,
		Advice: "look at the network and at the endpoint in [store]; files wait in the inbox, and the work goes on when it answers",
	}
}

// causeOf is an error without the address that was asked, which is named anyway and differs from try to try.
func causeOf(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		if text := inner.Error(); text == "" || len(text) < 8 { // "EOF" alone
			break
		}
		err = inner
	}
	text := err.Error()
	if strings.Contains(text, "Connection closed by foreign host") {
		return "it closed the connection"
	}
	return text
}

// redact takes the key and its secret out of a text that a server may have made of them.
func (b *Bucket) redact(text string) string {
	for _, secret := range []string{b.opt.Secret, b.opt.Key} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	return text
}

// storeKey is the next step where the key or its secret is wrong.
const storeKey = "store the right one: obmen secret set store-key"

// refusal is what a server's answer means to a person.
func (b *Bucket) refusal(r minio.ErrorResponse) *store.OutageError {
	where := b.opt.Address.String()
	switch r.Code {
	case "InvalidAccessKeyId":
		return &store.OutageError{Text: "the store " + where + " does not know the access key", Advice: storeKey}
	case "SignatureDoesNotMatch":
		return &store.OutageError{Text: "the store " + where + " refuses the secret: it is not that of the access key", Advice: storeKey}
	case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture":
		return &store.OutageError{
			Text:   "the store " + where + " refuses the time of this computer",
			Advice: "set the clock of this computer, or of the server: a difference of 15 minutes is too much",
		}
	case minio.NoSuchBucket:
		return &store.OutageError{Text: "the store " + where + " has no such bucket", Advice: "make the bucket at the server, or mend its name in [store] url"}
	case minio.AuthorizationHeaderMalformed, minio.InvalidRegion, "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException":
		return b.wrongRegion(r)
	case minio.AccessDenied:
		return &store.OutageError{Text: "the store " + where + " does not let the access key do this", Advice: "give the key the rights to put, get, list and delete in the bucket"}
	case "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "XAmzStorageFull", "InsufficientStorage":
		return &store.OutageError{Text: "the store " + where + " is full", Advice: "give it more room, or keep less: personal_data_days in [watch]; files wait in the inbox", Passing: true}
	}
	return b.byStatus(r)
}

func (b *Bucket) wrongRegion(r minio.ErrorResponse) *store.OutageError {
	where := b.opt.Address.String()
	if r.Region == "" || r.Region == b.opt.Address.Region {
		return &store.OutageError{Text: "the store " + where + " is asked in another region than its own, or at another endpoint", Advice: "mend region and endpoint in [store] url as the server's pages name them"}
	}
	return &store.OutageError{Text: "the store " + where + " lies in the region " + b.redact(r.Region), Advice: "write region=" + b.redact(r.Region) + " into [store] url"}
}

// byStatus is for codes that have no words of their own.
func (b *Bucket) byStatus(r minio.ErrorResponse) *store.OutageError {
	where := b.opt.Address.String()
	busy := r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusRequestTimeout || r.StatusCode == http.StatusConflict || r.StatusCode >= 500 && r.StatusCode != http.StatusNotImplemented && r.StatusCode != http.StatusInsufficientStorage
	switch {
	case busy || r.Code == "RequestTimeout" || r.Code == "SlowDown":
		return &store.OutageError{
			Text: "the store " + where + " is busy: " + r.Code, Passing: true,
			Advice: "look at the server if it lasts; files wait in the inbox, and the work goes on when it answers",
		}
	case r.StatusCode == http.StatusBadRequest && strings.Contains(r.Message, "HTTP request to an HTTPS server"):
		return &store.OutageError{Text: "the store " + where + " speaks TLS only", Advice: "write endpoint=https://… into [store] url"}
	}
	return &store.OutageError{Text: "the store " + where + " refuses: " + b.redact(r.Code+" "+r.Error()), Advice: "look the code up in the pages of the server; is the endpoint that of S3?"}
}
