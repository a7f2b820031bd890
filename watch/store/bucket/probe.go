package bucket

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"obmen/watch/store"
)

// probePrefix begins the names of what a probe puts, and probeAge is when another's is left over.
const (
	probePrefix = ".obmen-probe-"
	probeAge    = time.Hour
)

// Probe does all that obmen does with a bucket, once, and finds out whether the server refuses to replace what is
// there. The error is a *store.OutageError: one that passes is no fault of the settings.
func (b *Bucket) Probe(ctx context.Context) (Report, error) {
	b.probing.Lock()
	defer b.probing.Unlock()
	return b.probe(ctx)
}

// probeOnce probes a bucket that could not be probed at the start.
func (b *Bucket) probeOnce(ctx context.Context) (Report, error) {
	b.probing.Lock()
	defer b.probing.Unlock()
	if b.isProbed {
		return Report{b.opt.Address.String(), b.refuses}, nil
	}
	return b.probe(ctx)
}

func (b *Bucket) probe(ctx context.Context) (Report, error) {
	name := probePrefix + rand.Text()
	err := b.sweepProbes() // first: a refused question without bytes has the clearest answer
	if err != nil {
		return Report{}, outageOf(err)
	}
	refuses, err := b.putTwice(ctx, name)
	if err != nil {
		return Report{}, outageOf(err)
	}
	err = errors.Join(b.readProbe(name), b.findProbe(name), b.Delete(name))
	if err != nil {
		return Report{}, outageOf(err)
	}
	b.refuses, b.isProbed = refuses, true
	return Report{b.opt.Address.String(), refuses}, nil
}

// outageOf leaves out the name of the probe, which tells people nothing.
func outageOf(err error) error {
	if out, ok := errors.AsType[*store.OutageError](err); ok {
		return out
	}
	return err
}

// putTwice puts a probe, and once more other bytes under its name: the server must refuse these. One that does not
// know the condition, or does not keep to it, is not relied on.
func (b *Bucket) putTwice(ctx context.Context, name string) (refuses bool, err error) {
	put := func(text string, refusing bool) error {
		sum := sha256.Sum256([]byte(text))
		return b.try(ctx, func() error {
			err := b.send(ctx, name, bytes.NewReader([]byte(text)), int64(len(text)), hex.EncodeToString(sum[:]), refusing)
			if refusal, ok := errors.AsType[minio.ErrorResponse](err); refusing && ok && (refusal.StatusCode == http.StatusNotImplemented || refusal.Code == "NotImplemented" || refusal.Code == "InvalidArgument") {
				return errUnconditional
			}
			return err
		})
	}
	err = put(firstProbe, true)
	if errors.Is(err, errUnconditional) {
		return false, put(firstProbe, false)
	}
	if err != nil && !isTaken(err) { // taken by a try whose answer was lost
		return false, err
	}
	err = put("second", true)
	if err == nil { // it has replaced the first
		return false, put(firstProbe, false)
	}
	if isTaken(err) {
		return true, nil
	}
	return false, err
}

// firstProbe is the text of a probe.
const firstProbe = "obmen looks what this server can do; this may be deleted\n"

// readProbe reads the probe again.
func (b *Bucket) readProbe(name string) error {
	r, err := b.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, int64(len(firstProbe))+1))
	if err == nil && string(text) != firstProbe {
		err = &store.OutageError{
			Text:   "the store " + b.opt.Address.String() + " gives other bytes than were put",
			Advice: "is it a store of S3, without a program between that changes what passes?",
		}
	}
	return err
}

// sweepProbes removes those that a killed program has left.
func (b *Bucket) sweepProbes() error {
	var left []string
	err := b.list(probePrefix, func(o store.Object) error {
		if time.Since(o.Kept) > probeAge {
			left = append(left, o.Name)
		}
		return nil
	})
	for _, name := range left {
		if err == nil {
			err = b.Delete(name)
		}
	}
	return err
}

// findProbe looks whether the list has the probe at once.
func (b *Bucket) findProbe(name string) error {
	found := false
	err := b.list(name, func(store.Object) error { found = true; return nil })
	if err == nil && !found {
		err = &store.OutageError{
			Text:   "the store " + b.opt.Address.String() + " does not list what was put a moment ago",
			Advice: "choose a bucket whose lists are up to date at once, and without a rule that removes or moves new objects",
		}
	}
	return err
}
