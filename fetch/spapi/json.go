package spapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/fetch/web"
)

// Bodies are looked into just far enough to go on: what drifts in type, comes twice or is new must not stop
// a page from being saved.
var tolerant = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// newDecoder reads in place: of a bytes.Buffer it makes no copy.
func newDecoder(v jsontext.Value) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(v), tolerant...)
}

// errNotObject is the cause when there is JSON, but of another kind.
var errNotObject = errors.New("not an object")

// readMembers finds the named members of a JSON object; those that are missing stay nil. The whole value is
// read, so that what is cut off is an error, and nothing may follow it. What is found lies within v.
func readMembers(v jsontext.Value, want map[string]*jsontext.Value) error {
	dec := newDecoder(v)
	if dec.PeekKind() != '{' {
		if _, err := dec.ReadValue(); err != nil {
			return err
		}
		return errNotObject
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		into := want[name.String()]
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if into != nil {
			end := int(dec.InputOffset())
			*into = v[end-len(value) : end]
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the answer")
	}
	return nil
}

// readElements lists the elements of an array; nil for anything else.
func readElements(v jsontext.Value) []jsontext.Value {
	if v.Kind() != '[' {
		return nil
	}
	dec := newDecoder(v)
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var all []jsontext.Value
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return nil
		}
		end := int(dec.InputOffset())
		all = append(all, v[end-len(value):end])
	}
	return all
}

// scalarText is a scalar as text: a string's content, a number or boolean as it stands; "" for anything else.
func scalarText(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		token, err := newDecoder(v).ReadToken()
		if err != nil {
			return ""
		}
		return token.String()
	case '0', 't', 'f':
		return string(bytes.TrimSpace(v))
	}
	return ""
}

// readBool is a boolean, be it written as one or as text.
func readBool(v jsontext.Value) bool {
	yes, err := strconv.ParseBool(scalarText(v))
	return err == nil && yes
}

// parseTime reads a time as Amazon writes it, and the seconds since 1970 that its sandbox writes instead
// ("1.569521782042E9").
func parseTime(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC(), nil
	}
	const latest = 253402300799 // the last second of the year 9999
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds <= latest {
		return time.UnixMilli(int64(seconds * 1000)).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time", web.OneLine(text))
}

// jsonObject writes {"name":value,…} of names and values that are JSON already.
func jsonObject(pairs ...any) []byte {
	b := []byte{'{'}
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "%q:%s", pairs[i], pairs[i+1])
	}
	return append(b, '}')
}

func jsonArray(values [][]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(values, []byte{','})...), ']')
}

func jsonString(s string) []byte {
	b, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "�")) // nothing but UTF-8 can fail
	return b
}

func quoteAll(list []string) []byte {
	values := make([][]byte, len(list))
	for i, s := range list {
		values[i] = jsonString(s)
	}
	return jsonArray(values)
}
