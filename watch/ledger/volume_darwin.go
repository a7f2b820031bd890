package ledger

import (
	"io/fs"
	"strings"
	"syscall"
)

// mntLocal is MNT_LOCAL of sys/mount.h: the file system is stored on this computer.
const mntLocal = 0x1000

func volume(dir string) (kind, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return kind{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	var name []byte
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	k := kind{name: string(name)}
	k.fuse = strings.Contains(k.name, "fuse")
	k.network = !k.fuse && st.Flags&mntLocal == 0
	return k, nil
}
