package watch

import (
	"context"
	"errors"
	"strings"

	"obmen/convert/source/input"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
)

// spokenSuffix ends the name of the text beside a refused file that says in Russian why. In English the file with the
// reason is enough: its sentences are English.
const spokenSuffix = " — почему не принят.txt"

// SpokenReason is the name of the text to be read beside a file in quarantine. It is not always there.
func SpokenReason(path string) string { return path + spokenSuffix }

// refusalCode names the kind of a refusal; its words are refused.CODE.
func refusalCode(err error) string {
	for code, is := range map[string]error{
		"unknown": input.ErrUnknown, "not-orders": input.ErrNotOrders, "truncated": input.ErrTruncated, "empty": input.ErrEmpty, "hostile": input.ErrHostile,
	} {
		if errors.Is(err, is) {
			return code
		}
	}
	return "unreadable"
}

// speakReason writes a text to be read beside a refused file.
func (k *worker) speakReason(ctx context.Context, place, name, code, reason, hint string) error {
	w := k.watcher.words()
	if w.Language != words.Russian {
		return nil
	}
	day, err := k.dayFolder(folder.Quarantine)
	if err != nil {
		return err
	}
	lines := []string{
		w.Say("refused.head", "File", name), "", w.Say("word.refused." + code), "", w.Say("refused.again"), "", w.Say("refused.details"), w.Phrase(reason),
	}
	if hint != "" {
		lines = append(lines, w.Phrase(hint))
	}
	text := "\ufeff" + strings.Join(lines, "\r\n") + "\r\n"
	_, err = day.Put(ctx, SpokenReason(place), strings.NewReader(text))
	if _, taken := errors.AsType[*drop.ExistsError](err); taken {
		return nil
	}
	return err
}
