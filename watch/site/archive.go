package site

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"obmen/watch/site/cml"
)

const (
	mostEntries = 5000
	// mostRatio is how many times larger an entry may be than its packed form: XML reaches some 30.
	mostRatio = 200
	// encrypted is the bit of an entry's flags that says so.
	encrypted = 1
)

var (
	errEntries   = fmt.Errorf("the archive has more than %d files", mostEntries)
	errRatio     = fmt.Errorf("the archive unpacks to more than %d times its size", mostRatio)
	errUnpacked  = fmt.Errorf("the archive unpacks to more than %d MiB", UploadLimit>>20)
	errEncrypted = errors.New("the archive has a password")
	errNoXML     = errors.New("the archive has no XML file")
)

// parts opens what is to be read of a file: the file itself, or the XML files of an archive.
func (u *upload) parts() ([]part, error) {
	if !bytes.HasPrefix(u.head(), []byte(zipHead)) {
		return []part{{u.name, func() (io.ReadCloser, error) { return io.NopCloser(u.reader()), nil }}}, nil
	}
	archive, err := zip.NewReader(u.data, u.size)
	if err != nil {
		if !bytes.Contains(u.tail(), []byte(zipTail)) {
			err = cml.ErrTruncated
		}
		return nil, err
	}
	return entries(archive)
}

// part is a file, or one of an archive's.
type part struct {
	name string
	open func() (io.ReadCloser, error)
}

// entries checks an archive's list of files before anything is unpacked.
func entries(archive *zip.Reader) (list []part, err error) {
	if len(archive.File) > mostEntries {
		return nil, errEntries
	}
	var sum uint64
	for _, f := range archive.File {
		if f.FileInfo().IsDir() {
			continue
		}
		name, err := fileName(f.Name)
		if err != nil {
			return nil, err
		}
		if isPicture(name) || strings.EqualFold(path.Ext(name), ".zip") {
			continue
		}
		if err := checkEntry(f, &sum); err != nil {
			return nil, err
		}
		list = append(list, part{name, func() (io.ReadCloser, error) { return openEntry(f) }})
	}
	if len(list) == 0 {
		return nil, errNoXML
	}
	return list, nil
}

func checkEntry(f *zip.File, sum *uint64) error {
	switch *sum += f.UncompressedSize64; {
	case f.Flags&encrypted != 0:
		return errEncrypted
	case f.UncompressedSize64 > UploadLimit || *sum > UploadLimit:
		return errUnpacked
	case f.UncompressedSize64/mostRatio > f.CompressedSize64:
		return errRatio
	}
	return nil
}

// openEntry unpacks no more than the list says: archive/zip ends with an error where there is more.
func openEntry(f *zip.File) (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, UploadLimit), r}, nil
}
