package onec

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"obmen/watch/drop"
)

// messageHead is the head of a message of 1C's synchronisation: <Header> with <Confirmation>, as EnterpriseData
// defines them.
type messageHead struct {
	From, To         string
	Number, Received int // 0 where messages have no numbers
}

// Limits of messages, in bytes: of the part that the head lies in, and of an archive that is read whole.
const (
	headLimit   = 1 << 20
	packedLimit = 256 << 20
)

var errNoMessage = errors.New("no message of a synchronisation")

// readMessage reads the head of a message, packed or not. Its body is not looked at: 1C confirms in the
// head. An error other than the disk's is errNoMessage.
func readMessage(disk drop.FS, path string) (messageHead, error) {
	r, err := disk.Open(path)
	if err != nil {
		return messageHead{}, err
	}
	defer r.Close()
	if !strings.EqualFold(filepath.Ext(path), ".zip") {
		return parseMessage(r)
	}
	if at, ok := r.(io.ReaderAt); ok { // a file of the system: its bytes stay there
		info, err := disk.Lstat(path)
		if err != nil {
			return messageHead{}, err
		}
		return unpackMessage(at, info.Size())
	}
	data, err := drop.ReadAll(r, path, packedLimit)
	if err != nil {
		return messageHead{}, err
	}
	return unpackMessage(bytes.NewReader(data), int64(len(data)))
}

func unpackMessage(data io.ReaderAt, size int64) (messageHead, error) {
	archive, err := zip.NewReader(data, size)
	if err != nil {
		return messageHead{}, fmt.Errorf("%w: %w", errNoMessage, err)
	}
	for _, f := range archive.File {
		if !strings.EqualFold(filepath.Ext(f.Name), ".xml") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return messageHead{}, fmt.Errorf("%w: %w", errNoMessage, err)
		}
		defer r.Close()
		return parseMessage(r)
	}
	return messageHead{}, fmt.Errorf("%w: no .xml in the archive", errNoMessage)
}

// parseMessage reads to the end of the head.
func parseMessage(r io.Reader) (head messageHead, err error) {
	d := xml.NewDecoder(io.LimitReader(r, headLimit))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) { // 1C writes UTF-8, our layouts may not
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(in), nil
	}
	var path []string
	for {
		token, err := d.Token()
		if err != nil {
			return head, fmt.Errorf("%w: %w", errNoMessage, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if len(path) == 1 && path[0] != "Message" {
				return head, fmt.Errorf("%w: it begins with <%s>", errNoMessage, path[0])
			}
		case xml.EndElement:
			if path = path[:len(path)-1]; t.Name.Local == "Header" {
				return head, nil
			}
		case xml.CharData:
			if len(path) == 4 && path[2] == "Confirmation" {
				if err := head.set(path[3], strings.TrimSpace(string(t))); err != nil {
					return head, err
				}
			}
		}
	}
}

func (h *messageHead) set(name, value string) (err error) {
	switch name {
	case "From":
		h.From = value
	case "To":
		h.To = value
	case "MessageNo":
		h.Number, err = messageNumber(value)
	case "ReceivedNo":
		h.Received, err = messageNumber(value)
	}
	if err != nil {
		return fmt.Errorf("%w: %s is %q", errNoMessage, name, value)
	}
	return nil
}

// messageNumber reads a number as 1C may present it, with blanks between groups. None at all, and what
// is below 1, switches numbering off.
func messageNumber(text string) (int, error) {
	text = strings.NewReplacer(" ", "", "\u00a0", "").Replace(text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	return max(n, 0), err
}
