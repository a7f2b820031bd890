package drop_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obmen/watch/drop"
)

// memory is a disk that can lose its power. Names change in a journal, and bytes are kept apart from
// names: a power cut keeps the bytes that were synced, and of the journal any beginning that is not
// shorter than when every changed folder had last been synced. The folder of files
// being written does not count: what happens to their names does not matter.
type memory struct {
	names   map[string]*inode
	journal []change
	synced  int // changes that a power cut cannot take back
	dirty   map[string]bool
	cut     func(*memory)
	volumes bool // every folder is a volume of its own
}

type inode struct {
	bytes, synced []byte
	dir           bool
}

type change struct {
	op       string
	from, to string
	node     *inode
}

func newMemory(dirs ...string) *memory {
	m := &memory{names: map[string]*inode{}, dirty: map[string]bool{}}
	for _, d := range dirs {
		m.do(change{op: "add", to: d, node: &inode{dir: true}})
	}
	m.settled()
	return m
}

func (c change) on(names map[string]*inode) {
	switch c.op {
	case "rename":
		delete(names, c.from)
		names[c.to] = c.node
	case "remove":
		delete(names, c.from)
	case "add":
		names[c.to] = c.node
	}
}

// do makes a change and lets the test look at every disk that a power cut now could leave.
func (m *memory) do(c change) {
	m.journal = append(m.journal, c)
	c.on(m.names)
	for _, path := range []string{c.from, c.to} {
		if dir := filepath.Dir(path); path != "" && filepath.Base(dir) != drop.TempDir {
			m.dirty[dir] = true
		}
	}
	if m.cut != nil {
		m.cut(m)
	}
}

// afterCut is the disk after a power cut that kept n changes, and with early every removal after them:
// nothing says that a removal in one folder waits for a new name in another.
func (m *memory) afterCut(n int, early bool) map[string]string {
	names := map[string]*inode{}
	for i, c := range m.journal {
		if i < n || early && c.op == "remove" {
			c.on(names)
		}
	}
	files := map[string]string{}
	for path, node := range names {
		if !node.dir {
			files[path] = string(node.synced)
		}
	}
	return files
}

// eachCut calls check with every disk that a power cut now could leave.
func (m *memory) eachCut(check func(files map[string]string)) {
	for n := m.synced; n <= len(m.journal); n++ {
		check(m.afterCut(n, false))
		check(m.afterCut(n, true))
	}
}

func (m *memory) find(op, path string) (*inode, error) {
	if n, ok := m.names[filepath.Clean(path)]; ok {
		return n, nil
	}
	return nil, &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist}
}

func (m *memory) free(op, path string) error {
	if _, err := m.find(op, filepath.Dir(path)); err != nil {
		return err
	}
	if _, taken := m.names[path]; taken {
		return &fs.PathError{Op: op, Path: path, Err: fs.ErrExist}
	}
	return nil
}

func (m *memory) Lstat(path string) (fs.FileInfo, error) {
	n, err := m.find("lstat", path)
	if err != nil {
		return nil, err
	}
	return nodeInfo{filepath.Base(path), n}, nil
}

func (m *memory) SameFile(a, b fs.FileInfo) bool { return a.Sys() == b.Sys() }

func (m *memory) Create(path string, _ fs.FileMode) (drop.File, error) {
	if err := m.free("create", path); err != nil {
		return nil, err
	}
	n := &inode{}
	m.do(change{op: "add", to: path, node: n})
	return &memoryFile{m, n}, nil
}

func (m *memory) Open(path string) (io.ReadCloser, error) {
	n, err := m.find("open", path)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(n.bytes)), nil
}

func (m *memory) Mkdir(path string, _ fs.FileMode) error {
	if err := m.free("mkdir", path); err != nil {
		return err
	}
	m.do(change{op: "add", to: path, node: &inode{dir: true}})
	return nil
}

func (m *memory) Rename(from, to string) error {
	n, err := m.find("rename", from)
	if err != nil {
		return err
	}
	if err := m.free("rename", to); err != nil {
		return err
	}
	if m.volumes && !strings.HasPrefix(from, filepath.Dir(to)) {
		return drop.ErrOtherVolume
	}
	m.do(change{op: "rename", from: from, to: to, node: n})
	return nil
}

func (m *memory) Replace(string, string) error { return errors.ErrUnsupported }

func (m *memory) Observe(string) (drop.Observation, error) {
	return drop.Observation{}, errors.ErrUnsupported
}

func (m *memory) Remove(path string) error {
	if _, err := m.find("remove", path); err != nil {
		return err
	}
	m.do(change{op: "remove", from: path})
	return nil
}

func (m *memory) ReadDir(string) ([]fs.DirEntry, error) { return nil, errors.ErrUnsupported }

func (m *memory) SyncFile(path string) error {
	n, err := m.find("sync", path)
	if err == nil {
		n.synced = bytes.Clone(n.bytes)
	}
	return err
}

func (m *memory) SyncDir(path string) error {
	if _, err := m.find("sync", path); err != nil {
		return err
	}
	delete(m.dirty, path)
	if len(m.dirty) == 0 {
		m.settled()
	}
	return nil
}

// settled makes everything up to now durable.
func (m *memory) settled() {
	clear(m.dirty)
	m.synced = len(m.journal)
}

type memoryFile struct {
	disk *memory
	node *inode
}

func (f *memoryFile) Write(p []byte) (int, error) {
	f.node.bytes = append(f.node.bytes, p...)
	return len(p), nil
}

func (f *memoryFile) Sync() error { f.node.synced = bytes.Clone(f.node.bytes); return nil }

func (f *memoryFile) Close() error { return nil }

type nodeInfo struct {
	name string
	node *inode
}

func (i nodeInfo) Name() string       { return i.name }
func (i nodeInfo) Size() int64        { return int64(len(i.node.bytes)) }
func (i nodeInfo) ModTime() time.Time { return time.Time{} }
func (i nodeInfo) IsDir() bool        { return i.node.dir }
func (i nodeInfo) Sys() any           { return i.node }
func (i nodeInfo) Mode() fs.FileMode {
	if i.node.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}

var (
	inbox, archive = filepath.Join("disk", "inbox"), filepath.Join("disk", "archive")
	inboxFile      = filepath.Join(inbox, "a.json")
	archiveFile    = filepath.Join(archive, "a.json")
)

// existing puts a file on the disk that somebody wrote before; not synced when a power cut may still
// take its bytes.
func (m *memory) existing(path, text string, synced bool) {
	n := &inode{bytes: []byte(text)}
	if synced {
		n.synced = n.bytes
	}
	m.do(change{op: "add", to: path, node: n})
	if synced {
		m.settled()
	}
}

func TestPublishPowerCut(t *testing.T) {
	m := newMemory(archive)
	texts := map[string]string{filepath.Join(archive, "f0"): "workbook", filepath.Join(archive, "f1"): "exchange file"}
	cuts := 0
	whole := func(files map[string]string) {
		cuts++
		for path, text := range files {
			if filepath.Dir(path) == archive && text != texts[path] {
				t.Errorf("%s holds %q after a power cut", path, text)
			}
		}
	}
	m.cut = func(m *memory) { m.eachCut(whole) }
	if _, err := publish(t.Context(), drop.Folder{Dir: archive, FS: m}, "workbook", "exchange file"); err != nil {
		t.Fatal(err)
	}
	if cuts < 10 {
		t.Errorf("%d power cuts looked at", cuts)
	}
	m.eachCut(func(files map[string]string) {
		for path, want := range texts {
			if files[path] != want {
				t.Errorf("%s was acknowledged and holds %q after a power cut", path, files[path])
			}
		}
	})
}

// What an earlier run renamed but could not make durable is made so before it counts as done.
func TestPublishAlreadyPowerCut(t *testing.T) {
	m := newMemory(archive)
	m.existing(filepath.Join(archive, "f0"), "workbook", false)
	if _, err := publish(t.Context(), drop.Folder{Dir: archive, FS: m}, "workbook"); err != nil {
		t.Fatal(err)
	}
	m.eachCut(func(files map[string]string) {
		if got := files[filepath.Join(archive, "f0")]; got != "workbook" {
			t.Errorf("acknowledged, and %q after a power cut", got)
		}
	})
}

func TestMovePowerCut(t *testing.T) {
	for name, tt := range map[string]struct{ volumes, double bool }{
		"rename": {}, "copy": {volumes: true}, "double": {double: true}, "double elsewhere": {volumes: true, double: true},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory(inbox, archive)
			m.volumes = tt.volumes
			m.existing(inboxFile, "text", true)
			if tt.double {
				m.existing(archiveFile, "text", false)
			}
			m.cut = func(m *memory) {
				m.eachCut(func(files map[string]string) {
					if files[inboxFile] != "text" && files[archiveFile] != "text" {
						t.Errorf("lost after a power cut: %q", files)
					}
				})
			}
			if _, err := (drop.Folder{Dir: archive, FS: m}).Move(t.Context(), inboxFile, "a.json"); err != nil {
				t.Fatal(err)
			}
			m.eachCut(func(files map[string]string) {
				if files[archiveFile] != "text" || files[inboxFile] != "" {
					t.Errorf("acknowledged, and after a power cut %q", files)
				}
			})
		})
	}
}
