package watch

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"obmen/convert/source"
	"obmen/convert/source/input"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/store"
)

// dayFolder is today's folder of the archive or of quarantine.
func (k *worker) dayFolder(role string) (drop.Folder, error) {
	dir := k.route.Archive
	if role == folder.Quarantine {
		dir = k.route.Quarantine
	}
	day := store.DayFolder(dir, k.watcher.Now(), k.watcher.FS)
	if err := k.guard.CheckMounted(role, dir); err != nil {
		return day, err
	}
	return day, k.watcher.folders.MakeDir(k.watcher.fs(), day.Dir, 0o777)
}

// archive moves a claimed file into today's folder of the archive or of quarantine. The archive gets it
// encrypted if so set; quarantine never does: people look into what lies there.
func (k *worker) archive(ctx context.Context, disk drop.FS, claim, sha256, role string) (place string, err error) {
	dir := k.route.Archive
	if role == folder.Quarantine {
		dir = k.route.Quarantine
	}
	k.heartbeat.beat(folder.Place("folder", dir))
	day, err := k.dayFolder(role)
	if err != nil {
		return "", err
	}
	day.FS = disk
	if role == folder.Archive {
		id, _, _ := strings.Cut(claim, "__")
		if err := store.RecordOrigin(k.watcher.fs(), day.Dir, id, sha256, store.Origin{Route: k.route.Name, Account: k.route.Account}); err != nil {
			return "", err
		}
	}
	encrypt := role == folder.Archive && k.watcher.Encryption.On()
	if encrypt {
		defer k.watcher.folders.Lock(dir)() // routes may share it
		if err := k.watcher.fs().SyncDir(dir); err != nil {
			return "", err
		}
	}
	m := store.Mover{Store: k.watcher.Store(), Day: day, Encrypt: encrypt, Progress: k.heartbeat.progress}
	return m.Move(ctx, k.inbox.ClaimPath(claim), inbox.DroppedName(claim))
}

// fileAnswer moves an answer of 1C into the archive, or into quarantine with the reason beside it.
func (k *worker) fileAnswer(ctx context.Context, path, name, reason string) error {
	role := folder.Archive
	if reason != "" {
		role = folder.Quarantine
		if err := k.writeReason(ctx, name, name, reason, "compare its name with the exchange file it is about"); err != nil {
			return err
		}
	}
	day, err := k.dayFolder(role)
	if err != nil {
		return err
	}
	_, err = day.Move(ctx, path, name)
	return err
}

// handleRefused handles a file that the reader rejected. A truncated file goes back to the inbox to grow, unless the
// run ends; any other goes to quarantine.
func (k *worker) handleRefused(ctx context.Context, a *attempt, refusal *source.FileError) error {
	if errors.Is(refusal, source.ErrTruncated) && !k.once && !k.inbox.PatienceOver(a.claim) {
		if err := a.fail(ctx, refusal.Error(), false); err != nil {
			return err
		}
		return k.inbox.GiveBack(ctx, a.claim, refusal.Error(), a.work.File.Size)
	}
	if disk := diskError(a.result.Files); disk != nil {
		return errors.Join(disk, a.fail(ctx, refusal.Error(), false))
	}
	if err := a.fail(ctx, refusal.Error(), true); err != nil {
		return err
	}
	return k.quarantine(ctx, a.claim, refusalCode(refusal.Err), refusal.Err.Error(), refusal.Advice)
}

// quarantine moves a file that cannot be read to quarantine, with the reason beside it. The reason comes first:
// a program that is killed in between finds the file still claimed, and no file ever lies there without.
func (k *worker) quarantine(ctx context.Context, claim, code, reason, hint string) error {
	ctx = context.WithoutCancel(ctx)
	name := inbox.DroppedName(claim)
	if err := k.writeReason(ctx, name, name, reason, hint); err != nil {
		return err
	}
	place, err := k.archive(ctx, k.watcher.fs(), claim, "", folder.Quarantine)
	if err != nil {
		return err
	}
	if filepath.Base(place) != name {
		err = k.writeReason(ctx, filepath.Base(place), name, reason, hint)
	}
	err = errors.Join(err, k.speakReason(ctx, filepath.Base(place), name, code, reason, hint))
	k.report(Event{Kind: Quarantined, File: name, Place: place, Text: reason, Hint: hint})
	return err
}

// writeReason writes why a file is in quarantine, if it is not written yet.
func (k *worker) writeReason(ctx context.Context, place, name, reason, hint string) error {
	text, err := json.MarshalIndent(map[string]string{
		"file": name, "reason": reason, "hint": hint, "route": k.route.Name, "time": k.watcher.Now().UTC().Format(time.RFC3339),
	}, "", "  ")
	if err != nil {
		return err
	}
	day, err := k.dayFolder(folder.Quarantine)
	if err != nil {
		return err
	}
	_, err = day.Put(ctx, place+".reason.json", strings.NewReader(string(text)+"\n"))
	if _, taken := errors.AsType[*drop.ExistsError](err); taken {
		return nil
	}
	return err
}

// reasonRoute is the route that the reason beside a file in quarantine names; empty when it names none.
func reasonRoute(path string) string {
	text, err := drop.ReadFile(drop.OS{}, path+".reason.json", 1<<20)
	if err != nil {
		return ""
	}
	var reason struct {
		Route string `json:"route"`
	}
	if json.Unmarshal(text, &reason) != nil {
		return ""
	}
	return reason.Route
}

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
