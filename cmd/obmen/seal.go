package main

import (
	"errors"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/watch/store"
)

// loadSeal reads the identity that kept files are encrypted with; nil when none is set.
func loadSeal(cfg *config.Config) (*store.Encryption, error) {
	if cfg.Encryption.Identity == "" {
		return nil, nil
	}
	seal, err := store.NewEncryption(cfg.Encryption.To, cfg.Encryption.Identity)
	if _, ok := errors.AsType[*store.KeyError](err); ok {
		return nil, ui.InSettings(err)
	}
	if err != nil {
		return nil, ui.InSettings(ui.WithHint(err, "look at the rights of [watch] identity in "+cfg.Path))
	}
	return seal, nil
}
