package drop

import (
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// volume takes UNC paths and mapped drive letters for what they are: shares.
func volume(dir string) (Volume, error) {
	name := filepath.VolumeName(dir)
	device := strings.HasPrefix(name, `\\?\`) || strings.HasPrefix(name, `\\.\`)
	if strings.HasPrefix(strings.ToUpper(name), `\\?\UNC\`) || strings.HasPrefix(name, `\\`) && !device {
		return Volume{Name: "share " + name, Network: true}, nil
	}
	root, err := windows.UTF16PtrFromString(name + `\`)
	if err != nil {
		return Volume{}, err
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return Volume{Name: "network drive " + name, Network: true}, nil
	}
	var serial uint32
	if err := windows.GetVolumeInformation(root, nil, 0, &serial, nil, nil, nil, 0); err != nil {
		return Volume{}, nil // a volume that does not tell its number
	}
	return Volume{ID: fmt.Sprintf("%08x", serial)}, nil
}
