package fetching

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
)

// A backfill that was killed is named with the options that go on with it: a plain run would not.
func TestStatusNamesAKilledBackfill(t *testing.T) {
	cfg := config.Defaults()
	cfg.Folders.State, cfg.Fetch = t.TempDir(), []config.Fetch{{Account: "eu"}}
	dir := Dir(cfg, "eu")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"", "", "the next run goes on there"},
		{"2026-10-01", "", "obmen fetch --from 2026-10-01 goes on there"},
		{"2026-10-01", "2026-10-05", "obmen fetch --from 2026-10-01 --to 2026-10-05 goes on there"},
	} {
		job := &accountJob{opt: Options{From: c.from, To: c.to}}
		writeStatus(dir, fetch.Status{Running: true, Pages: 2, Orders: 20, Backfill: job.backfill()})
		if got := States(cfg, false)[0]; !strings.HasSuffix(got.sentence(), c.want) {
			t.Errorf("%q, want %q", got.sentence(), c.want)
		}
	}
}

// The age of a secret is told once a day, however often a watcher fetches.
func TestAgeOfASecretIsToldOnce(t *testing.T) {
	var out bytes.Buffer
	words := newProgressWords(ui.Streams{Out: &out, Err: &out}, true)
	for _, days := range []int{149, 150, 150, 151} {
		words.aged(&setup.SecretStatus{Account: "eu", AgeDays: days, Hint: "make another"})
	}
	const want = "the client secret of account eu is %d days old; Amazon refuses it when it is 180\n  hint: make another\n"
	if out.String() != fmt.Sprintf(want+want, 150, 151) {
		t.Errorf("words: %s", &out)
	}
}
