package watch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"obmen/watch/drop"
)

// SealSuffix ends the names of encrypted files.
const SealSuffix = ".age"

// sealMagic begins every age file: a plain file may be called x.age too (age-encryption.org/v1).
const sealMagic = "age-encryption.org/v1\n"

// Seal encrypts what is kept of dropped files, and reads it again. Without recipients it only reads; a
// nil Seal does neither. Plain files are read by any.
type Seal struct {
	to   []age.Recipient
	with []age.Identity
}

// SealError refuses a recipient or an identity. It never holds the text of a key that is secret.
type SealError struct {
	Where  string // the setting or the file
	Text   string
	Advice string
}

func (e *SealError) Error() string { return e.Where + ": " + e.Text }

// Hint returns the next step, one line; empty when there is none.
func (e *SealError) Hint() string { return e.Advice }

var errNoIdentity = &cipherError{"the file is encrypted and no identity is set"}

// NewSeal reads the identity file and proves that it can read what is encrypted to the recipients.
func NewSeal(recipients []string, identity string) (*Seal, error) {
	s := new(Seal)
	for _, text := range recipients {
		r, err := parseRecipient(text)
		if err != nil {
			return nil, err
		}
		s.to = append(s.to, r)
	}
	var err error
	if s.with, err = readIdentity(identity); err != nil {
		return nil, err
	}
	if len(s.to) == 0 {
		return s, nil
	}
	return s, s.prove(identity)
}

// CheckRecipient says what is wrong with a recipient; the error is a *SealError.
func CheckRecipient(text string) error {
	_, err := parseRecipient(text)
	return err
}

func parseRecipient(text string) (age.Recipient, error) {
	list, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(list) != 1 {
		return nil, &SealError{"encrypt_to", "not a public key of age", `write what age-keygen shows as "public key", beginning with age1; the secret one belongs into the identity file`}
	}
	return list[0], nil
}

func readIdentity(path string) ([]age.Identity, error) {
	refused := func(text, hint string) ([]age.Identity, error) { return nil, &SealError{path, text, hint} }
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refused("there is no such identity file", "`age-keygen -o FILE` makes one; keep a copy of it elsewhere, for without it nothing kept can be read")
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return refused("the identity is not a regular file", "name the file that age-keygen wrote")
	case exposed(info.Mode()):
		return refused("others may read the identity file", "chmod 600 it, and let it belong to the account that runs obmen")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil { // its words are not repeated: they may quote the key
		return refused("not an identity file of age", "`age-keygen -o FILE` makes one; it holds a line that begins with AGE-SECRET-KEY-")
	}
	return list, nil
}

// prove encrypts a word and reads it again.
func (s *Seal) prove(identity string) error {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, s.to...)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return &SealError{"encrypt_to", err.Error(), "name public keys of one kind"}
	}
	if _, err := age.Decrypt(&b, s.with...); err != nil {
		return &SealError{identity, "the identity reads nothing that is encrypted to encrypt_to", "add its public key to encrypt_to: `age-keygen -y FILE` shows it"}
	}
	return nil
}

// on says whether new files are encrypted.
func (s *Seal) on() bool { return s != nil && len(s.to) > 0 }

// Open opens a file for reading its plain bytes. What age refuses is an *fs.PathError: it is the kept
// copy's fault or the key's, never that of the file as it was dropped.
func (s *Seal) Open(path string) (io.ReadCloser, error) { return s.open(drop.OS{}, path) }

func (s *Seal) open(disk drop.FS, path string) (io.ReadCloser, error) {
	f, err := disk.Open(path)
	if err != nil || !strings.HasSuffix(path, SealSuffix) {
		return f, err
	}
	src := bufio.NewReader(f)
	if head, _ := src.Peek(len(sealMagic)); string(head) != sealMagic {
		return readCloser{src, f}, nil
	}
	if s == nil || len(s.with) == 0 {
		f.Close()
		return nil, &fs.PathError{Op: "decrypt", Path: path, Err: errNoIdentity}
	}
	plain, err := age.Decrypt(src, s.with...)
	if err != nil {
		f.Close()
		return nil, undecrypted(path, err)
	}
	return readCloser{decrypting{plain, path}, f}, nil
}

// Sealed says whether a file is encrypted.
func Sealed(path string) bool { return sealed(drop.OS{}, path) }

func sealed(disk drop.FS, path string) bool {
	if !strings.HasSuffix(path, SealSuffix) {
		return false
	}
	f, err := disk.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(sealMagic))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == sealMagic
}

// PlainName is the name that the bytes of a file had before it was encrypted.
func PlainName(path string) string { return plainName(drop.OS{}, path) }

func plainName(disk drop.FS, path string) string {
	if sealed(disk, path) {
		return strings.TrimSuffix(filepath.Base(path), SealSuffix)
	}
	return filepath.Base(path)
}

// SHA256 is the hash of a file's plain bytes, in lower-case hex.
func (s *Seal) SHA256(path string) (string, error) { return s.sha256(drop.OS{}, path) }

func (s *Seal) sha256(disk drop.FS, path string) (string, error) {
	r, err := s.open(disk, path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// writer gives what is written to w, encrypted if the seal is on. Close writes what is left and leaves w open.
func (s *Seal) writer(w io.Writer) (io.WriteCloser, error) {
	if !s.on() {
		return openEnded{w}, nil
	}
	return age.Encrypt(w, s.to...)
}

type openEnded struct{ io.Writer }

func (openEnded) Close() error { return nil }

type readCloser struct {
	io.Reader
	io.Closer
}

// decrypting names the file in what age refuses.
type decrypting struct {
	r    io.Reader
	path string
}

func (d decrypting) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	if err != nil && err != io.EOF {
		err = undecrypted(d.path, err)
	}
	return n, err
}

// undecrypted hides the kind of an error: a kept copy that ends in the middle is damaged, and does not
// look like a dropped file that ends in the middle.
func undecrypted(path string, err error) error {
	if disk, ok := errors.AsType[*fs.PathError](err); ok {
		return disk
	}
	return &fs.PathError{Op: "decrypt", Path: path, Err: &cipherError{err.Error()}}
}

// cipherError is a damaged copy, or one that was encrypted to others.
type cipherError struct{ text string }

func (e *cipherError) Error() string { return e.text }
