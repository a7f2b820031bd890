package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"obmen/watch/notify"
)

// Notify is a channel that alerts go to. Channel.URL is empty where the settings leave it to the secrets.
type Notify struct{ notify.Channel }

// Heartbeat is the monitor that is called while all is well.
type Heartbeat struct {
	URL   string // empty: none
	Every time.Duration
}

// DefaultHeartbeat is how often the monitor is called unless the settings name another span.
const DefaultHeartbeat = 5 * time.Minute

// notifySection is the shape of [[notify]].
type notifySection struct {
	Name     string   `toml:"name"`
	URL      string   `toml:"url"`
	Level    string   `toml:"level"`
	Events   []string `toml:"events"`
	HoldFor  string   `toml:"hold_for"`
	Reminder string   `toml:"reminder"`
	Quiet    string   `toml:"quiet"`
	Summary  string   `toml:"summary"`
}

// heartbeatSection is the shape of [notify.heartbeat].
type heartbeatSection struct {
	URL   string `toml:"url"`
	Every string `toml:"every"`
}

// heartbeatHead is how people write the section. TOML would make it a part of the last [[notify]], or refuse
// it where there is none.
const heartbeatHead = "[notify.heartbeat]"

// withHeartbeat returns lines that are read with the heartbeat as a section of its own.
func withHeartbeat(lines []string) []string {
	lines = slices.Clone(lines)
	for i, line := range lines {
		head, rest, _ := strings.Cut(line, "#")
		if strings.TrimSpace(head) == heartbeatHead {
			lines[i] = "[heartbeat] #" + rest
		}
	}
	return lines
}

func (c *checker) checkNotify(cfg *Config, f *file) {
	for n := range f.Notify {
		c.checkChannel(cfg, &f.Notify[n], n)
	}
	add := c.problemsOf("notify.heartbeat")
	cfg.Heartbeat = Heartbeat{f.Heartbeat.URL, DefaultHeartbeat}
	c.checkSpan(add, "every", f.Heartbeat.Every, &cfg.Heartbeat.Every, time.Second)
	if u := f.Heartbeat.URL; u != "" && !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
		add("url", "", "not the address of a monitor", `write url = "https://hc-ping.com/…"`)
	}
}

func (c *checker) checkChannel(cfg *Config, s *notifySection, n int) {
	add := func(key, value, text, hint string) {
		line := c.findKey("notify", n, key)
		if line == 0 {
			line = c.findKey("notify", n, "")
		}
		c.problems = append(c.problems, Problem{c.path, line, key, value, text, hint})
	}
	channel := notify.Channel{
		Name: strings.TrimSpace(s.Name), URL: s.URL, Events: s.Events, Summary: notify.NoSummary, Delays: map[string]time.Duration{},
	}
	if channel.Name == "" {
		channel.Name = channelName(s.URL, n)
	}
	for i := range cfg.Notify {
		if strings.EqualFold(cfg.Notify[i].Name, channel.Name) {
			add("name", channel.Name, "two channels have this name", "give each its own")
		}
	}
	if s.URL != "" {
		if err := notify.CheckAddress(s.URL); err != nil {
			add("url", "", "not an address that alerts can go to: "+err.Error(), `write url = "telegram://TOKEN@telegram?chats=NUMBER", "smtp://…", "generic+https://…"; obmen help notify lists more`)
		}
	}
	var err error
	if channel.Level, err = notify.ParseLevel(s.Level); err != nil {
		add("level", s.Level, "no such level", `write "info", "warning" or "critical"`)
	}
	for _, event := range s.Events {
		if !slices.Contains(notify.Events(), event) {
			add("events", event, "obmen knows no such event", "the events are "+strings.Join(notify.Events(), ", "))
		}
	}
	hold := notify.DefaultDelays[notify.OrdersHeld]
	c.checkSpan(add, "hold_for", s.HoldFor, &hold, 0)
	channel.Delays[notify.OrdersHeld] = hold
	c.checkSpan(add, "reminder", s.Reminder, &channel.Reminder, time.Minute)
	c.checkHours(add, s, &channel)
	cfg.Notify = append(cfg.Notify, Notify{channel})
}

// channelName names a channel that has no name by the service of its address.
func channelName(address string, n int) string {
	if address == "" {
		return fmt.Sprint("channel", n+1)
	}
	name := notify.Service(address)
	if n > 0 {
		name = fmt.Sprint(name, n+1)
	}
	return name
}

func (c *checker) checkHours(add func(key, value, text, hint string), s *notifySection, channel *notify.Channel) {
	if s.Summary != "" {
		at, err := parseTimeOfDay(s.Summary)
		if err != nil {
			add("summary", s.Summary, "not a time of day", `write summary = "08:00"`)
		} else {
			channel.Summary = at
		}
	}
	if s.Quiet == "" {
		return
	}
	from, to, _ := strings.Cut(s.Quiet, "-")
	begin, err := parseTimeOfDay(from)
	end, err2 := parseTimeOfDay(to)
	if errors.Join(err, err2) != nil {
		add("quiet", s.Quiet, "not a span of the day", `write quiet = "22:00-07:00"`)
		return
	}
	channel.Quiet = notify.Quiet{From: begin, To: end}
}

func parseTimeOfDay(text string) (time.Duration, error) {
	t, err := time.Parse("15:04", strings.TrimSpace(text))
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err
}

// notifyURL is the name of a channel's address among the secrets.
const notifyURL = "url"

// notifyOwner is the name that the secrets of a channel are filed under: no account can have the name.
func notifyOwner(channel string) string { return "notify " + channel }

// NotifyEnvName is the name of a channel's address in the environment: OBMEN_NOTIFY_OFFICE_URL.
func NotifyEnvName(channel string) string { return EnvName(notifyOwner(channel), notifyURL) }

// NotifyAddress finds the address of a channel: in obmen.toml, the environment, systemd's credentials or the
// secrets file. from names the place in messages; all is empty where there is no address.
func (c *Config) NotifyAddress(n *Notify) (address, from string, err error) {
	if n.URL != "" {
		return n.URL, c.Path, nil
	}
	env := NotifyEnvName(n.Name)
	if value := strings.TrimSpace(os.Getenv(env)); value != "" {
		return value, env, nil
	}
	if value, from, err := systemd(env); err != nil || value != "" {
		return strings.TrimSpace(value), from, err
	}
	for _, path := range c.secretFiles() {
		stored, err := ReadSecrets(path)
		if err != nil {
			return "", path, err
		}
		if value := stored[strings.ToLower(notifyOwner(n.Name))][notifyURL]; value != "" {
			return value, path, nil
		}
	}
	return "", "", nil
}

// StoreNotifyAddress keeps the address of a channel among the secrets.
func (c *Config) StoreNotifyAddress(channel, address string, now time.Time, machine bool) error {
	return StoreSecrets(c.SecretsFile(), notifyOwner(channel), map[string]string{notifyURL: address}, now, machine)
}

// ReadByOthers reports whether other accounts of the machine may read the settings.
func (c *Config) ReadByOthers() bool { return checkPrivate(c.Path) != nil }
