package config

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"obmen/watch/drop"
)

// passwordHash is the name under which a user's hash stands among the secrets, below the user's key.
const passwordHash = "password_hash"

// since is the name beside the secrets of an account that tells when the client secret was stored.
const since = "client_secret_since"

// StoredSecrets are the secrets in a file: by account in small letters, then by name.
type StoredSecrets map[string]map[string]string

// mostSecrets is far more than secrets have, in bytes.
const mostSecrets = 4 << 20

// ReadSecrets reads a file of secrets; none when there is no such file. One that others may read is
// refused: what is in it is no secret any more.
func ReadSecrets(path string) (StoredSecrets, error) {
	text, err := drop.ReadSmall(path, mostSecrets)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &SecretError{Path: path, Err: err, Advice: "let only the account that runs obmen read it"}
	}
	if err := checkPrivate(path); err != nil {
		return nil, err
	}
	text, err = unprotectText(text)
	if err != nil {
		return nil, &SecretError{path, err, "store the secrets again, as the account that runs obmen or with --machine", true}
	}
	var file StoredSecrets
	if err := json.Unmarshal(text, &file); err != nil { // its text might show a part of a secret
		return nil, &SecretError{path, errors.New("not the JSON that obmen writes"), "remove it and store the secrets again", true}
	}
	lower := StoredSecrets{}
	for account, values := range file {
		lower[strings.ToLower(account)] = values
	}
	return lower, nil
}

// StoreSecrets replaces those of an account's secrets that are given, in one step. machine lets other
// accounts of a Windows machine use them, a service's among them; elsewhere it means nothing.
func StoreSecrets(path, account string, values map[string]string, now time.Time, machine bool) error {
	file, err := ReadSecrets(path)
	if err != nil {
		return err
	}
	if file == nil {
		file = StoredSecrets{}
	}
	kept := file[strings.ToLower(account)]
	if kept == nil {
		kept = map[string]string{}
		file[strings.ToLower(account)] = kept
	}
	for name, value := range values {
		if name == ClientSecret && kept[name] != value {
			kept[since] = now.UTC().Format(time.RFC3339)
		}
		kept[name] = value
	}
	if at := values[since]; at != "" { // stored before, elsewhere
		kept[since] = at
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	if text, err = protectText(append(text, '\n'), machine); err != nil {
		return &SecretError{Path: path, Err: err, Advice: "run it as the account that runs obmen"}
	}
	return WritePrivate(path, text)
}

// RemoveSecrets removes all secrets of an account; it reports whether there were any.
func RemoveSecrets(path, account string, machine bool) (bool, error) {
	file, err := ReadSecrets(path)
	if _, found := file[strings.ToLower(account)]; err != nil || !found {
		return false, err
	}
	delete(file, strings.ToLower(account))
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return false, err
	}
	if text, err = protectText(append(text, '\n'), machine); err != nil {
		return false, &SecretError{Path: path, Err: err, Advice: "run it as the account that runs obmen"}
	}
	return true, WritePrivate(path, text)
}

// WritePrivate replaces a file that only its owner may read, in one step.
func WritePrivate(path string, text []byte) error {
	return drop.ReplaceFile(drop.OS{}, path, 0o600, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Protect makes text unreadable to other accounts where the system offers it, for a file that is read
// again with Unprotect. Elsewhere the file's rights have to do.
func Protect(text []byte) ([]byte, error) { return protectText(text, false) }

// Unprotect reads what Protect wrote.
func Unprotect(text []byte) ([]byte, error) { return unprotectText(text) }
