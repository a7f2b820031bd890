package drop

import (
	"io/fs"
	"unsafe"

	"golang.org/x/sys/windows"
)

// fileBasicInfo is FILE_BASIC_INFO of the Windows API; times count 100 ns.
type fileBasicInfo struct {
	Created, Accessed, Written, Changed int64
	Attributes                          uint32
	_                                   uint32
}

// observe needs a handle: a folder listing shows neither the file's number nor the time of its change,
// and its size may lag behind a writer. The handle asks for attributes only and disturbs nobody.
func observe(path string, _ fs.FileInfo) (Observation, error) {
	h, err := openHandle(path, windows.FILE_READ_ATTRIBUTES, windows.FILE_FLAG_OPEN_REPARSE_POINT)
	if err != nil {
		return Observation{}, err
	}
	defer windows.CloseHandle(h)
	var id windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(h, &id); err != nil {
		return Observation{}, err
	}
	var basic fileBasicInfo
	size := uint32(unsafe.Sizeof(basic))
	if err := windows.GetFileInformationByHandleEx(h, windows.FileBasicInfo, (*byte)(unsafe.Pointer(&basic)), size); err != nil {
		return Observation{}, err
	}
	return Observation{
		Size:     int64(id.FileSizeHigh)<<32 | int64(id.FileSizeLow),
		Modified: id.LastWriteTime.Nanoseconds(),
		Changed:  basic.Changed * 100,
		Volume:   uint64(id.VolumeSerialNumber),
		ID:       uint64(id.FileIndexHigh)<<32 | uint64(id.FileIndexLow),
	}, nil
}
