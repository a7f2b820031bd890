//go:build !nosync

package drop

// Durable says that what is called durable is. Only benchmarks are built without (go build -tags nosync):
// they tell what waiting for the disk costs. No program that is shipped has that tag.
const Durable = true
