package ledger

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// volume takes UNC paths and mapped drive letters for what they are: shares.
func volume(dir string) (kind, error) {
	name := filepath.VolumeName(dir)
	device := strings.HasPrefix(name, `\\?\`) || strings.HasPrefix(name, `\\.\`)
	if strings.HasPrefix(strings.ToUpper(name), `\\?\UNC\`) || strings.HasPrefix(name, `\\`) && !device {
		return kind{name: "share " + name, network: true}, nil
	}
	root, err := windows.UTF16PtrFromString(name + `\`)
	if err != nil {
		return kind{}, err
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return kind{name: "network drive " + name, network: true}, nil
	}
	return kind{}, nil
}
