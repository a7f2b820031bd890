package config

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// secretsName is the secrets file's name. Its bytes are encrypted by Windows (DPAPI).
const secretsName = "secrets.dpapi"

// protectText encrypts for the account that runs obmen, or for all accounts of the machine: a service runs
// under another account than the person who stores the secrets.
func protectText(text []byte, machine bool) ([]byte, error) {
	flags := uint32(windows.CRYPTPROTECT_UI_FORBIDDEN)
	if machine {
		flags |= windows.CRYPTPROTECT_LOCAL_MACHINE
	}
	var out windows.DataBlob
	if err := windows.CryptProtectData(blob(text), nil, nil, 0, nil, flags, &out); err != nil {
		return nil, err
	}
	return taken(out), nil
}

func unprotectText(text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, errors.New("the file is empty")
	}
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blob(text), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return taken(out), nil
}

func blob(b []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(b)), Data: unsafe.SliceData(b)}
}

// taken copies what Windows allocated and gives it back.
func taken(out windows.DataBlob) []byte {
	text := append([]byte(nil), unsafe.Slice(out.Data, out.Size)...)
	_, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data))) // nothing can be done about a leak
	return text
}

// checkPrivate leaves it to DPAPI: whoever may read the file gets no secret from it.
func checkPrivate(string) error { return nil }

// systemLocale is the language of Windows' own menus; empty when Windows does not tell.
func systemLocale() string {
	list, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[0]
}
