// Package service runs obmen under the system's own supervisor: systemd on Linux, the service manager
// on Windows.
package service
