package bucket

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/minio/minio-go/v7"
)

// mostResumed bounds how often a download goes on after it was cut.
const mostResumed = 10

// Open streams what lies under a name. A download that is cut goes on where it was, of the same version.
func (b *Bucket) Open(name string) (io.ReadCloser, error) {
	d := &download{bucket: b, name: name}
	if data, there := b.recent.get(name); there {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	if err := b.try(b.ctx, d.connect); err != nil {
		return nil, b.pathError("open", name, err)
	}
	if d.size > recentItem {
		return d, nil
	}
	return b.openSmall(d)
}

// openSmall reads a small file as a whole: who looks at its beginning alone would break the connection.
func (b *Bucket) openSmall(d *download) (io.ReadCloser, error) {
	defer d.Close()
	data, err := io.ReadAll(d)
	if err != nil {
		return nil, err
	}
	if sumOf(data) == d.name {
		b.recent.add(d.name, data)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

type download struct {
	bucket  *Bucket
	name    string
	body    io.ReadCloser
	version string // the server's mark of the bytes
	size    int64
	at      int64 // bytes that were read
	resumed int
}

var errLength = errors.New("the answer has not the length that it says")

// connect asks for the bytes from at on.
func (d *download) connect() error {
	var opt minio.GetObjectOptions
	if d.at > 0 {
		if err := opt.SetRange(d.at, 0); err != nil {
			return err
		}
		if err := opt.SetMatchETag(d.version); err != nil {
			return err
		}
	}
	b := d.bucket
	body, info, header, err := b.client.GetObject(b.ctx, b.opt.Address.Bucket, b.key(d.name), opt)
	if err != nil {
		return err
	}
	if d.at == 0 {
		d.version, d.size = info.ETag, info.Size
	} else if header.Get("Content-Range") == "" { // all of it once more
		if _, err := io.CopyN(io.Discard, body, d.at); err != nil {
			body.Close()
			return err
		}
	}
	d.body = body
	return nil
}

func (d *download) Read(b []byte) (int, error) {
	for {
		if d.body == nil {
			return 0, fs.ErrClosed
		}
		n, err := d.body.Read(b[:min(int64(len(b)), max(d.size-d.at, 1))])
		d.at += int64(n)
		switch {
		case d.at > d.size:
			return 0, d.bucket.pathError("read", d.name, errLength)
		case err == nil || n > 0:
			return n, nil
		case errors.Is(err, io.EOF) && d.at == d.size:
			return 0, io.EOF
		}
		if err := d.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume goes on after a download was cut.
func (d *download) resume(cause error) error {
	b := d.bucket
	d.body.Close()
	d.body = nil
	if errors.Is(cause, io.EOF) {
		cause = errLength
	}
	if d.resumed++; d.resumed > mostResumed {
		return b.pathError("read", d.name, b.fault(cause))
	}
	return b.pathError("read", d.name, b.try(b.ctx, d.connect))
}

func (d *download) Close() error {
	if d.body == nil {
		return nil
	}
	err := d.body.Close()
	d.body = nil
	return err
}
