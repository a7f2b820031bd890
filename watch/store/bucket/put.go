package bucket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"obmen/watch/drop"
	"obmen/watch/store"
)

// Put sends staged files. Each becomes visible whole or not at all, for it is sent in one request, whose signature
// has the SHA-256 of its bytes.
func (b *Bucket) Put(ctx context.Context, _ *drop.Set, entries ...drop.Entry) error {
	can, err := b.probeOnce(ctx)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(putsAtOnce)
	for _, e := range entries {
		all.Go(func() error { return b.pathError("put", e.Name, b.put(ctx, e, can.Refuses)) })
	}
	return all.Wait()
}

// put sends one staged file. Where the server does not refuse to replace, it is looked first whether the name is
// taken; who puts at the same moment puts the same bytes, for names are those of bytes.
func (b *Bucket) put(ctx context.Context, e drop.Entry, refuses bool) error {
	if !refuses {
		switch _, err := b.Stat(e.Name); {
		case err == nil:
			return b.compare(e)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	err := b.try(ctx, func() error {
		r, err := e.File.Reread()
		if err != nil {
			return err
		}
		defer r.Close()
		return b.send(ctx, e.Name, &counted{r, store.ProgressOf(ctx)}, e.File.Size(), e.File.SHA256(), refuses)
	})
	if isTaken(err) { // also by a try before this one whose answer was lost
		return b.compare(e)
	}
	if err == nil {
		b.remember(e)
		b.lookAhead(e.Name)
	}
	return err
}

// lookAhead looks for a side file of new bytes, which who reads them asks for next: here it is done for several at once.
func (b *Bucket) lookAhead(name string) {
	sha := strings.TrimSuffix(name, store.EncryptedSuffix)
	if len(sha) != 2*sha256.Size {
		b.recent.takeEmpty(sha) // it is there now
		return
	}
	found := false
	err := b.list(sha+store.CharsetSuffix, func(store.Object) error { found = true; return nil })
	if err == nil && !found { // else it is looked for when it is needed
		b.recent.noteEmpty(sha + store.CharsetSuffix)
	}
}

// remember holds a small file that was put for those who read it next.
func (b *Bucket) remember(e drop.Entry) {
	if e.File.Size() > recentItem {
		return
	}
	r, err := e.File.Reread()
	if err != nil {
		return
	}
	defer r.Close()
	if data, err := io.ReadAll(io.LimitReader(r, recentItem)); err == nil && sumOf(data) == e.File.SHA256() {
		b.recent.add(e.Name, data)
	}
}

// send sends bytes in one request; refusing asks the server to refuse when the name is taken.
func (b *Bucket) send(ctx context.Context, name string, r io.Reader, size int64, sum string, refusing bool) error {
	opt := minio.PutObjectOptions{DisableContentSha256: true, ContentType: "application/octet-stream"} // the whole's is in the signature
	if refusing {
		opt.SetMatchETagExcept("*")
	}
	_, err := b.client.PutObject(ctx, b.opt.Address.Bucket, b.key(name), r, size, "", sum, opt)
	return err
}

// compare returns an fs.ErrExist when other bytes lie under the name of a staged file.
func (b *Bucket) compare(e drop.Entry) error {
	b.recent.remove(e.Name) // what counts is what lies there
	r, err := b.Open(e.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return &drop.ExistsError{Path: b.Path(e.Name)} // it was removed meanwhile
	}
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != e.File.SHA256() {
		return &drop.ExistsError{Path: b.Path(e.Name)}
	}
	return nil
}

// counted tells of the progress of what is read.
type counted struct {
	io.Reader
	progress func()
}

func (c *counted) Read(b []byte) (int, error) {
	c.progress()
	return c.Reader.Read(b)
}
