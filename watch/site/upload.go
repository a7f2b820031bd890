package site

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"obmen/watch/drop"
)

const (
	// PartLimit is the file_limit of init: in parts of this size 1C sends its files.
	PartLimit = 1 << 20
	// UploadLimit is the size of a file, of all its parts together, and of what an archive unpacks to.
	UploadLimit = 64 << 20
	// catalogLimit is the size of a file of products: 1C writes about a kilobyte for each.
	catalogLimit = 256 << 20
	// sessionLimit is the size of all files that a session keeps here at a time.
	sessionLimit = 320 << 20
	// mostFiles bounds the files of a session.
	mostFiles = 1000
)

var (
	errFileLimit    = fmt.Errorf("the file is larger than %d MiB", UploadLimit>>20)
	errCatalogLimit = fmt.Errorf("the file is larger than %d MiB: let 1C send its products in portions", catalogLimit>>20)
	errSessionLimit = fmt.Errorf("the files of this exchange are larger than %d MiB together", sessionLimit>>20)
	errFileCount    = fmt.Errorf("more than %d files in one exchange", mostFiles)
	errName         = errors.New("the name of the file is missing, or leads out of the exchange's folder")
	errMethod       = errors.New("mode=file needs a POST with the file as its body")
	errEmpty        = errors.New("the body is empty")
)

// upload is a file that 1C sends.
type upload struct {
	name string
	data *drop.Scratch
	size int64
	done bool  // it was taken
	err  error // why it was refused; later parts are refused for the same
}

// reader reads what has come so far.
func (u *upload) reader() *io.SectionReader { return io.NewSectionReader(u.data, 0, u.size) }

// uploads are the files of a session, by name.
type uploads map[string]*upload

// size is what the files take up.
func (us uploads) size() (sum int64) {
	for _, u := range us {
		sum += u.size
	}
	return sum
}

// close drops all files, and returns the names of those that were neither taken nor refused.
func (us uploads) close() (unfinished []string) {
	for name, u := range us {
		if !u.done && u.err == nil {
			unfinished = append(unfinished, name)
		}
		u.dropBytes()
		delete(us, name)
	}
	return unfinished
}

// dropBytes lets the bytes go. The name stays known, so that import may ask for it again.
func (u *upload) dropBytes() {
	if u.data != nil {
		_ = u.data.Close() // a scratch file: nothing is lost
	}
	u.data, u.size = nil, 0
}

// cutPrefixes are folders of the site that some versions of 1C write before a name.
var cutPrefixes = []string{"tmp/", "upload/1c_catalog/", "upload/1c_exchange/", "upload/1c/", "webdata/"}

// fileName returns the name by which a file is known in its session. It never becomes a path on the disk.
func fileName(given string) (string, error) {
	name := strings.TrimLeft(strings.ReplaceAll(given, `\`, "/"), "/")
	for cut := true; cut; {
		cut = false
		for _, prefix := range cutPrefixes {
			if rest, found := strings.CutPrefix(name, prefix); found {
				name, cut = rest, true
			}
		}
	}
	const longest = 255
	if name == "" || len(name) > longest || strings.ContainsAny(name, ":\x00\r\n") || path.Clean(name) != name || strings.HasPrefix(name, "..") {
		return "", errName
	}
	return name, nil
}

// isPicture reports whether a file is one that nothing is read from: a picture or a description.
func isPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".xml", ".zip":
		return false
	}
	return true
}

// file takes a part of a file: the first of a new name, or what follows the parts before it.
func (s *Server) file(q *request) {
	name, err := fileName(q.param("filename"))
	if err == nil && q.r.Method != http.MethodPost && q.r.Method != http.MethodPut {
		err = errMethod
	}
	if err != nil {
		q.fail(err.Error())
		return
	}
	if q.ofProducts() && isPicture(name) {
		s.discard(q)
		return
	}
	u, err := s.part(q, name)
	if err != nil {
		s.refuseUpload(q, name, u, err)
		return
	}
	if !q.ofProducts() {
		s.tryOrders(q, u)
		return
	}
	q.text("success")
}

// ofProducts reports whether 1C sends products, which pictures belong to. With orders there are none: a
// file of any name is one of orders, or refused.
func (q *request) ofProducts() bool { return strings.EqualFold(q.param("type"), "catalog") }

// discard reads a picture and forgets it.
func (s *Server) discard(q *request) {
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(q.w, q.r.Body, UploadLimit)); err != nil {
		q.fail(errFileLimit.Error())
		return
	}
	q.text("success")
}

// part appends the body to its upload.
func (s *Server) part(q *request, name string) (*upload, error) {
	u, err := s.uploadOf(q.session, name)
	if err != nil {
		return nil, err
	}
	room, full := UploadLimit-u.size, errFileLimit
	if q.ofProducts() {
		room, full = catalogLimit-u.size, errCatalogLimit
	}
	if rest := sessionLimit - q.session.uploads.size(); rest < room {
		room, full = rest, errSessionLimit
	}
	if q.r.ContentLength > room {
		return u, full
	}
	n, err := io.Copy(io.NewOffsetWriter(u.data, u.size), http.MaxBytesReader(q.w, q.r.Body, room))
	switch {
	case tooLarge(err):
		return u, full
	case err != nil:
		return u, err
	case n == 0:
		return u, errEmpty
	}
	u.size += n
	if head := u.head(); !looksReadable(head) {
		return u, fmt.Errorf("%s is neither XML nor a ZIP archive", path.Base(name))
	}
	return u, nil
}

func tooLarge(err error) bool {
	_, is := errors.AsType[*http.MaxBytesError](err)
	return is
}

// uploadOf finds or begins an upload. One that was taken or refused begins again: 1C sends it once more.
func (s *Server) uploadOf(one *session, name string) (*upload, error) {
	if u := one.uploads[name]; u != nil && u.data != nil {
		return u, nil
	}
	if len(one.uploads) >= mostFiles {
		return nil, errFileCount
	}
	data, err := s.Uploads.Scratch()
	if err != nil {
		return nil, err
	}
	if one.uploads == nil {
		one.uploads = uploads{}
	}
	u := &upload{name: name, data: data}
	one.uploads[name] = u
	return u, nil
}

// refuseUpload answers why a file is not taken, and forgets what came of it.
func (s *Server) refuseUpload(q *request, name string, u *upload, err error) {
	if u != nil {
		u.err = err
		u.dropBytes()
	}
	s.report(Event{Kind: Broken, User: q.session.user, File: path.Base(name), Err: err})
	if _, disk := errors.AsType[*drop.Error](err); disk {
		q.fail("obmen could not keep the file; its log has the reason")
		return
	}
	q.fail(err.Error())
}

// head is the beginning of the file.
func (u *upload) head() []byte {
	b := make([]byte, 512)
	n, _ := u.data.ReadAt(b[:min(int64(len(b)), u.size)], 0)
	return b[:n]
}

// tail is the end of what has come so far.
func (u *upload) tail() []byte {
	b := make([]byte, min(int64(1024), u.size))
	n, _ := u.data.ReadAt(b, u.size-int64(len(b)))
	return b[:n]
}

const (
	zipHead = "PK"
	zipTail = "PK\x05\x06"
)

// looksReadable reports whether a file begins like XML, in any encoding, or like an archive.
func looksReadable(head []byte) bool {
	if bytes.HasPrefix(head, []byte(zipHead)) || bytes.HasPrefix([]byte(zipHead), head) {
		return true
	}
	head = bytes.TrimLeft(bytes.TrimLeft(head, "\xef\xbb\xbf\xff\xfe"), " \t\r\n\x00")
	return len(head) == 0 || head[0] == '<'
}

// rootEnds are the ends of the root element, in the encodings that 1C writes.
var rootEnds = [][]byte{
	[]byte("</КоммерческаяИнформация"),
	[]byte("</\xca\xee\xec\xec\xe5\xf0\xf7\xe5\xf1\xea\xe0\xff\xc8\xed\xf4\xee\xf0\xec\xe0\xf6\xe8\xff"), // windows-1251
}

// tryLimit is up to which size a file is read after every part, though it does not look complete: its
// end may be in an encoding or with a prefix that is not looked for.
const tryLimit = 4 << 20

// looksComplete reports whether it is worth to read the file now.
func (u *upload) looksComplete() bool {
	if u.size <= tryLimit {
		return true
	}
	tail := u.tail()
	if bytes.HasPrefix(u.head(), []byte(zipHead)) {
		return bytes.Contains(tail, []byte(zipTail))
	}
	for _, end := range rootEnds {
		if bytes.Contains(tail, end) {
			return true
		}
	}
	return false
}
