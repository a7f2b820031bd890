package input

import (
	"bytes"
	"io"
)

// FindXMLCharset climbs a ladder like that of FindCharset: what the XML declaration names comes after a
// byte order mark and before all else, unless it names UTF-8 and the bytes disprove it.
func FindXMLCharset(in Input) (Charset, error) {
	cs, err := MarkedCharset(in)
	if err != nil {
		return Charset{}, in.RefuseOpen(err)
	}
	if cs != (Charset{}) {
		return cs, nil
	}
	name, err := declaredCharset(in)
	if err != nil {
		return Charset{}, in.RefuseOpen(err)
	}
	enc, known := CharsetNamed(name)
	switch {
	case name != "" && !known:
		return Charset{}, UnknownCharset(in, name)
	case enc != nil:
		return Charset{enc, 0}, nil
	}
	valid, err := AllUTF8(in, true)
	if err != nil || valid {
		return Charset{}, err
	}
	if enc, known := CharsetNamed(in.Charset); known && enc != nil {
		return Charset{enc, 0}, nil
	}
	return LegacyCharset(in)
}

// declaredCharset is the encoding that the XML declaration names: <?xml version="1.0" encoding="ISO-8859-1"?>.
func declaredCharset(in Input) (string, error) {
	r, err := in.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	head, err := io.ReadAll(io.LimitReader(r, 512))
	if err != nil {
		return "", err
	}
	head, _, whole := bytes.Cut(head, []byte("?>"))
	_, head, named := bytes.Cut(head, []byte("encoding"))
	head = bytes.TrimLeft(head, " \t\r\n=")
	if !whole || !named || len(head) == 0 {
		return "", nil
	}
	name, _, _ := bytes.Cut(head[1:], head[:1]) // quoted or in apostrophes
	return string(name), nil
}
