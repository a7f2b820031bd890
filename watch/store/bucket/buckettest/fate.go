package buckettest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
)

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
