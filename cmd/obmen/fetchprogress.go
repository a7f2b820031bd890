package main

import (
	"context"
	"errors"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
)

// begin, wait, progress and end keep the status, for obmen status and the words on the screen.

func (j *fetchJob) begin() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.status.Running, j.status.Started = true, time.Now().UTC()
	j.status.write(fetchDir(j.cfg, j.account.Account))
}

func (j *fetchJob) wait(w spapi.Wait) {
	j.mu.Lock()
	defer j.mu.Unlock()
	why := waitWords(w)
	j.words.wait(w, why)
	if w.For >= noticed {
		j.status.Wait = &fetchWait{w.Until.UTC(), why}
		j.status.write(fetchDir(j.cfg, j.account.Account))
	}
}

func (j *fetchJob) progress(p fetch.Progress) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.status.Wait, j.status.Pages, j.status.Orders = nil, p.Pages, p.Orders
	j.status.write(fetchDir(j.cfg, j.account.Account))
	j.words.progress(p, j.left(p))
}

// left is how long the rest will take by Amazon's limits; 0 while nobody can tell. The orders to come are
// taken to be as many a day as those so far.
func (j *fetchJob) left(p fetch.Progress) time.Duration {
	done := p.At.Sub(p.From)
	if p.At.IsZero() || done <= 0 || p.Orders == 0 || j.client == nil {
		return 0
	}
	end := time.Now()
	if !j.to.IsZero() && j.to.Before(end) {
		end = j.to
	}
	orders := float64(p.Orders) * (end.Sub(p.At).Seconds() / done.Seconds())
	left, err := j.client.WaitFor(context.Background(), spapi.OpSearchOrders, int(orders/spapi.MaxPage)+1)
	if err != nil {
		return 0 // an estimate is worth no error
	}
	return left
}

func (j *fetchJob) end(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	st := &j.status
	now := time.Now().UTC()
	if !j.changing() { // of no meaning to the next run
		*st = j.last
		st.write(fetchDir(j.cfg, j.account.Account))
		return
	}
	st.Running, st.Wait = false, nil
	if errors.Is(err, context.Canceled) { // somebody stopped it, and the next run goes on where it was
		st.write(fetchDir(j.cfg, j.account.Account))
		return
	}
	st.Ended, st.Error, st.Hint = now, "", ""
	if j.next > 0 {
		st.Next = now.Add(j.next)
	}
	if err != nil {
		st.Error, st.Hint = err.Error(), ui.HintOf(err)
	} else {
		st.Pages, st.Orders, st.Until = j.summary.Pages, j.summary.Orders, j.summary.Until
	}
	st.write(fetchDir(j.cfg, j.account.Account))
}
