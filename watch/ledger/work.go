package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errEnded is a mistake of the caller.
var errEnded = errors.New("the work has ended without a result")

// MaxCrashes is how many attempts at a file may end with the program killed.
const MaxCrashes = 5

// Work is one attempt at a file, from Begin to Finish or Fail. A work that is ended by neither counts as
// a crash when the file is begun again; a program that stops in order calls Fail.
type Work struct {
	File    File
	Attempt int // 1 for the first ever
	// Planned are the sets with orders of this file that an earlier attempt had planned and not
	// finished. Their files may be visible, or not, or taken by 1C already: look, then either give the
	// set to Finish or call Forget.
	Planned []Set

	l     *Ledger
	id    int64
	rerun bool
	noted int  // exported orders that Note has counted
	ended bool // and known to be
	done  bool // by Finish
}

// Begin notes that the work on a file starts, and returns when that is durable. Errors are *DoneError
// (ErrDone) when the same bytes are done, ErrBusy when this process has begun them and not ended, and
// *PoisonError after MaxCrashes attempts that never ended, which puts the file into the state Refused.
func (l *Ledger) Begin(ctx context.Context, f File) (*Work, error) {
	return l.beginWork(ctx, func(t *Tx) (*Work, error) { return t.Begin(f) })
}

// Rerun is Begin for a file that may be done: its held orders get another chance. The file stays done
// whatever becomes of the attempt.
func (l *Ledger) Rerun(ctx context.Context, f File) (*Work, error) {
	return l.beginWork(ctx, func(t *Tx) (*Work, error) { return t.Rerun(f) })
}

// beginWork keeps what is written together with a refusal.
func (l *Ledger) beginWork(ctx context.Context, fn func(*Tx) (*Work, error)) (w *Work, err error) {
	var refusal error
	err = l.Group(ctx, func(t *Tx) error {
		w, refusal = fn(t)
		return nil
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Begin is Ledger.Begin in a group. The work starts when the group has returned, not before.
func (t *Tx) Begin(f File) (*Work, error) { return t.startWork(f, false) }

// Rerun is Ledger.Rerun in a group.
func (t *Tx) Rerun(f File) (*Work, error) { return t.startWork(f, true) }

var (
	insertFile = registerStatement(`INSERT INTO files (route, sha256, name, size, seen, state, running, attempts)
		VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 1, 1) ON CONFLICT DO NOTHING RETURNING id`)
	startFile = registerStatement(`UPDATE files SET running = 1, attempts = attempts + 1, crashes = ?2,
		name = CASE state WHEN 'done' THEN name ELSE ?3 END WHERE id = ?1`)  // of a refused one that comes again its last name
	poisonFile = registerStatement(`UPDATE files SET running = 0, crashes = ?2, reason = ?3,
		state = CASE state WHEN 'done' THEN state ELSE 'refused' END WHERE id = ?1`)
)

func (t *Tx) startWork(f File, rerun bool) (*Work, error) {
	if err := f.checkFile(); err != nil {
		return nil, err
	}
	if t.l.isRunning(f.key()) {
		return nil, ErrBusy
	}
	w := &Work{File: f, Attempt: 1, l: t.l, rerun: rerun}
	isNew, err := t.queryRow(insertFile, []any{f.Route, f.SHA256, f.Name, f.Size, toMillis(f.Seen)}, &w.id)
	if err == nil && !isNew {
		err = t.startAgain(w)
	}
	if err != nil {
		return nil, err
	}
	t.workBegun(w)
	return w, nil
}

func (t *Tx) workBegun(w *Work) {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	t.l.running[w.File.key()] = true
	t.began = append(t.began, w)
}

// BeginNew begins a file that the ledger has never seen, in a group; for any other it returns nil. A crash
// counts against every file that was begun then, and files that are begun again are begun one by one: so
// the one that kills the program is found out, and no other is taken for it.
func (t *Tx) BeginNew(f File) (*Work, error) {
	if err := f.checkFile(); err != nil {
		return nil, err
	}
	w := &Work{File: f, Attempt: 1, l: t.l}
	isNew, err := t.queryRow(insertFile, []any{f.Route, f.SHA256, f.Name, f.Size, toMillis(f.Seen)}, &w.id)
	if err != nil || !isNew {
		return nil, err
	}
	t.workBegun(w)
	return w, nil
}

// startAgain begins a file that the ledger knows.
func (t *Tx) startAgain(w *Work) error {
	id, r, _, err := t.lookUpFile(w.File.key())
	if err != nil {
		return err
	}
	if r.State == Done && !w.rerun {
		return &DoneError{w.File.Name, r, fmt.Sprintf("nothing to do; to work on it once more: obmen requeue %q", r.Name)}
	}
	if r.Running && !t.l.hasGivenUp(w.File.key()) {
		r.Crashes++
	}
	if r.Crashes >= MaxCrashes {
		return t.poisonFile(id, r)
	}
	if _, err := t.execStatement(startFile, id, r.Crashes, w.File.Name); err != nil {
		return err
	}
	w.id, w.Attempt = id, r.Attempts+1
	w.Planned, err = t.plannedSets(id)
	return err
}

func (t *Tx) poisonFile(id int64, r FileRecord) error {
	refusal := &PoisonError{r, r.Crashes, fmt.Sprintf("report the file to the makers of obmen; to try it once more: obmen requeue %q", r.Name)}
	if _, err := t.execStatement(poisonFile, id, r.Crashes, refusal.Error()); err != nil {
		return err
	}
	return refusal
}

func (l *Ledger) isRunning(key fileKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running[key]
}

func (l *Ledger) hasGivenUp(key fileKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.givenUp[key]
}

var (
	endFile = registerStatement(`UPDATE files SET running = 0, state = 'done', crashes = 0, outcome = ?3, reason = ?4, ended = ?5,
		exported = ?6, held = ?7, known = ?8, older = ?9, skipped = ?10
		WHERE id = ?1 AND attempts = ?2 AND running = 1`)
	failFile = registerStatement(`UPDATE files SET running = 0, reason = ?4, ended = ?5,
		state = CASE state WHEN 'done' THEN state ELSE ?3 END
		WHERE id = ?1 AND attempts = ?2 AND running = 1`)
	fileAttempt = registerStatement(`SELECT attempts FROM files WHERE id = ?1`)
)

// Fail ends the work without a result: for now, or for good (permanent) with the file Refused. A second
// call does nothing. When the ledger cannot be written, the work is over all the same: the file can be begun once
// more, and that its last attempt has no end in the ledger then counts as no crash.
func (w *Work) Fail(ctx context.Context, reason string, permanent bool, at time.Time) error {
	err := w.l.Group(ctx, func(t *Tx) error { return t.Fail(w, reason, permanent, at) })
	if err != nil {
		w.l.giveUp(w)
	}
	return err
}

func (l *Ledger) giveUp(w *Work) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !w.ended && l.running[w.File.key()] {
		w.ended, l.givenUp[w.File.key()] = true, true
		delete(l.running, w.File.key())
	}
}

// Fail is Work.Fail in a group.
func (t *Tx) Fail(w *Work, reason string, permanent bool, at time.Time) error {
	state := Waiting
	if permanent {
		state = Refused
	}
	_, err := t.endWork(w, failFile, string(state), reason, toMillis(at))
	return err
}

// endWork closes the attempt. Changed is false when it was closed before, by the same or another call.
func (t *Tx) endWork(w *Work, s statement, args ...any) (changed bool, err error) {
	if w.ended {
		if s == endFile && !w.done {
			return false, fmt.Errorf("finish %q: %w", w.File.Name, errEnded)
		}
		return false, nil
	}
	n, err := t.execStatement(s, append([]any{w.id, w.Attempt}, args...)...)
	if err != nil {
		return false, err
	}
	if n == 0 {
		err = t.dropOvertaken(w)
	}
	if err == nil {
		w.done = s == endFile
		t.ended = append(t.ended, w)
	}
	return n > 0, err
}

// dropOvertaken is the error when the attempt is not the file's last one. Such a work is over, whatever
// becomes of the transaction.
func (t *Tx) dropOvertaken(w *Work) error {
	var attempt int
	if _, err := t.queryRow(fileAttempt, []any{w.id}, &attempt); err != nil || attempt == w.Attempt {
		return err
	}
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	w.ended = true
	delete(t.l.running, w.File.key())
	return &StaleError{w.File, w.Attempt, "nothing to do: the file is worked on once more"}
}

// noteRunning notes which works are running once it is known whether the transaction counts.
func (t *Tx) noteRunning(committed bool) {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	gone := t.ended
	if !committed {
		gone = t.began
	}
	for _, w := range gone {
		w.ended, w.done = true, w.done && committed
		delete(t.l.running, w.File.key())
	}
}

// Pending is a file whose last attempt has not ended.
type Pending struct {
	FileRecord
	Sets []Set // planned and not finished; see Work.Planned
}

// Unfinished lists the files whose last attempt has not ended: right after Open, those that the program
// was killed over.
func (l *Ledger) Unfinished(ctx context.Context) ([]Pending, error) {
	files, err := l.Files(ctx, FileFilter{Running: true})
	if err != nil {
		return nil, err
	}
	list := make([]Pending, len(files))
	for i, f := range files {
		list[i].FileRecord = f
		list[i].Sets, err = l.Sets(ctx, SetFilter{States: []SetState{Planned}, Route: f.Route, SHA256: f.SHA256})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// A work of another process that goes on is overtaken thereby.
var requeueFile = registerStatement(`UPDATE files SET state = 'waiting', attempts = attempts + running, running = 0, crashes = 0 WHERE route = ?1 AND sha256 = ?2`)

// Requeue forgets that a file was done or refused, and its crashes. Its orders stay known: those whose
// revision was exported are not exported again. ErrBusy when this process works on it.
func (l *Ledger) Requeue(ctx context.Context, sha256, route string) error {
	if l.isRunning(fileKey{route, sha256}) {
		return ErrBusy
	}
	return l.Group(ctx, func(t *Tx) error {
		n, err := t.execStatement(requeueFile, route, sha256)
		if err == nil && n == 0 {
			err = &UnknownError{"file", sha256, "obmen status lists the files that were seen"}
		}
		return err
	})
}
