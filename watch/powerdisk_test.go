package watch

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"obmen/watch/drop"
)

// powerDisk is a disk in memory that loses its power. Bytes are kept apart from names. A cut keeps the
// bytes that were synced; of those that were not, anything. It keeps the changes of names in the folders
// that were synced since, and in each other folder any beginning of them, whatever the other folders
// keep: no order is promised between folders. A rename is one change of the folder it
// leads to; on a disk that renames by links, its old name may be back.
type powerDisk struct {
	mu      sync.Mutex
	names   map[string]*inode
	base    map[string]*inode // what no cut takes back
	journal []nameChange
	links   bool

	ops    int // that changed something
	cutAt  int // the number of the operation that the power goes at; 0 never
	before bool
	dead   bool
	onCut  func()                      // the instant of the cut
	shown  func(path string, b []byte) // a file got a name; nil when nobody looks
	each   func()                      // after each change
}

type inode struct {
	bytes, synced []byte
	dir           bool
	id            uint64
	at            int64 // of its last change
	everSynced    bool
}

type nameChange struct {
	op       string // add, rename, remove
	from, to string
	node     *inode
	durable  bool
}

var errPower = errors.New("the power is gone")

func newPowerDisk(names map[string]*inode) *powerDisk {
	d := &powerDisk{names: map[string]*inode{}, base: map[string]*inode{}}
	for path, n := range names {
		d.names[path], d.base[path] = n, n
	}
	return d
}

// lasting puts something on the disk that somebody else made durable.
func (d *powerDisk) lasting(path string, n *inode) {
	n.synced, n.everSynced, n.id = n.bytes, true, uint64(len(d.names)+len(d.journal))+1000
	d.names[path] = n
	d.journal = append(d.journal, nameChange{op: "add", to: path, node: n, durable: true})
}

// change counts an operation that changes something and does it, unless the power is gone.
func (d *powerDisk) change(op, path string, do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	lost := &fs.PathError{Op: op, Path: path, Err: errPower}
	if d.dead {
		return lost
	}
	d.ops++
	cut := d.ops == d.cutAt
	if cut && d.before {
		d.die()
		return lost
	}
	err := do()
	if cut {
		d.die()
		return lost
	}
	if d.each != nil {
		d.each()
	}
	return err
}

func (d *powerDisk) die() {
	d.dead = true
	if d.onCut != nil {
		d.onCut()
	}
}

// look does what only reads.
func (d *powerDisk) look(op, path string, do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return &fs.PathError{Op: op, Path: path, Err: errPower}
	}
	return do()
}

func (d *powerDisk) find(op, path string) (*inode, error) {
	if n := d.names[strings.TrimSuffix(path, string(filepath.Separator)+".")]; n != nil {
		return n, nil
	}
	return nil, &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist}
}

func (d *powerDisk) add(op, path string, n *inode) error {
	if _, err := d.find(op, filepath.Dir(path)); err != nil {
		return err
	}
	if d.names[path] != nil {
		return &fs.PathError{Op: op, Path: path, Err: fs.ErrExist}
	}
	n.id, n.at = uint64(d.ops), int64(d.ops)
	d.do(nameChange{op: "add", to: path, node: n})
	return nil
}

func (d *powerDisk) do(c nameChange) {
	d.journal = append(d.journal, c)
	c.on(d.names, false)
}

// on makes a change. In a folder that is not there nothing stays.
func (c *nameChange) on(names map[string]*inode, keepOld bool) {
	if c.from != "" && !keepOld {
		delete(names, c.from)
	}
	if c.to == "" {
		return
	}
	if dir := names[filepath.Dir(c.to)]; dir != nil {
		names[c.to] = c.node
	}
}

// folders are those whose syncing makes the change durable, and whose later changes wait for it.
func (c *nameChange) folders() (durable string, all []string) {
	if c.to != "" {
		durable = filepath.Dir(c.to)
		all = append(all, durable)
	}
	if c.from != "" {
		from := filepath.Dir(c.from)
		all = append(all, from)
		if durable == "" {
			durable = from
		}
	}
	return durable, all
}

// afterCut is the disk as it comes up again. What was there then is durable.
func (d *powerDisk) afterCut(r *rand.Rand) *powerDisk {
	names := map[string]*inode{}
	for path, n := range d.base {
		names[path] = n
	}
	lose := []float64{0, 0.1, 0.5, 1}[r.IntN(4)]
	waits := map[string]bool{}
	for i := range d.journal {
		c := &d.journal[i]
		_, dirs := c.folders()
		kept := c.durable || !slices.ContainsFunc(dirs, func(dir string) bool { return waits[dir] }) && r.Float64() >= lose
		if !kept {
			for _, dir := range dirs {
				waits[dir] = true
			}
			continue
		}
		old := d.links && c.op == "rename" && !c.durable && r.IntN(2) == 0
		c.on(names, old)
	}
	fresh := map[string]*inode{}
	copies := map[*inode]*inode{}
	for path, n := range names {
		if copies[n] == nil {
			b := n.left(r)
			copies[n] = &inode{dir: n.dir, bytes: b, synced: b, everSynced: true, id: n.id, at: n.at}
		}
		fresh[path] = copies[n]
	}
	return newPowerDisk(fresh)
}

// left is what a cut leaves of a file's bytes.
func (n *inode) left(r *rand.Rand) []byte {
	if bytes.Equal(n.bytes, n.synced) && n.everSynced {
		return n.bytes
	}
	switch r.IntN(4) {
	case 0:
		return n.synced
	case 1:
		return n.bytes[:r.IntN(len(n.bytes)+1)]
	case 2:
		return make([]byte, len(n.bytes)) // the length was noted, the bytes were not
	}
	return n.bytes
}

func (d *powerDisk) Lstat(path string) (info fs.FileInfo, err error) {
	err = d.look("lstat", path, func() error {
		n, err := d.find("lstat", path)
		info = nodeInfo{filepath.Base(path), n}
		return err
	})
	return info, err
}

func (d *powerDisk) Observe(path string) (o drop.Observation, err error) {
	err = d.look("observe", path, func() error {
		n, err := d.find("observe", path)
		if err == nil {
			o = drop.Observation{Size: int64(len(n.bytes)), Modified: n.at, Changed: n.at, Volume: 1, ID: n.id}
		}
		return err
	})
	return o, err
}

func (d *powerDisk) SameFile(a, b fs.FileInfo) bool { return a.Sys() == b.Sys() }

func (d *powerDisk) Create(path string, _ fs.FileMode) (drop.File, error) {
	n := &inode{}
	if err := d.change("create", path, func() error { return d.add("create", path, n) }); err != nil {
		return nil, err
	}
	return &powerFile{d, n, path}, nil
}

func (d *powerDisk) Open(path string) (r io.ReadCloser, err error) {
	err = d.look("open", path, func() error {
		n, err := d.find("open", path)
		if err == nil {
			r = io.NopCloser(bytes.NewReader(bytes.Clone(n.bytes)))
		}
		return err
	})
	return r, err
}

func (d *powerDisk) Mkdir(path string, _ fs.FileMode) error {
	return d.change("mkdir", path, func() error { return d.add("mkdir", path, &inode{dir: true}) })
}

func (d *powerDisk) Rename(from, to string) error {
	return d.change("rename", from, func() error {
		if d.names[to] != nil {
			return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
		}
		return d.rename(from, to)
	})
}

func (d *powerDisk) Replace(from, to string) error {
	return d.change("rename", from, func() error { return d.rename(from, to) })
}

func (d *powerDisk) rename(from, to string) error {
	n, err := d.find("rename", from)
	if err != nil {
		return err
	}
	if _, err := d.find("rename", filepath.Dir(to)); err != nil {
		return err
	}
	n.at = int64(d.ops)
	d.do(nameChange{op: "rename", from: from, to: to, node: n})
	if d.shown != nil {
		d.shown(to, n.bytes)
	}
	return nil
}

func (d *powerDisk) Remove(path string) error {
	return d.change("remove", path, func() error { return d.remove(path) })
}

func (d *powerDisk) remove(path string) error {
	n, err := d.find("remove", path)
	if err != nil {
		return err
	}
	d.do(nameChange{op: "remove", from: path, node: n})
	return nil
}

func (d *powerDisk) ReadDir(path string) (list []fs.DirEntry, err error) {
	err = d.look("readdir", path, func() error {
		_, err := d.find("readdir", path)
		for _, name := range d.below(path) {
			list = append(list, fs.FileInfoToDirEntry(nodeInfo{name, d.names[filepath.Join(path, name)]}))
		}
		return err
	})
	return list, err
}

// below lists what is in a folder, sorted.
func (d *powerDisk) below(dir string) (names []string) {
	for path := range d.names {
		if filepath.Dir(path) == dir && path != dir {
			names = append(names, filepath.Base(path))
		}
	}
	slices.Sort(names)
	return names
}

func (d *powerDisk) SyncFile(path string) error {
	return d.change("sync", path, func() error {
		n, err := d.find("sync", path)
		if err == nil {
			n.sync()
		}
		return err
	})
}

func (d *powerDisk) SyncDir(path string) error {
	return d.change("sync", path, func() error {
		_, err := d.find("sync", path)
		for i := range d.journal {
			if dir, _ := d.journal[i].folders(); err == nil && dir == path {
				d.journal[i].durable = true
			}
		}
		return err
	})
}

func (n *inode) sync() { n.synced, n.everSynced = bytes.Clone(n.bytes), true }

type powerFile struct {
	disk *powerDisk
	node *inode
	path string
}

func (f *powerFile) Write(p []byte) (int, error) {
	err := f.disk.change("write", f.path, func() error {
		f.node.bytes = append(f.node.bytes, p...)
		f.node.at = int64(f.disk.ops)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *powerFile) Sync() error {
	return f.disk.change("sync", f.path, func() error { f.node.sync(); return nil })
}

func (f *powerFile) Close() error { return nil }

type nodeInfo struct {
	name string
	node *inode
}

func (i nodeInfo) Name() string       { return i.name }
func (i nodeInfo) Size() int64        { return int64(len(i.node.bytes)) }
func (i nodeInfo) ModTime() time.Time { return time.Unix(i.node.at, 0) }
func (i nodeInfo) IsDir() bool        { return i.node.dir }
func (i nodeInfo) Sys() any           { return i.node }
func (i nodeInfo) Mode() fs.FileMode {
	if i.node.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}
