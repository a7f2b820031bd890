package notify

import (
	"encoding/json"
	"fmt"
)

// Marshal returns what has been told and what is still to be delivered, to be kept in a file.
func (e *Engine) Marshal() ([]byte, error) { return json.Marshal(e.state) }

// Unmarshal takes what Marshal returned; without it every problem that lasts is told again.
func (e *Engine) Unmarshal(b []byte) error {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("what was told to whom: %w", err)
	}
	e.state = s
	return nil
}

// SetQueue notes what a channel's courier has not delivered.
func (e *Engine) SetQueue(channel string, texts []string) {
	if e.state.Queue == nil {
		e.state.Queue = map[string][]string{}
	}
	if e.state.Queue[channel] = texts; len(texts) == 0 {
		delete(e.state.Queue, channel)
	}
}

// Queue returns what SetQueue noted.
func (e *Engine) Queue(channel string) []string { return e.state.Queue[channel] }
