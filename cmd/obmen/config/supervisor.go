package config

import (
	"os"

	"obmen/watch/service"
)

// Supervisor is the systemd that has started the program, or none.
func Supervisor() service.Supervisor { return service.NewSupervisor(os.Getenv) }
