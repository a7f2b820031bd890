// Package buckettest plays a server of S3 for tests.
//
// Server is an http.Handler. It holds one bucket, demands the signature of version 4 as AWS publishes it, with the
// SHA-256 of what is sent, keeps to If-None-Match, If-Match and Range, lists in pages, and refuses with the codes of
// S3. It knows nothing of the client that it tests. What a test wants to go wrong it does on purpose.
package buckettest

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What clients of the server sign with, and the bucket that it has.
const (
	Key    = "TESTKEY0000000000001"
	Secret = "test/secret+of+nobody"
	Bucket = "kept-bytes"
	Region = "us-east-1"
)

// Server is a server of S3. Its exported fields are set before it is asked, or by Do.
type Server struct {
	Region      string                            // empty means Region
	Replaces    bool                              // If-None-Match is ignored
	Unsupported bool                              // If-None-Match is refused as not implemented
	Page        int                               // most names of a list; 0 means 1000
	Fail        func(r *http.Request, n int) Fate // decides over the n-th request, from 1 on; nil lets all go well
	Stored      func(key string)                  // called after a put, before it is answered; may be nil
	Now         func() time.Time                  // nil means time.Now

	mu      sync.Mutex
	objects map[string]object
	asked   int
}

type object struct {
	data []byte
	at   time.Time
}

func (o object) tag() string { return fmt.Sprintf("%x", md5.Sum(o.data)) }

// Do changes the server while it runs.
func (s *Server) Do(change func(*Server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// Keys are the names of all that it holds, in their order.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

// Get returns what lies under a name.
func (s *Server) Get(key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, there := s.objects[key]
	return o.data, there
}

// Set puts bytes under a name as others may do, at a time.
func (s *Server) Set(key string, data []byte, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(key, data, at)
}

// Remove takes away what lies under a name.
func (s *Server) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

// Asked is how many requests came.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *Server) put(key string, data []byte, at time.Time) {
	if s.objects == nil {
		s.objects = map[string]object{}
	}
	s.objects[key] = object{data, at}
}

func (s *Server) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// begin counts a request and decides over it.
func (s *Server) begin(r *http.Request) Fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.Fail == nil {
		return Well
	}
	return s.Fail(r, s.asked)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fate := s.begin(r)
	if fate.doom(w, r) {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<28))
	if err != nil {
		return // the client went away
	}
	if code, status := s.checkSignature(r, body); code != "" {
		s.refuse(w, r, status, code)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != Bucket:
		s.refuse(w, r, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodGet:
		s.list(w, r)
	case r.Method == http.MethodPut:
		s.store(w, r, key, body)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.load(w, r, key, fate)
	case r.Method == http.MethodDelete:
		s.Remove(key)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.refuse(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

// refusal is the document in which S3 tells why not.
type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
	Region  string `xml:",omitempty"`
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	doc := refusal{Code: code, Message: "refused on purpose by the server of the tests"}
	if code == "AuthorizationHeaderMalformed" {
		doc.Region = cmp.Or(s.Region, Region)
	}
	_ = xml.NewEncoder(w).Encode(doc) // a client that went away reads nothing
}

func (s *Server) store(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	condition := r.Header.Get("If-None-Match")
	s.mu.Lock()
	_, taken := s.objects[key]
	unsupported, refuse := s.Unsupported && condition != "", condition == "*" && taken && !s.Replaces
	stored := s.Stored
	if !unsupported && !refuse {
		s.put(key, body, s.now())
	}
	o := s.objects[key]
	s.mu.Unlock()
	switch {
	case unsupported:
		s.refuse(w, r, http.StatusNotImplemented, "NotImplemented")
	case refuse:
		s.refuse(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
	default:
		if stored != nil {
			stored(key)
		}
		w.Header().Set("ETag", `"`+o.tag()+`"`)
	}
}

func (s *Server) load(w http.ResponseWriter, r *http.Request, key string, fate Fate) {
	s.mu.Lock()
	o, there := s.objects[key]
	s.mu.Unlock()
	if !there {
		s.refuse(w, r, http.StatusNotFound, "NoSuchKey")
		return
	}
	if match := strings.Trim(r.Header.Get("If-Match"), `"`); match != "" && match != o.tag() {
		s.refuse(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	data, status := o.data, http.StatusOK
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(from, "-"))
		if err != nil || n >= len(data) {
			s.refuse(w, r, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", n, len(data)-1, len(data)))
		data, status = data[n:], http.StatusPartialContent
	}
	w.Header().Set("ETag", `"`+o.tag()+`"`)
	w.Header().Set("Last-Modified", o.at.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		fate.send(w, data)
	}
}

// page is a page of a list of version 2.
type page struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	Prefix                string
	KeyCount              int
	MaxKeys               int
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []entry
}

type entry struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("list-type") != "2" {
		s.refuse(w, r, http.StatusNotImplemented, "NotImplemented")
		return
	}
	after := cmp.Or(q.Get("continuation-token"), q.Get("start-after"))
	most := cmp.Or(s.Page, 1000)
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n > 0 {
		most = min(most, n)
	}
	doc := page{Name: Bucket, Prefix: q.Get("prefix"), MaxKeys: most}
	for _, key := range s.Keys() {
		if !strings.HasPrefix(key, doc.Prefix) || key <= after {
			continue
		}
		if len(doc.Contents) == most {
			doc.IsTruncated, doc.NextContinuationToken = true, doc.Contents[most-1].Key
			break
		}
		s.mu.Lock()
		o := s.objects[key]
		s.mu.Unlock()
		doc.Contents = append(doc.Contents, entry{key, o.at.UTC().Format("2006-01-02T15:04:05.000Z"), `"` + o.tag() + `"`, len(o.data)})
	}
	doc.KeyCount = len(doc.Contents)
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(doc) // a client that went away reads nothing
}

func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Fate is what becomes of a request.
type Fate int

// What may become of a request.
const (
	Well    Fate = iota
	Busy         // 503 SlowDown
	Broken       // 500 InternalError
	Denied       // 403 AccessDenied
	Unknown      // 403 InvalidAccessKeyId
	Full         // 507 with the code of MinIO
	Hung         // no answer, until the client gives up
	Cut          // the connection ends in the middle of what is sent or answered
	Garbled      // a byte of the answer is another
)

// doom does what ends a request before it is looked at, and reports whether it has ended.
func (f Fate) doom(w http.ResponseWriter, r *http.Request) bool {
	answer := func(status int, code string) bool {
		_, _ = io.Copy(io.Discard, r.Body) // what cannot be read needs no answer
		(&Server{}).refuse(w, r, status, code)
		return true
	}
	switch f {
	case Busy:
		return answer(http.StatusServiceUnavailable, "SlowDown")
	case Broken:
		return answer(http.StatusInternalServerError, "InternalError")
	case Denied:
		return answer(http.StatusForbidden, "AccessDenied")
	case Unknown:
		return answer(http.StatusForbidden, "InvalidAccessKeyId")
	case Full:
		return answer(http.StatusInsufficientStorage, "XMinioStorageFull")
	case Hung:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case Cut:
		if r.Method == http.MethodPut {
			_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
			panic(http.ErrAbortHandler)
		}
	}
	return false
}

// send writes an answer.
func (f Fate) send(w http.ResponseWriter, data []byte) {
	switch f {
	case Cut:
		_, _ = w.Write(data[:len(data)/2])
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	case Garbled:
		data = slices.Clone(data)
		data[len(data)/2] ^= 1
	}
	_, _ = io.Copy(w, bytes.NewReader(data)) // a client that went away reads nothing
}
