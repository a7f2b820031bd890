//go:build !linux

package drop

// begin has no meaning here: the system has no way to start a flush and not wait for it.
func (osFile) begin() {}
