package config

import (
	"os"
	"strings"
)

// metricsToken is the name of the token in the environment and among systemd's credentials.
const metricsToken = "OBMEN_METRICS_TOKEN"

// MetricsToken returns what other machines need to read the metrics; empty when they may not.
func MetricsToken() string {
	if token := strings.TrimSpace(os.Getenv(metricsToken)); token != "" {
		return token
	}
	token, _, _ := systemd(metricsToken) // a credential that cannot be read lets no other machine in
	return strings.TrimSpace(token)
}
