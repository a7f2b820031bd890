package drop

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrShut is the cause when a gate lets no change through.
var ErrShut = errors.New("this node does not lead any more")

// Gate is a disk that is changed only while a condition holds, which is looked at right before each change. Reading
// goes on.
type Gate struct {
	FS
	Holds func() bool
}

func (g Gate) checkOpen(op, path string) error {
	if g.Holds() {
		return nil
	}
	return fmt.Errorf("%s %s: %w", op, path, ErrShut)
}

// Create is FS.Create.
func (g Gate) Create(path string, mode fs.FileMode) (File, error) {
	if err := g.checkOpen("create", path); err != nil {
		return nil, err
	}
	return g.FS.Create(path, mode)
}

// Mkdir is FS.Mkdir.
func (g Gate) Mkdir(path string, mode fs.FileMode) error {
	if err := g.checkOpen("make", path); err != nil {
		return err
	}
	return g.FS.Mkdir(path, mode)
}

// Rename is FS.Rename.
func (g Gate) Rename(from, to string) error {
	if err := g.checkOpen("rename", from); err != nil {
		return err
	}
	return g.FS.Rename(from, to)
}

// Replace is FS.Replace.
func (g Gate) Replace(from, to string) error {
	if err := g.checkOpen("replace", to); err != nil {
		return err
	}
	return g.FS.Replace(from, to)
}

// Remove is FS.Remove.
func (g Gate) Remove(path string) error {
	if err := g.checkOpen("remove", path); err != nil {
		return err
	}
	return g.FS.Remove(path)
}
