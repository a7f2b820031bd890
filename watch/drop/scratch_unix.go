//go:build unix

package drop

import "os"

// createScratch takes the name away at once, so that the file goes when nobody has it open any more. Some
// network file systems do not allow that.
func createScratch(path string) (f *os.File, left bool, err error) {
	f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, false, err
	}
	return f, os.Remove(path) != nil, nil
}
