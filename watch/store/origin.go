package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/watch/drop"
)

// Origin is where an archived file came through: it is recorded beside the file, for a ledger may get lost.
type Origin struct {
	Route   string `json:"route"`
	Account string `json:"account,omitempty"`
}

// originPrefix begins the names of the records in the folder of a day. The first route of a day is recorded once,
// as the folder's own; every file of another route has a record of its own, which names its bytes.
const originPrefix = ".obmen-route"

type originRecord struct {
	Origin
	SHA256 string `json:"sha256,omitempty"`
}

// originLimit bounds the size of a record, in bytes.
const originLimit = 64 << 10

// RecordOrigin records the origin of a file that is about to be moved into the folder of a day. The id is that of
// the file's claim: to record it twice changes nothing.
func RecordOrigin(disk drop.FS, day, id, sha256 string, o Origin) error {
	own := filepath.Join(day, originPrefix+".json")
	text, err := drop.ReadFile(disk, own, originLimit)
	if errors.Is(err, fs.ErrNotExist) {
		if err = recordFirst(disk, own, o); err == nil {
			text, err = drop.ReadFile(disk, own, originLimit)
		}
	}
	if err != nil {
		return err
	}
	var first originRecord
	if json.Unmarshal(text, &first) == nil && first.Origin == o {
		return nil
	}
	err = writeOrigin(disk, filepath.Join(day, originPrefix+"-"+id+".json"), originRecord{o, sha256})
	if errors.Is(err, fs.ErrExist) { // of a try before this one
		return nil
	}
	return err
}

// recordFirst writes the record of a day's folder; one that another route has just written stays.
func recordFirst(disk drop.FS, own string, o Origin) error {
	first, err := firstOrigin(disk, filepath.Dir(own), o)
	if err != nil {
		return err
	}
	if err = writeOrigin(disk, own, originRecord{Origin: first}); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// firstOrigin is that of the files of a day without records of their own: of none, when an obmen that wrote no
// records has put files there.
func firstOrigin(disk drop.FS, day string, o Origin) (Origin, error) {
	entries, err := disk.ReadDir(day)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return Origin{}, err
		}
	}
	return o, err
}

func writeOrigin(disk drop.FS, path string, r originRecord) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return drop.WriteNewFile(disk, path, string(text)+"\n", 0o666)
}

// Origins are the records of a day.
type Origins struct {
	first Origin
	files map[string][]Origin // by SHA-256
}

// ReadOrigins reads the records in the folder of a day.
func ReadOrigins(day string) (Origins, error) {
	all := Origins{files: map[string][]Origin{}}
	entries, err := os.ReadDir(day)
	if err != nil {
		return all, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), originPrefix) || !e.Type().IsRegular() {
			continue
		}
		text, err := drop.ReadFile(drop.OS{}, filepath.Join(day, e.Name()), originLimit)
		if err != nil {
			return all, err
		}
		var r originRecord
		if json.Unmarshal(text, &r) != nil {
			continue // a power cut took it: nothing is known
		}
		if r.SHA256 == "" {
			all.first = r.Origin
		} else {
			all.files[r.SHA256] = append(all.files[r.SHA256], r.Origin)
		}
	}
	return all, nil
}

// Of returns the origins that files with these bytes may have.
func (o *Origins) Of(sha256 string) (list []Origin) {
	list = append(list, o.files[sha256]...)
	if len(list) == 0 && o.first.Route != "" {
		list = append(list, o.first)
	}
	return list
}

// Take returns the origin of one more file with these bytes; false when it is not recorded. Files with the same
// bytes are taken in any order, for it makes no difference.
func (o *Origins) Take(sha256 string) (Origin, bool) {
	if list := o.files[sha256]; len(list) > 0 {
		o.files[sha256] = list[1:]
		return list[0], true
	}
	return o.first, o.first.Route != ""
}

// copyOrigin stands in the names of the records beside a kept copy, behind its SHA-256: each names a route that the
// bytes came through.
const copyOrigin = ".route-"

// RecordOrigin records beside a kept copy where its bytes came through. To record it twice changes nothing.
func (s Store) RecordOrigin(ctx context.Context, sha256 string, o Origin) error {
	name := sha256 + copyOrigin + o.digest() + ".json"
	if s.Remote == nil {
		err := writeOrigin(s.disk(), s.place().Path(name), originRecord{Origin: o})
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	text, err := json.Marshal(originRecord{Origin: o})
	if err != nil {
		return err
	}
	set := s.Folder().Stage()
	defer set.Abort()
	staged, err := set.Create()
	if err == nil {
		_, err = staged.Write(append(text, '\n'))
	}
	if err != nil {
		return err
	}
	return s.Remote.Put(ctx, set, drop.Entry{File: staged, Name: name})
}

// digest tells an origin from others in the name of a file.
func (o Origin) digest() string {
	sum := sha256.Sum256([]byte(o.Route + "\x00" + o.Account))
	return hex.EncodeToString(sum[:8])
}

// Origins returns those that are recorded beside a kept copy.
func (s Store) Origins(sha256 string) (list []Origin, err error) {
	err = s.place().List(sha256+copyOrigin, func(o Object) error {
		r, err := s.place().Open(o.Name)
		if err != nil {
			return err
		}
		defer r.Close()
		text, err := drop.ReadAll(r, s.place().Path(o.Name), originLimit)
		if err != nil {
			return err
		}
		var record originRecord
		if json.Unmarshal(text, &record) == nil && record.Route != "" { // else a power cut took it
			list = append(list, record.Origin)
		}
		return nil
	})
	return list, err
}
