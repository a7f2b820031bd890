package drop

import (
	"io/fs"
	"strings"
	"syscall"
)

// mntLocal is MNT_LOCAL of sys/mount.h: the file system is stored on this computer.
const mntLocal = 0x1000

func volume(dir string) (Volume, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return Volume{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	var name []byte
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	v := Volume{Name: string(name)}
	v.FUSE = strings.Contains(v.Name, "fuse")
	v.Network = !v.FUSE && st.Flags&mntLocal == 0
	return v, nil
}
