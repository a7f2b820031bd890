package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"obmen/convert/catalog"
)

// catalogCache keeps loaded catalogs in a folder of the user's, one file for each catalog file of each
// folder of catalogs. What it holds are copies of buyers' data: only the owner may read them.
type catalogCache struct {
	dir    string
	prefix string // of file names: stands for the folder of the catalogs
	author []byte // stands for this very program: no other one's entries are read
}

var _ catalog.Cache = (*catalogCache)(nil)

// newCatalogCache gives no cache where there is no folder for one.
func newCatalogCache(dir, catalogs string) (catalog.Cache, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, usage("name a folder that you may write to", "the cache of catalogs cannot be kept: %v", err)
	}
	place, err := filepath.Abs(catalogs)
	if err != nil {
		return nil, err
	}
	author, err := programIdentity()
	if err != nil {
		return nil, err
	}
	of := sha256.Sum256([]byte(place))
	return &catalogCache{dir, hex.EncodeToString(of[:8]), author}, nil
}

// programIdentity tells this program from any other build of it: a newer one may understand catalogs
// differently.
func programIdentity() ([]byte, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%d", version, path, info.Size(), info.ModTime().UnixNano()))
	return sum[:], nil
}

func (c *catalogCache) path(name string) string {
	return filepath.Join(c.dir, c.prefix+"-"+name+".cache")
}

var errOtherProgram = errors.New("kept by another program")

// Get opens what is kept of a catalog file.
func (c *catalogCache) Get(name string) (io.ReadCloser, int64, error) {
	f, err := os.Open(c.path(name))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	author := make([]byte, len(c.author))
	if err == nil {
		_, err = io.ReadFull(f, author)
	}
	if err == nil && !bytes.Equal(author, c.author) {
		err = errOtherProgram
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size() - int64(len(author)), nil
}

// Put replaces what is kept of a catalog file. It is not made durable: a damaged entry is never read.
func (c *catalogCache) Put(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(c.dir, c.prefix+"-*.tmp") // with the rights of its owner alone
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	_, err = w.Write(c.author)
	if err == nil {
		err = write(w)
	}
	if err = errors.Join(err, w.Flush(), f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(name))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
