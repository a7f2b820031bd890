package store

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

// EncryptedSuffix ends the names of encrypted files.
const EncryptedSuffix = ".age"

// ageMagic begins every age file: a plain file may be called x.age too (age-encryption.org/v1).
const ageMagic = "age-encryption.org/v1\n"

// Encryption encrypts what is kept of dropped files, and decrypts it again. Without recipients it only reads;
// a nil Encryption does neither. Plain files are read by any.
type Encryption struct {
	recipients []age.Recipient
	identities []age.Identity
}

// KeyError refuses a recipient or an identity. It never holds the text of a secret key.
type KeyError struct {
	Where  string // the setting or the file
	Text   string
	Advice string
}

func (e *KeyError) Error() string { return e.Where + ": " + e.Text }

// Hint returns the next step, one line; empty when there is none.
func (e *KeyError) Hint() string { return e.Advice }

var errNoIdentity = &cipherError{"the file is encrypted and no identity is set"}

// NewEncryption reads the identity file and proves that it can read what is encrypted to the recipients.
func NewEncryption(recipients []string, identity string) (*Encryption, error) {
	e := new(Encryption)
	for _, text := range recipients {
		r, err := parseRecipient(text)
		if err != nil {
			return nil, err
		}
		e.recipients = append(e.recipients, r)
	}
	var err error
	if e.identities, err = readIdentity(identity); err != nil {
		return nil, err
	}
	if len(e.recipients) == 0 {
		return e, nil
	}
	return e, e.prove(identity)
}

// CheckRecipient returns a *KeyError that names what is wrong with a recipient, or nil.
func CheckRecipient(text string) error {
	_, err := parseRecipient(text)
	return err
}

func parseRecipient(text string) (age.Recipient, error) {
	list, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(list) != 1 {
		return nil, &KeyError{"encrypt_to", "not a public key of age", `write what age-keygen shows as "public key", beginning with age1; the secret one belongs into the identity file`}
	}
	return list[0], nil
}

func readIdentity(path string) ([]age.Identity, error) {
	refused := func(text, hint string) ([]age.Identity, error) { return nil, &KeyError{path, text, hint} }
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
	text, err := drop.ReadSmall(path, mostIdentity)
	if err != nil {
		return nil, err
	}
	list, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil { // its words are not repeated: they may quote the key
		return refused("not an identity file of age", "`age-keygen -o FILE` makes one; it holds a line that begins with AGE-SECRET-KEY-")
	}
	return list, nil
}

// mostIdentity is more than a file of keys has, in bytes.
const mostIdentity = 1 << 20

// prove encrypts a text and decrypts it again.
func (e *Encryption) prove(identity string) error {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, e.recipients...)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return &KeyError{"encrypt_to", err.Error(), "name public keys of one kind"}
	}
	if _, err := age.Decrypt(&b, e.identities...); err != nil {
		return &KeyError{identity, "the identity reads nothing that is encrypted to encrypt_to", "add its public key to encrypt_to: `age-keygen -y FILE` shows it"}
	}
	return nil
}

// On reports whether new files are encrypted.
func (e *Encryption) On() bool { return e != nil && len(e.recipients) > 0 }

// Open opens a file for reading its plain bytes. What age refuses is an *fs.PathError: the kept copy or the
// key is at fault, never the file as it was dropped.
func (e *Encryption) Open(path string) (io.ReadCloser, error) { return e.open(drop.OS{}, path) }

func (e *Encryption) open(disk drop.FS, path string) (io.ReadCloser, error) {
	f, err := disk.Open(path)
	if err != nil {
		return nil, err
	}
	return e.decrypt(f, path)
}

// decrypt reads the plain bytes of an opened file; it closes one that it refuses.
func (e *Encryption) decrypt(f io.ReadCloser, path string) (io.ReadCloser, error) {
	if !strings.HasSuffix(path, EncryptedSuffix) {
		return f, nil
	}
	src := bufio.NewReader(f)
	if head, _ := src.Peek(len(ageMagic)); string(head) != ageMagic {
		return readCloser{src, f}, nil
	}
	if e == nil || len(e.identities) == 0 {
		f.Close()
		return nil, &fs.PathError{Op: "decrypt", Path: path, Err: errNoIdentity}
	}
	plain, err := age.Decrypt(src, e.identities...)
	if err != nil {
		f.Close()
		return nil, undecrypted(path, err)
	}
	return readCloser{decrypting{plain, path}, f}, nil
}

// Encrypted reports whether a file is encrypted.
func Encrypted(path string) bool { return encrypted(drop.OS{}, path) }

func encrypted(disk drop.FS, path string) bool {
	if !strings.HasSuffix(path, EncryptedSuffix) {
		return false
	}
	f, err := disk.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(ageMagic))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == ageMagic
}

// PlainName is the name that the bytes of a file had before it was encrypted.
func PlainName(path string) string { return plainName(drop.OS{}, path) }

func plainName(disk drop.FS, path string) string {
	if encrypted(disk, path) {
		return strings.TrimSuffix(filepath.Base(path), EncryptedSuffix)
	}
	return filepath.Base(path)
}

// SHA256 is the hash of a file's plain bytes, in lower-case hex.
func (e *Encryption) SHA256(path string) (string, error) { return e.sha256(drop.OS{}, path) }

func (e *Encryption) sha256(disk drop.FS, path string) (string, error) {
	r, err := e.open(disk, path)
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

// writer passes what is written on to w, encrypted if encryption is on. Close writes the rest and leaves w open.
func (e *Encryption) writer(w io.Writer) (io.WriteCloser, error) {
	if !e.On() {
		return openEnded{w}, nil
	}
	return age.Encrypt(w, e.recipients...)
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
