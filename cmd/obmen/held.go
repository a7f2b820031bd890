package main

import (
	"errors"
	"io/fs"
	"os"

	"obmen/convert"
	"obmen/watch/outbox"
)

// heldFile lists the orders that the last run held.
const heldFile = "held.csv"

// writeHeld replaces the list of held orders; without any, an older list goes, for it is cured.
func writeHeld(path string, held []convert.Outcome) error {
	if len(held) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, outbox.HeldTable(held), 0o666); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
