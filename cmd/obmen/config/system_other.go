//go:build !windows

package config

import (
	"fmt"
	"os"
)

// secretsName is the secrets file's name.
const secretsName = "secrets.json"

// Outside Windows the rights of a file protect it.

func protectText(text []byte, _ bool) ([]byte, error) { return text, nil }

func unprotectText(text []byte) ([]byte, error) { return text, nil }

// checkPrivate refuses a file that others may read.
func checkPrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return &SecretError{Path: path, Err: err, Advice: "let only the account that runs obmen read it"}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &SecretError{Path: path, Err: fmt.Errorf("others may read it (rights %04o)", mode), Advice: "run: chmod 600 " + quoteAll(path) + "; if someone may have read it, make a new client secret"}
	}
	return nil
}

// systemLocale is empty: the environment has the locale.
func systemLocale() string { return "" }
