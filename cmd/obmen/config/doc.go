// Package config reads obmen.toml into typed settings. It is the only reader of files and environment
// for settings; paths in the file are relative to the file.
package config
