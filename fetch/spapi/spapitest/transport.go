package spapitest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// Transport carries requests to the fake without a socket, so that they take no time on a virtual clock.
func (a *Amazon) Transport() http.RoundTripper { return transport{a} }

type transport struct{ to http.Handler }

var errBroken = errors.New("connection reset by the fake")

// RoundTrip answers a request as a server would: the handler gets it as it comes off the wire.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	} else {
		defer r.Body.Close()
	}
	w := httptest.NewRecorder()
	aborted := serve(t.to, w, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if aborted && w.Body.Len() == 0 {
		return nil, errBroken
	}
	resp := w.Result()
	resp.Request = r
	if aborted {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(w.Body.Bytes()), cut{}))
	}
	return resp, nil
}

// serve reports whether the handler broke the line.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

// cut is where a body ends too early.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
