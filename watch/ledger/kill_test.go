package ledger_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obmen/watch/ledger"
)

// The storm: a child process takes files through the ledger and is killed at random moments. A file in
// the folder out is a published set; it must never be that two of them have one revision of an order.
var (
	stormKills = 32
	stormFiles = 320
)

const stormOrders = 3 // of each file

// A server is killed less often: each child takes longer to begin.
func init() {
	if onServer() {
		stormKills, stormFiles = 5, 50
	}
}

func stormFile(i int) ledger.File { return file(fmt.Sprintf("file-%03d", i)) }

// stormSets is what is converted from a file: the same orders under another stem after each crash, as
// if the catalogs had changed meanwhile.
func stormSets(i, attempt int) []ledger.Set {
	s := set(fmt.Sprintf("set-%03d-%d", i, attempt))
	s.Outputs = s.Outputs[:1]
	for n := range stormOrders {
		id := fmt.Sprintf("%03d-%d", i, n)
		s.Orders = append(s.Orders, member(id, revision(1, id)))
	}
	return []ledger.Set{s}
}

// storm works on all files until all are done, and says what is durable.
func storm(args []string) error {
	ctx := context.Background()
	l, err := ledger.Open(ctx, args[0], ledger.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	for i := range stormFiles {
		w, err := l.Begin(ctx, stormFile(i))
		if errors.Is(err, ledger.ErrDone) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Println("begun", w.File.Name, w.Attempt)
		if err := stormWork(ctx, l, w, i, args[1]); err != nil {
			return err
		}
		fmt.Println("done", w.File.Name)
	}
	fmt.Println("all done")
	return nil
}

// stormWork follows the rule of the ledger: first look at what was planned, then plan, publish, finish.
func stormWork(ctx context.Context, l *ledger.Ledger, w *ledger.Work, i int, dir string) error {
	for _, s := range w.Planned {
		_, err := os.Stat(filepath.Join(dir, "out", s.Stem))
		switch {
		case err == nil:
			return w.Finish(ctx, ledger.Result{Sets: []ledger.Set{s}, At: at(i)})
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := l.Forget(ctx, s.Stem); err != nil {
			return err
		}
	}
	sets := stormSets(i, w.Attempt)
	if err := w.Plan(ctx, sets); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "out", sets[0].Stem), nil, 0o666); err != nil {
		return err
	}
	return w.Finish(ctx, ledger.Result{Sets: sets, Outcome: "exported", At: at(i)})
}

// said is what children printed: it must be true for ever after.
type said struct {
	attempts map[string]int
	done     map[string]bool
	all      bool
}

func TestKillStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the kill storm takes some seconds")
	}
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.Mkdir(filepath.Join(dir, "out"), 0o777))
	heard := said{attempts: map[string]int{}, done: map[string]bool{}}
	kills := 0
	for !heard.all {
		killed := stormChild(t, dir, kills < stormKills, &heard)
		if killed {
			kills++
		}
		stormCheck(t, dir, &heard)
	}
	if kills < stormKills-2 {
		t.Errorf("only %d kills hit the child; make the storm longer", kills)
	}
	if len(heard.done) > stormFiles || len(heard.done) == 0 {
		t.Errorf("%d files done", len(heard.done))
	}
	t.Logf("%d kills", kills)
}

// stormChild runs a child, kills it at a random line it prints or a moment after, and notes what it said.
func stormChild(t *testing.T, dir string, kill bool, heard *said) (killed bool) {
	child := helper(t, "storm", filepath.Join(dir, "ledger.db"), dir)
	out, err := child.StdoutPipe()
	ok(t, err)
	ok(t, child.Start())
	lines, last := 0, 1+rand.IntN(20)
	scan := bufio.NewScanner(out)
	for scan.Scan() {
		var name string
		var attempt int
		switch line := scan.Text(); {
		case line == "all done":
			heard.all = true
		case strings.HasPrefix(line, "done "):
			heard.done[strings.TrimPrefix(line, "done ")] = true
		default:
			if n, err := fmt.Sscanf(line, "begun %s %d", &name, &attempt); n != 2 {
				t.Fatalf("child says %q: %v", line, err)
			}
			if attempt <= heard.attempts[name] {
				t.Fatalf("attempt %d at %s counted again", attempt, name)
			}
			heard.attempts[name] = attempt
		}
		if lines++; kill && lines == last {
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			child.Process.Kill()
			killed = true
		}
	}
	if err := child.Wait(); err != nil && !killed {
		t.Fatalf("child: %v", err)
	}
	return killed && !heard.all
}

// stormCheck opens what the child left and compares it with what was said and with the outbox.
func stormCheck(t *testing.T, dir string, heard *said) {
	l := open(t, filepath.Join(dir, "ledger.db"))
	defer l.Close()
	ok(t, l.Check(t.Context()))
	files, err := l.Files(t.Context(), ledger.FileFilter{})
	ok(t, err)
	done := 0
	for _, f := range files {
		if heard.done[f.Name] && (f.State != ledger.Done || f.Running) {
			t.Fatalf("%s was finished, and is %+v", f.Name, f)
		}
		if f.Attempts < heard.attempts[f.Name] {
			t.Fatalf("attempt %d of %s is forgotten: %+v", heard.attempts[f.Name], f.Name, f)
		}
		if f.State == ledger.Done {
			done++
		}
	}
	if done < len(heard.done) || len(files) < len(heard.attempts) {
		t.Fatalf("%d files done, %d begun; said were %d and %d", done, len(files), len(heard.done), len(heard.attempts))
	}
	stormOrdersOnce(t, l, dir, done)
}

// stormOrdersOnce compares the sets with the outbox: what is visible is planned or published, what is
// published is visible, and every revision of an order is visible once.
func stormOrdersOnce(t *testing.T, l *ledger.Ledger, dir string, done int) {
	sets, err := l.Sets(t.Context(), ledger.SetFilter{})
	ok(t, err)
	known, seen := map[string]bool{}, map[ledger.Key]string{}
	for _, s := range sets {
		known[s.Stem] = true
		_, err := os.Stat(filepath.Join(dir, "out", s.Stem))
		if s.State == ledger.Published && err != nil {
			t.Fatalf("set %s is published: %v", s.Stem, err)
		}
		for _, m := range s.Orders {
			if err == nil && seen[m.Key] != "" {
				t.Fatalf("order %s is in %s and in %s", m.Order, s.Stem, seen[m.Key])
			}
			if err == nil {
				seen[m.Key] = s.Stem
			}
		}
	}
	visible, err := os.ReadDir(filepath.Join(dir, "out"))
	ok(t, err)
	for _, e := range visible {
		if !known[e.Name()] {
			t.Fatalf("set %s is visible, and the ledger does not know it", e.Name())
		}
	}
	stats, err := l.Stats(t.Context())
	ok(t, err)
	if got := stats.Orders[ledger.Exported]; got != done*stormOrders {
		t.Fatalf("%d files done with %d orders", done, got)
	}
}
