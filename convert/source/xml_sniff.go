package source

import (
	"bytes"
	"encoding/xml"
	"io"

	"obmen/convert/source/input"
)

// messageType tells what an AmazonEnvelope holds from the beginning of a file, "OrderReport", and
// whether it is one at all.
func messageType(head []byte) (kind string, ok bool) {
	if input.LooksLikeJSON(head) {
		return "", false
	}
	dec := xml.NewDecoder(bytes.NewReader(head))
	dec.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil }
	const most = 200 // tokens before the first message of any real report
	for range most {
		tok, err := dec.RawToken()
		if err != nil {
			return "", ok
		}
		start, isStart := tok.(xml.StartElement)
		switch {
		case !isStart:
		case !ok && start.Name.Local != "AmazonEnvelope":
			return "", false
		case start.Name.Local == "AmazonEnvelope":
			ok = true
		case start.Name.Local == "MessageType":
			if text, err := dec.RawToken(); err == nil {
				if t, isText := text.(xml.CharData); isText {
					return string(bytes.TrimSpace(t)), true
				}
			}
		}
	}
	return "", ok
}

func sniffMessage(head []byte, kind string) Confidence {
	if k, ok := messageType(head); ok && k == kind {
		return Sure
	}
	return No
}
