package config

import _ "embed"

// Example is the commented obmen.toml that a new folder begins with: every setting at its default.
//
//go:embed example.toml
var Example []byte
