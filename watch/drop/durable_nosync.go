//go:build nosync

package drop

// Durable is false in this build: nothing waits for the disk, and a power cut may lose anything.
const Durable = false
