package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/fetch"
)

// begins says where the first run of an account begins: where --from says, else where a person who sits
// at the screen says, else as far back as obmen.toml says.
func (j *fetchJob) begins(ctx context.Context) (time.Time, error) {
	if !j.from.IsZero() {
		return j.from, nil
	}
	value, found, err := j.book.Cursor(ctx, fetch.CursorName(j.account.Account))
	if err != nil || found && value != "" {
		return time.Time{}, err // an earlier run has said so, and got nowhere
	}
	days := int(j.account.First / (24 * time.Hour))
	if terminalIn(j.s.In) && !j.opt.JSON && !j.words.scheduled {
		if days, err = j.askDays(days); err != nil {
			return time.Time{}, err
		}
	} else {
		j.words.say(j.account.Account, fmt.Sprintf("first run: asks for what changed in the last %s", ui.Plural(days, "day", "days")))
	}
	return time.Now().UTC().Truncate(time.Second).AddDate(0, 0, -days), nil
}

// askDays asks until the answer is a number of days that Amazon tells of.
func (j *fetchJob) askDays(byDefault int) (int, error) {
	j.words.asking.Lock()
	defer j.words.asking.Unlock()
	most := int(fetch.MaxDepth / (24 * time.Hour))
	lines := bufio.NewReader(j.s.In)
	for {
		fmt.Fprintf(j.s.Err, "account %s has never been fetched. How many days back, at most %d? [%d] ", j.account.Account, most, byDefault)
		text, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if text = strings.TrimSpace(text); text == "" {
			return byDefault, nil
		}
		if days, err := strconv.Atoi(text); err == nil && days >= 0 && days <= most {
			return days, nil
		}
		if errors.Is(err, io.EOF) {
			return byDefault, nil
		}
	}
}
