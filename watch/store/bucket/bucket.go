// Package bucket keeps the bytes of dropped files in a bucket of a server that speaks S3: Amazon's, MinIO, Ceph,
// Yandex Object Storage, VK Cloud.
package bucket

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"obmen/watch/store"
)

// putsAtOnce is how many files are sent side by side: one alone waits for the way to the server and back.
const putsAtOnce = 8

// silence is how long a server may say nothing before a request counts as lost.
const silence = 30 * time.Second

// Options are what a bucket is opened with.
type Options struct {
	Address Address
	Key     string
	Secret  string
	Version string // of obmen, for the server's log

	Roots   *x509.CertPool                       // who may sign the server's certificate; nil means those of the system
	Silence time.Duration                        // 0 means 30 s
	Pause   func(context.Context, time.Duration) // between tries; nil sleeps
}

// Bucket is a place of kept bytes, see store.Place. It may be used by several goroutines.
type Bucket struct {
	ctx    context.Context // ends its requests that have no context of their own
	opt    Options
	client minio.Core
	recent recent

	probing  sync.Mutex
	refuses  bool // the server refuses to replace what is there
	isProbed bool
}

var _ store.Place = (*Bucket)(nil)

// Open makes a bucket ready for use; the server is not asked yet. Requests end with the context.
func Open(ctx context.Context, opt Options) (*Bucket, error) {
	a := opt.Address
	b := &Bucket{ctx: ctx, opt: opt}
	if b.opt.Pause == nil {
		b.opt.Pause = sleep
	}
	client, err := minio.New(a.Host, &minio.Options{
		Creds: credentials.NewStaticV4(opt.Key, opt.Secret, ""), Secure: a.Secure, Region: a.Region,
		Transport: newTransport(opt), MaxRetries: 1, // tries are counted here, for all of a request
	})
	if err != nil {
		return nil, &AddressError{"its endpoint is not the address of a server", "write endpoint=https://HOST or endpoint=https://HOST:PORT, without a path"}
	}
	client.SetAppInfo("obmen", cmp.Or(opt.Version, "dev"))
	b.client = minio.Core{Client: client}
	return b, nil
}

// newTransport ends connections that are silent for too long, in whatever state they are.
func newTransport(opt Options) *http.Transport {
	dialer := net.Dialer{Timeout: cmp.Or(opt.Silence, silence)}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &impatient{c, dialer.Timeout}, nil
		},
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: opt.Roots}, TLSHandshakeTimeout: dialer.Timeout,
		MaxIdleConnsPerHost: 2 * putsAtOnce, IdleConnTimeout: dialer.Timeout / 2, DisableCompression: true,
	}
}

// impatient is a connection on which each read and write has a bounded time.
type impatient struct {
	net.Conn
	patience time.Duration
}

func (c *impatient) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *impatient) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Path is a name with its bucket.
func (b *Bucket) Path(name string) string {
	return "s3://" + b.opt.Address.Bucket + "/" + b.key(name)
}

func (b *Bucket) key(name string) string { return b.opt.Address.Prefix + name }

// Stat looks at a name.
func (b *Bucket) Stat(name string) (store.Object, error) {
	var info minio.ObjectInfo
	err := b.try(b.ctx, func() (err error) {
		info, err = b.client.StatObject(b.ctx, b.opt.Address.Bucket, b.key(name), minio.StatObjectOptions{})
		return err
	})
	if err != nil {
		return store.Object{}, b.pathError("stat", name, err)
	}
	return store.Object{Name: name, Size: info.Size, Kept: info.LastModified}, nil
}

// Forget makes the next Open of a name ask the server.
func (b *Bucket) Forget(name string) { b.recent.remove(name) }

// Delete removes what lies under a name; a missing one is no error.
func (b *Bucket) Delete(name string) error {
	b.recent.remove(name)
	err := b.try(b.ctx, func() error {
		return b.client.RemoveObject(b.ctx, b.opt.Address.Bucket, b.key(name), minio.RemoveObjectOptions{})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return b.pathError("delete", name, err)
}

// List calls a function for all whose names begin so. What else lies in the bucket is left out: only names that begin
// with a SHA-256 are obmen's.
func (b *Bucket) List(prefix string, each func(store.Object) error) error {
	if b.recent.takeEmpty(prefix) {
		return nil
	}
	return b.list(prefix, func(o store.Object) error {
		if !isKept(o.Name) {
			return nil
		}
		return each(o)
	})
}

// list goes through the pages of a list; after a failure it goes on behind the last name, as long as it gets on.
func (b *Bucket) list(prefix string, each func(store.Object) error) error {
	l := listing{bucket: b, prefix: prefix, each: each}
	for {
		before := l.last
		err := b.try(b.ctx, l.goOn)
		out, isOutage := errors.AsType[*store.OutageError](err)
		switch {
		case l.stopped != nil:
			return l.stopped
		case err == nil || !isOutage || !out.Passing || l.last == before:
			return b.pathError("list", prefix+"*", err)
		}
	}
}

// listing is a list that is gone through.
type listing struct {
	bucket  *Bucket
	prefix  string
	each    func(store.Object) error
	last    string // key
	stopped error  // of each
}

func (l *listing) goOn() error {
	b, owner := l.bucket, false
	opt := minio.ListObjectsOptions{Prefix: b.key(l.prefix), Recursive: true, StartAfter: l.last, FetchOwner: &owner}
	for o := range b.client.ListObjectsIter(b.ctx, b.opt.Address.Bucket, opt) {
		if o.Err != nil {
			return o.Err
		}
		l.last = o.Key
		name := strings.TrimPrefix(o.Key, b.opt.Address.Prefix)
		if l.stopped = l.each(store.Object{Name: name, Size: o.Size, Kept: o.LastModified}); l.stopped != nil {
			return nil
		}
	}
	return b.ctx.Err()
}

// isKept reports whether a name begins with a SHA-256.
func isKept(name string) bool {
	const digits = 64
	if len(name) < digits || len(name) > digits && name[digits] != '.' {
		return false
	}
	_, err := hex.DecodeString(name[:digits])
	return err == nil
}

// pathError names what was asked for in an error.
func (b *Bucket) pathError(op, name string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return &fs.PathError{Op: op, Path: b.Path(name), Err: err}
}

// Report is what a probe found out.
type Report struct {
	Where   string // the bucket and its server
	Refuses bool   // the server refuses to replace what is there; else obmen looks before it puts
}

// String is for the log.
func (r Report) String() string { return fmt.Sprint(r.Where, ", refuses to replace: ", r.Refuses) }

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
